"""How two sets of definitions differ, and the files in which definitions are saved."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple

from .._base.errors import ArgumentError
from .codecs import Definition
from .names import FieldNames
from .select_options import Option, options_of

_COMPARED = ("type", "label", "defaultId", "isMultiple", "isMandatoryOnline", "selectOptions")
_FORMAT = "timify-customers field registry 1"


class FieldDrift(NamedTuple):
    """One difference between two registries: a missing, a new or a changed field."""

    field: str
    kind: Literal["missing", "new", "changed"]
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.field!r}" + (f": {self.detail}" if self.detail else "")


def drift(before: Sequence[Definition], after: Sequence[Definition]) -> list[FieldDrift]:
    """Compare definitions; see `FieldRegistry.diff`."""
    twins, unmatched = _match(before, after)
    drifts: list[FieldDrift] = []
    for position, earlier in enumerate(before):
        if position in twins:
            drifts.extend(_changes(earlier, twins[position]))
        else:
            drifts.append(FieldDrift(FieldNames.of(earlier).best, "missing"))
    drifts.extend(FieldDrift(FieldNames.of(later).best, "new") for later in unmatched)
    return drifts


def _match(
    before: Sequence[Definition], after: Sequence[Definition]
) -> tuple[dict[int, Definition], list[Definition]]:
    """Return the later definition of each earlier field by its position, and the unmatched ones.

    Default ids are matched first for all fields, then ids, then labels. So a field ``birthday``
    that was created again with another id is still matched with itself, and never with a field
    whose label is equal.
    """
    twins: dict[int, Definition] = {}
    unmatched = list(after)
    for key in ("defaultId", "id", "label"):
        for position, earlier in enumerate(before):
            if position in twins or not earlier.get(key):
                continue
            twin = next((later for later in unmatched if later.get(key) == earlier[key]), None)
            if twin is not None:
                twins[position] = twin
                unmatched.remove(twin)
    return twins, unmatched


def _changes(earlier: Definition, later: Definition) -> Iterator[FieldDrift]:
    name = FieldNames.of(earlier).best
    for key in _COMPARED:
        was = _comparable(earlier, key)
        now = _comparable(later, key)
        if was != now:
            yield FieldDrift(name, "changed", f"{key} was {was!r}, is {now!r}")


def _comparable(definition: Definition, key: str) -> object:
    if key == "selectOptions":
        return [_shown_option(option) for option in options_of(definition)]
    return definition.get(key) or None


def _shown_option(option: Option) -> str:
    """Show an option's text and label, such as ``g = gold``, or only one if they are equal."""
    parts = [part for part in (option.wire, option.label) if part]
    return " = ".join(dict.fromkeys(parts))


def save(definitions: Sequence[Definition], path: str | os.PathLike[str]) -> None:
    """Write a file completely or not at all; see `FieldRegistry.save`."""
    import secrets  # noqa: PLC0415 - brings hmac and more, and few programs save a registry

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
    """Write and sync a file, which must be on the disk before it replaces another."""
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def load(path: str | os.PathLike[str]) -> list[Definition]:
    """Read a file that `save` wrote; see `FieldRegistry.load`."""
    try:
        return _definitions(json.loads(Path(path).read_text(encoding="utf-8")))
    except (LookupError, OSError, RecursionError, TypeError, ValueError) as error:
        raise ArgumentError(
            f"{os.fspath(path)!r} is no file of a field registry: {error}"
        ) from error


def _definitions(content: Any) -> list[Definition]:
    definitions = content["fields"]
    are_objects = all(isinstance(definition, Mapping) for definition in definitions)
    if content["format"] != _FORMAT or not are_objects:
        raise ValueError("it has another format")
    return list(definitions)
