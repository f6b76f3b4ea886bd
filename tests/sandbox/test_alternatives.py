"""Each switch of the sandbox: all 17 operations of the client pass on it, and its answers are what
it says.
"""

import httpx
import pytest
from attrs import evolve
from sandbox.calls import CATEGORIES, CUSTOMERS, FIELDS, connect, customfields, refused
from support.operations import OPERATIONS
from timify_customers import ApiError, ExternalIdNotTakenError, NotFoundError, TimifyCustomers
from timify_customers.sandbox import Behaviour, Sandbox

IMPORT = f"{CUSTOMERS}/import"
SWITCHES = {
    "as it is": Behaviour(),
    "no meta": Behaviour(meta=False),
    "no total": Behaviour(total=False),
    "neither": Behaviour(meta=False, total=False),
    "201": Behaviour(created=201),
    "204": Behaviour(deleted=204),
    "externalId alone": Behaviour(external_id="externalId"),
    "enveloped failures": Behaviour(enveloped_failures=True),
    "counts": Behaviour(import_answer="counts"),
    "by key": Behaviour(import_answer="by_key"),
    "by position": Behaviour(import_answer="by_position"),
    "202": Behaviour(import_answer="accepted"),
    "errors by row": Behaviour(import_answer="errors_by_row"),
    "all at once": Behaviour(
        meta=False,
        total=False,
        created=201,
        deleted=204,
        enveloped_failures=True,
        import_answer="accepted",
    ),
}


@pytest.mark.parametrize("behaviour", SWITCHES.values(), ids=SWITCHES)
async def test_every_operation(behaviour: Behaviour) -> None:
    """The 17 operations do on this alternative what they do on any other, and a failure is an error
    of the API.
    """
    sandbox = Sandbox(behaviour=behaviour)
    async with sandbox.client(external_id_key=_spelling(behaviour)) as timify:
        await _customers(timify, sandbox)
        await _fields_and_categories(timify, behaviour)
    assert {it.operation for it in sandbox.requests} == {*OPERATIONS, "create_token"}


def _spelling(behaviour: Behaviour) -> str | None:
    """The setting that a client needs where the API reads another spelling than it sends."""
    return "externalId" if behaviour.external_id == "externalId" else None


async def _customers(timify: TimifyCustomers, sandbox: Sandbox) -> None:
    ada = await timify.customers.create({"firstName": "Ada"}, external_id="crm-1")
    assert (ada.first_name, ada.external_id) == ("Ada", "crm-1")
    assert await timify.customers.get(external_id="crm-1") == ada
    moved = await timify.customers.update(
        {"lastName": "Lovelace"}, external_id="crm-1", new_external_id="crm-2"
    )
    assert (moved.full_name, moved.external_id) == ("Ada Lovelace", "crm-2")
    await timify.customers.import_many(
        [{"key": str(number), "firstName": f"B{number}"} for number in range(5)], key="key"
    )
    found = [it.first_name async for it in timify.customers.list(page_size=2)]
    assert found == ["Ada", "B0", "B1", "B2", "B3", "B4"]
    await timify.customers.delete(ada.id)
    with pytest.raises(ApiError, match="no customer has the id"):
        await timify.customers.get(ada.id)
    sandbox.company().events["g1"] = [{"id": str(number)} for number in range(3)]
    assert [it.id async for it in timify.customers.events("g1", page_size=2)] == ["0", "1", "2"]


async def _fields_and_categories(timify: TimifyCustomers, behaviour: Behaviour) -> None:
    category = await timify.categories.create("Loyalty")
    field = await timify.fields.create("Tier", "TEXT", category=category.id)
    assert (await timify.fields.update(field.id, label="Level")).label == "Level"
    assert (await timify.fields.get(field.id)).category_id == category.id
    assert field.id in {it.id for it in await timify.fields.list()}
    assert (await timify.categories.update(category.id, name="VIP")).name == "VIP"
    assert (await timify.categories.get(category.id)).name == "VIP"
    assert category.id in {it.id for it in await timify.categories.list()}
    await timify.fields.delete(field.id)
    await timify.categories.delete(category.id)
    with pytest.raises(ApiError) as caught:
        await timify.categories.get(category.id)
    assert isinstance(caught.value, NotFoundError) is not behaviour.enveloped_failures
    assert caught.value.status == (200 if behaviour.enveloped_failures else 404)


async def test_an_api_that_reads_the_other_spelling() -> None:
    """An external id that is not taken is an error at the create, and the setting of the client that
    the error names sends it in the spelling that is read.
    """
    sandbox = Sandbox(behaviour=Behaviour(external_id="externalId"))
    async with sandbox.client(deadline=2) as timify:
        with pytest.raises(ExternalIdNotTakenError, match="external_id_key") as caught:
            await timify.customers.create({"firstName": "Ada"}, external_id="crm-1")
        assert [it.external_id for it in sandbox.company().customers.values()] == [""]
        assert caught.value.seen.id in sandbox.company().customers
    async with sandbox.client(external_id_key="externalId") as timify:
        bea = await timify.customers.create({"firstName": "Bea"}, external_id="crm-2")
        assert await timify.customers.get(external_id="crm-2") == bea


@pytest.mark.parametrize(
    ("how", "said"),
    {
        "nothing": "2 accepted, 1 rejected",
        "counts": "2 accepted, 1 rejected",
        "accepted": "2 accepted, 1 rejected",
        "by_key": "1 created, 1 updated, 1 rejected",
        "by_position": "1 created, 1 updated, 1 rejected",
        "errors_by_row": "2 accepted, 1 rejected",
    }.items(),
)
async def test_the_client_understands_each_answer_to_an_import(how: str, said: str) -> None:
    """Of a new row, one that is known and one that cannot be taken the report says what the answer
    tells.
    """
    sandbox = Sandbox(behaviour=Behaviour(import_answer=how))
    sandbox.add_customers([{"importCustomerId": "known"}, {"externalId": "taken"}])
    rows = [
        {"key": "new"},
        {"key": "bad", "externalId": "taken"},
        {"key": "known", "firstName": "Ada"},
    ]
    async with sandbox.client() as timify:
        report = await timify.customers.import_many(rows, key="key")
    assert str(report).endswith(f": {said}")
    assert sorted(it.import_customer_id for it in sandbox.company().customers.values()) == [
        "",
        "known",
        "new",
    ]


async def lists(behaviour: Behaviour) -> set[str]:
    async with connect(Sandbox(behaviour=behaviour)) as client:
        found = {
            frozenset((await client.get(path)).json()) for path in (CUSTOMERS, FIELDS, CATEGORIES)
        }
    (keys,) = found
    return set(keys)


async def test_lists_without_meta_or_total() -> None:
    """All lists carry meta and total, unless they are switched off."""
    assert await lists(Behaviour()) == {"data", "total", "meta", "status"}
    assert await lists(Behaviour(meta=False)) == {"data", "total", "status"}
    assert await lists(Behaviour(total=False)) == {"data", "meta", "status"}


async def test_statuses_of_creates_and_deletes() -> None:
    """Creates of all three kinds answer 201, deletes 204 without a body; updates stay 200."""
    sandbox = Sandbox(behaviour=Behaviour(created=201, deleted=204))
    bodies = {
        CUSTOMERS: {"customfields": []},
        FIELDS: {"label": "Tier", "type": "TEXT"},
        CATEGORIES: {"name": "VIP"},
    }
    async with connect(sandbox) as client:
        for path, body in bodies.items():
            made = await client.post(path, json=body)
            assert made.status_code == 201
            where = f"{path}/{made.json()['data']['id']}"
            assert (await client.get(where)).status_code == 200
            gone = await client.delete(where)
            assert (gone.status_code, gone.content) == (204, b"")


async def test_enveloped_failures() -> None:
    """Operations that fail say so with HTTP 200; tokens and routes are refused as ever."""
    sandbox = Sandbox(behaviour=Behaviour(enveloped_failures=True))
    async with connect(sandbox) as client:
        refused(await client.get(f"{CUSTOMERS}/x"), 200, "no customer")
        sandbox.tokens.revoke()
        refused(await client.get(CUSTOMERS), 401)


@pytest.mark.wrong_requests
async def test_answers_to_an_import() -> None:
    """Each answer says of the same three rows, one of them bad, what it can say."""
    rows = [{"importCustomerId": key, "customfields": []} for key in ("a", "b", "c")]
    rows[1]["customfields"] = [{"id": "nothing", "value": "x"}]

    async def answer(how: str, sent: list) -> tuple[int, object, int]:
        sandbox = Sandbox(behaviour=Behaviour(import_answer=how))
        sandbox.company().create({}, import_customer_id="c")
        async with connect(sandbox) as client:
            got: httpx.Response = await client.post(IMPORT, json={"customers": sent})
        return got.status_code, got.json().get("data"), len(sandbox.company().customers)

    message = "no custom field has the id 'nothing'"
    for how in ("nothing", "counts", "accepted"):
        assert await answer(how, rows) == (422, None, 1)
    assert await answer("nothing", rows[::2]) == (200, None, 2)
    assert await answer("counts", rows[::2]) == (200, {"created": 1, "updated": 1}, 2)
    assert (await answer("accepted", rows[::2]))[::2] == (202, 2)
    assert await answer("errors_by_row", rows) == (
        200,
        {"errors": [{"index": 1, "message": message}]},
        2,
    )
    status, by_key, held = await answer("by_key", rows)
    assert (status, held) == (200, 2)
    assert [(it["importCustomerId"], it["status"]) for it in by_key] == [
        ("a", "created"),
        ("b", "rejected"),
        ("c", "updated"),
    ]
    assert by_key[1]["message"] == message
    _, by_position, _ = await answer("by_position", [*rows, 7])
    assert [it["status"] for it in by_position] == ["created", "rejected", "updated", "rejected"]
    assert not any("importCustomerId" in it for it in by_position)


async def test_several_values_are_given_back() -> None:
    """Several values of a field are stored as sent (inferred), and go when one value or none is
    written.
    """
    sandbox = Sandbox()
    field = sandbox.company().add_field(label="Hobbies", type="SELECT", is_multiple=True)
    async with connect(sandbox) as client:
        entry = {"id": field.id, "value": "", "values": ["chess", "go"]}
        made = (await client.post(CUSTOMERS, json={"customfields": [entry]})).json()["data"]
        assert (made["fields"][0]["value"], made["fields"][0]["values"]) == ("", ["chess", "go"])
        there = f"{CUSTOMERS}/{made['id']}"
        other = customfields(sandbox.company(), {"firstName": "Ada"})
        kept = (await client.patch(there, json={"customfields": other})).json()["data"]
        assert kept["fields"][1]["values"] == ["chess", "go"]
        one = {"id": field.id, "value": "go"}
        changed = (await client.patch(there, json={"customfields": [one]})).json()["data"]
        assert (changed["fields"][1]["value"], changed["fields"][1]["values"]) == ("go", [])
        refused(
            await client.patch(there, json={"customfields": [{**one, "values": [1]}]}),
            400,
            "values",
        )


@pytest.mark.parametrize(
    ("switch", "position"), [("created", 202), ("import_answer", "all"), ("external_id", "id")]
)
def test_a_switch_has_its_positions(switch: str, position: object) -> None:
    """A position that a switch has not is a ValueError that names the switch."""
    with pytest.raises(ValueError, match=switch):
        evolve(Behaviour(), **{switch: position})
