"""What developers do with the sandbox's page, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox.browser import Browser, browser, program
from timify_customers import RateLimitError, TimifyCustomers
from timify_customers.sandbox import Sandbox

pytestmark = pytest.mark.skipif(program() is None, reason="needs Chromium on the path")


CONTRASTS = """
(() => {
  const luminance = (colour) => {
    const [red, green, blue] = colour.match(/[0-9.]+/g).slice(0, 3)
      .map((part) => part / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const background = (element) => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if (!colour.endsWith(", 0)")) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const isText = (node) => node.nodeType === 3 && node.textContent.trim();
  return Array.from(document.querySelectorAll("body, body *"))
    .filter((element) => Array.from(element.childNodes).some(isText) || element.matches("input"))
    .map((element) => {
      const pair = [getComputedStyle(element).color, background(element)].map(luminance);
      const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
      return [ratio, element.outerHTML.slice(0, 100)];
    });
})()
"""


@pytest.fixture
def url(sandbox: Sandbox) -> Iterator[str]:
    with sandbox.serve() as address:
        yield address


@pytest.fixture
def page(url: str, tmp_path: Path) -> Iterator[Browser]:
    with browser(tmp_path / "profile") as opened:
        opened.open(f"{url}/_sandbox/")
        yield opened


def client(sandbox: Sandbox, url: str) -> TimifyCustomers:
    return TimifyCustomers(
        sandbox.app_id, sandbox.app_secret, sandbox.company_id, base_url=url, retries=0
    )


async def test_a_customer_is_seen(sandbox: Sandbox, url: str, page: Browser) -> None:
    """One that a client created, with its values, after the page is loaded again."""
    async with client(sandbox, url) as timify:
        await timify.customers.create({"firstName": "Ada <b>"}, external_id="crm-1815")
    page.open(f"{url}/_sandbox/")
    page.shows("[aria-labelledby=customers-title]", "crm-1815")
    page.shows("[aria-labelledby=customers-title]", "firstName: Ada <b>")


@pytest.mark.wrong_requests
async def test_requests_are_seen_as_they_come_in(sandbox: Sandbox, url: str, page: Browser) -> None:
    """With what the document has against each, and without loading the page again."""
    page.shows("#requests", "0 of 0 requests")
    async with client(sandbox, url) as timify:
        await timify.request("GET", "/v1/customers", params={"nonsense": "<i>1</i>"})
    page.shows("#requests", "GET /v1/customers?nonsense=<i>1</i>")
    page.shows("#requests", "not allowed: GET /v1/customers: it has no query parameter nonsense")
    page.shows("#requests", "POST /v1/auth/token")
    assert sandbox.app_secret not in str(page.run("document.documentElement.outerHTML"))


async def test_nothing_changes_while_it_is_read(sandbox: Sandbox, url: str, page: Browser) -> None:
    """Details that are open stay open, and a pause lasts."""
    async with client(sandbox, url) as timify:
        await timify.fields.list()
        page.shows("#requests", "2 of 2 requests")
        page.run("document.querySelector('#requests details').open = true")
        await timify.fields.list()
        page.run("new Promise(done => setTimeout(done, 0))")
        page.until(lambda: page.run("performance.now() > 2500") is True)
        assert "2 of 2 requests" in page.text("#requests")
        page.run("document.querySelector('#requests details').open = false")
        page.shows("#requests", "3 of 3 requests")


async def test_a_fault_is_set(sandbox: Sandbox, url: str, page: Browser) -> None:
    """The next request meets it; it is listed as long as it is to come."""
    page.choose("operation", "list_customfields")
    page.choose("status", "429")
    page.choose("retry_after", "7")
    page.click("Set fault")
    page.shows("#faults", "list_customfields: status, status 429, retry_after 7.0")
    async with client(sandbox, url) as timify:
        with pytest.raises(RateLimitError) as caught:
            await timify.fields.list()
    assert caught.value.retry_after == 7
    page.open(f"{url}/_sandbox/")
    page.shows("[aria-labelledby=faults-title]", "No fault is set.")


async def test_the_clock_is_moved(sandbox: Sandbox, url: str, page: Browser) -> None:
    """A token that lasts two hours has expired a day later, so the next call meets a 401."""
    async with client(sandbox, url) as timify:
        await timify.fields.list()
        page.click("Forward 1 day")
        await timify.fields.list()
    operations = [request.operation for request in sandbox.requests]
    assert operations.count("create_token") == 2


async def test_the_behaviour_is_changed(sandbox: Sandbox, url: str, page: Browser) -> None:
    """A switch, a filter that is ignored, and strictness; what was not touched stays."""
    page.choose("created", "200")
    page.run("document.querySelector('[name=ignored_filters][value=q]').checked = true")
    page.run("document.querySelector('[name=strict]').checked = true")
    page.click("Change behaviour")
    assert sandbox.behaviour.created == 200
    assert sandbox.behaviour.ignored_filters == {"q"}
    assert sandbox.strict
    assert sandbox.behaviour.deleted == 200
    assert page.run("document.querySelector('[name=created]').value") == "200"


@pytest.mark.wrong_requests
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_can_be_read_in_a_narrow_window(
    sandbox: Sandbox, url: str, page: Browser, scheme: str
) -> None:
    """Each text has a contrast of at least 4.5 to 1, and 360 pixels do not scroll sideways."""
    sandbox.fail("update_customer", status=503)
    sandbox.add_customers([{"firstName": "Ada" * 100, "externalId": "crm" * 30}])
    async with client(sandbox, url) as timify:
        await timify.request("GET", "/v1/customers", params={"colour" * 50: "1"})
    metrics = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": False}
    page.call("Emulation.setDeviceMetricsOverride", **metrics)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    page.call("Emulation.setEmulatedMedia", features=features)
    page.open(f"{url}/_sandbox/")
    page.run("document.querySelectorAll('details').forEach((one) => one.open = true)")
    contrasts = page.run(CONTRASTS)
    assert len(contrasts) > 80
    assert [pair for pair in contrasts if pair[0] < 4.5] == []
    assert page.run("document.documentElement.scrollWidth") <= 360


async def test_it_works_by_keyboard_without_a_script(
    sandbox: Sandbox, url: str, page: Browser
) -> None:
    """A form is filled in and sent from the keyboard."""
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.open(f"{url}/_sandbox/")
    page.run("document.querySelector('[name=status]').focus()")
    page.call("Input.insertText", text="503")
    for kind in ("keyDown", "keyUp"):
        text = "\r" if kind == "keyDown" else ""
        page.call(
            "Input.dispatchKeyEvent", type=kind, key="Enter", text=text, windowsVirtualKeyCode=13
        )
    page.shows("#faults", "status 503")
    assert sandbox.faults.left()[0].status == 503
