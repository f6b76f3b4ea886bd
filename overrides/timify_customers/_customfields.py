"""Custom field payloads: from names and Python values to the wire's ``[{"id", "value"}]``. Pure.

A name is a field's id or its default id (``firstName``, observed). Values travel as strings; formats observed: DATE is
``YYYY-MM-DD``, PHONE is a JSON object encoded as a string, which the API gives back byte for byte.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dateutil.parser import isoparse

from ._errors import ArgumentError, ArgumentTypeError, InvalidValueError, PayloadError, UnknownFieldError
from ._options import check_text
from ._wire import models

Entry = dict[str, str]
Customfields = Mapping[str, object] | Sequence[Mapping[str, object]]
"""Values by field id or default id; or a ready wire list, which is sent as it is."""

_WHOLE_DATE = re.compile(r"\d{4}-?\d\d-?\d\d(?!\d)")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class FieldRegistry:
    """A company's custom fields, found by id or default id."""

    def __init__(self, fields: Iterable[models.Customfield]) -> None:
        self._by_name: dict[str, list[Mapping[str, Any]]] = {}
        self._fields = list(fields)
        fields = self._fields
        for field in fields:
            names = {
                name for key in ("id", "defaultId", "label") if isinstance(name := field.raw.get(key), str) and name
            }
            for name in names:
                self._by_name.setdefault(name, []).append(field.raw)

    def __iter__(self) -> Any:
        return iter(self._fields)

    def find(self, name: str) -> Mapping[str, Any]:
        """Give the wire definition of a field.

        Raises:
            UnknownFieldError: no field has this id or default id.
            ArgumentError: several have.
        """
        found = self._by_name.get(name, [])
        if not found:
            raise UnknownFieldError(
                f"no custom field has the id or default id {name!r}; the company has {self._known()}"
            )
        if len(found) > 1:
            ids = ", ".join(str(field.get("id")) for field in found)
            raise ArgumentError(f"{name!r} fits several custom fields; use one of their ids: {ids}")
        return found[0]

    def _known(self) -> str:
        defaults = sorted(
            {str(field["defaultId"]) for fields in self._by_name.values() for field in fields if field.get("defaultId")}
        )
        return ", ".join(defaults) or "no default fields"

    def payload(self, values: Mapping[str, object]) -> list[Entry]:
        """Make the wire list of a payload.

        Raises:
            ArgumentError: what is wrong; PayloadError when several things are.
        """
        entries: dict[str, Entry] = {}
        problems: list[ArgumentError] = []
        for name, value in values.items():
            try:
                entry = self._entry(name, value)
            except ArgumentError as error:
                problems.append(error)
                continue
            if entry["id"] in entries:
                problems.append(ArgumentError(f"{name!r} names a custom field that the payload already has"))
            entries[entry["id"]] = entry
        PayloadError.raise_for(problems)
        return list(entries.values())

    def _entry(self, name: object, value: object) -> Entry:
        if not isinstance(name, str):
            raise ArgumentError(f"a custom field is named by a string, not by {name!r}")
        field = self.find(name)
        return {"id": str(field.get("id")), "value": encode(name, field.get("type"), value)}


def encode(name: str, kind: object, value: object) -> str:
    """Make the wire string of a value. None and ``""`` clear the field.

    Args:
        name: for messages.
        kind: type of the field (observed: TEXT, TEXTAREA, EMAIL, PHONE, DATE, SELECT); others take a string as it is.
        value: a string; for DATE also a date or datetime.

    Raises:
        InvalidValueError: the value does not fit the type.
    """
    if value is None or value == "":
        return ""
    if kind == "DATE":
        return _date(name, value)
    if not isinstance(value, str):
        raise InvalidValueError(f"{name!r} takes text, not {type(value).__name__}")
    check_text(name, value)
    if kind == "PHONE":
        return _phone(name, value)
    if kind == "EMAIL" and not _EMAIL.fullmatch(value):
        raise InvalidValueError(f"{name!r}: {value!r} is not an email address")
    return value


def _date(name: str, value: object) -> str:
    if isinstance(value, datetime.datetime):
        value = value.date()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if not isinstance(value, str):
        raise InvalidValueError(f"{name!r} takes a date or a string such as 1815-12-10, not {type(value).__name__}")
    try:
        # isoparse makes January or the first of what is missing.
        day = isoparse(value).date() if _WHOLE_DATE.match(value) else None
    except (ValueError, OverflowError):
        day = None
    if day is None:
        raise InvalidValueError(f"{name!r}: {value!r} is not an ISO date such as 1815-12-10")
    return str(day.isoformat())


def _phone(name: str, value: str) -> str:
    if value.startswith("{"):
        return _ready_phone(name, value)
    import phonenumbers  # noqa: PLC0415 - its metadata is large, and many programs never write a phone

    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or number.extension or not phonenumbers.is_valid_number(number):
        raise InvalidValueError(
            f"{name!r}: {value!r} is not a phone number in international form such as +44 20 7946 0958"
        )
    wire = {
        "phone": phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        "country": phonenumbers.region_code_for_number(number) or "",
        "prefix": str(number.country_code),
        "number": phonenumbers.national_significant_number(number),
    }
    return json.dumps(wire, separators=(",", ":"))


def _ready_phone(name: str, value: str) -> str:
    try:
        ready = json.loads(value)
    except ValueError:
        ready = None
    if not isinstance(ready, dict) or "number" not in ready:
        raise InvalidValueError(f"{name!r} starts with {{, but is not a phone's JSON object with a number")
    return value


def ready_list(entries: object) -> list[dict[str, object]]:
    """Check a ready wire list: each entry a mapping with an ``id``. It is sent as it is."""
    if isinstance(entries, (str, bytes)) or not isinstance(entries, Sequence):
        raise ArgumentTypeError(f"customfields must be a mapping or a list of entries, not {type(entries).__name__}")
    for index, entry in enumerate(entries):
        if not isinstance(entry, Mapping) or not isinstance(entry.get("id"), str):
            raise ArgumentError(
                f"customfields[{index}] must be a mapping with an id, such as {{'id': ..., 'value': ...}}"
            )
    return [dict(entry) for entry in entries]
