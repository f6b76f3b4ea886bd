"""``timify.fields``: the custom fields of a company. Request keys for creating one are inferred."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypedDict, Unpack

from attrs import evolve

from .._base.checks import check_id, check_text
from .._base.errors import ArgumentError, ArgumentTypeError
from .._base.generated import models
from .._calls.caller import Answer
from .._calls.response import Operation
from .._calls.retry import Repeat
from .._calls.scope import View
from .._customfields.names import Named
from .._customfields.registry import FieldRegistry
from .categories import Categories
from .ensure import Ensured, check_name, each, ensure

_CREATE = Operation("create_customfield", Repeat.NEVER, writes=True)
_GET = Operation("get_customfield")
_UPDATE = Operation("update_customfield", writes=True)
_DELETE = Operation("delete_customfield", Repeat.DELETE, data="any", writes=True)

_ID = re.compile(r"[0-9a-fA-F]{24}")
_KEYS = {
    "label": "label",
    "type": "type",
    "category": "categoryId",
    "options": "selectOptions",
    "multiple": "isMultiple",
}


class FieldOptions(TypedDict, total=False):
    """What a custom field may have besides its label and type.

    Attributes:
        category: id or name of the category that it belongs to.
        options: choices of a SELECT.
        multiple: whether it takes several values.
    """

    category: str | None
    options: Sequence[str] | None
    multiple: bool | None


class FieldChanges(FieldOptions, total=False):
    """What can be changed of a custom field; None stands for no change."""

    label: str | None
    type: str | None


class Fields:
    """The custom field definitions of one company."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def list(self) -> list[models.Customfield]:
        """Give all definitions, as they are now."""
        return await self._view.list_fields()

    async def registry(self) -> FieldRegistry:
        """Give the definitions as the client keeps them, to hold, save, compare and make payloads
        without a network.

        They are fetched when first needed, used for five minutes, then used once more while they
        are renewed; what `create`, `update` and `delete` change is in them at once.
        """
        return await self._view.registry(self._view.deadline())

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
        **options: Unpack[FieldOptions],
    ) -> models.Customfield:
        """Create a custom field; all customers have it from then on (documented).

        Args:
            label: name that people see.
            type: such as TEXT, TEXTAREA, EMAIL, PHONE, DATE, SELECT (observed).
            **options: ``category`` (id or name), ``options`` (choices of a SELECT), ``multiple``
                (several values).

        Raises:
            AmbiguousWriteError: the answer was lost; look at `list` before creating it again.
        """
        return await self._create(
            _values({**options, "label": check_text("label", label), "type": type})
        )

    async def _create(self, values: dict[str, Any]) -> models.Customfield:
        body = models.CustomfieldCreate.from_dict(await self._with_category(values))
        return _field(await self._change(_CREATE, body=body))

    async def ensure(
        self, wanted: Iterable[str | Mapping[str, Any]]
    ) -> Ensured[models.Customfield]:
        """Create the fields whose label no field has as its name, and leave the rest alone; for
        deployment scripts.

        A name is a label, a default id (``firstName``) or its Python spelling: another field so
        named would take it.

        Safe to run again, and concurrently in one client. Across processes two may create the same
        one, since the API is not known to keep labels unique: they are then among the
        ``duplicates``. Whether a field that is there is of the wanted type is not looked at;
        `FieldRegistry.diff` does.

        Args:
            wanted: labels, or mappings with the arguments of `create`: ``{"label": "Tier", "type":
                "SELECT", ...}``.
        """
        makers: dict[str, Callable[[], Awaitable[models.Customfield]]] = {}
        for entry in each("wanted", wanted):
            values = _values(entry if isinstance(entry, Mapping) else {"label": entry})
            label = check_name("label", values.get("label"))
            if label in makers:
                raise ArgumentError(f"two wanted fields have the label {label!r}")
            makers[label] = partial(self._create, {"type": "TEXT"} | values)
        return await ensure(self._view, lambda it: Named.of(it.raw)[:3], makers, self.list)

    async def update(self, field_id: str, **changes: Unpack[FieldChanges]) -> models.Customfield:
        """Change what is given of a definition (``label``, ``type``, and as for `create`); the rest stays."""
        if not (values := _values(changes)):
            raise ArgumentError(f"the update changes nothing: give {', '.join(_KEYS)}")
        body = models.CustomfieldUpdate.from_dict(await self._with_category(values))
        return _field(await self._change(_UPDATE, _field_id(field_id), body=body))

    async def delete(self, field_id: str) -> None:
        """Delete a custom field.

        Raises:
            NotFoundError: there is none with this id.
        """
        await self._change(_DELETE, _field_id(field_id))

    async def _change(self, operation: Operation, *args: str, **options: Any) -> Answer:
        """Make the change, and in the registry too, since whether a list right after a write shows it is not known."""
        source = self._view.definitions
        try:
            answer = await self._view.call(operation, *args, **options)
        except BaseException:
            source.put(None)
            raise
        if (held := source.held) is not None:
            made = [] if operation is _DELETE else [_field(answer)]
            rest = [it for it in held.value if it.raw.get("id") not in args]
            held = evolve(held, value=FieldRegistry([*rest, *made]))
        source.put(held)
        return answer

    async def _with_category(self, values: dict[str, Any]) -> dict[str, Any]:
        """Put the id of a category in the place of its name."""
        wanted = values.get("categoryId")
        if wanted is None or _ID.fullmatch(wanted):
            return values
        known = [
            (it.raw.get("name"), it.raw.get("id")) for it in await Categories(self._view).list()
        ]
        ids = [id_ for name, id_ in known if wanted in (name, id_)]
        if len(ids) != 1:
            names = ", ".join(repr(name) for name, _ in known)
            raise ArgumentError(
                f"{len(ids) or 'no'} categories are named {wanted!r}; there are {names or 'none'}"
            )
        return values | {"categoryId": ids[0]}


def _field_id(field_id: str) -> str:
    if check_id("field_id", field_id, reserved=False) == "categories":
        raise ArgumentError(
            "field_id 'categories' is the name of another route of the API, which cannot address it"
        )
    return field_id


def _field(answer: Answer) -> models.Customfield:
    return models.Customfield.from_dict(answer.payload["data"])


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Check the arguments of a definition, and give them their wire keys."""
    if unknown := sorted(map(str, given.keys() - _KEYS.keys())):
        raise ArgumentError(
            f"a custom field has no {', '.join(unknown)}; it has {', '.join(_KEYS)}"
        )
    values = {_KEYS[name]: value for name, value in given.items() if value is not None}
    for name in {"label", "type", "category"} & given.keys():
        if given[name] is not None:
            check_name(name, given[name])
    if "selectOptions" in values:
        values["selectOptions"] = [
            check_text("an option", it) for it in each("options", values["selectOptions"])
        ]
    if not isinstance(values.get("isMultiple", False), bool):
        raise ArgumentTypeError(
            f"multiple must be True or False, not {type(given['multiple']).__name__}"
        )
    return values
