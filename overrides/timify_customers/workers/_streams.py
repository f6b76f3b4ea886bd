"""The broker: taskiq's Redis streams, with messages that are leased while workers work on them.

taskiq-redis 1.2.4 lacks three things that an import needs, as its code and trials show:

- It looks for the messages of a killed worker only after a new message has come. The last chunks of
  an import would wait for ever.
- If the work on a message takes longer than ``idle_timeout``, a second worker gets the message
  while the first is alive. So the timeout must be longer than the longest task, and a killed
  worker's work waits as long.
- Acknowledged messages stay in the stream until ``maxlen`` cuts them off.

So this broker looks for abandoned messages each time it looks for work, renews its claims while
work goes on, and deletes messages that are done. Streams, groups and claims are those of Redis
(``XREADGROUP``, ``XAUTOCLAIM``, ``XCLAIM``), and messages and tasks are those of taskiq.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Final
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError
from taskiq import AckableMessage, TaskiqMessage
from taskiq.formatters.json_formatter import JSONFormatter
from taskiq_redis import RedisStreamBroker

from .._base.package import NAME

READ_FILE: Final = "timify:read_file"
EXPORT_COMPANY: Final = "timify:export_company"
SEND_CHUNK: Final = "timify:send_chunk"
"""Names of the tasks that workers know."""
_ARGUMENTS: Final[Mapping[str, list[type]]] = {
    READ_FILE: [str],
    EXPORT_COMPANY: [str],
    SEND_CHUNK: [str, int],
}
"""The arguments of each task: the id of its job, and for a chunk also its number."""
GROUP: Final = "workers"
STREAM_LENGTH: Final = 100_000
"""How many messages a stream may have. Readers of files stop far below that
(`_reading.STREAM_WINDOW`), so that no message is cut off before it is done."""
_RETRY_AFTER: Final = 0.5
"""Seconds before the server is used again after a failure."""

_Messages = list[tuple[bytes, dict[bytes, bytes]]]

logger = logging.getLogger(f"{NAME}.workers")


def task_message(task_name: str, *arguments: object) -> bytes:
    """Return the message that starts a task, for a stream."""
    message = TaskiqMessage(
        task_id=uuid4().hex,
        task_name=task_name,
        labels={"ack_type": "manual"},
        args=[*arguments],
        kwargs={},
    )
    return JSONFormatter().dumps(message).message


def _heed_cancellation() -> None:
    """End a cancelled task, as a client of Redis may swallow the cancellation (observed)."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _starts_a_task(data: bytes | None, tasks: Sequence[str]) -> bool:
    """Return whether a message starts one of these tasks, with the arguments that it takes."""
    try:
        message = JSONFormatter().loads(data or b"")
    except (ValueError, TypeError, KeyError):
        return False
    if message.task_name not in tasks or message.kwargs:
        return False
    return [type(argument) for argument in message.args] == _ARGUMENTS[message.task_name]


class LeasedStreamBroker(RedisStreamBroker):
    """A stream whose messages belong to a worker as long as the worker is alive.

    Another worker gets an unacknowledged message ``lease`` seconds after the claim on it was last
    renewed.
    """

    def __init__(self, url: str, stream: str, tasks: Sequence[str], *, lease: float) -> None:
        """Prepare to receive tasks.

        Args:
            url: URL of the server.
            stream: key of the stream.
            tasks: names of the tasks that messages may start. Other messages are dropped: a worker
                could not do them, and they would come back for ever.
            lease: seconds.
        """
        super().__init__(
            url,
            queue_name=stream,
            consumer_group_name=GROUP,
            consumer_id="0",  # so that messages sent before the first worker started are done too
            xread_block=1000,
            xread_count=1,
            idle_timeout=int(lease * 1000),
            maxlen=STREAM_LENGTH,
            socket_timeout=10,
            socket_connect_timeout=5,
        )
        self._tasks = tasks
        self._lease = lease
        self._held: set[bytes] = set()
        self._search_from: Any = "0-0"

    async def listen(self) -> AsyncGenerator[AckableMessage, None]:
        """Yield messages for ever, across outages of the server."""
        async with Redis(connection_pool=self.connection_pool) as client:
            while True:
                messages = await self._next(client)
                _heed_cancellation()
                for message_id, fields in messages:
                    acknowledge = self._acknowledging(client, message_id)
                    if not _starts_a_task(fields.get(b"data"), self._tasks):
                        logger.warning("a message that starts no task of this stream was dropped")
                        await acknowledge()
                        continue
                    self._held.add(message_id)
                    yield AckableMessage(data=fields[b"data"], ack=acknowledge)

    @contextlib.asynccontextmanager
    async def keeping_leases(self) -> AsyncGenerator[None, None]:
        """Keep the claims on work under way, even when no new work is taken any more.

        A worker that was told to stop finishes its work. If it gave up its claims meanwhile,
        another worker would do the same work.
        """
        async with Redis(connection_pool=self.connection_pool) as client:
            renewing = asyncio.create_task(self._renew(client))
            try:
                yield
            finally:
                renewing.cancel()
                await asyncio.wait([renewing])

    async def _next(self, client: Redis) -> _Messages:
        try:
            return await self._left_behind(client) or await self._new(client)
        except (RedisError, OSError) as error:
            await self._recover(error)
        return []

    async def _recover(self, error: Exception) -> None:
        """Create the group again if the server lost its data, then wait for the server."""
        logger.warning("the Redis server cannot be used (%s)", type(error).__name__)
        if isinstance(error, ResponseError) and "NOGROUP" in str(error):
            with contextlib.suppress(RedisError, OSError):
                await self._declare_consumer_group()
        await asyncio.sleep(_RETRY_AFTER)

    async def _left_behind(self, client: Redis) -> _Messages:
        """Claim one message whose lease has ended. Each search continues after the last one."""
        self._search_from, messages, *_ = await client.xautoclaim(
            self.queue_name,
            self.consumer_group_name,
            self.consumer_name,
            min_idle_time=self.idle_timeout,
            start_id=self._search_from,
            count=1,
        )
        return [(message_id, fields) for message_id, fields in messages if fields]

    async def _new(self, client: Redis) -> _Messages:
        streams: Any = await client.xreadgroup(
            self.consumer_group_name,
            self.consumer_name,
            {self.queue_name: ">"},
            block=self.block,
            count=self.count,
        )
        return [message for _, messages in streams or () for message in messages]

    async def _renew(self, client: Redis) -> None:
        while True:
            await asyncio.sleep(self._lease / 4)
            if not self._held:
                continue
            with contextlib.suppress(RedisError, OSError):
                await client.xclaim(
                    self.queue_name,
                    self.consumer_group_name,
                    self.consumer_name,
                    min_idle_time=0,
                    message_ids=[*self._held],
                    justid=True,
                )

    def _acknowledging(self, client: Redis, message_id: bytes) -> Any:
        async def acknowledge() -> None:
            """Remove the message from the stream, however long the server is down."""
            while not await self._remove(client, message_id):  # noqa: ASYNC110
                await asyncio.sleep(_RETRY_AFTER)
            self._held.discard(message_id)

        return acknowledge

    async def _remove(self, client: Redis, message_id: bytes) -> bool:
        try:
            async with client.pipeline(transaction=True) as pipeline:
                pipeline.xack(self.queue_name, self.consumer_group_name, message_id)
                pipeline.xdel(self.queue_name, message_id)
                await pipeline.execute()
        except (RedisError, OSError):
            return False
        return True
