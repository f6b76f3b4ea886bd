"""``timify.fields``: the custom fields of a company. Request keys for creating one are inferred."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from .._base.checks import check_id, check_text
from .._base.errors import ArgumentError, ArgumentTypeError
from .._base.generated import Request, endpoints, models
from .._calls.caller import Answer
from .._calls.operation import Operation
from .._calls.retry import Repeat
from .._calls.scope import Scope
from .._customfields.definitions import Definitions, list_fields
from .._customfields.names import FieldNames, fold
from .._customfields.registry import FieldRegistry
from .categories import Categories
from .ensure import Ensured, check_name, each, ensure

_create, _get, _update, _delete = (
    endpoints.create_customfield,
    endpoints.get_customfield,
    endpoints.update_customfield,
    endpoints.delete_customfield,
)
_CREATE = Operation(_create.OPERATION, _create.build_request, Repeat.NEVER, writes=True)
_GET = Operation(_get.OPERATION, _get.build_request)
_UPDATE = Operation(_update.OPERATION, _update.build_request, writes=True)
_DELETE = Operation(
    _delete.OPERATION, _delete.build_request, Repeat.DELETE, data="any", writes=True
)

_ID = re.compile(r"[0-9a-fA-F]{24}")
_ARGUMENTS = ("label", "type", "category", "options", "multiple")
"""The arguments of `Fields.create` and `Fields.update`, and the keys of a field for `ensure`."""


class Fields:
    """The custom field definitions of one company."""

    def __init__(self, scope: Scope, definitions: Definitions) -> None:
        self._scope = scope
        self._definitions = definitions

    async def list(self) -> list[models.Customfield]:
        """Return all definitions, as they are now."""
        return await list_fields(self._scope)

    async def registry(self) -> FieldRegistry:
        """Return the definitions that the client keeps.

        Keep, save or compare them, and make payloads with them without a network. They are fetched
        when first needed, used for five minutes, and then used once more while they are renewed.
        Changes by `create`, `update` and `delete` are in them at once.
        """
        return await self._definitions.registry(self._scope.deadline())

    async def get(self, field_id: str) -> models.Customfield:
        """Read one definition.

        Raises:
            NotFoundError: there is no field with this id.
        """
        request = _GET.build(_field_id(field_id), company_id=self._scope.company_id)
        return _field(await self._scope.call(_GET, request))

    async def create(
        self,
        label: str,
        type: str = "TEXT",  # noqa: A002 - the API's word
        *,
        category: str | None = None,
        options: Sequence[str] | None = None,
        multiple: bool | None = None,
    ) -> models.Customfield:
        """Create a custom field. All customers have it from then on (documented).

        Args:
            label: name that people see.
            type: such as TEXT, TEXTAREA, EMAIL, PHONE, DATE, SELECT (observed).
            category: id or name of its category.
            options: choices of a SELECT.
            multiple: whether it takes several values.

        Raises:
            AmbiguousWriteError: the answer was lost; look at `list` before creating it again.
            ArgumentError: a value is wrong; nothing was sent.
        """
        arguments = {
            "label": check_text("label", label),
            "type": type,
            "category": category,
            "options": options,
            "multiple": multiple,
        }
        return await self._create(_checked(arguments))

    async def _create(self, values: Mapping[str, Any]) -> models.Customfield:
        _check_known(models.CustomfieldCreate, values)
        body = models.CustomfieldCreate(**await self._with_category_id(values))
        request = _CREATE.build(body=body, company_id=self._scope.company_id)
        return _field(await self._change(_CREATE, request, None))

    async def update(
        self,
        field_id: str,
        *,
        label: str | None = None,
        type: str | None = None,  # noqa: A002 - the API's word
        category: str | None = None,
        options: Sequence[str] | None = None,
        multiple: bool | None = None,
    ) -> models.Customfield:
        """Change a definition. Arguments that are left out change nothing.

        Args:
            field_id: the field's id.
            label: name that people see.
            type: as for `create`.
            category: id or name of its category.
            options: choices of a SELECT.
            multiple: whether it takes several values.

        Raises:
            NotFoundError: there is no field with this id.
            ArgumentError: there is nothing to change, or a value is wrong; nothing was sent.
        """
        arguments = {
            "label": label,
            "type": type,
            "category": category,
            "options": options,
            "multiple": multiple,
        }
        values = _checked(arguments)
        if not values:
            raise ArgumentError(f"the update changes nothing: give {', '.join(_ARGUMENTS)}")
        _check_known(models.CustomfieldUpdate, values)
        body = models.CustomfieldUpdate(**await self._with_category_id(values))
        request = _UPDATE.build(_field_id(field_id), body=body, company_id=self._scope.company_id)
        return _field(await self._change(_UPDATE, request, field_id))

    async def delete(self, field_id: str) -> None:
        """Delete a custom field.

        Raises:
            NotFoundError: there is no field with this id.
        """
        request = _DELETE.build(_field_id(field_id), company_id=self._scope.company_id)
        await self._change(_DELETE, request, field_id)

    async def ensure(
        self, wanted: Iterable[str | Mapping[str, Any]]
    ) -> Ensured[models.Customfield]:
        """Create the fields that are missing, and leave the rest alone, for deployment scripts.

        A field is missing if its label is not the name of any field: the label, the default id
        (``firstName``) or the Python spelling of one. A new field with such a label would take the
        name away from the existing one.

        It is safe to run this again, and concurrently in one client. Two processes may both create
        a field, since the API is not known to keep labels unique: both are then listed in
        ``duplicates``. The type of a field that exists is not compared; `FieldRegistry.diff` does
        that.

        Args:
            wanted: labels, or mappings with the arguments of `create`, such as
                ``{"label": "Tier", "type": "SELECT"}``.

        Raises:
            ArgumentError: a wanted field is wrong; nothing was sent.
            CallError: a field could not be created; the message says which, and what was created
                before it.
        """
        makers: dict[str, Callable[[], Awaitable[models.Customfield]]] = {}
        for entry in each("wanted", wanted):
            values = _checked(entry if isinstance(entry, Mapping) else {"label": entry})
            label = check_name("label", values.get("label"))
            if fold(label) in map(fold, makers):
                raise ArgumentError(f"two wanted fields have the label {label!r}")
            makers[label] = partial(self._create, {"type": "TEXT"} | values)
        # Names are compared as in payloads: a new field that differs only in case would take the
        # name of an existing one.
        return await ensure(self._definitions, _names, makers, self.list, fold)

    async def _change(
        self, operation: Operation[...], request: Request, field_id: str | None
    ) -> Answer:
        """Make a change in the API, and then in the definitions that the client keeps.

        If its outcome is not known, the definitions are fetched again when they are next needed.
        """
        try:
            answer = await self._scope.call(operation, request)
        except BaseException:
            self._definitions.forget()
            raise
        changed = None if operation is _DELETE else _field(answer)
        self._definitions.change(field_id, changed)
        return answer

    async def _with_category_id(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Rename arguments to those of the generated constructors, and look up a category's id."""
        renamed = {_PARAMETERS[name]: value for name, value in values.items()}
        category = renamed.get("category_id")
        if category is None or _ID.fullmatch(category):
            return renamed
        listed = await Categories(self._scope, self._definitions).list()
        pairs = [(row.raw.get("name"), row.raw.get("id")) for row in listed]
        ids = [id_ for name, id_ in pairs if category in (name, id_)]
        if len(ids) != 1:
            names = ", ".join(repr(name) for name, _ in pairs)
            raise ArgumentError(
                f"{len(ids) or 'no'} categories are named {category!r}; there are {names or 'none'}"
            )
        return renamed | {"category_id": ids[0]}


_PARAMETERS = {
    "label": "label",
    "type": "type_",
    "category": "category_id",
    "options": "select_options",
    "multiple": "is_multiple",
}
"""The parameters of the generated constructors, by the arguments of `Fields`."""


def _check_known(model: type, values: Mapping[str, Any]) -> None:
    """Refuse an argument that the document does not have.

    The properties of a custom field in a request are inferred, so a published document may have
    fewer.

    Raises:
        ArgumentError: there is no such property. Nothing was sent.
    """
    unknown = [name for name in values if not hasattr(model, _PARAMETERS[name])]
    if unknown:
        raise ArgumentError(f"the API's document has no {', '.join(unknown)} for a custom field")


def _field_id(field_id: str) -> str:
    if check_id("field_id", field_id, reserved=False) == "categories":
        raise ArgumentError(
            "field_id 'categories' is the name of another route of the API, which cannot address it"
        )
    return field_id


def _field(answer: Answer) -> models.Customfield:
    return models.CustomfieldEnvelope.from_dict(answer.payload).data


def _names(field: models.Customfield) -> tuple[str, ...]:
    names = FieldNames.of(field.raw)
    return names.python, names.label, names.default_id


def _checked(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Check the arguments of a definition, and leave out those that are None."""
    unknown = sorted(map(str, arguments.keys() - set(_ARGUMENTS)))
    if unknown:
        raise ArgumentError(
            f"a custom field has no {', '.join(unknown)}; it has {', '.join(_ARGUMENTS)}"
        )
    values = {name: value for name, value in arguments.items() if value is not None}
    for name in ("label", "type", "category"):
        if name in values:
            check_name(name, values[name])
    if "options" in values:
        choices = each("options", values["options"])
        values["options"] = [check_text("an option", choice) for choice in choices]
    if not isinstance(values.get("multiple", False), bool):
        kind = type(values["multiple"]).__name__
        raise ArgumentTypeError(f"multiple must be True or False, not {kind}")
    return values
