"""docs/errors.md is what the errors say of themselves, all of them."""

from __future__ import annotations

import re
from http import HTTPStatus
from pathlib import Path
from typing import get_type_hints

import errors_page
import pytest
import timify_customers
from timify_customers import ApiError, TimifyError
from timify_customers._base import errors

CLASSES = {name: getattr(timify_customers, name) for name in errors.__all__}
ROWS = {
    match[1]: [cell.strip() for cell in match[0].strip("| ").split(" | ")]
    for match in re.finditer(r"^\| (?:— )*`(\w+)`.*$", errors_page.page(), re.MULTILINE)
}


def test_the_page_is_current() -> None:
    """What is committed is what the classes say now; `make errors-page` writes it."""
    assert errors_page.PAGE.read_text("utf-8") == errors_page.page()
    assert errors_page.main(["--check"]) == 0


def test_an_old_page_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The check fails on any difference, and writing the page mends it."""
    page = tmp_path / "errors.md"
    page.write_text(errors_page.page() + "\n", encoding="utf-8")
    monkeypatch.setattr(errors_page, "PAGE", page)
    assert errors_page.main(["--check"]) == 1
    assert errors_page.main([]) == 0
    assert errors_page.main(["--check"]) == 0


def test_the_page_is_complete() -> None:
    """Each error has one row, and no row is of anything else."""
    assert ROWS.keys() == CLASSES.keys()
    assert errors_page.page().count("\n| — ") == len(CLASSES) - 1


@pytest.mark.parametrize("name", CLASSES)
def test_a_row_says_all_that_there_is_to_say(name: str) -> None:
    """When it is raised, whether the call can be made again, and a status that there is; below the
    table, a line for each attribute.
    """
    _, when, again, status = ROWS[name]
    assert when.endswith(".")
    assert again
    assert HTTPStatus(int(status[:3])) >= HTTPStatus.BAD_REQUEST
    section = errors_page.page().partition(f"\n### {name}\n")[2].partition("\n### ")[0]
    described = re.findall(r"^- `(\w+)`: .", section, re.MULTILINE)
    assert described == [*errors_page.attributes(CLASSES[name])]


@pytest.mark.parametrize("name", CLASSES)
def test_every_attribute_is_described(name: str) -> None:
    """What a class of the tree adds to errors has a line in its docstring, and so on the page."""
    cls = CLASSES[name]
    added = {it for it in vars(cls).get("__annotations__", {}) if not it.startswith("_")}
    assert added <= errors_page.attributes(cls).keys()
    assert added <= get_type_hints(cls).keys()


def test_advice_is_of_errors_that_there_are() -> None:
    """No advice is left of a class that is gone, and a new class has that of its parent."""
    assert errors_page.ADVICE.keys() <= CLASSES.keys()

    class TeapotError(ApiError):
        """418: the API is a teapot."""

    assert errors_page.advice(TeapotError) == errors_page.ADVICE["ApiError"]


def test_what_may_have_been_done_is_never_called_safe() -> None:
    """Only the errors whose write may have been done tell whoever reads them to look first."""
    careful = {name for name, row in ROWS.items() if row[2].startswith(("only", "no:"))}
    assert careful == {"AmbiguousWriteError", "ExternalIdNotTakenError"}
    assert issubclass(CLASSES["AmbiguousWriteError"], TimifyError)
