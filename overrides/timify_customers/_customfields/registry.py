"""A company's custom fields: payloads by name, from names and values to the wire. Pure."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .._base.errors import ArgumentError, ArgumentTypeError, PayloadError
from .._base.generated import DecodeError, models
from .._base.settings import PLAIN, Formats
from .codecs import entry
from .drift import FieldDrift, drift, load, save
from .names import Named, Names
from .reading import CustomerFields, entries_of

Customfields = Mapping[str, object] | Sequence[Mapping[str, object]]
"""Values by field id, default id or label; or a ready wire list, which is sent as it is."""


class FieldRegistry:
    """A company's custom fields, found by field id, default id, label, or a default id spelled as
    ``first_name``.

    Exact names come before those that differ in case or accents only. Holds definitions, no
    personal data. It can be pickled, and is equal to one with equal definitions.
    """

    def __init__(self, fields: Iterable[models.Customfield]) -> None:
        self.fields = tuple(fields)
        self.raw = tuple(map(_object, self.fields))
        """The definitions as JSON objects."""
        notes = [f"(category {key})" if (key := raw.get("categoryId")) else "" for raw in self.raw]
        # What has no id cannot be written, so no name leads there.
        rows = [row if (row := Named.of(raw)).id else Named.of({}) for raw in self.raw]
        self._names = Names(rows, notes)
        self._by_id: dict[str, Mapping[str, Any]] = {
            row.id: raw for row, raw in reversed([*zip(rows, self.raw, strict=True)])
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

    def payload(
        self, values: Mapping[str, object], formats: Formats = PLAIN
    ) -> list[dict[str, Any]]:
        """Make the wire list of a payload.

        Args:
            values: by name. Each is written as its field's type says; None and ``""`` clear a
                field.
            formats: how dates and phone numbers are to be understood that people typed.

        Raises:
            ArgumentError: what is wrong (an unknown or ambiguous name, a value that does not fit
                its field, two names of one field); PayloadError, with a list, when several things
                are.
            ArgumentTypeError: the payload is no mapping.
        """
        if not isinstance(values, Mapping):
            raise ArgumentTypeError(
                f"a payload must be a mapping of names to values, not {type(values).__name__}"
            )
        entries: dict[str, dict[str, Any]] = {}
        problems: list[ArgumentError] = []
        for name, value in values.items():
            try:
                made = entry(name, self.find(name).raw, value, formats)
                if entries.setdefault(made["id"], made) is not made:
                    raise ArgumentError(
                        f"{name!r} names a custom field that the payload already has"
                    )
            except ArgumentError as error:
                problems.append(error)
        PayloadError.raise_for(problems)
        return list(entries.values())

    def read(self, source: models.Customer | Mapping[str, Any] | Sequence[Any]) -> CustomerFields:
        """Read a customer's fields, or a list of wire entries, with these definitions."""
        return CustomerFields(entries_of(source), self)

    def diff(self, other: FieldRegistry) -> list[FieldDrift]:
        """Say what has changed from this registry to another, such as from a saved one to what the
        API says now.

        Fields are the same that have the same default id, else the same id, else the same label.
        Compared are type, label, default id, options, and whether a field holds several values or
        is mandatory online; not ids.
        """
        return drift(self.raw, other.raw)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the definitions to a JSON file, whole or not at all.

        Raises ArgumentError when that fails.
        """
        save(self.raw, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> FieldRegistry:
        """Read a file that `save` wrote. Raises ArgumentError for any other."""
        return cls(map(models.Customfield.from_dict, load(path)))


def _object(view: models.Customfield) -> Mapping[str, Any]:
    """Give the JSON of a definition; of one that is no object, nothing: it must not break the others."""
    try:
        return view.raw
    except DecodeError:
        return {}


def ready_list(entries: object) -> list[dict[str, object]]:
    """Check a ready wire list: each entry a mapping with an ``id``. It is sent as it is."""
    if isinstance(entries, (str, bytes)) or not isinstance(entries, Sequence):
        raise ArgumentTypeError(
            f"customfields must be a mapping or a list of entries, not {type(entries).__name__}"
        )
    for index, one in enumerate(entries):
        if not isinstance(one, Mapping) or not isinstance(one.get("id"), str):
            raise ArgumentError(
                f"customfields[{index}] must be a mapping with an id: {{'id': ..., 'value': ...}}"
            )
    return [dict(one) for one in entries]
