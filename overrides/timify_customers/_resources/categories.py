"""``timify.categories``: the categories that group custom fields. Their shape is inferred."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from .._base.checks import check_id
from .._base.generated import models
from .._calls.caller import Answer
from .._calls.response import Operation
from .._calls.retry import Repeat
from .._calls.scope import View
from .ensure import Ensured, check_name, each, ensure

_LIST = Operation("list_customfield_categories", data="list")
_CREATE = Operation("create_customfield_category", Repeat.NEVER, writes=True)
_GET = Operation("get_customfield_category")
_UPDATE = Operation("update_customfield_category", writes=True)
_DELETE = Operation("delete_customfield_category", Repeat.DELETE, data="any", writes=True)


class Categories:
    """The custom field categories of one company."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def list(self) -> list[models.Category]:
        """Give all categories."""
        return list(models.CategoryList.from_dict((await self._view.call(_LIST)).payload).data)

    async def get(self, category_id: str) -> models.Category:
        """Read one category.

        Raises:
            NotFoundError: there is none with this id.
        """
        return _category(await self._view.call(_GET, _id(category_id)))

    async def create(self, name: str) -> models.Category:
        """Create a category.

        Raises:
            AmbiguousWriteError: the answer was lost; look at `list` before creating it again.
        """
        return _category(
            await self._view.call(
                _CREATE, body=models.CategoryCreate(name=check_name("name", name))
            )
        )

    async def ensure(self, names: Iterable[str]) -> Ensured[models.Category]:
        """Create the categories that are missing, and leave the rest alone; for deployment scripts.

        Safe to run again, and concurrently in one client. Across processes two may create the same
        one, since the API is not known to keep names unique: they are then among the
        ``duplicates``.
        """
        makers = {
            name: partial(self.create, name)
            for name in (check_name("name", it) for it in each("names", names))
        }
        return await ensure(
            self._view, lambda it: [str(it.raw.get("name") or "")], makers, self.list
        )

    async def update(self, category_id: str, *, name: str) -> models.Category:
        """Rename a category."""
        body = models.CategoryUpdate(name=check_name("name", name))
        return _category(await self._view.call(_UPDATE, _id(category_id), body=body))

    async def delete(self, category_id: str) -> None:
        """Delete a category.

        Raises:
            NotFoundError: there is none with this id.
        """
        await self._view.call(_DELETE, _id(category_id))


def _category(answer: Answer) -> models.Category:
    return models.Category.from_dict(answer.payload["data"])


def _id(category_id: str) -> str:
    return check_id("category_id", category_id, reserved=False)
