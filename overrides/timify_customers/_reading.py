"""What custom fields hold for a customer: typed values by name, over the answer's JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._errors import UnknownFieldError
from ._names import Named, Names
from ._values import decode
from ._wire import DecodeError, models

if TYPE_CHECKING:
    from ._customfields import FieldRegistry

_HINT = "; an answer has only the fields that were ever written for its customer (observed)"


class CustomerFields(Mapping[str, Any]):
    """A customer's custom fields by name: field id, default id, label, or a default id spelled as ``first_name``.

    Values: ``str``; DATE ``datetime.date``; PHONE `Phone`; NUMBER ``int`` or ``Decimal``; CHECKBOX ``bool``; lists of
    these for several values; None when unset. One that is not what its type says is an `Unreadable` text.

    Observed: an answer has only the fields that were ever written for the customer. With the company's definitions
    another field of the company is None; without them it is unknown. Neither is counted or iterated over. Iteration
    gives default ids, else labels, else ids, in the order of the server.

    Reading raises UnknownFieldError (a KeyError) or AmbiguousFieldError for a name that no or several fields have.
    """

    __slots__ = ("_entries", "_registry")

    def __init__(self, entries: Sequence[Any], registry: FieldRegistry | None = None) -> None:
        self._entries, self._registry = entries, registry

    @property
    def raw(self) -> Sequence[Any]:
        """The wire's entries."""
        return self._entries

    def __getitem__(self, name: str) -> Any:
        return None if (entry := self._entry(name)) is None else self._read(entry)

    def get(self, name: str, default: Any = None) -> Any:
        """Read a field; give the default when the customer has no entry of it."""
        return self[name] if name in self else default  # noqa: SIM401 - it would be None for a known field

    def __contains__(self, name: object) -> bool:
        try:
            return isinstance(name, str) and self._entry(name) is not None
        except UnknownFieldError:
            return False

    def __iter__(self) -> Iterator[str]:
        for entry in self._rows():
            _, label, default, key = Named.of(entry)
            for name in (default, label, key):
                if name and self._finds(name, entry):
                    yield name
                    break

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"CustomerFields({dict(self)!r})"

    def _rows(self) -> list[Mapping[str, Any]]:
        return [entry for entry in self._entries if isinstance(entry, Mapping)]

    def _finds(self, name: str, entry: Mapping[str, Any]) -> bool:
        try:
            return self._entry(name) is entry
        except LookupError:
            return False

    def _entry(self, name: str) -> Mapping[str, Any] | None:
        """Find by the definitions, which know all names; then by the answer, which may know newer ones."""
        rows = self._rows()
        if self._registry is not None and (key := self._registry.id_of(name)):
            return next((entry for entry in rows if entry.get("id") == key), None)
        # The likeliest case, without making an index of all names.
        exact = [entry for entry in rows if name in (entry.get("defaultId"), entry.get("label"), entry.get("id"))]
        if len(exact) == 1 and name:
            return exact[0]
        return rows[Names([Named.of(entry) for entry in rows]).one(name, hint=_HINT)]

    def _read(self, entry: Mapping[str, Any]) -> Any:
        known = self._registry.definition(entry.get("id")) if self._registry else None
        definition = entry if known is None else {**entry, **{key: it for key, it in known.items() if it is not None}}
        return decode(definition, entry.get("id"), entry)


def entries_of(source: models.Customer | Mapping[str, Any] | Sequence[Any]) -> Sequence[Any]:
    """Give the wire's entries of a customer, or of an answer's JSON; ``fields`` (observed) or ``customfields``.

    Raises:
        DecodeError: there is something else than a list of entries.
    """
    found: Any = source.raw if isinstance(source, models.Customer) else source
    if isinstance(found, Mapping):
        found = next((it for key in ("fields", "customfields") if (it := found.get(key)) is not None), [])
    if not isinstance(found, list | tuple):
        raise DecodeError("Customer", "fields", "$.fields", f"expected an array, found {type(found).__name__}")
    return found
