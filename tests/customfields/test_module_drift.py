"""How a module of earlier differs from the one of now, in words."""

from __future__ import annotations

import ast
import copy
import subprocess
import sys
from typing import Any

import pytest
from customfields.company import FIELDS, GOLDEN, registry
from customfields.test_module import companies
from hypothesis import given
from timify_customers import ArgumentError
from timify_customers._customfields.module_drift import module_drift


def changed(name: str, /, **changes: Any) -> str:
    fields = copy.deepcopy(FIELDS)
    (field,) = (it for it in fields if name in (it.get("label"), it.get("defaultId")))
    field |= changes
    return registry(fields).module()


@pytest.mark.parametrize(
    ("label", "changes", "expected"),
    [
        (
            "Loyalty tier",
            {"selectOptions": ["gold"]},
            ["changed 'Loyalty tier': selectOptions was ['gold', 's1'], is ['gold']"],
        ),
        ("birthday", {"type": "TEXT"}, ["changed 'birthday': type was 'DATE', is 'TEXT'"]),
        ("Note", {"label": "Memo"}, ["changed 'Note': label was 'Note', is 'Memo'"]),
        ("Visits", {"isMultiple": None}, ["changed 'Visits': isMultiple was True, is None"]),
        (
            "firstName",
            {"id": "f1"},
            ["changed 'firstName': id was '5d9f2a7c6d95c0112ca1cc96', is 'f1'"],
        ),
    ],
)
def test_a_change_is_told_in_module_drift(
    label: str, changes: dict[str, Any], expected: list[str]
) -> None:
    """Options, type, name, several values, id: which field, what was, what is."""
    assert module_drift(GOLDEN.read_text("utf-8"), changed(label, **changes)) == expected


def test_fields_that_came_and_went() -> None:
    """Each is named."""
    new = {"id": "64f0c1d2e3a4b5c6d7e8f999", "label": "Shoe size", "type": "NUMBER"}
    now = registry([*FIELDS[1:], new]).module()
    assert module_drift(GOLDEN.read_text("utf-8"), now) == [
        "missing 'firstName'",
        "new 'Shoe size'",
    ]


def test_classes_are_compared_as_calls_are() -> None:
    """A name that is no identifier turns the types into calls, and is one new field."""
    plain, odd = (
        registry(FIELDS[:4]),
        registry([*FIELDS[:4], {"id": "f1", "label": "Loyalty tier"}]),
    )
    assert module_drift(plain.module(), odd.module()) == ["new 'Loyalty tier'"]
    assert module_drift(odd.module(), plain.module()) == ["missing 'Loyalty tier'"]


def test_formatting_is_no_difference() -> None:
    """What a formatter of another width, and of imports, makes of it says the same."""
    text = GOLDEN.read_text("utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=140"]
    skip = "--config=format.skip-magic-trailing-comma=true"
    done = subprocess.run(
        [*command, skip, "-"], input=text.encode(), capture_output=True, check=True
    )
    other = (
        done.stdout.decode()
        .replace("import datetime\n", "")
        .replace("import Phone", "import Phone\nimport datetime")
    )
    assert other != text
    assert module_drift(other, text) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("BIRTHDAY: Final", "BORN: Final"), ("list[datetime.date] | None", "list[datetime.date]")],
)
def test_an_edited_module_is_another(old: str, new: str) -> None:
    """A change by hand, which no field explains, is not passed over."""
    text = GOLDEN.read_text("utf-8")
    edited = text.replace(old, new)
    assert edited != text
    (line,) = module_drift(edited, text)
    assert line.startswith("no field has changed, but the module has")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{nonsense",
        "\0",
        "x = 1",
        "class Names:\n    A: Final = 5\nclass Types: ...\nclass Ids: ...",
        "class Names:\n    A: Final = 'a'\nclass Types: ...\nclass Ids: ...\nNewCustomer = 5",
        "class Names:\n A: Final = 'a'\nclass Types: ...\nclass Ids: ...\nclass NewCustomer: ...",
        "(" * 5000,
    ],
)
def test_what_is_no_such_module_is_refused(text: str) -> None:
    """Another file, or a damaged one, is an error and no drift."""
    with pytest.raises(ArgumentError, match="no module that"):
        module_drift(text, GOLDEN.read_text("utf-8"))


@given(before=companies(), now=companies())
def test_any_two_companies_can_be_compared(before: Any, now: Any) -> None:
    """Silence means that the modules say the same but for comments, whatever the labels are."""
    old, new = registry(before).module(), registry(now).module()
    assert module_drift(old, old) == []
    says_the_same = ast.dump(ast.parse(old)) == ast.dump(ast.parse(new))
    assert (module_drift(old, new) == []) == says_the_same


def test_words_for_readers_are_no_difference() -> None:
    """A later version may explain the module in other words."""
    text = GOLDEN.read_text("utf-8")
    other = text.replace("The ids of the fields.", "Ids.").replace("None clears a field.", "")
    assert other != text
    assert module_drift(other, text) == []


def test_what_was_added_by_hand_is_another_module() -> None:
    """Types of one's own beside the fields are seen, and told as an edit."""
    text = GOLDEN.read_text("utf-8")
    (line,) = module_drift(text + "Sizes = dict[str, int]\n", text)
    assert line.startswith("no field has changed, but the module has")


def test_a_comment_is_no_difference() -> None:
    """The label of an option is beside it for readers; the types are as they were."""
    now = changed("Loyalty tier", selectOptions=[{"value": "gold", "label": "Golden"}, "s1"])
    assert now != GOLDEN.read_text("utf-8")
    assert module_drift(GOLDEN.read_text("utf-8"), now) == []
