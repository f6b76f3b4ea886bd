"""How well the built document knows a line, read independently of the tool."""

from __future__ import annotations

from typing import Any

import spec_drift
from spec import files
from spec.references import resolve

DOCUMENT: dict[str, Any] = files.load(spec_drift.DOCUMENT)


def evidence_of(line: str) -> str:
    """The evidence of a property (`Category.name`) or of an answer (`get_customer 404`)."""
    owner, dot, name = line.partition(".")
    if dot:
        return str(DOCUMENT["components"]["schemas"][owner]["properties"][name]["x-evidence"])
    operation, _, status = line.partition(" ")
    (found,) = (
        each
        for item in DOCUMENT["paths"].values()
        for each in item.values()
        if each["operationId"] == operation
    )
    return str(resolve(DOCUMENT, found["responses"][status])["x-evidence"])


def unsure(lines: list[str]) -> dict[str, str]:
    """Those of the lines that nobody has documented or seen, each with its evidence."""
    known = {line: evidence_of(line) for line in lines}
    return {line: level for line, level in known.items() if level in spec_drift.UNSURE}
