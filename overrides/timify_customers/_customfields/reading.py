"""Reads a customer's custom fields from the answer's JSON, as typed values by name. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Protocol, TypeVar

from .._base.errors import AmbiguousFieldError, UnknownFieldError
from .._base.generated import DecodeError, models
from .entry_codec import read_entry
from .names import FieldNames, NameIndex, fold

T = TypeVar("T")

_HINT = "; an answer has only the fields that were ever written for its customer (observed)"


class KnownFields(Protocol):
    """The part of a company's definitions that reading a customer needs."""

    def knows(self, name: str) -> bool:
        """Return whether any field has a name; several may share it."""
        ...

    def find(self, name: str) -> models.Customfield:
        """Return the definition of a field by its name."""
        ...

    def definition(self, field_id: object) -> Mapping[str, Any]:
        """Return the definition of the field with an id, as JSON, or an empty mapping."""
        ...


class CustomerFields(Mapping[str, Any]):
    """A customer's custom fields by name.

    A name is a field id, a default id, a label, or a default id spelled as ``first_name``. Values
    are ``str``; for a DATE ``datetime.date``; for a PHONE `Phone`; for a NUMBER ``int`` or
    ``Decimal``; for a CHECKBOX ``bool``; for several values a list of these; None if unset. A value
    that does not fit its type is an `Unreadable` text.

    An answer has only the fields that were ever written for the customer (observed). With the
    company's definitions, any other field of the company is None; without them, its name is
    unknown. Such a field is neither counted nor iterated over. Iteration yields default ids, else
    labels, else ids, in the order of the server.

    Reading raises UnknownFieldError (a KeyError) for a name that no field has, and
    AmbiguousFieldError for one that several have.

    Attributes:
        raw: the entries, as JSON.
    """

    __slots__ = ("_registry", "raw")

    def __init__(self, raw: Sequence[Any], registry: KnownFields | None = None) -> None:
        self.raw: Sequence[Any] = raw
        self._registry = registry

    def __getitem__(self, name: str) -> Any:
        entry = self._entry(name)
        return None if entry is None else self._read(entry)

    def get(self, name: str, default: Any = None) -> Any:
        """Read a field, or return the default if the customer has no entry for it."""
        return self[name] if name in self else default  # noqa: SIM401 - this is the `get` itself

    def typed(self, cls: type[T]) -> T:
        """Read the fields that a ``TypedDict`` declares, as the types that it declares.

        ``timify-customers fields module`` writes such a class for all fields of a company; a class
        of your own may declare fewer. The result is a new ``dict`` of those fields for which the
        customer has an entry. It may have texts that a ``Literal`` does not list, since options
        come and go.

        Args:
            cls: the ``TypedDict``. Its keys are names of fields.

        Raises:
            DecodeError: a value has another type than declared, or a required key is missing. An
                `Unreadable` is such a value, unless the type admits it. Nothing is lost:
                ``customfields[name]`` still reads that value, and all other fields.
            AmbiguousFieldError: several fields have the name of a key.
            ArgumentTypeError: ``cls`` is not a ``TypedDict``, or has a type that is not imported.
        """
        from .typed import read_typed  # noqa: PLC0415 - few programs use it

        return read_typed(self, cls, self._present)

    def __contains__(self, name: object) -> bool:
        with suppress(UnknownFieldError):
            return isinstance(name, str) and self._entry(name) is not None
        return False

    def __iter__(self) -> Iterator[str]:
        for entry in self._rows():
            names = FieldNames.of(entry)
            for name in (names.default_id, names.label, names.id):
                if name and self._leads_to(name, entry):
                    yield name
                    break

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"CustomerFields({dict(self)!r})"

    def _rows(self) -> list[Mapping[str, Any]]:
        # The check for dict is fast. The slow check for Mapping runs only for other types.
        return [entry for entry in self.raw if isinstance(entry, (dict, Mapping))]

    def _leads_to(self, name: str, entry: Mapping[str, Any]) -> bool:
        with suppress(AmbiguousFieldError, UnknownFieldError):
            return self._entry(name) is entry
        return False

    def _entry(self, name: str) -> Mapping[str, Any] | None:
        """Return the entry that a name means, or None if its field was never written.

        The definitions decide about every name that they have, since they include all fields of the
        company. For other names the answer decides, since it may have newer fields. An example::

            definitions   f1 labelled "Tier", f2 labelled "Size"
            answer        f1 labelled "Rank", f3 labelled "Tier"

            "Tier"   the entry of f1: the definitions have the name
            "Size"   None: f2 has no entry
            "Rank"   the entry of f1: only the answer has the name
            "Club"   UnknownFieldError, with similar names of the definitions
        """
        rows = self._rows()
        if self._registry and self._registry.knows(name):
            field_id = self._registry.find(name).raw["id"]
            return next((row for row in rows if row.get("id") == field_id), None)
        # The most likely case needs no index of all names.
        exact = [row for row in rows if name and name in _strong_names(row)]
        if len(exact) == 1:
            return exact[0]
        index = NameIndex([FieldNames.of(row) for row in rows])
        if self._registry and not index.find(name):
            self._registry.find(name)  # raises, with similar names of all fields
        return rows[index.one(name, _HINT)]

    def _present(self, names: Iterable[str]) -> list[str]:
        """Return the names that are in this mapping, faster than ``in`` if many are not."""
        spellings = {fold(name) for row in self._rows() for name in FieldNames.of(row)}
        registry = self._registry
        likely = (
            name
            for name in names
            if fold(name) in spellings or (registry is not None and registry.knows(name))
        )
        return [name for name in likely if name in self]

    def _read(self, entry: Mapping[str, Any]) -> Any:
        field_id = entry.get("id")
        definition = self._registry.definition(field_id) if self._registry else {}
        stated = {key: value for key, value in definition.items() if value is not None}
        # The entry has its type too, which fills in what the definition leaves open.
        return read_entry({**entry, **stated} if stated else entry, field_id, entry)


def _strong_names(row: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """Return the names of an entry that beat a Python spelling."""
    return row.get("defaultId"), row.get("label"), row.get("id")


def entries_of(source: models.Customer | Mapping[str, Any] | Sequence[Any]) -> Sequence[Any]:
    """Return the entries of a customer, or of an answer's JSON.

    They are under ``fields`` (observed) or ``customfields``.

    Raises:
        DecodeError: there is something else than a list of entries.
    """
    content: Any = source.raw if isinstance(source, models.Customer) else source
    if isinstance(content, (dict, Mapping)):
        content = content.get("fields") or content.get("customfields") or []
    if not isinstance(content, list | tuple):
        raise DecodeError(
            "Customer", "fields", "$.fields", f"expected an array, found {type(content).__name__}"
        )
    return content


class Customer(models.Customer):
    """A customer, as the API returned it: a view over the answer's JSON.

    A copy or a pickle reads its custom fields only from the answer, without the company's
    definitions.
    """

    __slots__ = ("_registry",)

    settled: ClassVar[bool] = False
    """Whether the answer to the write was lost, and a lookup found exactly what was sent."""

    @property  # type: ignore[misc]
    def customfields(self) -> CustomerFields:  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride]
        """The customer's data by name, typed.

        Raises:
            DecodeError: the answer has no list of entries.
        """
        return CustomerFields(entries_of(self), getattr(self, "_registry", None))


class SettledCustomer(Customer):
    """A customer that a lookup found after the answer to its write was lost."""

    __slots__ = ()

    settled: ClassVar[bool] = True


def customer_view(
    row: Mapping[str, Any] | models.Customer, registry: KnownFields | None = None
) -> Customer:
    """Return a view over a customer's JSON, which reads its custom fields by the definitions."""
    view = Customer.from_dict(row)
    object.__setattr__(view, "_registry", registry)  # views are immutable
    return view
