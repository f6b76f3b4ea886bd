"""A company's custom fields: payloads by name, what has drifted, and files. Pure, but for the files."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from attrs import frozen

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


@frozen
class FieldDrift:
    """One difference between two registries: a field that is missing or new, or what has changed of one."""

    field: str
    kind: Literal["missing", "new", "changed"]
    what: str = ""
    before: object = None
    after: object = None

    def __str__(self) -> str:
        change = f": {self.what} was {self.before!r}, is {self.after!r}" if self.what else ""
        return f"{self.kind} {self.field!r}{change}"


class FieldRegistry:
    """A company's custom fields, found by field id, default id, label, or a default id spelled as ``first_name``.

    Exact names come before those that differ in case or accents only. Holds definitions, no personal data. It can be
    pickled, and is equal to one with equal definitions.
    """

    def __init__(self, fields: Iterable[models.Customfield], categories: Iterable[models.Category] = ()) -> None:
        self.fields, self.categories = tuple(fields), tuple(categories)
        self._raw = [_object(one) for one in self.fields]
        self._by_id = {key: raw for raw in reversed(self._raw) if isinstance(key := raw.get("id"), str) and key}
        known = {_object(one).get("id"): _object(one).get("name") for one in self.categories}
        found = [raw.get("categoryId") for raw in self._raw]
        self._notes = [f"(category {known.get(key) or key})" if key else "" for key in found]
        self._names = Names([Named.of(raw) for raw in self._raw])

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
        if not isinstance(name, str):
            raise ArgumentError(f"a custom field is named by a string, not by {name!r}")
        return self.fields[self._names.one(name, self._notes)]

    def id_of(self, name: str) -> str | None:
        """Give the id of the field that has a name, None when there is none; raise AmbiguousFieldError for several."""
        return _object(self.find(name)).get("id") if self._names.find(name) else None

    def definition(self, key: object) -> Mapping[str, Any] | None:
        """Give the wire definition of the field with an id."""
        return self._by_id.get(key) if isinstance(key, str) else None

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
        left, drifts = list(other._raw), list[FieldDrift]()
        matches: dict[int, Mapping[str, Any]] = {}
        for key in ("defaultId", "id", "label"):
            for number, raw in enumerate(self._raw):
                twin = next((it for it in left if raw.get(key) and it.get(key) == raw[key]), None)
                if number not in matches and twin is not None:
                    matches[number] = twin
                    left = [it for it in left if it is not twin]
        for number, raw in enumerate(self._raw):
            if number not in matches:
                drifts.append(FieldDrift(_best(raw), "missing"))
                continue
            before, after = _compared(raw), _compared(matches[number])
            drifts += [
                FieldDrift(_best(raw), "changed", key, before[key], after[key])
                for key in before
                if before[key] != after[key]
            ]
        return drifts + [FieldDrift(_best(raw), "new") for raw in left]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the definitions to a JSON file, whole or not at all. Raises ArgumentError when that fails."""
        rows = {
            "fields": [one.to_dict() for one in self.fields],
            "categories": [one.to_dict() for one in self.categories],
        }
        target = Path(path)
        scratch = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        try:
            scratch.write_text(json.dumps({"format": _FORMAT, **rows}, indent=1), encoding="utf-8")
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
            rows = models.CustomfieldList.from_dict({"data": found["fields"]}).data
            return cls(rows, models.CategoryList.from_dict({"data": found["categories"]}).data)
        except (LookupError, OSError, RecursionError, TypeError, ValueError) as error:
            raise ArgumentError(f"{os.fspath(path)!r} is no file of a field registry: {error}") from error


def _object(view: models.Customfield | models.Category) -> Mapping[str, Any]:
    """Give the JSON of a definition; of one that is no object, nothing: it must not break the others."""
    try:
        return view.raw
    except DecodeError:
        return {}


def _best(raw: Mapping[str, Any]) -> str:
    return str(raw.get("defaultId") or raw.get("label") or raw.get("id"))


def _compared(raw: Mapping[str, Any]) -> dict[str, object]:
    return {key: choices(raw) if key == "selectOptions" else raw.get(key) or None for key in _COMPARED}


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
