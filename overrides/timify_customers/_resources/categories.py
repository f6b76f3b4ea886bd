"""``timify.categories``: the categories that group custom fields. Their shape is inferred."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from .._base.checks import check_id
from .._base.generated import endpoints, models
from .._calls.caller import Answer
from .._calls.operation import Operation
from .._calls.retry import Repeat
from .._calls.scope import Scope
from .._customfields.definitions import Definitions
from .ensure import Ensured, check_name, each, ensure

_list, _create, _get, _update, _delete = (
    endpoints.list_customfield_categories,
    endpoints.create_customfield_category,
    endpoints.get_customfield_category,
    endpoints.update_customfield_category,
    endpoints.delete_customfield_category,
)
_LIST = Operation(_list.OPERATION, _list.build_request, data="list")
_CREATE = Operation(_create.OPERATION, _create.build_request, Repeat.NEVER, writes=True)
_GET = Operation(_get.OPERATION, _get.build_request)
_UPDATE = Operation(_update.OPERATION, _update.build_request, writes=True)
_DELETE = Operation(
    _delete.OPERATION, _delete.build_request, Repeat.DELETE, data="any", writes=True
)


class Categories:
    """The custom field categories of one company."""

    def __init__(self, scope: Scope, definitions: Definitions) -> None:
        self._scope = scope
        self._definitions = definitions

    async def list(self) -> list[models.Category]:
        """Return all categories."""
        request = _LIST.build(company_id=self._scope.company_id)
        answer = await self._scope.call(_LIST, request)
        return list(models.CategoryList.from_dict(answer.payload).data)

    async def get(self, category_id: str) -> models.Category:
        """Read one category.

        Raises:
            NotFoundError: there is no category with this id.
        """
        request = _GET.build(_id(category_id), company_id=self._scope.company_id)
        return _category(await self._scope.call(_GET, request))

    async def create(self, name: str) -> models.Category:
        """Create a category.

        Raises:
            AmbiguousWriteError: the answer was lost; look at `list` before creating it again.
        """
        body = models.CategoryCreate(name=check_name("name", name))
        request = _CREATE.build(body=body, company_id=self._scope.company_id)
        return _category(await self._scope.call(_CREATE, request))

    async def ensure(self, names: Iterable[str]) -> Ensured[models.Category]:
        """Create the categories that are missing, and leave the rest alone, for deployment scripts.

        It is safe to run this again, and concurrently in one client. Two processes may both create
        a category, since the API is not known to keep names unique: both are then listed in
        ``duplicates``.
        """
        checked = [check_name("name", name) for name in each("names", names)]
        makers = {name: partial(self.create, name) for name in checked}
        return await ensure(self._definitions, _names, makers, self.list)

    async def update(self, category_id: str, *, name: str) -> models.Category:
        """Rename a category."""
        body = models.CategoryUpdate(name=check_name("name", name))
        request = _UPDATE.build(_id(category_id), body=body, company_id=self._scope.company_id)
        return _category(await self._scope.call(_UPDATE, request))

    async def delete(self, category_id: str) -> None:
        """Delete a category.

        Raises:
            NotFoundError: there is no category with this id.
        """
        request = _DELETE.build(_id(category_id), company_id=self._scope.company_id)
        await self._scope.call(_DELETE, request)


def _category(answer: Answer) -> models.Category:
    return models.CategoryEnvelope.from_dict(answer.payload).data


def _names(category: models.Category) -> list[str]:
    return [str(category.raw.get("name") or "")]


def _id(category_id: str) -> str:
    return check_id("category_id", category_id, reserved=False)
