"""The pages of the two lists: of customers, and of the events of a global customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._base.generated import endpoints, models
from .._calls.operation import Operation
from .._calls.scope import Scope
from .._customfields.definitions import Definitions
from .._customfields.reading import Customer, customer_view
from .._paging.pager import Fetch
from .filters import CustomerFilters

_list, _events = endpoints.list_customers, endpoints.list_global_customer_events
_LIST = Operation(_list.OPERATION, _list.build_request, data="list")
_EVENTS = Operation(_events.OPERATION, _events.build_request, data="list")


def customer_pages(
    scope: Scope, definitions: Definitions, filters: CustomerFilters
) -> Fetch[Customer]:
    """Return a function that fetches a page of customers, with the definitions the client keeps.

    The function raises FilterIgnoredError for a row that a filter excludes.
    """

    async def fetch(page: int, limit: int) -> tuple[Mapping[str, Any], list[Customer]]:
        request = _LIST.build(
            page=page, limit=limit, company_id=scope.company_id, **filters.parameters
        )
        payload = (await scope.call(_LIST, request)).payload
        filters.check(payload["data"])
        last_seen = definitions.last_seen
        rows = models.CustomerList.from_dict(payload).data
        return payload, [customer_view(row, last_seen) for row in rows]

    return fetch


def event_pages(scope: Scope, global_customer_id: str) -> Fetch[models.Event]:
    """Return a function that fetches a page of the events of a global customer."""

    async def fetch(page: int, limit: int) -> tuple[Mapping[str, Any], list[models.Event]]:
        request = _EVENTS.build(
            global_customer_id, page=page, limit=limit, company_id=scope.company_id
        )
        payload = (await scope.call(_EVENTS, request)).payload
        return payload, [*models.EventList.from_dict(payload).data]

    return fetch
