"""Each switch of the sandbox: all 17 operations of the client pass on it, and its answers are what
it says.
"""

import httpx
import pytest
from attrs import evolve
from sandbox.calls import (
    CATEGORIES,
    CUSTOMERS,
    FIELDS,
    connect,
    customfields,
    data,
    refused,
    refused_by_message,
)
from support.operations import OPERATIONS
from timify_customers import ApiError, ExternalIdNotTakenError, NotFoundError, TimifyCustomers
from timify_customers._base.generated import EXTERNAL_ID_KEY
from timify_customers.sandbox import Behaviour, Sandbox

IMPORT = f"{CUSTOMERS}/import"
SWITCHES = {
    "as it is": Behaviour(),
    "no meta": Behaviour(meta=False),
    "no total": Behaviour(total=False),
    "neither": Behaviour(meta=False, total=False),
    "200": Behaviour(created=200),
    "id alone": Behaviour(create_answer="id"),
    "message": Behaviour(failure_body="message"),
    "external_id alone": Behaviour(external_id="external_id"),
    "either": Behaviour(external_id="either"),
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
        created=200,
        create_answer="id",
        deleted=204,
        failure_body="message",
        external_id="externalId",
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
    """The setting that a client needs where the API reads one spelling in all bodies."""
    one = behaviour.external_id in {"external_id", "externalId"}
    return behaviour.external_id if one else None


async def _customers(timify: TimifyCustomers, sandbox: Sandbox) -> None:
    made = await timify.customers.create({"firstName": "Ada"}, external_id="crm-1")
    ada = await timify.customers.get(made.id)
    assert (ada.first_name, ada.external_id) == ("Ada", "crm-1")
    assert (made == ada) is (sandbox.behaviour.create_answer == "all")
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
    """An external id that is not taken is an error at the create.

    The setting of the client that the error names sends it in the spelling that is read.
    """
    other = "externalId" if EXTERNAL_ID_KEY == "external_id" else "external_id"
    sandbox = Sandbox(behaviour=Behaviour(external_id=other))
    async with sandbox.client(deadline=2) as timify:
        with pytest.raises(ExternalIdNotTakenError, match="external_id_key") as caught:
            await timify.customers.create({"firstName": "Ada"}, external_id="crm-1")
        assert [it.external_id for it in sandbox.company().customers.values()] == [""]
        assert caught.value.seen.id in sandbox.company().customers
    async with sandbox.client(external_id_key=other) as timify:
        bea = await timify.customers.create({"firstName": "Bea"}, external_id="crm-2")
        assert await timify.customers.get(external_id="crm-2") == bea


@pytest.mark.parametrize("read", ["external_id", "externalId"])
async def test_rows_of_an_import_are_spelled_as_the_client_is_told(read: str) -> None:
    """An import that says nothing of it loses its external ids where another spelling is read, and
    the setting of the client saves them.
    """
    rows = [{"importCustomerId": "1", "externalId": "crm-1"}]
    sandbox = Sandbox(behaviour=Behaviour(external_id=read))
    for spelling in ("external_id", "externalId"):
        async with sandbox.client(external_id_key=spelling) as timify:
            await timify.customers.import_many(rows)
            taken = await timify.customers.exists(external_id="crm-1")
        assert taken is (spelling == read)
        sandbox.reset()


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
    """Creates of all three kinds answer 201 or 200, deletes 204 or 200; updates stay 200."""
    for created, deleted, gone in ((201, 204, b""), (200, 200, b'{"status":1}')):
        behaviour = Behaviour(created=created, deleted=deleted)
        await _create_and_delete(behaviour, created, (deleted, gone))
    assert (Behaviour().created, Behaviour().deleted) == (201, 200)


async def _create_and_delete(
    behaviour: Behaviour, created: int, deleted: tuple[int, bytes]
) -> None:
    sandbox = Sandbox(behaviour=behaviour)
    bodies = {
        CUSTOMERS: {"customfields": []},
        FIELDS: {"label": "Tier", "type": "TEXT"},
        CATEGORIES: {"name": "VIP"},
    }
    async with connect(sandbox) as client:
        for path, body in bodies.items():
            made = await client.post(path, json=body)
            assert made.status_code == created
            where = f"{path}/{made.json()['data']['id']}"
            assert (await client.get(where)).status_code == 200
            gone = await client.delete(where)
            assert (gone.status_code, gone.content) == deleted


async def test_enveloped_failures() -> None:
    """Operations that fail say so with HTTP 200; tokens and routes are refused as ever."""
    sandbox = Sandbox(behaviour=Behaviour(enveloped_failures=True))
    async with connect(sandbox) as client:
        refused_by_message(await client.get(f"{CUSTOMERS}/x"), 200, "no customer")
        sandbox.tokens.revoke()
        refused(await client.get(CUSTOMERS), 401)


async def test_a_create_that_shows_its_id_alone() -> None:
    """Creates of all three kinds are answered with the id and nothing else; reads show all."""
    sandbox = Sandbox(behaviour=Behaviour(create_answer="id"))
    bodies = {CUSTOMERS: {"customfields": []}, CATEGORIES: {"name": "VIP"}}
    bodies[FIELDS] = {"label": "Tier", "type": "TEXT"}
    async with connect(sandbox) as client:
        for path, body in bodies.items():
            made = data(await client.post(path, json=body))
            assert list(made) == ["id"]
            assert len(data(await client.get(f"{path}/{made['id']}"))) > 3


@pytest.mark.wrong_requests
@pytest.mark.parametrize(
    ("path", "body", "headers", "details"),
    [
        ("?page=x", None, {}, {"query": {"page": "invalid"}}),
        ("?page=0", None, {}, {"query": {"page": "invalid"}}),
        ("/x?external=2", None, {}, {"query": {"external": "invalid"}}),
        ("", {}, {}, {"body": {"customfields": "missing"}}),
        ("", {"customfields": 1}, {}, {"body": {"customfields": "invalid"}}),
        ("", {"customfields": [], EXTERNAL_ID_KEY: 1}, {}, {"body": {EXTERNAL_ID_KEY: "invalid"}}),
        ("/import", {}, {}, {"body": {"customers": "missing"}}),
        ("/import", {"customers": 1}, {}, {"body": {"customers": "invalid"}}),
        ("/customfields", {"label": "x"}, {}, {"body": {"type": "missing"}}),
        ("/customfields/categories", {"name": 1}, {}, {"body": {"name": "invalid"}}),
        ("", None, {"company-id": "x"}, {"headers": {"company-id": "invalid"}}),
    ],
)
async def test_the_body_of_a_400(path: str, body: object, headers: dict, details: object) -> None:
    """A 400 says what is wrong by place and name, as a sibling operation documents it."""
    async with connect(Sandbox()) as client:
        method = "GET" if body is None else "POST"
        answer = await client.request(method, CUSTOMERS + path, json=body, headers=headers)
    refused(answer, 400)
    said = answer.json()
    assert (said["name"], said["errorCode"], said["extras"]) == ("BadRequestError", "2", None)
    assert said["details"] == details


@pytest.mark.wrong_requests
async def test_other_failures_have_the_same_body() -> None:
    """A 404, and a fault that was asked for, have the documented body; details are of 400 alone."""
    sandbox = Sandbox()
    async with connect(sandbox) as client:
        missing = (await client.get(f"{CUSTOMERS}/x")).json()
        sandbox.fail(status=500)
        failed = (await client.get(CUSTOMERS)).json()
    assert (missing["name"], missing["errorCode"]) == ("NotFoundError", None)
    assert (failed["name"], failed["details"]) == ("InternalServerError", None)


@pytest.mark.wrong_requests
async def test_the_body_of_a_failure_by_switch() -> None:
    """With failure_body="message" all failures have status and message, faults too."""
    sandbox = Sandbox(behaviour=Behaviour(failure_body="message"))
    async with connect(sandbox) as client:
        refused_by_message(await client.get(f"{CUSTOMERS}/x"), 404, "no customer")
        sandbox.fail(status=503)
        refused_by_message(await client.get(CUSTOMERS), 503)


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
    ("switch", "position"),
    [
        ("created", 202),
        ("create_answer", "none"),
        ("failure_body", "text"),
        ("import_answer", "all"),
        ("external_id", "id"),
    ],
)
def test_a_switch_has_its_positions(switch: str, position: object) -> None:
    """A position that a switch has not is a ValueError that names the switch."""
    with pytest.raises(ValueError, match=switch):
        evolve(Behaviour(), **{switch: position})
