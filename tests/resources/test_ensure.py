"""Fields and categories that deployments count on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from support.operations import field_arguments
from timify_customers import (
    AmbiguousWriteError,
    ArgumentError,
    ArgumentTypeError,
    BadRequestError,
    TimifyCustomers,
)
from timify_customers._resources.ensure import Ensured
from timify_customers.sandbox import Sandbox
from timify_customers_client import models

WANTED: list[Any] = [
    "Shoe size",
    {"label": "Tier", "type": "SELECT", "options": ["gold", "silver"], "category": "Club"},
    {"label": "Allergies"}
    | field_arguments(models.CustomfieldCreate, type="TEXTAREA", multiple=False),
]


def created(sandbox: Sandbox, operation: str = "create_customfield") -> int:
    return sum(request.operation == operation for request in list(sandbox.requests))


async def test_what_is_missing_is_created(timify: TimifyCustomers, sandbox: Sandbox) -> None:
    """Categories, then fields with type, options and a category by its name; all in the order asked
    for.
    """
    categories = await timify.categories.ensure(["Club"])
    done = await timify.fields.ensure(WANTED)
    assert [item.label for item in done.items] == ["Shoe size", "Tier", "Allergies"]
    assert [item.type_ for item in done.items] == ["TEXT", "SELECT", "TEXTAREA"]
    assert done.items[1].category_id == categories.items[0].id
    assert [
        str(getattr(option, "value", option)) for option in done.items[1].select_options or ()
    ] == ["gold", "silver"]
    assert (done.created, done.duplicates) == (("Shoe size", "Tier", "Allergies"), {})


async def test_a_second_run_changes_nothing(timify: TimifyCustomers, sandbox: Sandbox) -> None:
    """Running it again sends no write, and gives the same fields."""
    await timify.categories.ensure(["Club"])
    first = await timify.fields.ensure(WANTED)
    sandbox.requests.clear()
    second = await timify.fields.ensure(WANTED)
    assert (await timify.categories.ensure(["Club"])).created == second.created == ()
    assert [item.id for item in second.items] == [item.id for item in first.items]
    assert {request.method for request in sandbox.requests} == {"GET"}


async def test_the_rest_is_left_alone(timify: TimifyCustomers) -> None:
    """A field that is there keeps its type, and one that is not wanted stays."""
    tier, other = await timify.fields.create("Tier", "TEXT"), await timify.fields.create("Other")
    done = await timify.fields.ensure([{"label": "Tier", "type": "SELECT", "options": ["gold"]}])
    assert [(item.id, item.type_) for item in done.items] == [(tier.id, "TEXT")]
    assert (await timify.fields.get(other.id)).label == "Other"


async def test_runs_side_by_side_create_once(timify: TimifyCustomers, sandbox: Sandbox) -> None:
    """Ten concurrent runs in one client and its views create each thing once."""
    views = [timify.with_options(retries=number) for number in range(10)]
    results = await asyncio.gather(*(view.fields.ensure(["Tier", "Size"]) for view in views))
    await asyncio.gather(*(view.categories.ensure(["Club"]) for view in views))
    assert (created(sandbox), created(sandbox, "create_customfield_category")) == (2, 1)
    assert max(result.created for result in results) == ("Tier", "Size")
    assert len({tuple(item.id for item in result.items) for result in results}) == 1


async def test_duplicates_of_two_processes_are_reported(
    timify: TimifyCustomers, sandbox: Sandbox
) -> None:
    """When another process creates the same field meanwhile, both are reported, none is gone."""
    create = timify.fields._create

    async def raced(values: dict[str, Any]) -> Any:
        await create(values)
        return await create(values)

    timify.fields._create = raced  # type: ignore[method-assign]
    done = await timify.fields.ensure(["Tier"])
    ids = [item.id for item in await timify.fields.list() if item.label == "Tier"]
    assert (done.created, done.duplicates) == (("Tier",), {"Tier": tuple(ids)})
    assert len(ids) == 2
    timify.fields._create = create  # type: ignore[method-assign]
    assert (await timify.fields.ensure(["Tier"])).duplicates == {"Tier": tuple(ids)}


async def test_what_was_created_counts_though_no_list_shows_it(timify: TimifyCustomers) -> None:
    """Whether a list right after a write shows it is not known: the answer to the write is used."""
    old = await timify.fields.list()

    async def late() -> Any:
        return old

    timify.fields.list = late  # type: ignore[method-assign]
    done = await timify.fields.ensure(["Tier"])
    assert [item.label for item in done.items] == ["Tier"]
    assert isinstance(done, Ensured)


async def test_a_lost_answer_stops_it_and_a_rerun_goes_on(timify: TimifyCustomers) -> None:
    """An error ends the run with what was made before it in place; running it again makes only the
    rest.
    """
    create = timify.fields._create

    async def lost(values: dict[str, Any]) -> Any:
        await create(values)
        raise AmbiguousWriteError("lost")

    timify.fields._create = lost  # type: ignore[method-assign]
    with pytest.raises(AmbiguousWriteError):
        await timify.fields.ensure(["Tier", "Size"])
    timify.fields._create = create  # type: ignore[method-assign]
    assert (await timify.fields.ensure(["Tier", "Size"])).created == ("Size",)


async def test_a_default_field_is_there_by_its_names(
    timify: TimifyCustomers, sandbox: Sandbox
) -> None:
    """No field is made whose label is the default id of another, or its Python spelling: it would
    take the name.
    """
    done = await timify.fields.ensure(["firstName", "first_name", "email"])
    assert (done.created, created(sandbox)) == ((), 0)
    assert [item.default_id for item in done.items] == ["firstName", "firstName", "email"]


@pytest.mark.wrong_requests
async def test_a_refusal_names_what_was_to_be_made(timify: TimifyCustomers) -> None:
    """When the API refuses one, its error says which, and what had been made before."""
    with pytest.raises(BadRequestError, match=r"creating 'Foo'; created before it: Shoe size"):
        await timify.fields.ensure(["Shoe size", {"label": "Foo", "type": "text"}, "Other"])
    assert (await timify.fields.ensure(["Shoe size", "Foo"])).created == ("Foo",)


WRONG: dict[str, tuple[Any, type[Exception], str]] = {
    "text": ("Tier", ArgumentTypeError, "must be a list"),
    "mapping": ({"label": "Tier"}, ArgumentTypeError, "must be a list"),
    "number": ([5], ArgumentTypeError, "label must be a string"),
    "blank": ([" "], ArgumentError, "must not be empty"),
    "no label": ([{"type": "TEXT"}], ArgumentTypeError, "label must be a string"),
    "unknown key": (
        [{"label": "Tier", "kind": "TEXT"}],
        ArgumentError,
        "no kind; it has label, type",
    ),
    "twice": (["Tier", {"label": "Tier"}], ArgumentError, "two wanted fields"),
    "options": (
        [{"label": "Tier", "options": "gold"}],
        ArgumentTypeError,
        "options must be a list",
    ),
    "multiple": ([{"label": "Tier", "multiple": "yes"}], ArgumentTypeError, "True or False"),
}


@pytest.mark.parametrize(("wanted", "error", "words"), WRONG.values(), ids=WRONG)
async def test_what_is_wrong_is_said_before_anything_is_sent(
    timify: TimifyCustomers, sandbox: Sandbox, wanted: Any, error: type[Exception], words: str
) -> None:
    """The whole list is checked first."""
    with pytest.raises(error, match=words):
        await timify.fields.ensure(["Fine", *wanted] if isinstance(wanted, list) else wanted)
    assert not sandbox.requests


async def test_an_unknown_category_is_reported(timify: TimifyCustomers) -> None:
    """An unknown category is an error that lists the existing ones; no field is created."""
    await timify.categories.create("Club")
    with pytest.raises(ArgumentError, match=r"no categories are named 'Clup'.*'Club'"):
        await timify.fields.create("Tier", category="Clup")
    assert "Tier" not in [item.label for item in await timify.fields.list()]


async def test_a_category_of_two_is_reported(timify: TimifyCustomers) -> None:
    """A name that two categories have is refused; the id of one is taken."""
    first, _ = await timify.categories.create("Club"), await timify.categories.create("Club")
    with pytest.raises(ArgumentError, match="2 categories are named 'Club'"):
        await timify.fields.create("Tier", category="Club")
    made = await timify.fields.create("Tier", category=first.id)
    assert (
        await timify.fields.update(made.id, label="Rank", category=first.id)
    ).category_id == first.id


@pytest.mark.parametrize("label", ["firstname", "FIRST_NAME", "shoe SIZE", "Kl\u00e9e", "klee"])
async def test_a_name_that_payloads_find_is_there(label: str) -> None:
    """Case and accents make no difference: a second field would take the name of the first."""
    sandbox = Sandbox()
    for name in ("Shoe size", "Klee"):
        sandbox.company().add_field(label=name, type="TEXT")
    before = len(sandbox.company().fields)
    async with sandbox.client() as timify:
        assert (await timify.fields.ensure([label])).created == ()
        with pytest.raises(ArgumentError, match="two wanted fields"):
            await timify.fields.ensure(["Bb", "bb"])
    assert len(sandbox.company().fields) == before
