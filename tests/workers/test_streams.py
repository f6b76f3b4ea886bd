"""Messages that no worker can do are dropped, so that they do not come back for ever."""

from __future__ import annotations

import json
from typing import Any

import pytest
from timify_customers.workers._streams import (
    EXPORT_COMPANY,
    READ_FILE,
    SEND_CHUNK,
    _starts_a_task,
    task_message,
)

FILES = (READ_FILE, EXPORT_COMPANY)


@pytest.mark.parametrize(
    ("message", "tasks"),
    [
        (task_message(READ_FILE, "a-job"), FILES),
        (task_message(EXPORT_COMPANY, "a-job"), FILES),
        (task_message(SEND_CHUNK, "a-job", 0), (SEND_CHUNK,)),
    ],
)
def test_a_task_of_the_stream_is_done(message: bytes, tasks: tuple[str, ...]) -> None:
    """Each task, in the stream where it belongs."""
    assert _starts_a_task(message, tasks)


@pytest.mark.parametrize(
    "message",
    [
        None,
        b"",
        b"nonsense",
        b"[]",
        b'{"task_name": []}',
        b'{"task_name": "timify:send_chunk", "args": ["a-job", 0]}',
        task_message("another:task", "a-job"),
        task_message(READ_FILE, "a-job"),
        task_message(SEND_CHUNK),
        task_message(SEND_CHUNK, "a-job"),
        task_message(SEND_CHUNK, "a-job", "0"),
        task_message(SEND_CHUNK, "a-job", True),
        task_message(SEND_CHUNK, 1, 0),
        task_message(SEND_CHUNK, "a-job", 0, 1),
        json.dumps({**json.loads(task_message(SEND_CHUNK, "a-job", 0)), "kwargs": {"x": 1}}),
    ],
)
def test_what_starts_no_task_of_the_stream_is_dropped(message: Any) -> None:
    """No message of taskiq, another task, or arguments that the task does not take."""
    data = message.encode() if isinstance(message, str) else message
    assert not _starts_a_task(data, (SEND_CHUNK,))
