"""Customers, companies and events that are there before a test begins; the clock; starting anew."""

import csv
import datetime
import json
from pathlib import Path

import httpx
import pytest
from sandbox.calls import CUSTOMERS, connect, create, data, token
from timify_customers._base.generated import EXTERNAL_ID_KEY
from timify_customers.sandbox import Company, Sandbox

BRANCH = "5b0db0c5a0db0c5a0db0c5a0"
ROWS = [
    {
        "firstName": "Ada",
        "externalId": "crm-1",
        "mobilePhone": "+442079460958",
        "birthday": datetime.date(1815, 12, 10),
    },
    {
        "firstName": "Bea",
        "lastName": "",
        "email": None,
        "Tier": "gold",
        "createdAt": "2024-01-31T08:00:00Z",
    },
]


async def listed(sandbox: Sandbox, company_id: str | None = None) -> list[dict]:
    async with connect(sandbox) as client:
        return data(
            await client.get(CUSTOMERS, headers={"company-id": company_id or sandbox.company_id})
        )


async def test_from_mappings(sandbox: Sandbox, company: Company) -> None:
    """A row names fields by default id or label; a phone, a date and a moment are what the API
    would give.
    """
    company.add_field(label="Tier")
    added = sandbox.add_customers(ROWS)
    ada, bea = await listed(sandbox)
    assert [it.id for it in added] == [ada["id"], bea["id"]]
    assert (ada["externalId"], ada["phone"]) == (
        "crm-1",
        {"phone": "+442079460958", "number": "2079460958", "code": "GB"},
    )
    assert {it["defaultId"]: it["value"] for it in ada["fields"]}["birthday"] == "1815-12-10"
    assert {it["label"] or it["defaultId"]: it["value"] for it in bea["fields"]} == {
        "firstName": "Bea",
        "Tier": "gold",
    }
    assert bea["createdAt"] == "2024-01-31T08:00:00Z"


async def test_from_a_csv_file(sandbox: Sandbox, tmp_path: Path) -> None:
    """Each line is a customer, its columns are names of fields; an empty cell is no value."""
    path = tmp_path / "customers.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(
            [["externalId", "firstName", "notes"], ["crm-1", "Zoë", ""], ["", "Ben", "a\nb"]]
        )
    sandbox.add_customers(path)
    ben, zoe = await listed(sandbox)
    assert (zoe["externalId"], zoe["firstName"], len(zoe["fields"])) == ("crm-1", "Zoë", 1)
    assert ben["fields"][1]["value"] == "a\nb"


async def test_from_a_saved_list(sandbox: Sandbox, company: Company, tmp_path: Path) -> None:
    """What one sandbox lists another one takes in and lists the same: ids, own fields and several
    values too.
    """
    field = company.add_field(label="Hobbies", type="SELECT", is_multiple=True)
    sandbox.add_customers(
        [*ROWS[:1], {"firstName": "Cleo", "globalId": "g1", "Hobbies": ["chess", "go"]}]
    )
    async with connect(sandbox) as client:
        saved = await client.get(CUSTOMERS)
    other, path = Sandbox(), tmp_path / "list.json"
    path.write_bytes(saved.content)
    other.add_customers(str(path))

    def comparable(customers: list[dict]) -> list[dict]:
        for it in customers:
            it.pop("ts")
            for entry in it["fields"]:
                entry["id"] = entry["id"] if entry["label"] else entry["defaultId"]
        return customers

    assert comparable(await listed(other)) == comparable(saved.json()["data"])
    assert other.company().fields[field.id].label == "Hobbies"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            {"fistName": "Ada"},
            "customer 2: no custom field is called 'fistName'; known: salutation, firstName",
        ),
        ({"externalId": "crm-1"}, "customer 2: externalId 'crm-1' is taken"),
        ({"mobilePhone": "+1"}, "customer 2: '\\+1' is no phone number"),
        ({"createdAt": "yesterday"}, "customer 2: "),
        ({"createdAt": "2024-01-31"}, "customer 2: a moment must be"),
        (
            {"fields": [{"value": "x"}]},
            "customer 2: an entry of its fields must be an object with an id",
        ),
        (7, "customer 2: it must be a mapping, not int"),
        ({None: ["x"]}, "customer 2: no custom field is called None"),
    ],
)
def test_a_row_that_cannot_be_taken(sandbox: Sandbox, row: object, words: str) -> None:
    """It is a ValueError that names the row and the reason, and none of the rows is added."""
    with pytest.raises(ValueError, match=words):
        sandbox.add_customers([{"externalId": "crm-1"}, row])
    assert not sandbox.company().customers


def test_a_file_that_holds_no_list(sandbox: Sandbox, tmp_path: Path) -> None:
    """A JSON file without a list of customers is a ValueError that names it."""
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"total": 1}), "utf-8")
    with pytest.raises(ValueError, match=r"x.json must hold a list"):
        sandbox.add_customers(path)


async def test_an_enterprise(sandbox: Sandbox) -> None:
    """A global customer is in each company under ids of its own and one globalId; its events are
    seen from each.
    """
    global_id = sandbox.add_global_customer({"firstName": "Ada"}, [sandbox.company_id, BRANCH])
    (event,) = sandbox.add_events(global_id, [{"title": "Cut", "date": "2024-05-22Z"}])
    (here,), (there,) = await listed(sandbox), await listed(sandbox, BRANCH)
    assert here["globalId"] == there["globalId"] == global_id
    assert here["id"] != there["id"]
    assert sandbox.company_ids == [sandbox.company_id, BRANCH]
    async with connect(sandbox) as client:
        for company_id in sandbox.company_ids:
            path = f"{CUSTOMERS}/global/{global_id}/events"
            assert data(await client.get(path, headers={"company-id": company_id})) == [event]
    with pytest.raises(ValueError, match="no company has a customer with the globalId 'g2'"):
        sandbox.add_events("g2", [])


async def test_the_clock_moves(
    sandbox: Sandbox, company: Company, client: httpx.AsyncClient
) -> None:
    """Moved forward, it dates changes and expires tokens; it does not go back."""
    made = await create(client, company, firstName="Ada")
    sandbox.clock.advance(60)
    changed = data(await client.patch(f"{CUSTOMERS}/{made['id']}", json={EXTERNAL_ID_KEY: "crm-1"}))
    moments = [datetime.datetime.fromisoformat(it["updatedAt"]) for it in (made, changed)]
    assert moments[1] - moments[0] == datetime.timedelta(seconds=60)
    sandbox.clock.advance(sandbox.tokens.lifetime)
    assert (await client.get(CUSTOMERS)).status_code == 401
    assert (
        await client.get(CUSTOMERS, headers={"authorization": token(sandbox)})
    ).status_code == 200
    for seconds in (-1, float("nan"), 1e10):
        with pytest.raises(ValueError, match="the clock goes forward"):
            sandbox.clock.advance(seconds)


async def test_starting_anew(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """reset() empties companies, logs and faults; tokens stay good."""
    sandbox.add_customers(ROWS[:1])
    sandbox.company(BRANCH)
    sandbox.fail()
    await client.get(f"{CUSTOMERS}/x")
    sandbox.reset()
    assert (list(sandbox.requests), sandbox.faults.left(), sandbox.company().customers) == (
        [],
        [],
        {},
    )
    assert sandbox.company_ids == [sandbox.company_id, BRANCH]
    assert data(await client.get(CUSTOMERS)) == []
