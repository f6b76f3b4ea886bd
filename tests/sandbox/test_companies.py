"""The company-id header chooses the company."""

import httpx
import pytest
from sandbox.calls import CUSTOMERS, FIELDS, create, data, refused
from timify_customers.sandbox import Company, Sandbox

BRANCH = "5b0000000000000000000b0b"


async def test_without_the_header_it_is_the_home_company(
    sandbox: Sandbox, company: Company, client: httpx.AsyncClient
) -> None:
    """No header, and the home company's id, address the same company."""
    made = await create(client, company, firstName="Ada")
    named = await client.get(CUSTOMERS, headers={"company-id": sandbox.company_id.upper()})
    assert data(named) == data(await client.get(CUSTOMERS)) == [made]


async def test_companies_share_nothing(
    sandbox: Sandbox, company: Company, client: httpx.AsyncClient
) -> None:
    """Customers, field ids and external ids of one company are unknown in another."""
    made = await create(client, company, "crm-1", firstName="Ada")
    sandbox.company(BRANCH)
    there = {"company-id": BRANCH}
    assert data(await client.get(CUSTOMERS, headers=there)) == []
    refused(await client.get(f"{CUSTOMERS}/{made['id']}", headers=there), 404)
    refused(await client.get(f"{CUSTOMERS}/crm-1?external=1", headers=there), 404)
    refused(await client.delete(f"{CUSTOMERS}/{made['id']}", headers=there), 404)
    here, other = data(await client.get(FIELDS)), data(await client.get(FIELDS, headers=there))
    assert not {it["id"] for it in here} & {it["id"] for it in other}


async def test_an_unknown_company_is_no_access(client: httpx.AsyncClient) -> None:
    """A well-formed id of no company is refused with 403."""
    refused(await client.get(CUSTOMERS, headers={"company-id": BRANCH}), 403, BRANCH)


@pytest.mark.wrong_requests
@pytest.mark.parametrize("company_id", ["", "x", BRANCH[1:], BRANCH + "0", "z" * 24])
async def test_a_malformed_company_id(client: httpx.AsyncClient, company_id: str) -> None:
    """An id that is not 24 hex digits is refused with 400."""
    refused(await client.get(CUSTOMERS, headers={"company-id": company_id}), 400, "company-id")


@pytest.mark.wrong_requests
async def test_the_token_is_checked_first(client: httpx.AsyncClient) -> None:
    """Who has no token learns nothing of companies."""
    refused(await client.get(CUSTOMERS, headers={"company-id": "x", "authorization": "no"}), 401)


def test_company_gives_the_same_state_each_time(sandbox: Sandbox) -> None:
    """`company` creates a company once; upper and lower case are one id; a malformed id is a
    ValueError.
    """
    assert sandbox.company(BRANCH) is sandbox.company(BRANCH.upper())
    assert sandbox.company() is sandbox.company(sandbox.company_id)
    for malformed in ("branch", ""):
        with pytest.raises(ValueError, match="24 hex digits"):
            sandbox.company(malformed)


def test_the_home_company_id_is_checked() -> None:
    """A sandbox with a malformed home company is a ValueError."""
    with pytest.raises(ValueError, match="24 hex digits"):
        Sandbox(company_id="home")
