"""The documentation site is whole, strict, and needs no network."""

from __future__ import annotations

import importlib
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import build_docs
import pytest
from docs.site import OUTSIDE, REDOC, Page, pages_of
from pages.charts import figures
from pages.links import OutsideLinkError, for_site, other_pages, without_comments
from pages.operations import operations, operations_page
from spec import values
from sphinx.util.inventory import InventoryFile

MODULES = (
    "timify_customers",
    "timify_customers.sandbox",
    "timify_customers.recording",
    "timify_customers.workers",
)
MADE_BY_SPHINX = {"genindex.html", "search.html", "py-modindex.html"}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built once; a warning fails every test that looks at it."""
    return build_docs.build_pages(tmp_path_factory.mktemp("site")).parent


@pytest.fixture(scope="session")
def built(site: Path) -> list[Page]:
    return pages_of(site)


@pytest.fixture(scope="session")
def redoc(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_docs.build_redoc(tmp_path_factory.mktemp("redoc")).read_text("utf-8")


@pytest.fixture(scope="session")
def document() -> Any:
    return values.load(build_docs.DOCUMENT.read_text("utf-8"))


@pytest.fixture(scope="session")
def results() -> Any:
    return json.loads((build_docs.ROOT / "benchmarks" / "results.json").read_text("utf-8"))


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_is_in_the_reference(module: str, site: Path) -> None:
    """Each name that a public module exports has an entry."""
    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="")
    entries = {name for kind in inventory.data.values() for name in kind}
    names = importlib.import_module(module).__all__
    assert {f"{module}.{name}" for name in names} <= entries


def test_links_lead_somewhere(site: Path, built: list[Page]) -> None:
    """Each link within the site leads to a page and an anchor that are there."""
    pages = {page.path.resolve(): page for page in built}
    wrong = [
        f"{page.name}: {file.name}#{anchor}"
        for page in built
        for file, anchor in page.links()
        if file.name != REDOC and (file not in pages or anchor not in pages[file].anchors)
    ]
    assert not wrong
    assert sum(len(page.links()) for page in built) > 1000


def test_nothing_is_loaded_from_elsewhere(site: Path, built: list[Page]) -> None:
    """Every script, style, font and picture of a page is a file of the site."""
    for page in built:
        for address in page.loaded():
            assert not address.startswith(OUTSIDE[:2]), f"{page.name}: {address}"
            assert (page.path.parent / address.partition("?")[0]).is_file(), address
    for style in site.rglob("*.css"):
        assert not re.findall(r"url\(['\"]?https?:|@import ['\"]?https?:", style.read_text("utf-8"))


def test_pages_can_be_read_by_all(built: list[Page]) -> None:
    """Each page has one first heading, no level of headings is left out, each picture a text."""
    for page in built:
        if page.name in MADE_BY_SPHINX:
            continue
        article = page.html.find("article")
        assert article, page.name
        levels = [int(tag.name[1]) for tag in article.find_all(re.compile("^h[1-6]$"))]
        assert levels.count(1) == 1 == levels[0], page.name
        assert all(after <= before + 1 for before, after in pairwise(levels)), page.name
        assert all(tag.get("alt") for tag in article.find_all("img")), page.name


def test_hidden_set_up_does_not_show(site: Path, built: list[Page]) -> None:
    """What speaks to the tests of a page is not on the site."""
    for page in built:
        text = page.path.read_text("utf-8")
        assert "<!-- set up" not in text
        assert "<!-- not run" not in text


def test_every_operation_is_on_its_page(document: Any, built: list[Page]) -> None:
    """The page of operations has each of the document, with method, path and evidence."""
    (page,) = [page for page in built if page.name == "reference/operations.html"]
    article = page.html.find("article")
    assert article
    text = " ".join(article.get_text().split())
    found = list(operations(document))
    assert len(found) >= 18
    for path, method, operation in found:
        assert operation["operationId"] in page.anchors
        assert f"{method.upper()} {path}: {operation['x-evidence']}." in text


def test_evidence_stands_beside_each_part() -> None:
    """Parameters, bodies, answers and keys are shown with their own evidence; statuses that are
    answered alike share a row.
    """
    failure = {"description": "No.", "x-evidence": "third-party"}
    get = {
        "operationId": "get_thing",
        "x-evidence": "documented",
        "parameters": [{"$ref": "#/components/parameters/Id"}],
        "responses": {"200": {"description": "It.", "x-evidence": "observed"}}
        | {"400": failure, "404": failure},
    }
    thing = {
        "type": "object",
        "x-evidence": "observed",
        "required": ["id"],
        "properties": {"id": {"type": ["string", "null"], "x-evidence": "inferred"}},
    }
    parameter = {"name": "id", "in": "path", "required": True, "x-evidence": "sibling"}
    lines = operations_page(
        {
            "paths": {"/things/{id}": {"get": get}},
            "components": {"schemas": {"Thing": thing}, "parameters": {"Id": parameter}},
        }
    ).splitlines()
    assert "`GET /things/{id}`: documented." in lines
    assert "| `id`, required | path | anything | sibling |  |" in lines
    assert "| `200` | It. | observed |" in lines
    assert "| `400`, `404` | No. | third-party |" in lines
    assert "| `id`, required | string or null | inferred |  |" in lines


def test_redoc_needs_no_network(redoc: str, document: Any) -> None:
    """The page of Redoc holds its scripts and the document, and may load nothing."""
    assert '<head><meta http-equiv="Content-Security-Policy" content="default-src \'none\'' in redoc
    assert len(redoc) > 500_000
    head = redoc[: redoc.index("<script")] + "".join(re.findall(r"<script[^>]*>", redoc))
    assert not re.findall(r"(?:src|href)=[\"']https?:", head)
    assert not re.findall(r"<link[^>]+href=[\"']https?:", redoc)
    assert all(f'"{it["operationId"]}"' in redoc for _, _, it in operations(document))


def test_links_to_other_files_lead_to_their_pages() -> None:
    """A link that works on a code host leads to the same text on the site."""
    text = "[a](../openapi/README.md#evidence) [b](lists.md) [c](https://example.org/x.md)"
    assert for_site(text, "import.md") == (
        "[a](explanation/document.md#evidence) [b](lists.md) [c](https://example.org/x.md)"
    )
    text = "[a](../ARCHITECTURE.md) [b](../docs/lists.md)"
    assert for_site(text, "explanation/document.md", "openapi") == (
        "[a](architecture.md) [b](../lists.md)"
    )


def test_a_link_to_a_file_that_the_site_lacks_is_refused() -> None:
    """Such a link names the page and the file."""
    with pytest.raises(OutsideLinkError, match=r"docs/lists.md links to \.\./Makefile"):
        for_site("[x](../Makefile)", "lists.md")


def test_the_readme_says_what_its_chart_shows(results: Any) -> None:
    """The figures in the text beside the README's chart are those that were measured last."""
    readme = (build_docs.ROOT / "README.md").read_text("utf-8")
    (said,) = re.findall(r'<img src="docs/charts/calls-light.svg"[^>]*alt="([^"]*)"', readme)
    medians = {
        contender: [
            f"{it['median']:.2f}"
            for it in results["calls"]["ratios"]
            if it["contender"] == contender
        ]
        for contender in ("ours", "aiohttp")
    }
    assert re.findall(r"\d\.\d\d", said) == medians["ours"] + medians["aiohttp"]


def test_every_chart_is_shown_with_its_figures(results: Any, built: list[Page]) -> None:
    """Each case of the benchmarks has its chart, for light and dark, with the figures as text."""
    (page,) = [page for page in built if page.name == "explanation/performance.html"]
    texts = [str(tag["alt"]) for tag in page.html.select("article img")]
    assert len(texts) == 2 * len(results)
    assert {figures(case) for case in results.values()} == set(texts)


def test_figures_are_those_of_this_sdk_with_their_spread() -> None:
    """Medians, lowest and highest round and the limit are said; other contenders are not."""
    numbers = {"median": 0.5, "lowest": 0.4, "highest": 0.63, "bar": 0.7}
    ratios = [
        {"situation": "1 at once", "contender": "ours"} | numbers,
        {"situation": "1 at once", "contender": "ours, on httpx2"} | numbers | {"bar": None},
        {"situation": "1 at once", "contender": "httpx"} | numbers,
    ]
    assert figures({"of": "raw httpx", "ratios": ratios}) == (
        "As multiples of raw httpx, this SDK: 1 at once 0.50 (0.40 to 0.63), our limit being 0.70; "
        "1 at once, on httpx2 0.50 (0.40 to 0.63)."
    )


def test_comments_are_left_out() -> None:
    """A comment goes with its line; the text around it stays."""
    assert without_comments("a\n\n<!-- set up\nx\n-->\n```python\n") == "a\n\n```python\n"


def test_pages_that_the_first_does_not_name_are_added(tmp_path: Path) -> None:
    """A new how-to page is in the list of pages without an entry of its own."""
    for name in ("index", "lists", "new", "errors"):
        (tmp_path / f"{name}.md").touch()
    assert other_pages("# Title\n\nlists\n", tmp_path) == "errors\nnew"


def test_a_fault_of_a_page_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning ends the build with what Sphinx says of it."""
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "conf.py").write_text('extensions = ["myst_parser"]\n', "utf-8")
    (folder / "index.md").write_text("# Title\n\n[nowhere](nowhere.md)\n", "utf-8")
    monkeypatch.setattr(build_docs, "ROOT", tmp_path)
    with pytest.raises(build_docs.DocsError, match=r"nowhere\.md"):
        build_docs.build_pages(tmp_path / "site")
