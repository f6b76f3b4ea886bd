"""The JSON of answers, in the observed shapes.

Single objects are rendered to bytes at once, so that a page of 10,000 customers is a join of what
is kept already.
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
    """JSON as JavaScript writes it: UTF-8, with a lone surrogate as its escape."""
    return _ENCODER.encode(value).encode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A part of a list: rendered items, the total of all, the number and the size of this page."""

    items: Sequence[bytes]
    total: int
    number: int
    limit: int

    def body(self, how: Behaviour) -> bytes:
        """The list envelope of the current document; `total` was also observed without `meta`."""
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
        """OK (documented)."""
        return 200


@dataclass(frozen=True, slots=True)
class One:
    """One rendered object."""

    item: bytes
    created: bool = False

    def body(self, how: Behaviour) -> bytes:
        """The observed envelope of one object; of a new one it shows what the switch says."""
        item = self.item
        if self.created and how.create_answer == "id":
            item = encode({"id": json.loads(item)["id"]})
        return b'{"data":%b,"status":1}' % item

    def status(self, how: Behaviour) -> int:
        """OK, or of something new what the switch says."""
        return how.created if self.created else 200


@dataclass(frozen=True, slots=True)
class Done:
    """Success without data: the answer to an import and to a delete.

    The true one is not documented.
    """

    deleted: bool = False

    def body(self, how: Behaviour) -> bytes:
        """The bare envelope."""
        return b"" if self.status(how) == HTTPStatus.NO_CONTENT else b'{"status":1}'

    def status(self, how: Behaviour) -> int:
        """OK, or of a deletion what the switch says."""
        return how.deleted if self.deleted else 200


@dataclass(frozen=True, slots=True)
class Value:
    """Data of an import's answer."""

    value: object
    http: int = 200

    def body(self, _: Behaviour) -> bytes:
        """The value in an envelope."""
        return encode({"data": self.value, "status": 1})

    def status(self, _: Behaviour) -> int:
        """As given."""
        return self.http


@dataclass(frozen=True, slots=True)
class Plain:
    """A value without envelope."""

    value: object

    def body(self, _: Behaviour) -> bytes:
        """The value itself."""
        return encode(self.value)

    def status(self, _: Behaviour) -> int:
        """OK."""
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
    """The body of a failure.

    One with HTTP 200 is always an envelope: nothing else would say that it is none of success.
    """
    if how.failure_body == "message" or refusal.status == HTTPStatus.OK:
        return encode({"status": 0, "message": str(refusal)})
    bad_request = refusal.status == HTTPStatus.BAD_REQUEST
    return encode({
        "error": str(refusal),
        "name": _error_name(refusal.status),
        "errorCode": "2" if bad_request else None,  # the one example there is, on a page of 400
        "details": refusal.details,
        "extras": None,
    })  # fmt: skip


def _error_name(status: int) -> str:
    """The class of an error, such as ``BadRequestError`` (documented on a sibling) for 400."""
    words = "".join(word for word in HTTPStatus(status).phrase.title() if word.isalpha())
    return words.removesuffix("Error") + "Error"


def customer(customer: StoredCustomer, fields: Iterable[StoredField]) -> bytes:
    """A customer, its keys in the observed order, with the fields that it has values of."""
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
    """What the value of a PHONE field shows as ``phone``: empty when it is not a JSON object."""
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
    """UTC without a fraction, such as ``2022-01-26T16:17:01Z``."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def field(definition: StoredField) -> bytes:
    """A definition: the keys of the booking widget (observed), and those of requests."""
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
    """A category, as those of resources and services were observed."""
    return encode({
        "id": category.id,
        "name": category.name,
        "translationKey": "",
        "orderIndex": category.order_index,
        "isDefault": category.is_default,
    })  # fmt: skip
