"""The names and types of fields in the module of a company's fields. Pure.

A field has the name that payloads use: its default id, else its label, else its id. A name is
skipped if it does not lead to that field alone, or if UTF-8 cannot encode it. A field without an id
is left out, since it cannot be written, and so is a field with the same id as an earlier one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen

from .._base.errors import ArgumentError
from .._base.generated import models
from .codecs import Definition
from .identifiers import alias, constant, identifiers
from .names import FieldNames, fold
from .select_options import Option, options_of

Find = Callable[[str], models.Customfield]
"""Returns the field that a name means; raises ArgumentError if there is none, or several."""

_WRITTEN: Final = {
    "CHECKBOX": ("bool",),
    "DATE": ("datetime.date", "str"),
    "NUMBER": ("Decimal", "float"),
    "PHONE": ("Phone", "str"),
}
_READ: Final = _WRITTEN | {"DATE": ("datetime.date",), "PHONE": ("Phone",)}
_TEXT: Final = ("str",)


@frozen
class ModuleField:
    """One field, as the module has it.

    Attributes:
        id: the field's id.
        name: the field's name in payloads.
        constant: the identifier of its name, type and id.
        kind: its type, as the API calls it, or ``""``.
        several: whether it holds several values.
        options: the choices of a SELECT, if it lists any.
        alias: the identifier of the type of its options, or ``""`` without options.
    """

    id: str
    name: str
    constant: str
    kind: str
    several: bool
    options: Sequence[Option]
    alias: str

    @property
    def written(self) -> tuple[str, ...]:
        """The types that a payload may have for it."""
        kinds = (self.alias,) if self.alias else _WRITTEN.get(self.kind, _TEXT)
        return (*self._in("Sequence", kinds), "None")

    @property
    def read(self) -> tuple[str, ...]:
        """The types that reading it may return. An option that is not listed here is text."""
        kinds = (self.alias, "str") if self.alias else _READ.get(self.kind, _TEXT)
        return (*self._in("list", kinds), "None")

    def _in(self, collection: str, kinds: tuple[str, ...]) -> tuple[str, ...]:
        return (f"{collection}[{' | '.join(kinds)}]",) if self.several else kinds


def module_fields(definitions: Iterable[Definition], find: Find) -> list[ModuleField]:
    """Return the fields of a module, sorted by name."""
    by_id = {id_: raw for raw in definitions if (id_ := _id(raw)) and _leads_to(id_, raw, find)}
    names = {id_: _name(raw, find) or id_ for id_, raw in by_id.items()}
    names = dict(sorted(names.items(), key=_by_name))
    options = {id_: _options(by_id[id_]) for id_ in names}
    constants = identifiers(names, constant)
    aliases = identifiers({id_: name for id_, name in names.items() if options[id_]}, alias)
    return [
        ModuleField(
            id=id_,
            name=name,
            constant=constants[id_],
            kind=_text(by_id[id_].get("type")),
            several=by_id[id_].get("isMultiple") is True,
            options=options[id_],
            alias=aliases.get(id_, ""),
        )
        for id_, name in names.items()
    ]


def _by_name(pair: tuple[str, str]) -> tuple[str, str]:
    _, name = pair
    return fold(name), name


def _id(raw: Mapping[str, object]) -> str:
    return _text(raw.get("id"))


def _name(raw: Mapping[str, object], find: Find) -> str:
    names = FieldNames.of(raw)
    usable = (name for name in map(_text, (names.default_id, names.label)) if name)
    return next((name for name in usable if _leads_to(name, raw, find)), "")


def _leads_to(name: str, raw: Definition, find: Find) -> bool:
    try:
        return find(name).raw is raw
    except ArgumentError:
        return False


def _options(raw: Definition) -> list[Option]:
    """Return the options of a SELECT, without repeated texts and without invalid ones."""
    listed = options_of(raw) if raw.get("type") == "SELECT" else []
    by_text: dict[str, Option] = {}
    for option in listed:
        if _text(option.wire):
            by_text.setdefault(option.wire, option)
    return list(by_text.values())


def _text(value: object) -> str:
    """Return a text that UTF-8 can encode, or ``""`` for anything else."""
    if not isinstance(value, str):
        return ""
    try:
        value.encode()
    except UnicodeEncodeError:
        return ""
    return value
