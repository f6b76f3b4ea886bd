"""A company's custom fields: payloads by name, what has drifted, and files. Pure, but for the files."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from ._errors import ArgumentError, ArgumentTypeError, PayloadError
from ._names import Named, Names
from ._options import PLAIN, Formats
from ._reading import CustomerFields, entries_of
from ._values import choices, entry
from ._wire import DecodeError, models

Customfields = Mapping[str, object] | Sequence[Mapping[str, object]]
"""Values by field id, default id or label; or a ready wire list, which is sent as it is."""

_COMPARED = ("type", "label", "defaultId", "isMultiple", "isMandatoryOnline", "selectOptions")
_FORMAT = "timify-customers field registry 1"


class FieldDrift(NamedTuple):
    """One difference between two registries: a field that is missing or new, or what has changed of one."""

    field: str
    kind: Literal["missing", "new", "changed"]
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.field!r}" + (f": {self.detail}" if self.detail else "")


class FieldRegistry:
    """A company's custom fields, found by field id, default id, label, or a default id spelled as ``first_name``.

    Exact names come before those that differ in case or accents only. Holds definitions, no personal data. It can be
    pickled, and is equal to one with equal definitions.
    """

    def __init__(self, fields: Iterable[models.Customfield], categories: Iterable[models.Category] = ()) -> None:
        self.fields, self.categories = tuple(fields), tuple(categories)
        self._raw = [_object(one) for one in self.fields]
        groups = {one.get("id"): one.get("name") for one in map(_object, self.categories)}
        notes = [f"(category {groups.get(key) or key})" if (key := raw.get("categoryId")) else "" for raw in self._raw]
        # What has no id cannot be written, so no name leads there.
        rows = [row if (row := Named.of(raw)).id else Named.of({}) for raw in self._raw]
        self._names = Names(rows, notes)
        self._by_id: dict[str, Mapping[str, Any]] = {
            row.id: raw for row, raw in reversed([*zip(rows, self._raw, strict=True)])
        }

    def __iter__(self) -> Iterator[models.Customfield]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __eq__(self, other: object) -> bool:
        return self.fields == other.fields if isinstance(other, FieldRegistry) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"FieldRegistry({len(self)} fields)"

    def __reduce__(self) -> tuple[Any, ...]:
        return FieldRegistry, (self.fields, self.categories)

    def find(self, name: str) -> models.Customfield:
        """Give the definition of a field.

        Raises:
            UnknownFieldError: no field has this name; its ``closest`` are names that are almost so.
            AmbiguousFieldError: several have; its ``ids`` are theirs.
            ArgumentError: the name is no string.
        """
        return self.fields[self._names.one(name)]

    def knows(self, name: str) -> bool:
        """Say whether one field or several have a name."""
        return bool(self._names.find(name))

    def definition(self, key: object) -> Mapping[str, Any]:
        """Give the wire definition of the field with an id; nothing when there is none."""
        return self._by_id.get(str(key), {})

    def payload(self, values: Mapping[str, object], formats: Formats = PLAIN) -> list[dict[str, Any]]:
        """Make the wire list of a payload.

        Args:
            values: by name. Each is written as its field's type says; None and ``""`` clear a field.
            formats: how dates and phone numbers are to be understood that people typed.

        Raises:
            ArgumentError: what is wrong (an unknown or ambiguous name, a value that does not fit its field, two names
                of one field); PayloadError, with a list, when several things are.
        """
        entries: dict[str, dict[str, Any]] = {}
        problems: list[ArgumentError] = []
        for name, value in values.items():
            try:
                made = entry(name, self.find(name).raw, value, formats)
                if entries.setdefault(made["id"], made) is not made:
                    raise ArgumentError(f"{name!r} names a custom field that the payload already has")  # noqa: TRY301
            except ArgumentError as error:
                problems.append(error)
        PayloadError.raise_for(problems)
        return list(entries.values())

    def read(self, source: models.Customer | Mapping[str, Any] | Sequence[Any]) -> CustomerFields:
        """Read a customer's fields, or a list of wire entries, with these definitions."""
        return CustomerFields(entries_of(source), self)

    def diff(self, other: FieldRegistry) -> list[FieldDrift]:
        """Say what has changed from this registry to another, such as from a saved one to what the API says now.

        Fields are the same that have the same default id, else the same id, else the same label. Compared are type,
        label, default id, options, and whether a field holds several values or is mandatory online; not ids.
        """
        left, twins = [*other._raw], dict[int, Mapping[str, Any]]()
        for key in ("defaultId", "id", "label"):
            for number, raw in enumerate(self._raw):
                twin = next((one for one in left if raw.get(key) and one.get(key) == raw[key]), None)
                if twin is not None and number not in twins:
                    twins[number] = twin
                    left.remove(twin)
        drifts = [drift for number, raw in enumerate(self._raw) for drift in _drifts(raw, twins.get(number))]
        return [*drifts, *(FieldDrift(Named.of(raw).best, "new") for raw in left)]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the definitions to a JSON file, whole or not at all. Raises ArgumentError when that fails."""
        target = Path(path)
        scratch = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        content = {"format": _FORMAT, "fields": self._raw, "categories": [*map(_object, self.categories)]}
        try:
            scratch.write_text(json.dumps(content, indent=1), encoding="utf-8")
            scratch.replace(target)
        except OSError as error:
            scratch.unlink(missing_ok=True)
            raise ArgumentError(f"the registry cannot be saved: {error}") from error

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> FieldRegistry:
        """Read a file that `save` wrote. Raises ArgumentError for any other."""
        try:
            found = json.loads(Path(path).read_text(encoding="utf-8"))
            if found["format"] != _FORMAT:
                raise ValueError("its format is another")  # noqa: TRY301
            categories = map(models.Category.from_dict, found["categories"])
            return cls(map(models.Customfield.from_dict, found["fields"]), categories)
        except (LookupError, OSError, RecursionError, TypeError, ValueError) as error:
            raise ArgumentError(f"{os.fspath(path)!r} is no file of a field registry: {error}") from error


def _object(view: models.Customfield | models.Category) -> Mapping[str, Any]:
    """Give the JSON of a definition; of one that is no object, nothing: it must not break the others."""
    try:
        return view.raw
    except DecodeError:
        return {}


def _drifts(raw: Mapping[str, Any], twin: Mapping[str, Any] | None) -> Iterator[FieldDrift]:
    name = Named.of(raw).best
    if twin is None:
        yield FieldDrift(name, "missing")
        return
    for key in _COMPARED:
        if (before := _shown(raw, key)) != (after := _shown(twin, key)):
            yield FieldDrift(name, "changed", f"{key} was {before!r}, is {after!r}")


def _shown(raw: Mapping[str, Any], key: str) -> object:
    if key == "selectOptions":
        return [" = ".join(dict.fromkeys(filter(None, (option.id, option.label)))) for option in choices(raw)]
    return raw.get(key) or None


def ready_list(entries: object) -> list[dict[str, object]]:
    """Check a ready wire list: each entry a mapping with an ``id``. It is sent as it is."""
    if isinstance(entries, (str, bytes)) or not isinstance(entries, Sequence):
        raise ArgumentTypeError(f"customfields must be a mapping or a list of entries, not {type(entries).__name__}")
    for index, one in enumerate(entries):
        if not isinstance(one, Mapping) or not isinstance(one.get("id"), str):
            raise ArgumentError(
                f"customfields[{index}] must be a mapping with an id, such as {{'id': ..., 'value': ...}}"
            )
    return [dict(one) for one in entries]
