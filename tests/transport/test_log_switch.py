"""``TIMIFY_LOG``, in programs of their own: what they write to stderr."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, logging, sys
import httpx
from timify_customers import TimifyCustomers

def make(answers=(500, 200)):
    left = list(answers)
    def give(request):
        return httpx.Response(left.pop(0), json={"data": {"id": "5" * 24}, "status": 1})
    transport = httpx.MockTransport(give)
    return TimifyCustomers(access_token="x", base_url="http://127.0.0.1", transport=transport)

async def main():
    async with make() as timify:
        await timify.customers.get("5" * 24)
"""
RUN = "asyncio.run(main())\n"
LINE = re.compile(r"[0-9-]{10} [0-9:,]+ (\w+) timify_customers: (.*)")


def run(end: str, **variables: str) -> str:
    """Run the program with these variables, and return its stderr."""
    environment = {name: text for name, text in os.environ.items() if name != "TIMIFY_LOG"}
    result = subprocess.run(
        [sys.executable, "-P", "-W", "default", "-c", PROGRAM + end],
        capture_output=True,
        text=True,
        check=True,
        env={**environment, **variables},
        timeout=60,
    )
    return result.stderr


def lines(text: str) -> list[tuple[str, str]]:
    return [match.groups() for match in map(LINE.fullmatch, text.splitlines()) if match]


@pytest.mark.parametrize("value", ["debug", "DEBUG", " debug "])
def test_debug_shows_calls_and_repetitions(value: str) -> None:
    """One line for each, with time, level and logger, and nothing else on stderr."""
    text = run(RUN, TIMIFY_LOG=value)
    assert len(text.splitlines()) == 2
    (first, repetition), (second, call) = lines(text)
    assert (first, second) == ("INFO", "DEBUG")
    assert repetition.startswith("get_customer: attempt 1 lost, again in")
    assert call.startswith("get_customer: done after 2 attempts")


def test_info_shows_repetitions_alone() -> None:
    """The calls themselves are DEBUG."""
    assert [level for level, _ in lines(run(RUN, TIMIFY_LOG="info"))] == ["INFO"]


@pytest.mark.parametrize("variables", [{}, {"TIMIFY_LOG": ""}, {"TIMIFY_LOG": " "}])
def test_without_it_there_is_no_log(variables: dict[str, str]) -> None:
    """Stderr stays empty."""
    assert run(RUN, **variables) == ""


def test_many_clients_log_once() -> None:
    """The second client, and all after it, add no handler."""
    text = run("for _ in range(3): make()\n" + RUN, TIMIFY_LOG="info")
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize(
    "end",
    [
        "logging.basicConfig(format='mine %(message)s')\n" + RUN,
        "timify = make()\nlogging.basicConfig(format='mine %(message)s')\n" + RUN,
        "logging.getLogger('timify_customers').addHandler(logging.StreamHandler())\n" + RUN,
    ],
    ids=["before", "after", "on the logger"],
)
def test_a_program_that_sets_up_logging_has_each_line_once(end: str) -> None:
    """By its own handler, whether it was there before the first client or came later."""
    text = run(end, TIMIFY_LOG="debug")
    assert len(text.splitlines()) == 2
    assert not lines(text)
    assert text.count("get_customer") == 2


def test_the_level_may_be_changed_later() -> None:
    """What a program sets after its first client stays, whatever clients follow."""
    later = "make()\nlogging.getLogger('timify_customers').setLevel('WARNING')\nmake()\n"
    assert run(later + RUN, TIMIFY_LOG="debug") == ""


def test_another_value_is_a_warning() -> None:
    """It names the two, and the program goes on without a log."""
    text = run(RUN, TIMIFY_LOG="verbose\x1b[1m")
    assert "UserWarning: TIMIFY_LOG must be debug or info, not 'verbose\\\\x1b[1m'" in text
    assert "get_customer" not in text
