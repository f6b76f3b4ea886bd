"""What custom fields hold for a customer: typed values by name, over the answer's JSON. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Protocol

from .._base.errors import AmbiguousFieldError, UnknownFieldError
from .._base.generated import DecodeError, models
from .codecs import decode
from .names import Named, Names

_HINT = "; an answer has only the fields that were ever written for its customer (observed)"


class KnownFields(Protocol):
    """The definitions of a company, as far as reading a customer needs them."""

    def knows(self, name: str) -> bool:
        """Say whether one field or several have a name."""

    def find(self, name: str) -> models.Customfield:
        """Return the definition of a field by its name."""

    def definition(self, key: object) -> Mapping[str, Any]:
        """Return the wire definition of the field with an id, or an empty one."""


class CustomerFields(Mapping[str, Any]):
    """A customer's custom fields by name: field id, default id, label, or a default id spelled as
    ``first_name``.

    Values: ``str``; DATE ``datetime.date``; PHONE `Phone`; NUMBER ``int`` or ``Decimal``; CHECKBOX
    ``bool``; lists of these for several values; None when unset. One that is not what its type says
    is an `Unreadable` text.

    Observed: an answer has only the fields that were ever written for the customer. With the
    company's definitions another field of the company is None; without them it is unknown. Neither
    is counted or iterated over. Iteration gives default ids, else labels, else ids, in the order of
    the server.

    Reading raises UnknownFieldError (a KeyError) or AmbiguousFieldError for a name that no or
    several fields have.
    """

    __slots__ = ("_registry", "raw")

    def __init__(self, raw: Sequence[Any], registry: KnownFields | None = None) -> None:
        self.raw, self._registry = raw, registry
        """``raw``: the wire's entries."""

    def __getitem__(self, name: str) -> Any:
        return None if (entry := self._entry(name)) is None else self._read(entry)

    def get(self, name: str, default: Any = None) -> Any:
        """Read a field; give the default when the customer has no entry of it."""
        return self[name] if name in self else default  # noqa: SIM401 - that would be None for a known field

    def __contains__(self, name: object) -> bool:
        with suppress(UnknownFieldError):
            return isinstance(name, str) and self._entry(name) is not None
        return False

    def __iter__(self) -> Iterator[str]:
        for entry in self._rows():
            _, label, default_id, key = Named.of(entry)
            names = (name for name in (default_id, label, key) if name and self._leads(name, entry))
            yield from itertools.islice(names, 1)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"CustomerFields({dict(self)!r})"

    def _rows(self) -> list[Mapping[str, Any]]:
        return [
            entry for entry in self.raw if isinstance(entry, (dict, Mapping))
        ]  # dict is fast to tell

    def _leads(self, name: str, entry: Mapping[str, Any]) -> bool:
        with suppress(AmbiguousFieldError, UnknownFieldError):
            return self._entry(name) is entry
        return False

    def _entry(self, name: str) -> Mapping[str, Any] | None:
        """Find by the definitions, which know all names; then by the answer, which may know newer ones."""
        rows = self._rows()
        if self._registry and self._registry.knows(name):
            key = self._registry.find(name).raw["id"]
            return next((entry for entry in rows if entry.get("id") == key), None)
        # The likeliest case, without making an index of all names.
        exact = [
            it
            for it in rows
            if name and name in (it.get("defaultId"), it.get("label"), it.get("id"))
        ]
        if len(exact) == 1:
            return exact[0]
        names = Names([Named.of(entry) for entry in rows])
        if self._registry and not names.find(name):
            self._registry.find(name)  # raises, with names of all fields
        return rows[names.one(name, _HINT)]

    def _read(self, entry: Mapping[str, Any]) -> Any:
        known = self._registry.definition(entry.get("id")) if self._registry else {}
        definition = (
            {**entry, **{key: it for key, it in known.items() if it is not None}}
            if known
            else entry
        )
        return decode(definition, entry.get("id"), entry)


def entries_of(source: models.Customer | Mapping[str, Any] | Sequence[Any]) -> Sequence[Any]:
    """Give the wire's entries of a customer, or of an answer's JSON; ``fields`` (observed) or
    ``customfields``.

    Raises:
        DecodeError: there is something else than a list of entries.
    """
    found: Any = source.raw if isinstance(source, models.Customer) else source
    if isinstance(found, (dict, Mapping)):
        found = found.get("fields") or found.get("customfields") or []
    if not isinstance(found, list | tuple):
        raise DecodeError(
            "Customer", "fields", "$.fields", f"expected an array, found {type(found).__name__}"
        )
    return found


class Customer(models.Customer):
    """A customer, as the API gave it: a view over the answer's JSON.

    A copy or a pickle reads its custom fields from the answer alone, without the company's
    definitions.
    """

    __slots__ = ("_registry",)

    settled: ClassVar[bool] = False
    """True when the answer to the write was lost and this is what a lookup found: exactly what was sent."""

    @property  # type: ignore[misc]
    def customfields(self) -> CustomerFields:  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride]
        """The customer's data by name, typed.

        Raises DecodeError when the answer has no list of entries.
        """
        return CustomerFields(entries_of(self), getattr(self, "_registry", None))


class SettledCustomer(Customer):
    """A customer that a lookup found in place of a lost answer."""

    __slots__ = ()

    settled: ClassVar[bool] = True


def customer_view(
    row: Mapping[str, Any] | models.Customer, registry: KnownFields | None = None
) -> Customer:
    """View a customer's JSON, with the definitions to read its custom fields with, if there are any."""
    view = Customer.from_dict(row)
    object.__setattr__(view, "_registry", registry)  # it is no property of the answer
    return view
