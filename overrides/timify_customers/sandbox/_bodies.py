"""Reads the queries and bodies of requests.

Unreadable content raises a Refusal with 400, or 422 for a row of an import. Names are read in
camelCase and in snake_case: on sibling operations the bodies of creates are snake_case and those of
imports camelCase (documented there). `Behaviour.external_id` decides which spelling of the external
id is read.
"""

import json
import re
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NoReturn, cast

from ._model import FIELD_TYPES, CustomerInput, Refusal

Reader = Callable[[str, object], Any]
"""Takes the name and value of a member, and returns what is stored, or raises a Refusal."""


def decode(body: bytes, content_type: str) -> object:
    """Return the JSON of a request body."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Refusal(400, "the body must be sent as content-type application/json")
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"the body is not JSON: {error}") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def members(body: object) -> dict[str, object]:
    """Return the members of a body, which must be an object."""
    return _object("the body", body)


def new_customer(body: object, fields: Collection[str]) -> CustomerInput:
    """Return the customer of a create; `fields` are the existing field ids."""
    body_members = members(body)
    if "customfields" not in body_members:
        raise Refusal(400, "customfields is missing", {"body": {"customfields": "missing"}})
    customer = _customer(body_members, fields, ("externalId", "importCustomerId"))
    return replace(customer, ignore_mandatory=_ignores_mandatory(body_members))


def _ignores_mandatory(body_members: Mapping[str, object]) -> bool:
    """Return whether the flag is set, which a sibling documents as a string without values."""
    name = "ignore_mandatory_validation"
    with _about("body", name):
        text = _string(name, body_members.get(name, ""))
    return text.strip().lower() not in {"", "0", "false"}


def customer_changes(body: object, fields: Collection[str]) -> CustomerInput:
    """Return the changes of an update."""
    body_members = members(body)
    return _customer(body_members, fields, ("externalId",))


def import_rows(
    body: object, fields: Collection[str], *, partial: bool = False
) -> list[CustomerInput | Refusal]:
    """Return the rows of an import. With `partial`, a bad row is returned as its Refusal."""
    body_members = members(body)
    if "customers" not in body_members:
        raise Refusal(400, "customers is missing", {"body": {"customers": "missing"}})
    with _about("body", "customers"):
        rows = _list("customers", body_members["customers"])
    inputs = [_row(row, fields) for row in rows]
    for number, row in enumerate(inputs):
        if isinstance(row, Refusal) and not partial:
            raise Refusal(422, f"customers[{number}]: {row}")
    return inputs


def _row(row: object, fields: Collection[str]) -> CustomerInput | Refusal:
    try:
        return _customer(_object("the row", row), fields, ("importCustomerId", "id", "externalId"))
    except Refusal as refusal:
        if isinstance(row, dict):
            refusal.key = cast("dict[str, object]", row).get("importCustomerId")
        return refusal


def _customer(
    body_members: Mapping[str, object], fields: Collection[str], keys: Collection[str]
) -> CustomerInput:
    keys_read = _read(body_members, dict.fromkeys(keys, _string))
    with _about("body", "customfields"):
        entries = _entries(body_members.get("customfields", []), fields)
    values = {field_id: value for field_id, (value, _) in entries.items()}
    lists = {field_id: several for field_id, (_, several) in entries.items()}
    return CustomerInput(values=values, lists=lists, **keys_read)


def _entries(
    customfields: object, fields: Collection[str]
) -> dict[str, tuple[str, tuple[str, ...]]]:
    entries = [
        _object("an entry of customfields", entry) for entry in _list("customfields", customfields)
    ]
    return dict(_entry(entry, fields) for entry in entries)


def _entry(
    entry: Mapping[str, object], fields: Collection[str]
) -> tuple[str, tuple[str, tuple[str, ...]]]:
    """Return the id of a field, its value, and its values if it takes several (inferred)."""
    field_id = _string("the id of an entry of customfields", entry.get("id"))
    if field_id not in fields:
        raise Refusal(400, f"no custom field has the id {field_id!r}")
    name = f"of custom field {field_id}"
    several = [
        _string(f"an entry of the values {name}", value)
        for value in _list(f"values {name}", entry.get("values", []))
    ]
    return field_id, (_string(f"the value {name}", entry.get("value")), tuple(several))


def field_changes(body: object) -> dict[str, Any]:
    """Return the attributes of StoredField that a create or update of a definition sets."""
    readers: dict[str, Reader] = {
        "label": _name,
        "type": _field_type,
        "categoryId": _string,
        "selectOptions": _options,
        "isMultiple": _flag,
    }
    return _read(members(body), readers)


def category_changes(body: object) -> dict[str, Any]:
    """Return the attributes of StoredCategory that a create or update of a category sets."""
    return _read(members(body), {"name": _name})


def number(query: Mapping[str, str], name: str, default: int) -> int:
    """Return a whole number of a query, such as ``page``."""
    text = query.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"-?[0-9]{1,100}", text):
        message = f"{name} must be a whole number, not {text!r}"
        raise Refusal(400, message, {"query": {name: "invalid"}})
    return int(text)


def external(query: Mapping[str, str]) -> bool:
    """Return whether ``?external=1`` makes the id of the path an external id."""
    text = query.get("external", "0")
    if text not in {"0", "1"}:
        message = f"external must be 1 or absent, not {text!r}"
        raise Refusal(400, message, {"query": {"external": "invalid"}})
    return text == "1"


def _read(body_members: Mapping[str, object], readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Read the known members of a body, and return them by their snake_case names."""
    read_values: dict[str, Any] = {}
    for name, reader in readers.items():
        snake = re.sub(r"(?=[A-Z])", "_", name).lower()
        spelled = name if name in body_members else snake
        if spelled in body_members:
            with _about("body", spelled):
                read_values[snake] = reader(spelled, body_members[spelled])
    return read_values


@contextmanager
def _about(place: str, name: str) -> Generator[None]:
    """Add to a Refusal's details what it is about."""
    try:
        yield
    except Refusal as refusal:
        refusal.details = {place: {name: "invalid"}}
        raise


def _object(name: str, value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Refusal(400, f"{name} must be an object")
    return cast("dict[str, object]", value)


def _list(name: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise Refusal(400, f"{name} must be a list")
    return cast("list[object]", value)


def _string(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise Refusal(400, f"{name} must be a string")
    return value


def _name(name: str, value: object) -> str:
    if not (text := _string(name, value)).strip():
        raise Refusal(400, f"{name} must not be empty")
    return text


def _options(name: str, value: object) -> tuple[object, ...]:
    options = _list(name, value)
    if not all(_is_option(option) for option in options):
        raise Refusal(
            400,
            f"an entry of {name} must be a string, or an object whose value and label are strings",
        )
    return tuple(options)


def _is_option(option: object) -> bool:
    if not isinstance(option, dict):
        return isinstance(option, str)
    option_members = cast("dict[str, object]", option)
    return all(isinstance(option_members.get(key, ""), str) for key in ("value", "label"))


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise Refusal(400, f"{name} must be true or false")
    return value


def _field_type(name: str, value: object) -> str:
    if value not in FIELD_TYPES:
        raise Refusal(400, f"{name} must be one of {', '.join(FIELD_TYPES)}")
    return str(value)
