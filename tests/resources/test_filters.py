"""Filters of the list: sent as the document has them, and noticed when they are ignored."""

from __future__ import annotations

import datetime
import re
from typing import Any

import httpx
import pytest
from attrs import define, field
from hypothesis import example, given
from hypothesis import strategies as st
from support.lists import written
from timify_customers import ArgumentError, ArgumentTypeError, FilterIgnoredError, TimifyCustomers
from timify_customers._base.generated import LIST_SEPARATORS
from timify_customers._resources.filters import customer_filters

pytestmark = pytest.mark.adopted

ADA = {"id": "a" * 24, "externalId": "crm-1", "updatedAt": "2026-03-02T12:00:00Z"}
UTC = datetime.UTC


@define
class Api(httpx.AsyncBaseTransport):
    """Lists the same customers, whatever it is asked for."""

    rows: list[Any] = field(factory=lambda: [ADA])
    queries: list[httpx.QueryParams] = field(factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.queries.append(request.url.params)
        page, limit = int(request.url.params["page"]), int(request.url.params["limit"])
        rows = self.rows[(page - 1) * limit : page * limit]
        return httpx.Response(200, json={"data": rows, "total": len(self.rows), "status": 1})


async def read(api: Api, **filters: Any) -> list[str | None]:
    options: dict[str, Any] = {"base_url": "http://127.0.0.1", "transport": api}
    async with TimifyCustomers(access_token="x", **options) as timify:
        return [it.id async for it in timify.customers.list(**filters)]


async def test_filters_go_over_the_wire_as_the_document_has_them() -> None:
    """Lists are in the document's style, dates are days, and the id is always among the fields."""
    api = Api()
    found = await read(
        api,
        q="ada",
        ids=[ADA["id"], "b" * 24],
        external_ids=("crm-1",),
        updated_since=datetime.date(2026, 3, 2),
        fields=["firstName"],
        sort="name",
    )
    assert found == [ADA["id"]]
    sent = {name: api.queries[0].get_list(name) for name in api.queries[0]}
    assert {name: sent[name] for name in sent if name not in {"page", "limit"}} == {
        "q": ["ada"],
        "ids": written("ids", ADA["id"], "b" * 24),
        "external_ids": ["crm-1"],
        "updated_since": ["2026-03-02"],
        "fields": written("fields", "id", "firstName"),
        "sort": ["name"],
    }


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime.datetime.fromisoformat("2026-03-02T23:30:00"), "2026-03-02"),
        (datetime.datetime(2026, 3, 2, 23, 30, tzinfo=UTC), "2026-03-02"),
        (
            datetime.datetime(
                2026, 3, 2, 0, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=1))
            ),
            "2026-03-01",
        ),
        ("2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z"),
    ],
    ids=str,
)
async def test_a_moment_is_sent_as_its_day(moment: Any, day: str) -> None:
    """A datetime is sent as its day in UTC, so that nothing is left out; a text as it is."""
    api = Api(rows=[])
    await read(api, updated_since=moment)
    assert api.queries[0]["updated_since"] == day


async def test_without_filters_nothing_more_is_sent() -> None:
    """A list that is not narrowed has a page and a limit alone, and None is no filter."""
    api = Api()
    await read(api, q=None, ids=None)
    assert set(api.queries[0]) == {"page", "limit"}


IGNORED = {
    "ids": {"ids": ["b" * 24]},
    "external_ids": {"external_ids": ["crm-2"]},
    "updated_since": {"updated_since": datetime.date(2026, 3, 4)},
}


@pytest.mark.parametrize("name", IGNORED)
async def test_a_filter_that_is_ignored_is_an_error(name: str) -> None:
    """A row that the filter excludes proves that the API does not know it."""
    with pytest.raises(FilterIgnoredError, match=f"ignores the filter {name}"):
        await read(Api(), **IGNORED[name])


@pytest.mark.parametrize(
    "filters",
    [
        {"ids": ["A" * 24]},
        {"ids": [f" {ADA['id']} "]},
        {"external_ids": ["CRM-1 "]},
        {"updated_since": "2026-03-03"},
        {"updated_since": "2026-03-03T12:00:00+00:00"},
        {"updated_since": "some time"},
        {"q": "nobody"},
    ],
    ids=str,
)
async def test_what_may_be_right_is_taken(filters: dict[str, Any]) -> None:
    """Blanks and case make no difference, and a day is left for the time zone."""
    assert await read(Api(), **filters) == [ADA["id"]]


@pytest.mark.parametrize("row", [{}, {"id": None}, {"updatedAt": None}, {"updatedAt": "soon"}, 5])
def test_a_row_that_shows_nothing_proves_nothing(row: object) -> None:
    """Without an id, a key or a moment of its own, no row contradicts a filter."""
    filters = {"ids": ["x"], "external_ids": ["y"], "updated_since": "2026-01-01"}
    customer_filters(filters).check([row])  # type: ignore[arg-type]


async def test_a_cursor_belongs_to_one_set_of_filters() -> None:
    """A cursor of another set is refused before anything is sent; that of the same set goes on."""
    api = Api(rows=[{"id": f"{number:024x}"} for number in range(6)])
    options: dict[str, Any] = {"base_url": "http://127.0.0.1", "transport": api, "page_size": 2}
    async with TimifyCustomers(access_token="x", **options) as timify:
        pager = timify.customers.list(q="ada")
        async for _ in pager:
            break
        for others in ({}, {"q": "eve"}, {"q": "ada", "sort": "name"}):
            with pytest.raises(ArgumentError, match="another list"):
                timify.customers.list(cursor=pager.cursor, **others)
        rest = [it.id async for it in timify.customers.list(q="ada", cursor=pager.cursor)]
    assert rest == [row["id"] for row in api.rows[1:]]


@pytest.mark.parametrize("name", LIST_SEPARATORS)
async def test_what_separates_entries_is_refused_inside_one(name: str) -> None:
    """An entry that would be read as two is refused; where each is sent by itself, none would."""
    separator = LIST_SEPARATORS[name]
    api = Api(rows=[])
    filters = {name: [f"a{separator}b"]}
    if separator == "&":
        await read(api, **filters)
        assert f"a{separator}b" in api.queries[0].get_list(name)
        return
    with pytest.raises(ArgumentError, match=re.escape(f"{separator!r} separates the entries")):
        await read(api, **filters)
    assert api.queries == []


@pytest.mark.parametrize(
    ("filters", "error", "word"),
    [
        (
            {"filter": "x"},
            ArgumentTypeError,
            "there is no filter filter; there are .*updated_since",
        ),
        ({"page": 2}, ArgumentTypeError, "there is no filter page"),
        ({"ids": "abc"}, ArgumentTypeError, "ids must be a list"),
        ({"ids": 5}, ArgumentTypeError, "ids must be a list"),
        ({"ids": []}, ArgumentError, "ids is empty"),
        ({"ids": ["a", " "]}, ArgumentError, "blank"),
        ({"external_ids": [1]}, ArgumentTypeError, "an entry of external_ids"),
        ({"q": 5}, ArgumentTypeError, "q must be a string"),
    ],
    ids=str,
)
async def test_what_cannot_be_a_filter_is_refused(
    filters: dict[str, Any], error: type[Exception], word: str
) -> None:
    """Before anything is sent, with what was wrong and what there is."""
    api = Api()
    with pytest.raises(error, match=word):
        await read(api, **filters)
    assert api.queries == []


@given(st.lists(st.text(min_size=1).filter(lambda it: it.strip() and "," not in it), min_size=1))
@example(["\u1fe2"])
def test_every_key_that_is_asked_for_is_let_through(keys: list[str]) -> None:
    """Whatever the keys, a row that has one of them is never held against the filter."""
    try:
        filters = customer_filters({"external_ids": keys})
    except ArgumentError:
        return  # half a surrogate pair
    filters.check([{"externalId": key} for key in keys])
    filters.check(
        [
            {"externalId": f" {key.upper()} "}
            for key in keys
            if key.upper().casefold() == key.casefold()
        ]
    )
