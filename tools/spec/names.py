"""Names in Python, as the generator makes them, and those that generated code uses itself."""

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


def python(name: str) -> str:
    """Return the identifier of a property, a parameter or an operation.

    `externalId` and `external_id` share one.
    """
    return str(PythonIdentifier(name, "field_"))


def pascal(name: str) -> str:
    """Return the name of a class."""
    return str(ClassName(name, ""))
