"""``timify-customers fields``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli.api import Api
from support.operations import NEW_FIELD


def labels(api: Api) -> list[str]:
    return [field.label for field in api.company.fields.values() if field.label]


def test_list(api: Api, cli: Any) -> None:
    """A line for each field: name, type, label, id, options; --json gives the definitions."""
    tier = api.company.add_field(
        label="Loyalty tier", type="SELECT", select_options=("gold", "silver")
    ).id
    done = cli("fields", "list")
    assert (done.exit_code, done.stderr) == (0, "")
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert ["firstName", "TEXT", "", api.field("firstName"), ""] in lines
    assert ["Loyalty tier", "SELECT", "Loyalty tier", tier, '["gold", "silver"]'] in lines
    found = json.loads(cli("fields", "list", "--json").stdout)
    assert [field["id"] for field in found] == list(api.company.fields)


def test_ensure_creates_what_is_missing_and_may_run_again(
    api: Api, cli: Any, tmp_path: Path
) -> None:
    """Labels, and objects with more; the second run creates nothing; one label of two fields is
    code 1.
    """
    wanted = [
        "Shoe size",
        {"label": "Loyalty tier", "type": "SELECT", "options": ["gold", "silver"]},
    ]
    file = tmp_path / "fields.json"
    file.write_text(json.dumps(wanted), encoding="utf-8")
    first = cli("fields", "ensure", file)
    assert (first.exit_code, first.stdout) == (
        0,
        "2 created: Shoe size, Loyalty tier; 0 were there\n",
    )
    assert labels(api) == ["Shoe size", "Loyalty tier"]
    again = cli("fields", "ensure", file)
    assert (again.exit_code, again.stdout) == (0, "0 created; 2 were there\n")
    twin = api.company.add_field(label="Shoe size", type="TEXT")
    done = cli("fields", "ensure", file, "--json")
    assert done.exit_code == 1
    assert "several fields have the label 'Shoe size'" in done.stderr
    found = json.loads(done.stdout)
    assert found["created"] == []
    assert twin.id in found["duplicates"]["Shoe size"]


def test_save_and_diff(api: Api, cli: Any, tmp_path: Path) -> None:
    """Without a change diff is silent with code 0; a change is told with code 1, as JSON too."""
    own = api.company.add_field(label="Own", type="TEXT")
    file = tmp_path / "fields.json"
    saved = cli("fields", "save", file)
    assert (saved.exit_code, saved.stdout) == (0, "")
    assert saved.stderr == f"9 custom fields in {file}\n"
    same = cli("fields", "diff", file)
    assert (same.exit_code, same.stdout, same.stderr) == (0, "", "")
    assert json.loads(cli("fields", "diff", file, "--json").stdout) == []
    api.company.remove_field(own)
    api.company.add_field(label="Newer", type="DATE")
    changed = cli("fields", "diff", file)
    assert changed.exit_code == 1
    assert changed.stdout.splitlines() == ["missing 'Own'", "new 'Newer'"]
    found = json.loads(cli("fields", "diff", file, "--json").stdout)
    assert [(it["kind"], it["field"]) for it in found] == [("missing", "Own"), ("new", "Newer")]


def test_what_was_saved_can_be_ensured(api: Api, cli: Any, tmp_path: Path) -> None:
    """The own fields of one company are made in another; those that every company has are not."""
    several = True if "multiple" in NEW_FIELD else None  # a published document may not have it
    api.company.add_field(label="Tier", type="SELECT", select_options=("gold", "tin"))
    api.company.add_field(label="Sizes", type="NUMBER", is_multiple=several)
    file = tmp_path / "fields.json"
    assert cli("fields", "save", file).exit_code == 0
    before = [(it.label, it.type, it.select_options, it.is_multiple) for it in own(api)]
    for field in own(api):
        api.company.remove_field(field)
    done = cli("fields", "ensure", file)
    assert (done.exit_code, done.stdout) == (0, "2 created: Tier, Sizes; 0 were there\n")
    made = [(it.label, it.type, it.select_options, it.is_multiple) for it in own(api)]
    assert made == before


def own(api: Api) -> list[Any]:
    """The company's own fields."""
    return [field for field in api.company.fields.values() if field.default_id is None]


@pytest.mark.parametrize("command", ["ensure", "diff", "save"])
def test_a_file_that_will_not_do_is_code_2(
    api: Api, cli: Any, tmp_path: Path, command: str
) -> None:
    """One that is missing or something else is a line on stderr that names it, and nothing is
    created.
    """
    (tmp_path / "bad.json").write_text("{nonsense", encoding="utf-8")
    for name in ("bad.json", "nowhere/at-all.json"):
        if (command, name) != ("save", "bad.json"):
            done = cli("fields", command, tmp_path / name)
            assert (done.exit_code, done.stdout) == (2, "")
            assert name.partition("/")[0] in done.stderr
            assert done.stderr.count("\n") == 1
    assert labels(api) == []


@pytest.mark.parametrize(
    "wanted", ['{"label": "A"}', "[1]", '[{"label": "A", "colour": "red"}]', '["A", "A"]', '"A"']
)
def test_what_cannot_be_ensured_is_code_2(api: Api, cli: Any, tmp_path: Path, wanted: str) -> None:
    """A file that wants something else than fields creates nothing."""
    (tmp_path / "fields.json").write_text(wanted, encoding="utf-8")
    done = cli("fields", "ensure", tmp_path / "fields.json")
    assert done.exit_code == 2
    assert done.stderr.startswith("error: ")
    assert "wanted must be" not in done.stderr
    assert labels(api) == []
