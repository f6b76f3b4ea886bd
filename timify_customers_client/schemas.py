"""The document's schemas as JSON schemas, for pydantic. Imported when pydantic asks for one, and by nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from . import models

PREFIX = "#/$defs/"
"""How a schema here refers to another."""


def reference(cls: type[Any]) -> str:
    """Give the name by which pydantic knows a class: the end of the path is what its JSON schema is called."""
    return f"{cls.__module__}.{cls.__qualname__}:{id(cls)}"


def json_schema(cls: type[Any], handler: Any) -> dict[str, Any]:
    """Give the JSON schema of a model, and let pydantic's `handler` define those that it refers to.

    A subclass has the schema of its model. A model whose schema has no name in the document is any object.
    """
    name = next((each.__name__ for each in cls.__mro__ if _is_ours(each)), None)
    if name is None:
        return {"type": "object", "title": cls.__name__, "description": cls.__doc__}
    # First all references, then what they refer to: schemas may refer to each other in circles.
    links = {each: handler(_placeholder(_reference(each))) for each in _reachable(name)}
    links[name] = handler(_placeholder(reference(cls)))
    for each, link in links.items():
        if not (definition := handler.resolve_ref_schema(link)):
            definition.update({"title": each, **_linked(SCHEMAS[each], links)})
    return dict(links[name])


def _reference(name: str) -> str:
    named = getattr(models, name, None)
    return reference(named) if isinstance(named, type) else f"{__package__}.models.{name}:0"


def _placeholder(ref: str) -> dict[str, Any]:
    """Give pydantic's own schema of a reference, which leads to anything until it is filled."""
    return {
        "type": "definitions",
        "definitions": [{"type": "any", "ref": ref}],
        "schema": {"type": "definition-ref", "schema_ref": ref},
    }


def _is_ours(cls: type[Any]) -> bool:
    return cls.__name__ in SCHEMAS and cls.__module__.startswith(f"{__package__}.models.")


def _reachable(name: str) -> list[str]:
    """Give a schema's name and those of all that it refers to, directly or by way of others."""
    names = [name]
    for each in names:
        names.extend(dict.fromkeys(other for other in _references(SCHEMAS[each]) if other not in names))
    return names


def _references(part: object) -> Iterator[str]:
    if isinstance(part, list):
        for item in cast("list[object]", part):
            yield from _references(item)
    if isinstance(part, dict):
        for key, value in cast("dict[str, object]", part).items():
            if key == "$ref":
                yield str(value).removeprefix(PREFIX)
            else:
                yield from _references(value)


def _linked(part: Any, links: Mapping[str, Mapping[str, Any]]) -> Any:
    """Copy a part of a schema, with pydantic's references in place of ours."""
    if isinstance(part, list):
        return [_linked(item, links) for item in cast("list[object]", part)]
    if not isinstance(part, dict):
        return part
    copied: dict[str, Any] = {}
    for key, value in cast("dict[str, Any]", part).items():
        copied |= links[value.removeprefix(PREFIX)] if key == "$ref" else {key: _linked(value, links)}
    return copied


SCHEMAS: dict[str, Any] = {
    "ExternalFlag": {
        "description": "With 1 the customer is looked up by its externalId and not by the id that TIMIFY assigned.",
        "type": "integer",
        "examples": [1],
    },
    "Customer": {
        "description": "A customer of a company.",
        "type": "object",
        "properties": {
            "id": {"description": "The id that TIMIFY assigned.", "type": "string"},
            "externalId": {"description": "Your own id of this customer. Empty when unset.", "type": "string"},
            "firstName": {"type": "string"},
            "lastName": {"type": "string"},
            "fullName": {"type": "string"},
            "email": {"type": "string", "description": "Empty when unset."},
            "totalBookings": {"type": "integer"},
            "createdAt": {
                "type": "string",
                "format": "date-time",
                "description": "In UTC, without fractions of a second.",
            },
            "updatedAt": {
                "type": "string",
                "format": "date-time",
                "description": "In UTC, without fractions of a second.",
            },
            "ts": {
                "description": "An integer of epoch seconds in the published example, a string of epoch milliseconds in recorded answers.",
                "type": ["integer", "string"],
            },
            "globalId": {
                "description": "The customer's id across the companies of an enterprise. Null outside one.",
                "type": ["string", "null"],
            },
            "companyName": {"description": "Empty when unset.", "type": "string"},
            "phone": {"description": "Empty when there is none.", "$ref": "#/$defs/CustomerPhone"},
            "tags": {"description": "Only seen empty.", "type": "array", "items": {}},
            "avatarUrl": {"description": "Empty when unset.", "type": "string"},
            "firstLetters": {
                "description": "The initials of first and last name.",
                "type": "array",
                "items": {"type": "string"},
            },
            "fields": {
                "description": "The customer's data. Only fields that were ever written for this customer appear.",
                "type": "array",
                "items": {"$ref": "#/$defs/CustomerField"},
            },
            "customfields": {
                "description": "The customer's data under the name that requests use. Recorded answers have `fields` instead.",
                "type": "array",
                "items": {"$ref": "#/$defs/CustomerField"},
            },
        },
        "required": ["id"],
    },
    "CustomerList": {
        "description": "A page of customers, in ascending order of first name. Recorded answers carry no `meta`, some no `total`.",
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": {"$ref": "#/$defs/Customer"}},
            "total": {"type": "integer", "description": "Counts all matches, not those of the page."},
            "meta": {"$ref": "#/$defs/PageMeta"},
            "status": {"type": "integer", "examples": [1]},
            "message": {"description": "Why the call failed, when `status` is not 1.", "type": "string"},
        },
        "required": ["data"],
    },
    "PageMeta": {
        "description": "Where a page stands in the list.",
        "type": "object",
        "properties": {
            "page": {"type": "integer"},
            "limit": {"type": "integer"},
            "totalItems": {"type": "integer"},
            "totalPages": {"type": "integer"},
        },
    },
    "CustomerCreate": {
        "description": "A customer to create.",
        "type": "object",
        "properties": {
            "customfields": {
                "description": "The customer's data.",
                "type": "array",
                "items": {"$ref": "#/$defs/CustomfieldValue"},
            },
            "external_id": {
                "description": "Your own id of this customer. The reference calls it `externalId` in prose; the body of POST /v1/enterprise-customers has `external_id`.",
                "type": "string",
            },
            "import_customer_id": {"description": "The id that an import knows this customer by.", "type": "string"},
            "ignore_mandatory_validation": {
                "description": "Skips the check of fields that are mandatory. Called a string; its values are not known.",
                "type": "string",
            },
        },
        "required": ["customfields"],
    },
    "CustomerUpdate": {
        "description": "What to change of a customer.",
        "type": "object",
        "properties": {
            "customfields": {
                "description": 'The customer\'s data. The reference also writes "customfield" here.',
                "type": "array",
                "items": {"$ref": "#/$defs/CustomfieldValue"},
            },
            "external_id": {
                "description": "Your own id of this customer. The reference calls it `externalId` in prose; the body of POST /v1/enterprise-customers has `external_id`.",
                "type": "string",
            },
        },
    },
    "CustomerImportRow": {
        "description": "One customer to create, or to update where `importCustomerId` or `id` is known already.",
        "type": "object",
        "properties": {
            "importCustomerId": {"description": "Your unique identifier of this customer.", "type": "string"},
            "id": {"description": "The id that TIMIFY assigned.", "type": "string"},
            "externalId": {"description": "Your own id of this customer.", "type": "string"},
            "customfields": {
                "description": "The customer's data.",
                "type": "array",
                "items": {"$ref": "#/$defs/CustomfieldValue"},
            },
        },
    },
    "CustomerPhone": {
        "description": "A phone number. Every key is absent when the customer has none.",
        "type": "object",
        "properties": {
            "phone": {"description": "With country prefix, as in E.164.", "type": "string"},
            "number": {"description": "Without country prefix.", "type": "string"},
            "code": {"description": "The country, two capital letters.", "type": "string"},
        },
    },
    "CustomerField": {
        "description": "What one custom field holds for one customer.",
        "type": "object",
        "properties": {
            "id": {"description": "The id of the field's definition.", "type": "string"},
            "type": {"$ref": "#/$defs/CustomfieldType"},
            "value": {
                "description": "Empty when unset. A PHONE is a JSON object in a string with the keys `phone`, `country`, `prefix` and `number`, a DATE is YYYY-MM-DD.",
                "type": "string",
            },
            "values": {"description": "Only seen empty.", "type": "array", "items": {}},
            "isMultiple": {"description": "Only seen null.", "type": ["boolean", "null"]},
            "defaultId": {
                "description": "The name of a field that every company has, such as `firstName` or `mobilePhone`.",
                "type": ["string", "null"],
            },
            "label": {"description": "Empty for a field with a `defaultId`.", "type": "string"},
        },
    },
    "CustomfieldType": {
        "description": "What a custom field holds. These values are known; there are others.",
        "type": "string",
        "examples": ["TEXT", "TEXTAREA", "EMAIL", "PHONE", "DATE", "SELECT", "NUMBER", "CHECKBOX"],
    },
    "CustomerEnvelope": {
        "description": "One customer.",
        "type": "object",
        "properties": {
            "data": {"$ref": "#/$defs/Customer"},
            "status": {"description": "1 when the call succeeded.", "type": "integer", "examples": [1]},
            "message": {"description": "Why the call failed, when `status` is not 1.", "type": "string"},
        },
        "required": ["data"],
    },
    "Event": {
        "description": "An appointment. The keys were observed; where a type was not recorded, none is given.",
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "externalId": {"type": "string"},
            "type": {"description": "Seen as `booking`.", "type": "string"},
            "title": {"type": "string"},
            "notes": {"type": "string"},
            "color": {},
            "price": {},
            "date": {"description": "A date with a Z behind it, such as `2024-05-22Z`.", "type": "string"},
            "duration": {},
            "startDate": {"type": "string"},
            "createdAt": {"type": "string", "format": "date-time"},
            "updatedAt": {"type": "string", "format": "date-time"},
            "rescheduleUntil": {},
            "companyName": {"type": "string"},
            "timestamp": {"description": "Epoch milliseconds, as a string.", "type": "string"},
            "isOnlineBooking": {"type": "boolean"},
            "isCourse": {"type": "boolean"},
            "maxParticipants": {},
            "participants": {},
            "customers": {},
            "resources": {},
            "serviceId": {"type": "string"},
            "service": {},
            "recurring": {},
            "bookings": {},
            "tagIds": {},
            "tags": {},
            "enterpriseId": {"type": "string"},
        },
    },
    "Token": {
        "description": "An access token. This answer has no envelope.",
        "type": "object",
        "properties": {
            "accessToken": {"description": "A JWT.", "type": "string"},
            "refreshToken": {"description": "A JWT.", "type": "string"},
            "expires": {"description": "Seconds from now.", "type": "integer", "examples": [7200]},
        },
        "required": ["accessToken"],
    },
    "CustomfieldValue": {
        "description": "What to write into one custom field of a customer.",
        "type": "object",
        "properties": {
            "id": {"description": "The id of the field's definition.", "type": "string"},
            "value": {"description": "A PHONE is a JSON object in a string, a DATE is YYYY-MM-DD.", "type": "string"},
        },
        "required": ["id", "value"],
    },
    "Failure": {
        "description": "Why a call failed. It can also arrive with HTTP 200, with a `status` that is not 1.",
        "type": "object",
        "properties": {
            "error": {"description": "The reason.", "type": "string"},
            "name": {"description": "The class of the error, such as `BadRequestError`.", "type": "string"},
            "errorCode": {"description": "Called a string, with the example 2.", "type": ["string", "integer", "null"]},
            "details": {
                "description": 'What is wrong, by place and name, such as `{"query":{"page":"invalid"}}`.',
                "type": ["object", "null"],
                "additionalProperties": True,
            },
            "extras": {"type": ["object", "null"], "additionalProperties": True},
            "status": {"description": "Not 1.", "type": "integer"},
            "message": {"description": "The reason, where it is not in `error`.", "type": "string"},
        },
    },
    "TokenRequest": {
        "description": "The credentials of an app.",
        "type": "object",
        "properties": {
            "appid": {"description": "The app's id.", "type": "string"},
            "appsecret": {"description": "The app's secret.", "type": "string"},
        },
        "required": ["appid", "appsecret"],
    },
    "Customfield": {
        "description": "The definition of a custom field.",
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "defaultId": {
                "description": "The name of a field that every company has. A company's own field has none.",
                "type": ["string", "null"],
            },
            "type": {"$ref": "#/$defs/CustomfieldType"},
            "label": {
                "description": "Empty for a field with a `defaultId`. Two fields may share a label.",
                "type": "string",
            },
            "categoryId": {"type": ["string", "null"]},
            "selectOptions": {
                "description": "What a SELECT can hold. Whether objects or strings is not known.",
                "type": ["array", "null"],
                "items": {"anyOf": [{"$ref": "#/$defs/CustomfieldOption"}, {"type": "string"}]},
            },
            "isMultiple": {"type": ["boolean", "null"]},
            "isMandatoryOnline": {"type": ["boolean", "null"]},
            "isAfterAuth": {"type": ["boolean", "null"]},
            "hasOverwrite": {"type": ["boolean", "null"]},
            "translationKey": {"type": ["string", "null"]},
            "placeholder": {"type": ["string", "null"]},
            "orderIndex": {"type": ["integer", "null"]},
        },
    },
    "CustomfieldOption": {
        "description": "One choice of a SELECT.",
        "type": "object",
        "properties": {"value": {"type": "string"}, "label": {"type": "string"}},
    },
    "CustomfieldList": {
        "description": "A page of custom fields.",
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": {"$ref": "#/$defs/Customfield"}},
            "total": {"description": "Counts all matches, not those of the page.", "type": "integer"},
            "meta": {"$ref": "#/$defs/PageMeta"},
            "status": {"description": "1 when the call succeeded.", "type": "integer", "examples": [1]},
            "message": {"description": "Why the call failed, when `status` is not 1.", "type": "string"},
        },
        "required": ["data"],
    },
    "CustomfieldEnvelope": {
        "description": "One custom field.",
        "type": "object",
        "properties": {
            "data": {"$ref": "#/$defs/Customfield"},
            "status": {"description": "1 when the call succeeded.", "type": "integer", "examples": [1]},
            "message": {"description": "Why the call failed, when `status` is not 1.", "type": "string"},
        },
        "required": ["data"],
    },
    "CustomfieldCreate": {
        "description": "A custom field to create.",
        "type": "object",
        "properties": {
            "label": {
                "description": "Not blank, since a company's own field has no other name.",
                "type": "string",
                "pattern": "\\S",
            },
            "type": {"$ref": "#/$defs/CustomfieldType"},
            "categoryId": {"type": "string"},
            "selectOptions": {
                "type": "array",
                "items": {"anyOf": [{"$ref": "#/$defs/CustomfieldOption"}, {"type": "string"}]},
            },
            "isMultiple": {"type": "boolean"},
        },
        "required": ["label", "type"],
    },
    "CustomfieldUpdate": {
        "description": "What to change of a custom field.",
        "type": "object",
        "properties": {
            "label": {
                "description": "Not blank, since a company's own field has no other name.",
                "type": "string",
                "pattern": "\\S",
            },
            "type": {"$ref": "#/$defs/CustomfieldType"},
            "categoryId": {"type": "string"},
            "selectOptions": {
                "type": "array",
                "items": {"anyOf": [{"$ref": "#/$defs/CustomfieldOption"}, {"type": "string"}]},
            },
            "isMultiple": {"type": "boolean"},
        },
    },
    "Category": {
        "description": "A group of custom fields.",
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "name": {"type": "string"},
            "translationKey": {"type": ["string", "null"]},
            "orderIndex": {"type": ["integer", "null"]},
            "isDefault": {"type": ["boolean", "null"]},
        },
    },
    "CategoryList": {
        "description": "A page of categories.",
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": {"$ref": "#/$defs/Category"}},
            "total": {"description": "Counts all matches, not those of the page.", "type": "integer"},
            "meta": {"$ref": "#/$defs/PageMeta"},
            "status": {"description": "1 when the call succeeded.", "type": "integer", "examples": [1]},
            "message": {"description": "Why the call failed, when `status` is not 1.", "type": "string"},
        },
        "required": ["data"],
    },
    "CategoryEnvelope": {
        "description": "One category.",
        "type": "object",
        "properties": {
            "data": {"$ref": "#/$defs/Category"},
            "status": {"description": "1 when the call succeeded.", "type": "integer", "examples": [1]},
            "message": {"description": "Why the call failed, when `status` is not 1.", "type": "string"},
        },
        "required": ["data"],
    },
    "CategoryCreate": {
        "description": "A category to create.",
        "type": "object",
        "properties": {"name": {"description": "Not blank.", "type": "string", "pattern": "\\S"}},
        "required": ["name"],
    },
    "CategoryUpdate": {
        "description": "What to change of a category.",
        "type": "object",
        "properties": {"name": {"description": "Not blank.", "type": "string", "pattern": "\\S"}},
    },
    "EventList": {
        "description": "A page of events.",
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": {"$ref": "#/$defs/Event"}},
            "total": {"description": "Counts all matches, not those of the page.", "type": "integer"},
            "meta": {"$ref": "#/$defs/PageMeta"},
            "status": {"description": "1 when the call succeeded.", "type": "integer", "examples": [1]},
            "message": {"description": "Why the call failed, when `status` is not 1.", "type": "string"},
        },
        "required": ["data"],
    },
    "CustomerImport": {
        "description": "Customers to create or update.",
        "type": "object",
        "properties": {"customers": {"type": "array", "items": {"$ref": "#/$defs/CustomerImportRow"}}},
        "required": ["customers"],
    },
    "ImportAnswer": {
        "description": "What the API says to an import. Nothing is known of it.",
        "type": "object",
        "properties": {
            "data": {},
            "status": {"description": "1 when the call succeeded.", "type": "integer", "examples": [1]},
            "message": {"description": "Why the call failed, when `status` is not 1.", "type": "string"},
        },
    },
    "DeleteAnswer": {
        "description": "What the API says to a deletion. Nothing is known of it.",
        "type": "object",
        "properties": {
            "data": {},
            "status": {"description": "1 when the call succeeded.", "type": "integer", "examples": [1]},
            "message": {"description": "Why the call failed, when `status` is not 1.", "type": "string"},
        },
    },
}
