"""The reading part of ``timify.customers``: lists, events, and single customers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar, Unpack

from .._base.checks import check_id
from .._base.errors import ArgumentError, NotFoundError
from .._base.generated import ListCustomersFilters, models
from .._calls.scope import Scope
from .._customfields.definitions import Definitions
from .._customfields.reading import Customer
from .._paging.pager import Fetch, OnShift, Pager
from .external_ids import ExternalIds
from .filters import customer_filters
from .listing import customer_pages, event_pages
from .writing import Writer, path_key

T = TypeVar("T")


class CustomerReads:
    """Reads the customers of one company; `Customers` also writes them."""

    def __init__(self, scope: Scope, definitions: Definitions, external_ids: ExternalIds) -> None:
        self._scope = scope
        self._definitions = definitions
        self._external_ids = external_ids

    def list(
        self,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
        on_shift: OnShift = "warn",
        **filters: Unpack[ListCustomersFilters],
    ) -> Pager[Customer]:
        """Read all customers, in the order of the API (observed: by first name).

        The API pages by number, so a customer that is added, renamed or deleted meanwhile shifts
        those after it, and a customer at the edge of a page comes twice or is missed. Signs of that
        are an id that comes again, a total that changes, or a short page with rows after it. There
        is no sign of a deletion and an insertion that cancel out.

        Args:
            page_size: rows requested at a time, at least 1; by default the client's ``page_size``.
            cursor: continue where an earlier loop stopped, see `Pager.cursor`.
            on_shift: what to do on a sign that the list changed.

                - ``"warn"`` remembers one page of ids. No id comes twice on one page or on two
                  pages in a row. The first sign is a `ListChangedWarning`; after it, rows may be
                  missing or come twice.
                - ``"raise"`` makes that sign a `ListChangedError`, before any row of that page.
                - ``"rescan"`` remembers every id and returns none twice. It reads the list again
                  until two scans in a row find the same ids, each once. Then no customer is
                  missing who was there from beginning to end and kept their place in the order.
                  If 5 scans never agree, it raises `ListChangedError`.
            **filters: the filters of the list, as the document has them (documented on a sibling):
                ``q``, ``ids``, ``external_ids``, ``updated_since`` and others; see docs/lists.md.
                Dates and datetimes are sent as days.

        Raises:
            FilterIgnoredError: there is a row that ``ids``, ``external_ids`` or ``updated_since``
                excludes, so the API ignores that filter.
            ArgumentError: ``cursor`` is not a cursor, or belongs to another list; or ``on_shift``
                is none of the three, or is ``"rescan"`` together with a cursor.
            ArgumentTypeError: an argument has the wrong type.
            ConfigurationError: ``page_size`` is below 1.
        """
        narrowed = customer_filters(filters)
        fetch = customer_pages(self._scope, self._definitions, narrowed)
        name = f"customers {narrowed.fingerprint}".rstrip()
        return self._pager(fetch, name, page_size, cursor, on_shift)

    def events(
        self,
        global_customer_id: str,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
        on_shift: OnShift = "warn",
    ) -> Pager[models.Event]:
        """Read the events of a global customer. Their order is not known.

        Args:
            global_customer_id: ``Customer.global_id`` (that it is this id is inferred).
            page_size: as for `list`.
            cursor: as for `list`.
            on_shift: as for `list`.

        Raises:
            ArgumentError: as for `list`, or ``global_customer_id`` cannot be part of a path.
            ArgumentTypeError: as for `list`.
            ConfigurationError: as for `list`.
        """
        check_id("global_customer_id", global_customer_id, reserved=False)

        fetch = event_pages(self._scope, global_customer_id)
        return self._pager(fetch, f"events {global_customer_id}", page_size, cursor, on_shift)

    def _pager(
        self,
        fetch: Fetch[T],
        name: str,
        page_size: int | None,
        cursor: str | None,
        on_shift: OnShift,
    ) -> Pager[T]:
        settings = self._scope.settings
        return Pager(
            fetch,
            f"{settings.company_id} {name}",
            page_size=settings.page_size if page_size is None else page_size,
            cursor=cursor,
            on_shift=on_shift,
        )

    async def get(
        self, customer_id: str | None = None, *, external_id: str | None = None
    ) -> Customer:
        """Read one customer by its id or its external id.

        Raises:
            NotFoundError: there is no such customer.
        """
        return await self._writer().get(*path_key(customer_id, external_id))

    async def exists(
        self, customer_id: str | None = None, *, external_id: str | None = None
    ) -> bool:
        """Return whether there is a customer with an id or an external id.

        False means that the API shows none now. It is not known whether the API shows a customer at
        once who was created a moment ago.
        """
        try:
            await self.get(customer_id, external_id=external_id)
        except NotFoundError:
            return False
        return True

    async def get_many(
        self, *, ids: Iterable[str] | None = None, external_ids: Iterable[str] | None = None
    ) -> dict[str, Customer | None]:
        """Read the customers with certain ids, or with certain external ids.

        They are requested by the filters of the list (documented on a sibling), some dozens in one
        request, and up to 8 requests at a time. Customers that a list does not show are requested
        one by one, and so are all of them if the API does not know the filter. The client's
        ``deadline`` applies to each request.

        Args:
            ids: the customers' ids; or
            external_ids: their external ids. If several customers have the same one, the result is
                the customer that `get` returns.

        Returns:
            The customer of each key, in the order of the keys; a repeated key comes once. None for
            a key without a customer, which is one that the API answered with 404 when it was
            requested alone.

        Raises:
            ArgumentError: a key cannot be part of a path, or not exactly one of the two arguments
                is passed. Nothing was sent.
            ArgumentTypeError: the keys are not a list of strings. Nothing was sent.
            CallError: a request failed.
        """
        # Imported on use, as few programs need it.
        from .many import ManyReader, keys_of  # noqa: PLC0415

        self._scope.caller.lifetime.check_usable()
        if ids is not None and external_ids is None:
            reader = ManyReader(self._scope, self._definitions, "ids", self.get)
            return await reader.read(keys_of("ids", ids))
        if external_ids is None or ids is not None:
            raise ArgumentError("give either ids or external_ids")
        reader = ManyReader(self._scope, self._definitions, "external_ids", self._get_by_key)
        return await reader.read(keys_of("external_ids", external_ids))

    async def _get_by_key(self, external_id: str) -> Customer:
        return await self.get(external_id=external_id)

    def _writer(self) -> Writer:
        return Writer(self._scope, self._definitions, self._external_ids, self._scope.deadline())
