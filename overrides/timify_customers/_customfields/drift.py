"""What has drifted between two sets of definitions, and the files that they are kept in."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple

from .._base.errors import ArgumentError
from .codecs import choices
from .names import Named

_COMPARED = ("type", "label", "defaultId", "isMultiple", "isMandatoryOnline", "selectOptions")
_FORMAT = "timify-customers field registry 1"

Definition = Mapping[str, Any]
"""JSON of a field's definition."""


class FieldDrift(NamedTuple):
    """One difference between two registries: a field that is missing or new, or what has changed of one."""

    field: str
    kind: Literal["missing", "new", "changed"]
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.field!r}" + (f": {self.detail}" if self.detail else "")


def drift(before: Sequence[Definition], after: Sequence[Definition]) -> list[FieldDrift]:
    """Compare definitions; see `FieldRegistry.diff`."""
    left, twins = [*after], dict[int, Definition]()
    for key in ("defaultId", "id", "label"):
        for number, raw in enumerate(before):
            twin = next((one for one in left if raw.get(key) and one.get(key) == raw[key]), None)
            if twin is not None and number not in twins:
                twins[number] = twin
                left.remove(twin)
    drifts = [
        found for number, raw in enumerate(before) for found in _drifts(raw, twins.get(number))
    ]
    return [*drifts, *(FieldDrift(Named.of(raw).best, "new") for raw in left)]


def _drifts(raw: Definition, twin: Definition | None) -> Iterator[FieldDrift]:
    name = Named.of(raw).best
    if twin is None:
        yield FieldDrift(name, "missing")
        return
    for key in _COMPARED:
        if (was := _shown(raw, key)) != (now := _shown(twin, key)):
            yield FieldDrift(name, "changed", f"{key} was {was!r}, is {now!r}")


def _shown(raw: Definition, key: str) -> object:
    if key == "selectOptions":
        return [
            " = ".join(dict.fromkeys(filter(None, (option.id, option.label))))
            for option in choices(raw)
        ]
    return raw.get(key) or None


def save(definitions: Sequence[Definition], path: str | os.PathLike[str]) -> None:
    """Write a file, whole or not at all; see `FieldRegistry.save`."""
    target = Path(path)
    scratch = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        _write(scratch, json.dumps({"format": _FORMAT, "fields": definitions}, indent=1))
        scratch.replace(target)
    except OSError as error:
        raise ArgumentError(
            f"the registry cannot be saved as {target}: {error.strerror or error}"
        ) from error
    finally:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    """Write a file, and see to it that it is on the disk before it can take another's place."""
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def load(path: str | os.PathLike[str]) -> list[Definition]:
    """Read such a file; see `FieldRegistry.load`."""
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        if found["format"] != _FORMAT or not all(
            isinstance(one, Mapping) for one in found["fields"]
        ):
            raise ValueError("its format is another")  # noqa: TRY301
    except (LookupError, OSError, RecursionError, TypeError, ValueError) as error:
        raise ArgumentError(
            f"{os.fspath(path)!r} is no file of a field registry: {error}"
        ) from error
    return list(found["fields"])
