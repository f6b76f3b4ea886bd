"""Keeps the contents of files that were handed over in the server, until a worker has read them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from .._base.errors import TimifyError
from ._records import KEEP_SECONDS
from ._seal import Seal

BLOCK_SIZE: Final = 256 * 1024
"""Bytes of a file in one value."""


class ContentLostError(TimifyError):
    """The server does not have a file as it was handed over."""


class Contents:
    """The contents of files, in sealed blocks."""

    def __init__(self, client: Redis, seal: Seal, key: Callable[[str, str], str]) -> None:
        """Prepare; nothing is sent.

        Args:
            client: a client of the server.
            seal: seals the blocks.
            key: returns the key of a part of a job.
        """
        self._client = client
        self._seal = seal
        self._key = key

    @staticmethod
    def blocks_of(content: bytes) -> int:
        """Return the number of blocks that a content takes in the server."""
        return -(-len(content) // BLOCK_SIZE)

    @staticmethod
    def digest_of(content: bytes) -> str:
        """Return the SHA-256 of a content, in hexadecimal digits."""
        return sha256(content).hexdigest()

    async def hand_over(self, job_id: str, content: bytes) -> None:
        """Put the content of a job's file into the server.

        Each block has its place, because a client repeats a command whose answer was lost. Appended
        to a list, the block would then be there twice.
        """
        key = self._key(job_id, "file")
        try:
            for place in range(self.blocks_of(content)):
                block = content[place * BLOCK_SIZE : (place + 1) * BLOCK_SIZE]
                async with self._client.pipeline(transaction=True) as pipeline:
                    pipeline.hset(key, str(place), self._seal.close(block))
                    pipeline.expire(key, KEEP_SECONDS)
                    await pipeline.execute()
        except BaseException:
            with contextlib.suppress(RedisError, OSError):
                await asyncio.shield(self._client.delete(key))
            raise

    async def read(self, job_id: str, blocks: int, digest: str) -> AsyncIterator[bytes]:
        """Yield the blocks of a job's file.

        Args:
            job_id: the job.
            blocks: how many blocks the file has.
            digest: SHA-256 of its content, in hexadecimal digits. The record of the job has it, so
                blocks of another file or in another order are noticed.

        Raises:
            ContentLostError: a block is missing, was not sealed by this app, or is not of this
                file. For the last this is known only after the last block.
        """
        key = self._key(job_id, "file")
        hashed = sha256()
        for place in range(blocks):
            sealed: Any = await self._client.hget(key, str(place))
            block = self._seal.open(sealed) if sealed else None
            if block is None:
                raise ContentLostError(
                    f"the server lost a part of the file that was handed over ({place + 1} of "
                    f"{blocks}); import it again: it is safe by key"
                )
            hashed.update(block)
            yield block
        if hashed.hexdigest() != digest:
            raise ContentLostError(
                "the server does not have the file as it was handed over; import it again: it is "
                "safe by key"
            )

    async def forget(self, job_id: str) -> None:
        """Delete the content of a job's file."""
        await self._client.delete(self._key(job_id, "file"))
