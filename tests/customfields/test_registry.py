"""A company's definitions: payloads, what has drifted, and files."""

from __future__ import annotations

import copy
import json
import os
import pickle
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import anything, definitions, labels, values
from timify_customers import (
    AmbiguousFieldError,
    ArgumentError,
    ArgumentTypeError,
    Customfield,
    FieldRegistry,
    Formats,
    InvalidValueError,
    PayloadError,
    UnknownFieldError,
)
from timify_customers._customfields.drift import FieldDrift
from timify_customers._customfields.registry import ready_list

FIELDS: list[dict[str, Any]] = [
    {"id": "f1", "defaultId": "firstName", "type": "TEXT"},
    {"id": "f2", "defaultId": "birthday", "type": "DATE"},
    {"id": "f3", "defaultId": "mobilePhone", "type": "PHONE"},
    {"id": "f4", "defaultId": "email", "type": "EMAIL"},
    {
        "id": "f5",
        "defaultId": None,
        "label": "Tier",
        "type": "SELECT",
        "selectOptions": ["gold", "silver"],
    },
    {"id": "f6", "defaultId": "twice"},
    {"id": "f7", "defaultId": "twice"},
    {"id": "f9", "label": "Tags", "type": "TEXT", "isMultiple": True},
    {"id": 8, "defaultId": ["nonsense"]},
]


def registry(fields: list[Any] = FIELDS) -> FieldRegistry:
    return FieldRegistry(map(Customfield.from_dict, fields))


def changed(number: int, **changes: Any) -> FieldRegistry:
    fields = copy.deepcopy(FIELDS)
    fields[number] |= changes
    return registry(fields)


def test_names_become_ids() -> None:
    """A name of any sort names a field; values are encoded by its type, in the order of the
    payload.
    """
    values = {
        "first_name": "Ada",
        "BIRTHDAY": date(1815, 12, 10),
        "f5": "gold",
        "tags": ["a", "b"],
        "email": None,
    }
    assert registry().payload(values) == [
        {"id": "f1", "value": "Ada"},
        {"id": "f2", "value": "1815-12-10"},
        {"id": "f5", "value": "gold"},
        {"id": "f9", "value": "", "values": ["a", "b"]},
        {"id": "f4", "value": ""},
    ]


def test_formats_are_of_the_payload() -> None:
    """Region and order are those that are given with the payload."""
    formats = Formats(phone_region="BE", date_order="DMY")
    made = registry().payload({"mobilePhone": "0470 00 00 00", "birthday": "10/12/1815"}, formats)
    assert '"+32470000000"' in made[0]["value"]
    assert made[1]["value"] == "1815-12-10"


def test_all_problems_are_reported_together() -> None:
    """One error lists everything that is wrong with a payload."""
    values: dict[Any, object] = {
        "fist name": "x",
        "email": "no",
        "birthday": "soon",
        "twice": "x",
        5: "x",
        "f1": "a",
        "firstName": "b",
        "tier": "bronze",
    }
    with pytest.raises(PayloadError) as caught:
        registry().payload(values)
    assert [type(problem) for problem in caught.value.problems] == [
        UnknownFieldError,
        InvalidValueError,
        InvalidValueError,
        AmbiguousFieldError,
        ArgumentError,
        ArgumentError,
        InvalidValueError,
    ]
    for word in ("'fist name'", "'no'", "'soon'", "f6; f7", "5", "already has", "gold, silver"):
        assert word in str(caught.value)
    again = pickle.loads(pickle.dumps(caught.value))
    assert list(map(str, again.problems)) == list(map(str, caught.value.problems))


@pytest.mark.parametrize("payload", [[("f1", "x")], "text", None])
def test_a_payload_is_a_mapping(payload: Any) -> None:
    """Anything else is an error of ours that says so."""
    with pytest.raises(ArgumentTypeError, match="mapping"):
        registry().payload(payload)


def test_one_problem_is_itself() -> None:
    """A single problem is raised as it is; an unknown field is a KeyError with a readable text."""
    with pytest.raises(UnknownFieldError, match=r"^no custom field has") as caught:
        registry().payload({"nope": "x"})
    assert isinstance(caught.value, KeyError)
    assert "birthday" in str(caught.value)


@pytest.mark.parametrize("name", ["externalId", "external_id"])
def test_an_external_id_in_a_payload_hints_at_its_argument(name: str) -> None:
    """The error says which argument takes an external id; a field of that name is just a field."""
    with pytest.raises(UnknownFieldError, match="external_id=") as caught:
        registry().payload({name: "crm-1"})
    assert "new_external_id=" in str(caught.value)
    own = registry([{"id": "f1", "label": name, "type": "TEXT"}])
    assert own.payload({name: "crm-1"}) == [{"id": "f1", "value": "crm-1"}]
    with pytest.raises(UnknownFieldError) as other:
        registry().payload({"crm": "1"})
    assert "external_id=" not in str(other.value)


def test_a_ready_list_is_sent_as_it_is() -> None:
    """A wire list keeps its entries, unknown keys too."""
    entries = [{"id": "f1", "value": "x", "values": ["y"]}]
    assert ready_list(entries) == entries
    for wrong in ([{"value": "x"}], ["x"], [{"id": 5}]):
        with pytest.raises(ArgumentError, match=r"customfields\[0\]"):
            ready_list(wrong)
    for wrong_type in ("text", 5, None):
        with pytest.raises(ArgumentTypeError):
            ready_list(wrong_type)


def test_it_holds_definitions() -> None:
    """It iterates over them in order, has a length, is equal by them, and copies and pickles with
    all it knows.
    """
    one = registry()
    assert [field.raw for field in one] == FIELDS
    assert len(one) == len(FIELDS)
    for other in (registry(), copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert other == one
        assert other.find("first_name").id == "f1"
    assert one != registry(FIELDS[:1])
    assert one != FIELDS
    assert repr(one) == "FieldRegistry(9 fields)"
    with pytest.raises(TypeError):
        hash(one)


def test_a_definition_that_is_no_object_breaks_no_other() -> None:
    """What the API sends beside objects has no name, and is no reason to find nothing."""
    page = Customfield.from_dict(FIELDS[0])
    broken = copy.deepcopy(page)
    broken._raw = None
    mixed = FieldRegistry([broken, page])
    assert mixed.payload({"firstName": "Ada"}) == [{"id": "f1", "value": "Ada"}]
    assert len(mixed) == 2


@given(definitions(), st.data())
def test_a_payload_by_any_name_is_the_same(
    fields: list[dict[str, Any]], data: st.DataObject
) -> None:
    """A name that finds a field gives the entry that its id gives."""
    known = registry(fields)
    field = data.draw(st.sampled_from(fields))
    value = data.draw(values(field))
    by_id = known.payload({field["id"]: value})
    for name in filter(None, (field["label"], field["defaultId"], field["label"].upper())):
        try:
            found = known.find(name).id
        except ArgumentError:
            continue
        if found == field["id"]:
            assert known.payload({name: value}) == by_id


@given(definitions(), st.dictionaries(labels, anything, max_size=4))
def test_any_payload_is_made_or_refused(
    fields: list[dict[str, Any]], payload: dict[str, object]
) -> None:
    """No names and values bring another error than ours, and one field is in the list once."""
    try:
        made = registry(fields).payload(payload)
    except ArgumentError:
        return
    assert len({entry["id"] for entry in made}) == len(made) == len(payload)
    assert json.dumps(made)


def test_nothing_has_drifted_from_itself() -> None:
    """Equal definitions have no difference, also with other ids and in another order."""
    moved = [{**field, "id": f"other{number}"} for number, field in reversed([*enumerate(FIELDS)])]
    assert registry().diff(registry()) == []
    assert {drift.kind for drift in registry(FIELDS[:5]).diff(registry(moved[-5:]))} == set()


@pytest.mark.parametrize(
    ("number", "changes", "line"),
    [
        (0, {"type": "DATE"}, "changed 'firstName': type was 'TEXT', is 'DATE'"),
        (4, {"label": "Level"}, "changed 'Tier': label was 'Tier', is 'Level'"),
        (
            4,
            {"selectOptions": ["gold"]},
            "changed 'Tier': selectOptions was ['gold', 'silver'], is ['gold']",
        ),
        (
            4,
            {"selectOptions": [{"id": "g", "label": "gold"}, "silver"]},
            "changed 'Tier': selectOptions was ['gold', 'silver'], is ['g = gold', 'silver']",
        ),
        (7, {"isMultiple": None}, "changed 'Tags': isMultiple was True, is None"),
        (7, {"isMandatoryOnline": True}, "changed 'Tags': isMandatoryOnline was None, is True"),
        (7, {"defaultId": "tags"}, "changed 'Tags': defaultId was None, is 'tags'"),
    ],
)
def test_a_change_is_one_line(number: int, changes: dict[str, Any], line: str) -> None:
    """Type, label, options, several values, default id: each change is a record that prints as a
    line.
    """
    (drift,) = registry().diff(changed(number, **changes))
    assert str(drift) == line
    assert (drift.kind, drift.field) == ("changed", line.split("'")[1])


def test_a_field_that_was_made_again_is_the_same() -> None:
    """Fields are matched by default id before id and label, so no other field takes its place."""
    before = registry([{"id": "f1", "defaultId": "birthday", "label": "Born"}])
    again = {"id": "f2", "defaultId": "birthday", "label": "Born"}
    other = {"id": "f1", "label": "Born"}
    assert before.diff(registry([other, again])) == [FieldDrift("Born", "new")]


def test_missing_and_new_fields_are_listed() -> None:
    """A field that is gone is missing, one that came is new; absent, null, empty and false are the
    same.
    """
    drifts = registry().diff(registry([*FIELDS[1:], {"id": "f99", "label": "New"}]))
    assert drifts == [FieldDrift("firstName", "missing"), FieldDrift("New", "new")]
    assert [str(drift) for drift in drifts] == ["missing 'firstName'", "new 'New'"]
    assert registry().diff(changed(0, label="", isMultiple=False, selectOptions=None)) == []


@given(definitions(), definitions())
def test_drift_is_symmetric(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> None:
    """What is missing one way is new the other way, and no field is listed twice."""
    forth, back = registry(one).diff(registry(other)), registry(other).diff(registry(one))
    missing, new = ([drift for drift in forth if drift.kind == kind] for kind in ("missing", "new"))
    assert len(one) - len(missing) == len(other) - len(new)
    assert registry(one).diff(registry(one)) == []
    assert bool(forth) == bool(back)


@given(definitions())
def test_a_file_gives_the_same_registry(
    tmp_path_factory: Any, fields: list[dict[str, Any]]
) -> None:
    """What is saved is loaded equal, whatever the labels are."""
    path = tmp_path_factory.mktemp("registry") / "fields.json"
    saved = registry(fields)
    saved.save(path)
    loaded = FieldRegistry.load(str(path))
    assert loaded == saved
    assert [entry.name for entry in path.parent.iterdir()] == ["fields.json"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b"\xff", b'{"format": 1}', b'{"fields": []}', b"[" * 100_000],
)
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file that is no saved registry, or none at all, is an error of ours that names the file."""
    path = tmp_path / "other.json"
    path.write_bytes(content)
    with pytest.raises(ArgumentError, match=r"other\.json"):
        FieldRegistry.load(path)
    with pytest.raises(ArgumentError, match=r"none\.json"):
        FieldRegistry.load(tmp_path / "none.json")


@pytest.mark.parametrize("fields", [None, 5, [5], ["x"], "text", {"a": 1}])
def test_a_file_with_other_definitions_is_refused(tmp_path: Path, fields: object) -> None:
    """Our format with something else than definitions in it is no registry."""
    path = tmp_path / "fields.json"
    registry().save(path)
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"fields": fields}), "utf-8")
    with pytest.raises(ArgumentError, match="no file of a field registry"):
        FieldRegistry.load(path)


def test_a_save_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is whole or as it was, and nothing else is left behind."""
    path = tmp_path / "fields.json"
    registry().save(path)
    before = path.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ArgumentError, match="no space left"):
        registry(FIELDS[:1]).save(path)
    assert path.read_bytes() == before
    assert len([*tmp_path.iterdir()]) == 1
    with pytest.raises(ArgumentError, match="cannot be saved"):
        registry().save(tmp_path / "none" / "fields.json")


def test_a_save_is_on_the_disk_before_it_replaces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a power failure the file is the old one or the new one, never an empty one: it is
    synced, then renamed.
    """
    calls: list[str] = []
    sync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda number: (calls.append("sync"), sync(number)))
    monkeypatch.setattr(
        Path, "replace", lambda path, to: (calls.append("replace"), replace(path, to))
    )
    registry().save(tmp_path / "fields.json")
    assert calls == ["sync", "replace"]
