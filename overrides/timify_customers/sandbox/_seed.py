"""Customers that exist before a test begins: from mappings, a CSV file or a saved list."""

import csv
import datetime
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from .._customfields.phones import phone_json
from ._company import Company
from ._model import Refusal, StoredCustomer, StoredField

Rows = Iterable[Mapping[str, Any]] | str | Path
"""Mappings, or the path of a ``.csv`` or ``.json`` file."""


def add(company: Company, rows: Rows) -> list[StoredCustomer]:
    """Add customers; see `Sandbox.add_customers`."""
    entries = _read(Path(rows)) if isinstance(rows, str | Path) else rows
    with company.lock:
        undo = company.restore_point()
        added: list[StoredCustomer] = []
        for number, row in enumerate(entries, 1):
            try:
                added.append(company.create(**_customer(company, row)))
            except (ValueError, Refusal) as error:
                undo()
                raise ValueError(f"customer {number}: {error}") from error
        return added


def add_fields(company: Company, rows: Rows) -> None:
    """Add a text field for each column that names no field, with the column's name as label.

    Customers as the API returns them have their own fields, so they are skipped.
    """
    customers = _read(Path(rows)) if isinstance(rows, str | Path) else rows
    with company.lock:
        for row in customers:
            if not isinstance(row, Mapping) or "fields" in row or "customfields" in row:
                continue
            for name in row:
                if isinstance(name, str) and name and not _is_known(company, name):
                    company.add_field(label=name, type="TEXT")


def _is_known(company: Company, name: str) -> bool:
    """Return whether a column is an attribute of customers or a field."""
    if name in _ATTRIBUTES:
        return True
    try:
        _named(company, name)
    except ValueError:
        return False
    return True


def _read(path: Path) -> Iterable[Mapping[str, Any]]:
    if path.suffix.lower() == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    saved = json.loads(path.read_text("utf-8"))
    rows = cast("dict[str, Any]", saved).get("data") if isinstance(saved, dict) else saved
    if not isinstance(rows, list):
        raise ValueError(
            f"{path.name} must hold a list of customers, or an answer with such a list in data"
        )
    return cast("list[Mapping[str, Any]]", rows)


def _customer(company: Company, row: object) -> dict[str, Any]:
    """Return the attributes of a customer, with its values by field id."""
    if not isinstance(row, Mapping):
        raise ValueError(f"it must be a mapping, not {type(row).__name__}")
    cells = {name: value for name, value in row.items() if value is not None and value != ""}
    attributes = {
        name: convert(cells[key]) for key, (name, convert) in _ATTRIBUTES.items() if key in cells
    }
    if attributes.get("id") in company.customers:
        raise ValueError(f"there is a customer with the id {attributes['id']!r}")
    saved = cells.get("fields", cells.get("customfields"))
    if isinstance(saved, list):
        pairs = [
            (_defined(company, entry), entry.get("values") or entry.get("value", ""))
            for entry in saved
        ]
    else:
        pairs = [
            (_named(company, name), value)
            for name, value in cells.items()
            if name not in _ATTRIBUTES
        ]
    values = {
        field.id: "" if isinstance(value, list | tuple) else _text(field, value)
        for field, value in pairs
    }
    lists = {
        field.id: tuple(map(str, value))
        for field, value in pairs
        if isinstance(value, list | tuple)
    }
    return {**attributes, "values": values, "lists": lists}


def _named(company: Company, name: object) -> StoredField:
    """Return the field with this default id, id or label."""
    try:
        return company.named_field(name)
    except ValueError as error:
        raise ValueError(f"{error}, and {', '.join(_ATTRIBUTES)}") from None


def _defined(company: Company, entry: object) -> StoredField:
    """Return the field of a saved customer's entry, adding it if the company does not have it."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("id"), str):
        raise ValueError("an entry of its fields must be an object with an id")
    definition = cast("Mapping[str, Any]", entry)
    if definition.get("defaultId"):
        return _named(company, definition["defaultId"])
    if field := company.fields.get(definition["id"]):
        return field
    type_, label = definition.get("type") or "TEXT", definition.get("label") or definition["id"]
    return company.add_field(
        id=definition["id"], type=type_, label=label, is_multiple=definition.get("isMultiple")
    )


def _text(field: StoredField, value: object) -> str:
    """Return a value as the field holds it: a date in ISO form, a phone as JSON (observed)."""
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, datetime.date):
        return value.isoformat()[:10]
    if field.type == "PHONE" and str(value).startswith("+"):
        return _phone(str(value))
    return str(value)


def _phone(number: str) -> str:
    # Imported on use: the metadata of phonenumbers is large, and rarely needed.
    import phonenumbers  # noqa: PLC0415

    from .._customfields.typed_phones import phone_of  # noqa: PLC0415

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException as error:
        raise ValueError(f"{number!r} is no phone number: {error}") from error
    return phone_json(phone_of(parsed))


def _seconds(moment: object) -> float:
    if isinstance(moment, str):
        moment = datetime.datetime.fromisoformat(moment)
    if not isinstance(moment, datetime.datetime) or moment.tzinfo is None:
        raise ValueError(
            f"a moment must be a datetime or an ISO text with its offset, not {moment!r}"
        )
    return moment.timestamp()


def _texts(value: object) -> tuple[str, ...]:
    """Return several texts, from a list or from one comma-separated text such as a table cell."""
    entries = value.split(",") if isinstance(value, str) else value
    if not isinstance(entries, list | tuple):
        raise ValueError(f"several texts must be a list or comma-separated, not {value!r}")
    return tuple(str(entry).strip() for entry in entries)


_ATTRIBUTES: dict[str, tuple[str, Callable[[Any], object]]] = {
    "id": ("id", str),
    "externalId": ("external_id", str),
    "external_id": ("external_id", str),
    "importCustomerId": ("import_customer_id", str),
    "globalId": ("global_id", str),
    "tagIds": ("tag_ids", _texts),
    "createdAt": ("created_at", _seconds),
    "updatedAt": ("updated_at", _seconds),
}
