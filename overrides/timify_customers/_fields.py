"""``timify.fields``: the custom fields of a company. Request keys for creating one are inferred."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._answers import Operation
from ._calls import Answer
from ._errors import ArgumentError, ArgumentTypeError
from ._options import check_id, check_text
from ._retry import Repeat
from ._view import View
from ._wire import models

_CREATE = Operation("create_customfield", Repeat.NEVER, writes=True)
_GET = Operation("get_customfield")
_UPDATE = Operation("update_customfield", writes=True)
_DELETE = Operation("delete_customfield", Repeat.DELETE, data="any", writes=True)


class Fields:
    """The custom field definitions of one company."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def list(self) -> list[models.Customfield]:
        """Give all definitions."""
        return await self._view.list_fields(self._view.deadline())

    async def get(self, field_id: str) -> models.Customfield:
        """Read one definition.

        Raises:
            NotFoundError: there is none with this id.
        """
        return _field(await self._view.call(_GET, _field_id(field_id)))

    async def create(
        self,
        label: str,
        type: str = "TEXT",  # noqa: A002 - the API's word
        *,
        category_id: str | None = None,
        options: Sequence[str] | None = None,
        multiple: bool | None = None,
    ) -> models.Customfield:
        """Create a custom field; all customers have it from then on (documented).

        Args:
            label: name that people see.
            type: such as TEXT, TEXTAREA, EMAIL, PHONE, DATE, SELECT (observed).
            category_id: category that it belongs to.
            options: choices of a SELECT.
            multiple: whether it takes several values.

        Raises:
            AmbiguousWriteError: the answer was lost; look at `list` before creating it again.
        """
        values = _values(label, type, category_id, options, multiple)
        if "label" not in values:
            raise ArgumentTypeError("label must be a string")
        return _field(await self._changing(_CREATE, body=models.CustomfieldCreate.from_dict(values)))

    async def update(
        self,
        field_id: str,
        *,
        label: str | None = None,
        type: str | None = None,  # noqa: A002
        category_id: str | None = None,
        options: Sequence[str] | None = None,
        multiple: bool | None = None,
    ) -> models.Customfield:
        """Change what is given of a definition; the rest stays."""
        values = _values(label, type, category_id, options, multiple)
        if not values:
            raise ArgumentError("the update changes nothing: give label, type, category_id, options or multiple")
        body = models.CustomfieldUpdate.from_dict(values)
        return _field(await self._changing(_UPDATE, _field_id(field_id), body=body))

    async def delete(self, field_id: str) -> None:
        """Delete a custom field.

        Raises:
            NotFoundError: there is none with this id.
        """
        await self._changing(_DELETE, _field_id(field_id))

    async def _changing(self, operation: Operation, *args: object, **options: Any) -> Answer:
        try:
            return await self._view.call(operation, *args, **options)
        finally:
            self._view.definitions.forget(self._view.company_id)


def _field_id(field_id: str) -> str:
    if check_id("field_id", field_id, reserved=False) == "categories":
        raise ArgumentError("field_id 'categories' is the name of another route of the API, which cannot address it")
    return field_id


def _field(answer: Answer) -> models.Customfield:
    return models.Customfield.from_dict(answer.payload["data"])


def _values(
    label: object, kind: object, category_id: object, options: Sequence[str] | None, multiple: object
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, key, text in (("label", "label", label), ("type", "type", kind)):
        if text is not None:
            if not check_text(name, text).strip():
                raise ArgumentError(f"{name} must not be empty or blank")
            values[key] = text
    if category_id is not None:
        values["categoryId"] = check_id("category_id", category_id, reserved=False)
    if options is not None:
        if isinstance(options, str):
            raise ArgumentTypeError("options must be a list of strings, not one string")
        values["selectOptions"] = [check_text("an option", option) for option in options]
    if multiple is not None:
        values["isMultiple"] = multiple
    return values
