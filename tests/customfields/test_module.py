"""The module that has a company's fields as types."""

from __future__ import annotations

import random
import subprocess
import sys
import typing
from typing import Any

import pytest
from customfields.company import FIELDS, GOLDEN, constants, loaded, registry
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.strategies import definitions, values
from timify_customers import FieldRegistry

HOSTILE = (
    '"',
    "'",
    "'\"",
    '"""',
    "\\",
    "\\n",
    "a\nb",
    "\r",
    "\0",
    "\x1b[31m",
    "\u2028",
    "\u202eevil",
    "\ufeff",
    "\ud800",
    "None",
    "class",
    "str",
    "keys",
    "__x",
    "ﬁeld",
    "Sequence",
    "NewCustomer",
    "# type: ignore",
    "{x}",
    "%s",
    " ",
    "e\u0301",
    "👩‍👩‍👧",
    "long " * 20,
    "-" * 74,
    "-" * 79,
    "会" * 35,
    "🎉" * 32,
    "e\u0301" * 45,
)
hostile = st.sampled_from(HOSTILE) | st.text(max_size=20)


@st.composite
def companies(draw: Any) -> list[dict[str, Any]]:
    """Definitions of every type, whose labels, options and types may be anything."""
    fields = draw(definitions())
    for field in fields:
        field["label"] = draw(st.just(field["label"]) | hostile)
        if field["type"] == "SELECT":
            objects = st.fixed_dictionaries({"value": hostile, "label": hostile})
            field["selectOptions"] += draw(st.lists(hostile | objects, max_size=3))
    return fields


def formatted(text: str) -> str:
    """What ruff makes of a text with its settings of a project that has none."""
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--no-cache", "-"]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
    return done.stdout.decode()


def test_the_module_of_a_company_is_as_committed() -> None:
    """Byte for byte; type checkers read the committed file in tests/typing."""
    assert registry().module() == GOLDEN.read_text("utf-8")


def test_the_order_of_the_fields_does_not_matter() -> None:
    """Another order of the server makes the same text."""
    for seed in range(5):
        fields = random.Random(seed).sample(FIELDS, len(FIELDS))
        assert registry(fields).module() == GOLDEN.read_text("utf-8")


def test_plain_names_make_classes() -> None:
    """When all names are identifiers, the types read as if written by hand."""
    text = registry(FIELDS[:4]).module()
    assert "class NewCustomer(TypedDict, total=False):" in text
    assert "    birthday: datetime.date | str | None\n" in text
    assert "class MyFields(TypedDict, total=False):" in text
    assert "Literal" not in text
    assert formatted(text) == text


@pytest.mark.parametrize("label", ["str", "keys", "class", "__x", "ﬁeld", "a b", "x" * 80])
def test_a_name_that_is_no_attribute_makes_a_call(label: str) -> None:
    """Of a TypedDict: there the name is the very text."""
    text = registry([{"id": "f1", "label": label, "type": "TEXT"}]).module()
    assert 'NewCustomer = TypedDict(\n    "NewCustomer"' in text
    assert list(typing.get_type_hints(loaded(text).NewCustomer)) == [label]


def test_a_company_without_fields_has_a_module_too() -> None:
    """It imports what it needs alone."""
    text = registry([]).module()
    assert "from typing import TypedDict\n" in text
    assert loaded(text).NewCustomer() == {}
    assert formatted(text) == text


def test_what_cannot_be_written_is_left_out() -> None:
    """No field without an id, none twice, no id or name that UTF-8 cannot hold."""
    fields = [
        {"label": "No id"},
        {"id": 5, "label": "Number"},
        {"id": "\ud800", "label": "Half a pair"},
        {"id": "f1", "label": "First"},
        {"id": "f1", "label": "Again"},
        {"id": "f2", "label": "\ud800"},
        {"id": "f3", "label": "Twin"},
        {"id": "f4", "label": "Twin"},
        {},
    ]
    names = constants(loaded(registry(fields).module()).Names)
    assert set(names.values()) == {"First", "f2", "f3", "f4"}


def test_options_are_the_texts_that_are_sent() -> None:
    """Each once, with its label beside it; a SELECT that lists none holds any text."""
    listed: list[Any] = ["b", {"value": "a", "label": "Alpha\n"}, {"label": "b"}, 5, "\ud800"]
    text = registry([{"id": "f1", "label": "One", "type": "SELECT", "selectOptions": listed}])
    module = loaded(text.module())
    assert typing.get_args(module.OneOption) == ("b", "a", "5")
    assert text.module().count('    "b",\n') == 1
    assert '    "a",  # "Alpha\\n"\n' in text.module()
    empty = registry([{"id": "f1", "label": "One", "type": "SELECT", "selectOptions": []}])
    assert "Option" not in empty.module()


def test_a_vendored_copy_imports_itself() -> None:
    """The module imports `Phone` from where the package is."""
    from timify_customers._customfields.module import module

    fields = registry()
    text = module(fields.raw, fields.find, "service._vendor.timify_customers")
    assert "\nfrom service._vendor.timify_customers import Phone\n" in text


@example([{"id": f"f{at}", "label": label, "type": "DATE"} for at, label in enumerate(HOSTILE)])
@given(companies())
def test_any_labels_make_a_module(fields: list[dict[str, Any]]) -> None:
    """It compiles, each field is in it once, and each name leads payloads to its field."""
    company = registry(fields)
    module = loaded(company.module())
    names, ids = constants(module.Names), constants(module.Ids)
    assert names.keys() == ids.keys() == constants(module.Types).keys()
    assert sorted(ids.values()) == sorted(field["id"] for field in fields)
    assert {*typing.get_type_hints(module.NewCustomer)} == {*names.values()}
    assert {*typing.get_type_hints(module.MyFields)} == {*names.values()}
    for constant, name in names.items():
        assert company.payload({name: None})[0]["id"] == ids[constant]
    assert registry(fields[::-1]).module() == company.module()


@example([{"id": f"f{at}", "label": label, "type": "DATE"} for at, label in enumerate(HOSTILE)])
@settings(max_examples=10)  # ruff is a process of its own each time
@given(companies())
def test_ruff_leaves_any_module_as_it_is(fields: list[dict[str, Any]]) -> None:
    """It is laid out as ``ruff format`` does it, whatever the labels are."""
    text = registry(fields).module()
    assert formatted(text) == text


@given(st.data())
def test_options_in_a_module_are_taken_by_payloads(data: st.DataObject) -> None:
    """What a type checker admits for a SELECT, the payload takes, and sends as it is."""
    fields = [field for field in data.draw(companies()) if field["type"] == "SELECT"]
    company: FieldRegistry = registry(fields)
    module = loaded(company.module())
    for name, hint in typing.get_type_hints(module.NewCustomer).items():
        for text in _literals(hint):
            several = company.find(name).is_multiple
            (entry,) = company.payload({name: [text] if several else text})
            assert text in (entry["value"], *entry.get("values", ()))


def _literals(hint: Any) -> list[str]:
    if typing.get_origin(hint) is typing.Literal:
        return list(typing.get_args(hint))
    return [text for inner in typing.get_args(hint) for text in _literals(inner)]


@given(st.data())
def test_what_fits_a_field_fits_its_type(data: st.DataObject) -> None:
    """Values that the registry writes and reads back have the type that the module says."""
    fields = data.draw(definitions())
    company = registry(fields)
    module = loaded(company.module())
    names = {field["id"]: name for field, name in _named(fields, module)}
    values_ = {names[field["id"]]: data.draw(values(field)) for field in fields}
    entries = company.payload(values_)
    answer = [{**entry, "type": None} for entry in entries]
    read = company.read(answer).typed(module.MyFields)
    assert read.keys() == values_.keys()


def _named(fields: list[dict[str, Any]], module: Any) -> list[tuple[dict[str, Any], str]]:
    ids, names = constants(module.Ids), constants(module.Names)
    by_id = {ids[constant]: names[constant] for constant in ids}
    return [(field, by_id[field["id"]]) for field in fields]
