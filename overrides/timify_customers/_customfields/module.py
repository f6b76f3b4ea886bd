"""Writes the module with a company's fields as types, for type checkers and editors. Pure.

Its text depends only on the definitions, and not on the order of the fields. `module_fields`
decides the names of fields, `identifiers` the names of constants, and `python_source` how a text
becomes a literal.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Final

from . import python_source as source
from .codecs import Definition
from .module_fields import Find, ModuleField, module_fields
from .select_options import Option

PAYLOAD, READING = "NewCustomer", "MyFields"
"""The names of a module's two ``TypedDict`` classes."""
NAMES, TYPES, IDS = "Names", "Types", "Ids"
"""The names of its classes of constants."""

_HEAD: Final = '''"""The custom fields of a company in TIMIFY, as types.

Written by `timify-customers fields module`. Do not edit it: write it again when the
fields have changed. `timify-customers fields module --check FILE` says whether they have.
"""

'''
_ABOUT: Final = {
    NAMES: "What payloads and `customfields` call the fields.",
    TYPES: "What the fields hold, in the API's words.",
    IDS: "The ids of the fields. Each company has its own.",
    PAYLOAD: "What create and update take. None clears a field.",
    READING: "What `customer.customfields.typed(MyFields)` returns.",
}
_IMPORTS: Final = {
    "datetime": "import datetime",
    "Sequence": "from collections.abc import Sequence",
    "Decimal": "from decimal import Decimal",
}
_TAKEN: Final = frozenset({"Phone", "bool", "float", "list", "str", *_IMPORTS, *dir(dict)})
"""Names that have another meaning in the body of a ``TypedDict``, or are not allowed there."""


def module(definitions: Iterable[Definition], find: Find, package: str) -> str:
    """Write the module.

    Args:
        definitions: the definitions of the company's fields, as JSON.
        find: returns the field that a name means.
        package: the package from which to import `Phone`.
    """
    fields = module_fields(definitions, find)
    parts = [
        _constants(NAMES, fields, attrgetter("name")),
        _constants(TYPES, fields, attrgetter("kind")),
        _constants(IDS, fields, attrgetter("id")),
        _typed_dict(PAYLOAD, fields, attrgetter("written")),
        _typed_dict(READING, fields, attrgetter("read")),
    ]
    aliases = [_alias(field) for field in fields if field.alias]
    beginning = "\n".join([*_imports(fields, package), *(["", *aliases] if aliases else [])])
    return _HEAD + "\n\n\n".join([beginning, *parts]) + "\n"


def _imports(fields: Sequence[ModuleField], package: str) -> Iterator[str]:
    kinds = " ".join(kind for field in fields for kind in (*field.written, *field.read))
    yield from (line for name, line in _IMPORTS.items() if name in kinds)
    final = ["Final"] if fields else []
    literal = ["Literal"] if any(field.alias for field in fields) else []
    yield f"from typing import {', '.join([*final, *literal, 'TypedDict'])}"
    if "Phone" in kinds:
        yield f"\nfrom {package} import Phone"


def _alias(field: ModuleField) -> str:
    texts = [option.wire for option in field.options]
    return source.literal(field.alias, texts, list(map(_note, field.options)))


def _note(option: Option) -> str:
    return option.label if option.label != option.wire else ""


def _constants(name: str, fields: Sequence[ModuleField], text: Callable[[ModuleField], str]) -> str:
    rows = [source.constant(field.constant, text(field)) for field in fields]
    return _class(f"class {name}:", name, rows)


def _class(head: str, name: str, rows: Sequence[str]) -> str:
    return "\n".join([head, f'    """{_ABOUT[name]}"""', *(["", *rows] if rows else [])])


def _typed_dict(
    name: str, fields: Sequence[ModuleField], kinds: Callable[[ModuleField], Sequence[str]]
) -> str:
    """Write a ``TypedDict`` as a class if all names and lines allow that, else as a call."""
    aliases = {field.alias for field in fields}
    rows = [f"    {field.name}: {' | '.join(kinds(field))}" for field in fields]
    if all(_is_attribute(field.name, aliases) for field in fields) and all(map(source.fits, rows)):
        return _class(f"class {name}(TypedDict, total=False):", name, rows)
    entries = [source.entry(field.name, kinds(field)) for field in fields]
    call = [
        f"{name} = TypedDict(",
        f'    "{name}",',
        "    {",
        *entries,
        "    },",
        "    total=False,",
    ]
    return "\n".join([*call, ")", f'"""{_ABOUT[name]}"""'])


def _is_attribute(name: str, aliases: set[str]) -> bool:
    """Return whether a name can be an attribute in the body of a class, exactly as it is."""
    is_plain = name.isascii() and name.isidentifier() and not keyword.iskeyword(name)
    return is_plain and not name.startswith("__") and name not in _TAKEN | aliases
