"""docs/sandbox.md says what is there."""

import re
from pathlib import Path
from typing import get_args

import pytest
from attrs import fields_dict
from timify_customers.sandbox import Behaviour, Sandbox, _control, _faults

pytest_plugins = ("pytester",)
DOCS = Path(__file__, "../../../docs/sandbox.md").resolve().read_text("utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)


def test_its_tests_pass(pytester: pytest.Pytester) -> None:
    """The example of a service's tests runs as it is printed, with the one fixture that it asks
    for.
    """
    backend = '\n\n@pytest.fixture\ndef anyio_backend():\n    return "asyncio"\n'
    pytester.makepyfile(EXAMPLES[0] + backend)
    loop_scope = "asyncio_default_fixture_loop_scope=function"  # pytest-asyncio warns without it
    options = ("-p", "no:cacheprovider", "-W", "error", "-o", loop_scope)
    pytester.runpytest_subprocess(*options).assert_outcomes(passed=5)


def test_its_other_examples_run() -> None:
    """The examples by hand and of faults run as they are printed, one after the other."""
    names: dict = {}
    for example in EXAMPLES[1:]:
        exec(example, names)
    assert names["variables"]["TIMIFY_BASE_URL"] == names["url"]
    assert len(names["sandbox"].faults.left()) == 4


def test_its_tables_are_complete() -> None:
    """Each kind of fault, each switch with its positions and each path of the control is in its
    table.
    """
    rows = [line for line in DOCS.splitlines() if line.startswith("| ")]
    first = {name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])}
    assert set(get_args(_faults.FaultKind)) | set(fields_dict(Behaviour)) <= first
    paths = {name.rpartition("/")[2] for name in first if "/_sandbox/" in name}
    assert paths == set(_control._actions(Sandbox()))
