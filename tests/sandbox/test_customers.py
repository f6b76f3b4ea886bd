"""Creating, reading, changing and deleting one customer."""

import json
from dataclasses import replace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox.calls import CUSTOMERS, PHONE, Clock, connect, create, customfields, data, refused
from timify_customers._base.generated import EXTERNAL_ID_KEY, IMPORT_ROW_KEYS
from timify_customers.sandbox import Behaviour, Company, Sandbox

ROW_KEY = IMPORT_ROW_KEYS["externalId"]
"""How rows of an import spell the external id, as the built document has it."""

KEYS = [
    *(
        "id",
        "externalId",
        "globalId",
        "firstName",
        "lastName",
        "fullName",
        "companyName",
        "email",
        "phone",
        "tags",
    ),
    *("totalBookings", "avatarUrl", "firstLetters", "fields", "createdAt", "updatedAt", "ts"),
]


async def test_a_full_customer_has_the_observed_shape(
    company: Company, client: httpx.AsyncClient
) -> None:
    """Every key is there, in the observed order, derived from the written fields."""
    values = {
        "firstName": "Jane",
        "lastName": "Doe",
        "email": "jane@example.com",
        "mobilePhone": PHONE,
    }
    made = await create(client, company, "crm-1", **values)
    assert list(made) == KEYS
    assert {key: value for key, value in made.items() if key not in {"id", "fields"}} == {
        "externalId": "crm-1",
        "globalId": None,
        "firstName": "Jane",
        "lastName": "Doe",
        "fullName": "Jane Doe",
        "companyName": "",
        "email": "jane@example.com",
        "phone": {"phone": "+32470000000", "number": "470000000", "code": "BE"},
        "tags": [],
        "totalBookings": 0,
        "avatarUrl": "",
        "firstLetters": ["J", "D"],
        "createdAt": "2022-01-26T16:17:01Z",
        "updatedAt": "2022-01-26T16:17:01Z",
        "ts": "1643213821066",
    }


async def test_an_empty_customer_has_every_key(company: Company, client: httpx.AsyncClient) -> None:
    """What is unset is "" or empty, never absent."""
    made = await create(client, company)
    assert list(made) == KEYS
    unset = (
        "externalId",
        "firstName",
        "lastName",
        "fullName",
        "email",
        "phone",
        "firstLetters",
        "fields",
    )
    assert [made[key] for key in unset] == ["", "", "", "", "", {}, [], []]


async def test_only_written_fields_appear_with_all_seven_keys(
    company: Company, client: httpx.AsyncClient
) -> None:
    """`fields` holds what was ever written, "" too, in the order of the definitions."""
    made = await create(client, company, notes="", mobilePhone=PHONE)
    phone, notes = company.default_field("mobilePhone").id, company.default_field("notes").id
    common = {"values": [], "isMultiple": None, "label": ""}
    assert made["fields"] == [
        {"id": phone, "type": "PHONE", "value": PHONE, "defaultId": "mobilePhone", **common},
        {"id": notes, "type": "TEXTAREA", "value": "", "defaultId": "notes", **common},
    ]


@given(
    values=st.dictionaries(
        st.sampled_from(["firstName", "lastName", "mobilePhone", "notes"]), st.text()
    )
)
async def test_what_is_written_comes_back(values: dict[str, str]) -> None:
    """Every value reads back byte for byte, whatever text it is and whatever its field."""
    sandbox = Sandbox()
    async with connect(sandbox) as client:
        made = await create(client, sandbox.company(), **values)
        read = data(await client.get(f"{CUSTOMERS}/{made['id']}"))
    assert read == made
    assert {it["defaultId"]: it["value"] for it in read["fields"]} == values


async def test_answers_are_utf_8(company: Company, client: httpx.AsyncClient) -> None:
    """Letters beyond ASCII are sent as themselves, as JavaScript does, not as escapes."""
    made = await create(client, company, firstName="Zoë 🎈")
    assert "Zoë 🎈".encode() in (await client.get(f"{CUSTOMERS}/{made['id']}")).content


async def test_a_lone_surrogate_comes_back(company: Company, client: httpx.AsyncClient) -> None:
    """Half an emoji, which JSON can hold and UTF-8 cannot, comes back as its escape."""
    body = json.dumps({"customfields": customfields(company, {"notes": "\ud83d"})})
    answer = await client.post(
        CUSTOMERS, content=body, headers={"content-type": "application/json"}
    )
    assert answer.json()["data"]["fields"][0]["value"] == "\ud83d"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (PHONE, {"phone": "+32470000000", "number": "470000000", "code": "BE"}),
        (
            '{"number":"470000000","country":"BE"}',
            {"phone": "", "number": "470000000", "code": "BE"},
        ),
        ('{"number":470000000,"country":"BE"}', {"phone": "", "number": "", "code": "BE"}),
        ("{}", {}),
        ("+32470000000", {}),
        ("[1]", {}),
        ("[" * 100_000, {}),
        ("", {}),
    ],
)
async def test_phone_is_derived(
    company: Company, client: httpx.AsyncClient, value: str, shown: object
) -> None:
    """`phone` shows what the value says, and is empty when that is nothing."""
    assert (await create(client, company, mobilePhone=value))["phone"] == shown


async def test_the_mobile_phone_comes_first(company: Company, client: httpx.AsyncClient) -> None:
    """`phone` is the mobile phone, else the landline phone."""
    landline = '{"number":"2","country":"BE"}'
    both = await create(client, company, mobilePhone=PHONE, landlinePhone=landline)
    one = await create(client, company, mobilePhone="", landlinePhone=landline)
    assert (both["phone"]["number"], one["phone"]["number"]) == ("470000000", "2")


async def test_update_changes_what_is_given(
    company: Company, client: httpx.AsyncClient, clock: Clock
) -> None:
    """A PATCH keeps other values, and moves `updatedAt` and `ts` but not `createdAt`."""
    made = await create(client, company, "crm-1", firstName="Jane", lastName="Doe")
    clock.now += 60
    body = {"customfields": customfields(company, {"lastName": "Roe", "notes": "x"})}
    changed = data(await client.patch(f"{CUSTOMERS}/{made['id']}", json=body))
    assert (changed["fullName"], changed["externalId"], len(changed["fields"])) == (
        "Jane Roe",
        "crm-1",
        3,
    )
    assert (changed["createdAt"], changed["updatedAt"]) == (
        "2022-01-26T16:17:01Z",
        "2022-01-26T16:18:01Z",
    )
    assert changed["ts"] == "1643213881066"
    assert data(await client.get(f"{CUSTOMERS}/{made['id']}")) == changed


async def test_external_lookups(company: Company, client: httpx.AsyncClient) -> None:
    """With external=1 the id of the path is an external id, for GET, PATCH and DELETE."""
    made = await create(client, company, "crm/1 é%2F", firstName="Jane")
    path = f"{CUSTOMERS}/crm%2F1%20%C3%A9%252F?external=1"
    assert data(await client.get(path)) == made
    refused(await client.get(path.removesuffix("?external=1")), 404)
    refused(await client.get(f"{CUSTOMERS}/{made['id']}?external=1"), 404)
    body = {"customfields": customfields(company, {"firstName": "Joan"})}
    assert data(await client.patch(path, json=body))["firstName"] == "Joan"
    assert (await client.delete(path)).json() == {"status": 1}
    refused(await client.get(path), 404)
    assert company.customers == {}


@pytest.mark.parametrize(
    ("position", "read"),
    {
        "by_operation": {EXTERNAL_ID_KEY},
        "external_id": {"external_id"},
        "externalId": {"externalId"},
        "either": {"external_id", "externalId"},
    }.items(),
)
async def test_which_spelling_of_the_external_id_is_read(position: str, read: set[str]) -> None:
    """POST and PATCH read the spellings of the switch and ignore the other; "" unsets the id."""
    sandbox = Sandbox(behaviour=Behaviour(external_id=position))
    async with connect(sandbox) as client:
        for spelling in ("external_id", "externalId"):
            key = "crm-1" if spelling in read else ""
            made = data(await client.post(CUSTOMERS, json={"customfields": [], spelling: "crm-1"}))
            assert made["externalId"] == key
            path = f"{CUSTOMERS}/{made['id']}"
            changed = data(await client.patch(path, json={spelling: "crm-2"}))
            assert changed["externalId"] == key.replace("1", "2")
            assert data(await client.patch(path, json={spelling: ""}))["externalId"] == ""
            refused(await client.get(f"{CUSTOMERS}/crm-2?external=1"), 404)


@pytest.mark.parametrize(
    ("position", "read"),
    {
        "by_operation": [ROW_KEY],
        "external_id": ["external_id"],
        "externalId": ["externalId"],
        "either": ["externalId", "external_id"],
    }.items(),
)
async def test_which_spelling_an_import_reads(position: str, read: list[str]) -> None:
    """Rows of an import have the document's spelling by default, and that of the switch else."""
    sandbox = Sandbox(behaviour=Behaviour(external_id=position))
    rows = [{name: name, "customfields": []} for name in ("external_id", "externalId")]
    async with connect(sandbox) as client:
        await client.post(f"{CUSTOMERS}/import", json={"customers": rows})
    keys = [it.external_id for it in sandbox.company().customers.values()]
    assert sorted(filter(None, keys)) == read


async def test_a_create_may_give_an_import_key(company: Company, client: httpx.AsyncClient) -> None:
    """An import of the key that a create gave updates the customer that was created."""
    made = data(await client.post(CUSTOMERS, json={"customfields": [], "import_customer_id": "7"}))
    row = {"importCustomerId": "7", "customfields": customfields(company, {"firstName": "Ada"})}
    await client.post(f"{CUSTOMERS}/import", json={"customers": [row]})
    assert data(await client.get(f"{CUSTOMERS}/{made['id']}"))["firstName"] == "Ada"
    assert len(company.customers) == 1


@pytest.mark.parametrize("sent", [{}, {"ignore_mandatory_validation": "false"}])
async def test_a_mandatory_field_must_be_written(
    company: Company, client: httpx.AsyncClient, sent: dict[str, str]
) -> None:
    """A create without it, or with an empty value, is a 400 whose details name it."""
    company.make_mandatory("lastName", "email")
    email = company.default_field("email").id
    for values in ({"lastName": "Doe"}, {"lastName": "Doe", "email": ""}):
        body = {"customfields": customfields(company, values), **sent}
        answer = await client.post(CUSTOMERS, json=body)
        refused(answer, 400, "mandatory", "email")
        assert answer.json()["details"] == {"body": {f"customfields.{email}": "missing"}}
    assert company.customers == {}
    made = await create(client, company, lastName="Doe", email="jane@example.com")
    body = {"customfields": customfields(company, {"email": ""})}
    assert data(await client.patch(f"{CUSTOMERS}/{made['id']}", json=body))["email"] == ""


async def test_mandatory_fields_can_be_ignored(company: Company, client: httpx.AsyncClient) -> None:
    """ignore_mandatory_validation lets a create pass without them."""
    company.make_mandatory("lastName")
    body = {"customfields": [], "ignore_mandatory_validation": "true"}
    assert data(await client.post(CUSTOMERS, json=body))["lastName"] == ""


def test_only_a_field_can_be_mandatory(company: Company) -> None:
    """A name of no field is a ValueError that lists those that there are."""
    with pytest.raises(ValueError, match="'lastname'; known: salutation, firstName"):
        company.make_mandatory("lastname")


async def test_external_ids_are_unique_by_default(
    company: Company, client: httpx.AsyncClient
) -> None:
    """A taken external id is refused with 409, without a change; a delete makes it free again."""
    holder = await create(client, company, "crm-1")
    other = await create(client, company, "crm-2", firstName="Jane")
    path = f"{CUSTOMERS}/{other['id']}"
    refused(
        await client.post(CUSTOMERS, json={EXTERNAL_ID_KEY: "crm-1", "customfields": []}),
        409,
        "crm-1",
    )
    refused(await client.patch(path, json={EXTERNAL_ID_KEY: "crm-1"}), 409, holder["id"])
    assert data(await client.get(path)) == other
    assert len(company.customers) == 2
    assert data(await client.patch(path, json={EXTERNAL_ID_KEY: "crm-2"}))["externalId"] == "crm-2"
    await client.delete(f"{CUSTOMERS}/{holder['id']}")
    assert data(await client.patch(path, json={EXTERNAL_ID_KEY: "crm-1"}))["externalId"] == "crm-1"


async def test_external_ids_may_repeat() -> None:
    """With unique_external_ids=False a second customer takes the same one, and a lookup finds the
    oldest.
    """
    sandbox = Sandbox(unique_external_ids=False)
    async with connect(sandbox) as client:
        first, second = [await create(client, sandbox.company(), "crm-1") for _ in range(2)]
        path = f"{CUSTOMERS}/crm-1?external=1"
        assert data(await client.get(path))["id"] == first["id"]
        await client.delete(path)
        assert data(await client.get(path))["id"] == second["id"]


async def test_ids_are_like_object_ids(
    company: Company, client: httpx.AsyncClient, clock: Clock
) -> None:
    """An id is 24 hex digits that begin with the time; later ones are greater."""
    ids: list[str] = []
    for _ in range(3):
        ids.append((await create(client, company))["id"])
        clock.now += 1
    assert ids == sorted(set(ids))
    assert all(len(it) == 24 for it in ids)
    assert [int(it[:8], 16) for it in ids] == [1643213821, 1643213822, 1643213823]


async def test_a_deleted_customer_is_gone(company: Company, client: httpx.AsyncClient) -> None:
    """After a DELETE, which answers a plain success, every call on the customer is a 404."""
    path = f"{CUSTOMERS}/{(await create(client, company, firstName='Jane'))['id']}"
    assert (await client.delete(path)).json() == {"status": 1}
    refused(await client.get(path), 404)
    refused(await client.patch(path, json={EXTERNAL_ID_KEY: "x"}), 404)
    refused(await client.delete(path), 404)
    assert data(await client.get(CUSTOMERS)) == []


@pytest.mark.wrong_requests
@pytest.mark.parametrize(
    ("body", "word"),
    [
        ([], "object"),
        ({"customfields": {}}, "list"),
        ({"customfields": ["x"]}, "object"),
        ({"customfields": [{"value": "x"}]}, "id"),
        (
            {"customfields": [{"id": "5d9f2a7c6d95c0112ca1cc96", "value": "x"}]},
            "5d9f2a7c6d95c0112ca1cc96",
        ),
        ({"customfields": [], EXTERNAL_ID_KEY: 1}, EXTERNAL_ID_KEY),
        ({"customfields": [], EXTERNAL_ID_KEY: None}, EXTERNAL_ID_KEY),
    ],
)
async def test_bodies_that_are_refused(
    company: Company, client: httpx.AsyncClient, body: object, word: str
) -> None:
    """What a create or update cannot take is refused with 400 and a message that names it; nothing
    is written.
    """
    made = await create(client, company, firstName="Jane")
    refused(await client.post(CUSTOMERS, json=body), 400, word)
    refused(await client.patch(f"{CUSTOMERS}/{made['id']}", json=body), 400, word)
    assert data(await client.get(CUSTOMERS)) == [made]


@pytest.mark.wrong_requests
async def test_a_body_that_says_nothing(company: Company, client: httpx.AsyncClient) -> None:
    """A create needs customfields; an update without anything changes nothing but its date: the
    document allows it.
    """
    made = await create(client, company, firstName="Jane")
    refused(await client.post(CUSTOMERS, json={}), 400, "customfields")
    assert data(await client.patch(f"{CUSTOMERS}/{made['id']}", json={})) == made


@pytest.mark.wrong_requests
@pytest.mark.parametrize("value", [None, 1, True, ["x"], {"number": "1"}])
async def test_a_value_must_be_a_string(
    company: Company, client: httpx.AsyncClient, value: object
) -> None:
    """A value of another type is refused with 400 and a message that names the field."""
    field_id = company.default_field("notes").id
    body = {"customfields": [{"id": field_id, "value": value}]}
    refused(await client.post(CUSTOMERS, json=body), 400, field_id, "string")


@pytest.mark.wrong_requests
@pytest.mark.parametrize("external", ["", "2", "true"])
async def test_external_is_1_or_absent(
    company: Company, client: httpx.AsyncClient, external: str
) -> None:
    """Another value of `external` is refused with 400."""
    made = await create(client, company)
    refused(await client.get(f"{CUSTOMERS}/{made['id']}?external={external}"), 400, "external")


async def test_put_shows_at_once(company: Company, client: httpx.AsyncClient) -> None:
    """A customer that a test stores is what the next answer shows."""
    made = await create(client, company)
    company.put(replace(company.customers[made["id"]], global_id="g-1"))
    assert data(await client.get(f"{CUSTOMERS}/{made['id']}"))["globalId"] == "g-1"
