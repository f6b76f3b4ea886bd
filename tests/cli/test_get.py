"""``timify-customers get``."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cli.api import PHONE, Api


def test_one_customer_by_either_key(api: Api, cli: Any) -> None:
    """A line for each value, name and value apart by a tab in a pipe; --json gives what export
    gives.
    """
    (key,) = api.people(1, mobilePhone=PHONE)
    done = cli("get", key)
    assert (done.exit_code, done.stderr) == (0, "")
    rows = dict(line.split("\t") for line in done.stdout.splitlines())
    assert (rows["id"], rows["firstName"], rows["mobilePhone"]) == (
        key,
        "Ada 0000",
        "+442079460958",
    )
    found = cli("get", "--external-id", "crm-0000", "--json")
    assert json.loads(found.stdout) == json.loads(cli("export").stdout)
    assert json.loads(found.stdout)["id"] == key


def test_a_value_cannot_control_the_terminal(api: Api, cli: Any) -> None:
    """Line breaks and escape sequences in a value are shown, not obeyed."""
    api.people(1, notes="a\r\n\x1b[31mb\tc\u202e")
    assert "notes\ta\\r\\n\\x1b[31mb\\tc\\u202e\n" in cli("get", "--external-id", "crm-0000").stdout


def test_nobody_is_code_1(api: Api, cli: Any) -> None:
    """A customer that is not there is told from an API that fails."""
    done = cli("get", "--external-id", "nobody")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("error: get_customer: HTTP 404")
    assert done.stderr.count("\n") == 1
    assert api.sandbox.requests


@pytest.mark.parametrize(
    "arguments",
    [[], ["a" * 24, "--external-id", "b"], ["."], ["crm-1815"], ["a" * 23], ["g" * 24], ["a", "b"]],
)
def test_wrong_keys_are_code_2(api: Api, cli: Any, arguments: list[str]) -> None:
    """None, both, or an ID that is none is wrong usage, unlike nobody: nothing is asked."""
    done = cli("get", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert not api.sandbox.requests
