"""docs/sandbox.md says what is there."""

import re
from pathlib import Path
from typing import get_args

from attrs import fields_dict
from timify_customers.sandbox import Behaviour, Sandbox, _control, _faults

DOCS = Path(__file__, "../../../docs/sandbox.md").resolve().read_text("utf-8")


def test_its_tables_are_complete() -> None:
    """Each kind of fault, each switch with its positions and each path of the control is in its
    table.
    """
    rows = [line for line in DOCS.splitlines() if line.startswith("| ")]
    first = {name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])}
    assert set(get_args(_faults.FaultKind)) | set(fields_dict(Behaviour)) <= first
    paths = {name.rpartition("/")[2] for name in first if "/_sandbox/" in name}
    assert paths == set(_control._actions(Sandbox()))
