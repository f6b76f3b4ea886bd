"""Names in Python, as the generator makes them, and those that generated code uses itself."""

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from openapi_python_client.strings import ClassName, PythonIdentifier

RESERVED_PROPERTIES = frozenset({"from_dict", "raw", "to_dict"})
"""What every generated model has already, and so cannot be the name of a property."""
RESERVED_PARAMETERS = frozenset(
    {"asyncio", "asyncio_detailed", "body", "build_request", "client", "errors", "parse"}
)
"""What the functions of an operation take or call.

None of these can be the name of an operation's own parameter.
"""
RESERVED_SCHEMAS = frozenset({"Any", "Client", "Literal", "Sequence", "TypedDict"})
"""Classes that generated modules import under these names."""

PYTHON_NAME = "x-python-name"
"""How a document says the Python name of a property that the rule would give to another too."""


def python(name: str) -> str:
    """Return the identifier of a property, a parameter or an operation.

    `externalId` and `external_id` share one.
    """
    return str(PythonIdentifier(name, "field_"))


def property_name(name: str, raw: Mapping[str, Any]) -> str:
    """Return the identifier of a property of a built document: what it says, else by the rule."""
    return str(raw.get(PYTHON_NAME, python(name)))


def free_names(names: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """Map each name to an identifier that no other has: the plain one, or else one with a number.

    `external_id` after `externalId` is `external_id_2`.
    """
    used = set(taken)
    identifiers: dict[str, str] = {}
    for name in names:
        plain = python(name)
        numbered = (f"{plain}_{number}" for number in itertools.count(2))
        identifiers[name] = next(
            each for each in itertools.chain([plain], numbered) if each not in used
        )
        used.add(identifiers[name])
    return identifiers


def pascal(name: str) -> str:
    """Return the name of a class."""
    return str(ClassName(name, ""))
