"""The JSON of answers, in the observed shapes.

Each object is rendered to bytes by itself, so that a page of 10,000 customers is a join of cached
bytes.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, cast

from ._behaviour import Behaviour
from ._model import Refusal, StoredCategory, StoredCustomer, StoredField

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def encode(value: object) -> bytes:
    """Return JSON as JavaScript writes it: UTF-8, with a lone surrogate as its escape."""
    return _ENCODER.encode(value).encode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A page of a list: rendered items, the total of the list, and number and size of the page."""

    items: Sequence[bytes]
    total: int
    number: int
    limit: int

    def body(self, how: Behaviour) -> bytes:
        """Return the list envelope of the current document, with or without `total` and `meta`."""
        pages = -(-self.total // self.limit)
        meta = {
            "page": self.number,
            "limit": self.limit,
            "totalItems": self.total,
            "totalPages": pages,
        }
        parts = [b'"data":[%b]' % b",".join(self.items)]
        if how.total:
            parts.append(b'"total":%d' % self.total)
        if how.meta:
            parts.append(b'"meta":%b' % encode(meta))
        return b'{%b,"status":1}' % b",".join(parts)

    def status(self, _: Behaviour) -> int:
        """Return 200 (documented)."""
        return 200


@dataclass(frozen=True, slots=True)
class One:
    """One rendered object."""

    item: bytes
    created: bool = False

    def body(self, how: Behaviour) -> bytes:
        """Return the observed envelope of one object. A switch says what a new one shows."""
        item = self.item
        if self.created and how.create_answer == "id":
            item = encode({"id": json.loads(item)["id"]})
        return b'{"data":%b,"status":1}' % item

    def status(self, how: Behaviour) -> int:
        """Return 200, or for a new object the status that the switch says."""
        return how.created if self.created else 200


@dataclass(frozen=True, slots=True)
class Done:
    """Success without data, the answer to an import and to a delete.

    The real API's answer is not documented.
    """

    deleted: bool = False

    def body(self, how: Behaviour) -> bytes:
        """Return the bare envelope."""
        return b"" if self.status(how) == HTTPStatus.NO_CONTENT else b'{"status":1}'

    def status(self, how: Behaviour) -> int:
        """Return 200, or for a deletion the status that the switch says."""
        return how.deleted if self.deleted else 200


@dataclass(frozen=True, slots=True)
class Value:
    """The data in the answer to an import."""

    value: object
    http: int = 200

    def body(self, _: Behaviour) -> bytes:
        """Return the value in an envelope."""
        return encode({"data": self.value, "status": 1})

    def status(self, _: Behaviour) -> int:
        """As given."""
        return self.http


@dataclass(frozen=True, slots=True)
class Plain:
    """A value without envelope."""

    value: object

    def body(self, _: Behaviour) -> bytes:
        """Return the value itself."""
        return encode(self.value)

    def status(self, _: Behaviour) -> int:
        """Return 200."""
        return 200


@dataclass(frozen=True, slots=True)
class Fixed:
    """An answer that no switch changes."""

    content: bytes
    http: int

    def body(self, _: Behaviour) -> bytes:
        """As given."""
        return self.content

    def status(self, _: Behaviour) -> int:
        """As given."""
        return self.http


Answer = RenderedPage | One | Done | Value | Plain | Fixed


def failure(refusal: Refusal, how: Behaviour) -> bytes:
    """Return the body of a failure.

    With HTTP 200 it is always an envelope, as nothing else would show that it is a failure.
    """
    if how.failure_body == "message" or refusal.status == HTTPStatus.OK:
        return encode({"status": 0, "message": str(refusal)})
    bad_request = refusal.status == HTTPStatus.BAD_REQUEST
    return encode({
        "error": str(refusal),
        "name": _error_name(refusal.status),
        "errorCode": "2" if bad_request else None,  # the only documented example, for a 400
        "details": refusal.details,
        "extras": None,
    })  # fmt: skip


def _error_name(status: int) -> str:
    """Return the name of an error: ``BadRequestError`` for 400 (documented on a sibling)."""
    words = "".join(word for word in HTTPStatus(status).phrase.title() if word.isalpha())
    return words.removesuffix("Error") + "Error"


def customer(customer: StoredCustomer, fields: Iterable[StoredField]) -> bytes:
    """Return a customer with keys in the observed order, and with the fields that have values."""
    written = [field for field in fields if field.id in customer.values]
    by_default_id = {
        field.default_id: customer.values[field.id] for field in written if field.default_id
    }
    names = [by_default_id.get("firstName", ""), by_default_id.get("lastName", "")]
    return encode({
        "id": customer.id,
        "externalId": customer.external_id,
        "globalId": customer.global_id,
        "firstName": names[0],
        "lastName": names[1],
        "fullName": " ".join(name for name in names if name),
        "companyName": "",
        "email": by_default_id.get("email", ""),
        "phone": phone(by_default_id.get("mobilePhone") or by_default_id.get("landlinePhone", "")),
        "tags": customer.tag_ids,
        "totalBookings": 0,
        "avatarUrl": "",
        "firstLetters": [name[0] for name in names if name],
        "fields": [_entry(field, customer) for field in written],
        "createdAt": timestamp(customer.created_at),
        "updatedAt": timestamp(customer.updated_at),
        "ts": str(int(customer.updated_at * 1000)),
    })  # fmt: skip


def _entry(field: StoredField, customer: StoredCustomer) -> dict[str, object]:
    return {
        "id": field.id,
        "type": field.type,
        "value": customer.values[field.id],
        "values": customer.lists.get(field.id, ()),
        "isMultiple": field.is_multiple,
        "defaultId": field.default_id,
        "label": field.label,
    }


def phone(value: str) -> dict[str, str]:
    """Return the ``phone`` for the value of a PHONE field; empty if that is not a JSON object."""
    try:
        parts: Any = json.loads(value)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(parts, dict):
        return {}
    members = cast("dict[str, object]", parts)
    shown = {
        "phone": members.get("phone"),
        "number": members.get("number"),
        "code": members.get("country"),
    }
    texts = {key: part if isinstance(part, str) else "" for key, part in shown.items()}
    return texts if any(texts.values()) else {}


def timestamp(seconds: float) -> str:
    """Return a time in UTC without a fraction, such as ``2022-01-26T16:17:01Z``."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def field(definition: StoredField) -> bytes:
    """Return a definition, with the keys of the booking widget (observed) and those of requests."""
    return encode({
        "id": definition.id,
        "defaultId": definition.default_id,
        "type": definition.type,
        "label": definition.label,
        "categoryId": definition.category_id,
        "isMultiple": definition.is_multiple,
        "isMandatoryOnline": False,
        "isAfterAuth": False,
        "hasOverwrite": False,
        "translationKey": "",
        "selectOptions": definition.select_options,
        "orderIndex": definition.order_index,
        "placeholder": "",
    })  # fmt: skip


def category(category: StoredCategory) -> bytes:
    """Return a category, like the observed ones of resources and services."""
    return encode({
        "id": category.id,
        "name": category.name,
        "translationKey": "",
        "orderIndex": category.order_index,
        "isDefault": category.is_default,
    })  # fmt: skip
