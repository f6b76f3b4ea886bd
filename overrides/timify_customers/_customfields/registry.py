"""A company's custom fields, and payloads made from names and values. Pure."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from .._base.errors import ArgumentError, ArgumentTypeError, PayloadError
from .._base.generated import DecodeError, models
from .._base.settings import PLAIN, Formats
from .drift import FieldDrift, drift, load, save
from .entry_codec import make_entry
from .names import FieldNames, NameIndex
from .reading import CustomerFields, entries_of

_EXTERNAL_ID = frozenset({"externalId", "external_id"})
_EXTERNAL_ID_HINT = (
    "; an external id is no custom field: pass external_id=... beside the payload "
    "(to change it, update(..., new_external_id=...); in import_many, the column externalId)"
)

Customfields = Mapping[str, object] | Sequence[Mapping[str, object]]
"""Values by field id, default id or label; or a ready list of entries, which is sent as it is."""


class FieldRegistry:
    """A company's custom fields, found by any of their names.

    A name is a field id, a default id, a label, or a default id spelled as ``first_name``. An exact
    match beats one that differs only in case or accents. A registry holds definitions and no
    personal data. It can be pickled, and equals another registry with equal definitions.
    """

    def __init__(self, fields: Iterable[models.Customfield]) -> None:
        self.fields: tuple[models.Customfield, ...] = tuple(fields)
        self.raw: tuple[Mapping[str, Any], ...] = tuple(map(_raw_or_empty, self.fields))
        """The definitions as JSON objects."""
        rows = [_names_if_writable(raw) for raw in self.raw]
        self._names = NameIndex(rows, [_category_note(raw) for raw in self.raw])
        self._by_id: dict[str, Mapping[str, Any]] = {}
        for row, raw in zip(rows, self.raw, strict=True):
            self._by_id.setdefault(row.id, raw)

    def __iter__(self) -> Iterator[models.Customfield]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __eq__(self, other: object) -> bool:
        return self.fields == other.fields if isinstance(other, FieldRegistry) else NotImplemented

    __hash__: ClassVar[None]  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"FieldRegistry({len(self)} fields)"

    def find(self, name: str) -> models.Customfield:
        """Return the definition of a field.

        Raises:
            UnknownFieldError: no field has this name; ``closest`` has the most similar names.
            AmbiguousFieldError: several fields have it; ``ids`` has their ids.
            ArgumentError: the name is not a string.
        """
        return self.fields[self._names.one(name)]

    def knows(self, name: str) -> bool:
        """Return whether any field has a name; several may share it."""
        return bool(self._names.find(name))

    def definition(self, field_id: object) -> Mapping[str, Any]:
        """Return the definition of the field with an id, as JSON, or an empty mapping."""
        return self._by_id.get(str(field_id), {})

    def payload(
        self, values: Mapping[str, object], formats: Formats = PLAIN
    ) -> list[dict[str, Any]]:
        """Make the list of entries for a payload.

        An example, with a TEXT ``f1`` (default id ``firstName``) and a DATE ``f2`` (``birthday``)::

            {"first_name": "Ada", "BIRTHDAY": None}
                [{"id": "f1", "value": "Ada"}, {"id": "f2", "value": ""}]
            {"first_name": "Ada", "f1": "Eve"}
                ArgumentError: both name one field
            {"nickname": "Ada", "birthday": "soon"}
                PayloadError: an UnknownFieldError and an InvalidValueError

        Args:
            values: the values by name. Each is written by the type of its field; None and ``""``
                clear a field.
            formats: how dates and phone numbers that people typed are to be understood.

        Raises:
            ArgumentError: one thing is wrong: an unknown or ambiguous name, a value that does not
                fit its field, or two names of one field.
            PayloadError: several things are wrong; it lists all of them.
            ArgumentTypeError: the payload is not a mapping.
        """
        if not isinstance(values, Mapping):
            raise ArgumentTypeError(
                f"a payload must be a mapping of names to values, not {type(values).__name__}"
            )
        entries: dict[str, dict[str, Any]] = {}
        problems: list[ArgumentError] = []
        for name, value in values.items():
            try:
                entry = make_entry(name, self._definition_named(name), value, formats)
                _check_is_new(name, entry, entries)
            except ArgumentError as error:
                problems.append(error)
            else:
                entries[entry["id"]] = entry
        PayloadError.raise_for(problems)
        return list(entries.values())

    def _definition_named(self, name: str) -> Mapping[str, Any]:
        hint = _EXTERNAL_ID_HINT if name in _EXTERNAL_ID else ""
        return self.fields[self._names.one(name, hint)].raw

    def read(self, source: models.Customer | Mapping[str, Any] | Sequence[Any]) -> CustomerFields:
        """Read a customer's fields, or a list of entries, with these definitions."""
        return CustomerFields(entries_of(source), self)

    def diff(self, other: FieldRegistry) -> list[FieldDrift]:
        """Return the differences from this registry to another.

        For example, from a saved registry to the API's present definitions. Two fields count as the
        same field if they share the default id, else the id, else the label. Type, label, default
        id and options are compared, and whether a field holds several values or is mandatory
        online; ids are not.
        """
        return drift(self.raw, other.raw)

    def module(self) -> str:
        """Write the source of a Python module that has these fields as types.

        The module has ``NewCustomer``, a ``TypedDict`` of what `create` and `update` take;
        ``MyFields``, a ``TypedDict`` of what ``customer.customfields.typed(MyFields)`` returns; a
        ``Literal`` of the options of each SELECT that lists any; and constants for the names, types
        and ids of the fields. Equal fields result in the same text, whatever their order, and
        ``ruff format`` leaves it as it is. docs/typed-fields.md says what names become.
        """
        from .module import module  # noqa: PLC0415 - for development, and no program that runs

        return module(self.raw, self.find, __name__.removesuffix("._customfields.registry"))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the definitions to a JSON file, completely or not at all.

        Raises:
            ArgumentError: the file could not be written.
        """
        save(self.raw, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> FieldRegistry:
        """Read a file that `save` wrote.

        Raises:
            ArgumentError: `save` did not write the file, or it cannot be read.
        """
        return cls(map(models.Customfield.from_dict, load(path)))


def _raw_or_empty(view: models.Customfield) -> Mapping[str, Any]:
    """Return the JSON of a definition, or an empty mapping if it is not an object."""
    try:
        return view.raw
    except DecodeError:
        return {}


def _names_if_writable(raw: Mapping[str, Any]) -> FieldNames:
    """Return a field's names. A field without an id cannot be written, so no name leads to it."""
    names = FieldNames.of(raw)
    return names if names.id else FieldNames("", "", "", "")


def _category_note(raw: Mapping[str, Any]) -> str:
    category_id = raw.get("categoryId")
    return f"(category {category_id})" if category_id else ""


def _check_is_new(
    name: str, entry: Mapping[str, Any], entries: Mapping[str, Mapping[str, Any]]
) -> None:
    if entry["id"] in entries:
        raise ArgumentError(f"{name!r} names a custom field that the payload already has")


def ready_list(entries: object) -> list[dict[str, object]]:
    """Check a ready list of entries, which are mappings with an ``id``. It is sent as it is."""
    if isinstance(entries, (str, bytes)) or not isinstance(entries, Sequence):
        raise ArgumentTypeError(
            f"customfields must be a mapping or a list of entries, not {type(entries).__name__}"
        )
    for index, entry in enumerate(entries):
        if not isinstance(entry, Mapping) or not isinstance(entry.get("id"), str):
            raise ArgumentError(
                f"customfields[{index}] must be a mapping with an id: {{'id': ..., 'value': ...}}"
            )
    return [dict(entry) for entry in entries]
