"""The file that is made of a client's traffic."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.operations import OPERATIONS
from timify_customers import ConfigurationError, TimifyCustomers, TimifyError
from timify_customers.recording import Recorder
from timify_customers.sandbox import Sandbox

ADA = {
    "firstName": "Augusta",
    "lastName": "Lovelace",
    "email": "augusta@example.com",
    "mobilePhone": "+442079460958",
}
EXTERNAL_ID = "crm/1815 Lovelace"


def client(sandbox: Sandbox, path: Path) -> TimifyCustomers:
    recorder = Recorder(path, httpx.ASGITransport(app=sandbox.app))
    return TimifyCustomers(
        sandbox.app_id,
        sandbox.app_secret,
        sandbox.company_id,
        base_url="http://127.0.0.1",
        transport=recorder,
    )


def entries(path: Path) -> list[Any]:
    return json.loads(path.read_text("ascii"))["log"]["entries"]


async def story(timify: TimifyCustomers) -> str:
    """What a customer's life is; gives the id."""
    made = await timify.customers.create(ADA, external_id=EXTERNAL_ID)
    await timify.customers.update({"notes": "prefers mornings"}, external_id=EXTERNAL_ID)
    assert [it.id async for it in timify.customers.list()] == [made.id]
    await timify.customers.import_many(
        [{"importCustomerId": "import-key-77", "firstName": "Charles"}]
    )
    await timify.customers.delete(made.id)
    return made.id


async def test_it_is_a_har_file(tmp_path: Path) -> None:
    """The file is HAR 1.2 with each exchange in its order, requests with their bodies, answers with
    theirs.
    """
    async with client(Sandbox(), tmp_path / "t.har") as timify:
        await story(timify)
    log = json.loads((tmp_path / "t.har").read_text("ascii"))["log"]
    assert log["version"] == "1.2"
    assert {"name", "version"} <= log["creator"].keys()
    seen = [(it["request"]["method"], it["response"]["status"]) for it in log["entries"]]
    assert seen[:2] == [("POST", 200), ("GET", 200)]
    assert seen[-1] == ("DELETE", 200)
    for entry in log["entries"]:
        assert {
            "startedDateTime",
            "time",
            "request",
            "response",
            "cache",
            "timings",
        } == entry.keys()
        assert {"method", "url", "httpVersion", "cookies", "headers", "queryString"} <= entry[
            "request"
        ].keys()
        assert {"status", "statusText", "httpVersion", "cookies", "headers", "content"} <= entry[
            "response"
        ].keys()
        assert ("postData" in entry["request"]) == (entry["request"]["method"] in {"POST", "PATCH"})
        json.loads(entry["response"]["content"]["text"])


async def test_nothing_of_the_customer_or_of_the_app_is_in_it(tmp_path: Path) -> None:
    """No secret, token, id, name or address of a run is in its file, in whatever part of it."""
    sandbox = Sandbox()
    async with client(sandbox, tmp_path / "t.har") as timify:
        customer_id = await story(timify)
    secret = {"authorization", "company-id", "user-agent"}
    sent = {
        value for it in sandbox.requests for name, value in it.headers.items() if name in secret
    }
    told = {
        *ADA.values(),
        EXTERNAL_ID,
        "Lovelace",
        "crm%2F1815",
        "prefers",
        "import-key-77",
        "Charles",
        "442079460958",
    }
    told |= {
        sandbox.app_id,
        sandbox.app_secret,
        sandbox.company_id,
        customer_id,
        *sandbox.company().fields,
        *sent,
    }
    told |= {it.removeprefix("Bearer ") for it in sent}
    text = (tmp_path / "t.har").read_text("ascii")
    assert not [it for it in told if it in text]
    assert not [it for it in told if json.dumps(it)[1:-1] in text]


async def test_equal_values_stay_equal(tmp_path: Path) -> None:
    """One can follow an id from answer to request, as its look-alike, within one file; not into
    another.
    """
    ids = []
    for name in ("one.har", "two.har"):
        async with client(Sandbox(), tmp_path / name) as timify:
            await story(timify)
        made, deleted = entries(tmp_path / name)[2], entries(tmp_path / name)[-1]
        ids.append(json.loads(made["response"]["content"]["text"])["data"]["id"])
        assert deleted["request"]["url"] == f"http://127.0.0.1/v1/customers/{ids[-1]}"
        assert re.fullmatch(r"[0-9a-f]{24}", ids[-1])
    assert ids[0] != ids[1]


@pytest.mark.parametrize("name", OPERATIONS)
async def test_a_recorded_client_does_what_another_does(name: str, tmp_path: Path) -> None:
    """Each of the 17 operations has the same outcome with a recorder as without."""

    async def outcome(timify: TimifyCustomers) -> str:
        try:
            return re.sub(
                r"[0-9a-f]{24}|\d{4}-[\d:TZ-]+|'\d{13}'",
                "_",
                repr(await OPERATIONS[name].call(timify)),
            )
        except TimifyError as error:
            return f"{type(error).__name__} {getattr(error, 'status', None)}"

    sandbox = Sandbox()
    plain = TimifyCustomers(
        *(sandbox.app_id, sandbox.app_secret, sandbox.company_id),
        base_url="http://127.0.0.1",
        transport=httpx.ASGITransport(app=sandbox.app),
    )
    async with plain, client(Sandbox(), tmp_path / "t.har") as recorded:
        assert await outcome(plain) == await outcome(recorded)


async def test_concurrent_exchanges_are_each_recorded(tmp_path: Path) -> None:
    """Exchanges at the same time do not damage the file, and it is whole after each."""
    sandbox = Sandbox()
    async with client(sandbox, tmp_path / "t.har") as timify:
        await asyncio.gather(*(timify.customers.create({"firstName": "Ada"}) for _ in range(30)))
        assert len(entries(tmp_path / "t.har")) == len(sandbox.requests)


async def test_compressed_and_unreadable_answers(tmp_path: Path) -> None:
    """A compressed body is recorded as what it says, one that is no text as look-alikes; the caller
    gets it as sent.
    """

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/customers":
            return httpx.Response(
                200, content=gzip.compress(b'{"data": []}'), headers={"content-encoding": "gzip"}
            )
        return httpx.Response(502, content=b"\xff\x00<html>", headers={"content-type": "text/html"})

    async with httpx.AsyncClient(
        transport=Recorder(tmp_path / "t.har", httpx.MockTransport(answer))
    ) as plain:
        assert (await plain.get("https://api.timify.com/v1/customers")).json() == {"data": []}
        assert (
            await plain.get("https://api.timify.com/v1/customers/x")
        ).content == b"\xff\x00<html>"
    first, second = entries(tmp_path / "t.har")
    assert first["response"]["content"]["text"] == '{"data": []}'
    assert "content-encoding" not in {it["name"] for it in first["response"]["headers"]}
    assert re.fullmatch(r"[^\x00-\x7f]\x00<[a-z]{4}>", second["response"]["content"]["text"])


async def test_what_has_no_answer_is_not_recorded(tmp_path: Path) -> None:
    """A request that nobody answered is an error for its caller, and nothing in the file."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no")

    async with httpx.AsyncClient(
        transport=Recorder(tmp_path / "t.har", httpx.MockTransport(fail))
    ) as plain:
        with pytest.raises(httpx.ConnectError):
            await plain.get("https://api.timify.com/v1/customers")
    assert entries(tmp_path / "t.har") == []


async def test_a_disk_that_fails_loses_no_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The caller gets the API's answer though it cannot be recorded; a warning says so."""
    async with client(Sandbox(), tmp_path / "t.har") as timify:
        (tmp_path / "t.har").unlink()
        with caplog.at_level(logging.WARNING):
            assert (await timify.categories.create("VIP")).name == "VIP"
    assert "was not recorded (FileNotFoundError)" in caplog.text


def test_a_recording_is_never_overwritten(tmp_path: Path) -> None:
    """A file that is there, or a folder that is not, is refused at once; a new file is for its
    owner alone.
    """
    Recorder(tmp_path / "t.har")
    assert stat.S_IMODE((tmp_path / "t.har").stat().st_mode) == 0o600
    for path in (tmp_path / "t.har", tmp_path / "nowhere" / "t.har"):
        with pytest.raises(ConfigurationError, match="cannot record to"):
            Recorder(path)


def test_the_core_does_without_it() -> None:
    """Importing the SDK imports no recording."""
    code = (
        "import sys, timify_customers; assert not [it for it in sys.modules if 'recording' in it]"
    )
    subprocess.run([sys.executable, "-P", "-c", code], check=True, timeout=60)
