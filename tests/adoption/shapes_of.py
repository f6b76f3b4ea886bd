"""Invented published documents, each of another shape, and what is known without them."""

import copy
from functools import cache
from pathlib import Path
from typing import Any

from spec.document import build
from spec.parse import parse

FOLDER = Path(__file__).parent / "shapes"
SHAPES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def path(name: str) -> Path:
    return FOLDER / f"{name}.yaml"


def shape(name: str) -> dict[str, Any]:
    return copy.deepcopy(_shape(name))


@cache
def _shape(name: str) -> dict[str, Any]:
    return parse(path(name).read_bytes())


def known() -> dict[str, Any]:
    return copy.deepcopy(_known())


@cache
def _known() -> dict[str, Any]:
    return build.known()
