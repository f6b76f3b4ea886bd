"""The templates carry more of OpenAPI than today's document has, and fail loudly on what they do
not carry.
"""

from __future__ import annotations

import copy
import datetime as dt
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
from generate import with_separators, write_schemas
from pydantic import TypeAdapter
from spec import files

ODD = Path(__file__).with_name("odd.yaml")
TEMPLATES = Path(__file__).parents[2] / "openapi" / "templates"
THING: dict[str, Any] = {
    "kind": "k",
    "born": "1990-01-31",
    "gone": None,
    "pets": [{"bark": 2}, {"meow": "m"}],
    "grid": [[1, 2.5], []],
}


def generate(document: Path, package: Path) -> subprocess.CompletedProcess[str]:
    config = package.with_suffix(".json")
    config.write_text(json.dumps({"literal_enums": True, "post_hooks": []}), "utf-8")
    command = [
        sys.executable,
        "-m",
        "openapi_python_client",
        "generate",
        "--meta",
        "none",
        "--fail-on-warning",
    ]
    options = {
        "path": document,
        "output-path": package,
        "config": config,
        "custom-template-path": TEMPLATES,
    }
    pairs = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    environment = os.environ | {"PYTHONUTF8": "1", "NO_COLOR": "1"}
    return subprocess.run(
        [*command, *pairs], capture_output=True, text=True, check=False, env=environment
    )


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    folder = tmp_path_factory.mktemp("odd")
    content = with_separators(files.load(ODD))
    (folder / "odd.json").write_text(json.dumps(content), "utf-8")
    result = generate(folder / "odd.json", folder / "odd_client")
    assert result.returncode == 0, result.stdout + result.stderr
    write_schemas(ODD, folder / "odd_client")
    sys.path.insert(0, str(folder))
    try:
        for name in ("models", "types", "api", "errors"):
            importlib.import_module(f"odd_client.{name}")
        return importlib.import_module("odd_client")
    finally:
        sys.path.remove(str(folder))


def thing(odd: ModuleType, **changes: Any) -> Any:
    return odd.models.Thing.from_dict({**copy.deepcopy(THING), **changes})


def test_each_kind_of_value_is_read(odd: ModuleType) -> None:
    """Dates, numbers, nested arrays, free values and maps are read as what the document says."""
    it = thing(
        odd,
        level=3,
        sure=True,
        free={"a": 1},
        color=None,
        map={"a": "b"},
        date="d",
        model="m",
        text="t",
    )
    assert (it.born, it.gone, it.grid) == (dt.date(1990, 1, 31), None, [[1, 2.5], []])
    assert (it.level, it.sure, it.free, it.color) == (3, True, {"a": 1}, None)
    assert it.map_.to_dict() == {"a": "b"}
    assert (it.date, it.model, it.text) == ("d", "m", "t")


def test_a_choice_of_objects_is_made_by_their_keys(odd: ModuleType) -> None:
    """A view reads any object, so the one whose required keys are there is taken, and none where no
    one fits.
    """
    it = thing(odd)
    assert [type(pet).__name__ for pet in it.pets] == ["Dog", "Cat"]
    with pytest.raises(odd.errors.DecodeError) as caught:
        _ = thing(odd, pets=[{"meow": "m"}, {}]).pets
    assert (caught.value.key, caught.value.path) == ("pets", "$.pets[1]")
    assert thing(odd, maybe={"bark": 1}).maybe.bark == 1
    assert thing(odd, maybe=None).maybe is None


def test_a_required_key_may_hold_null_where_the_document_says_so(odd: ModuleType) -> None:
    """Null is a value of such a key, but its absence is an error."""
    assert thing(odd, gone="2022-01-26T16:17:01Z").gone.year == 2022
    absent = odd.models.Thing.from_dict({"born": "1990-01-31"})
    with pytest.raises(odd.errors.DecodeError, match=r"\$\.gone.*nothing"):
        _ = absent.gone


@pytest.mark.parametrize("stamp", ["2022-01-26T16:17:01Z", "later", None])
def test_the_kind_that_stands_first_reads_first(odd: ModuleType, stamp: str | None) -> None:
    """Where a moment or any text may stand, what reads as a moment is one."""
    read = thing(odd, stamp=stamp).stamp
    assert read == (
        stamp if stamp in {None, "later"} else dt.datetime(2022, 1, 26, 16, 17, 1, tzinfo=dt.UTC)
    )


@pytest.mark.parametrize(
    ("key", "value", "path"),
    [
        ("born", "31.1.1990", "$.born"),
        ("born", 5, "$.born"),
        ("grid", [[1], ["x"]], "$.grid[1][0]"),
        ("grid", [[1], True], "$.grid[1]"),
        ("level", 1.5, "$.level"),
        ("sure", 1, "$.sure"),
        ("pets", {}, "$.pets"),
        ("gone", 5, "$.gone"),
    ],
)
def test_a_path_leads_to_the_entry_at_fault(
    odd: ModuleType, key: str, value: object, path: str
) -> None:
    """In arrays of arrays too, the error names the very entry."""
    with pytest.raises(odd.errors.DecodeError) as caught:
        getattr(thing(odd, **{key: value}), key)
    assert caught.value.path == path


def test_a_request_encodes_each_kind(odd: ModuleType) -> None:
    """Dates, moments, nested models and null are written as the wire wants them."""
    moment = dt.datetime(2022, 1, 26, 16, 17, 1, tzinfo=dt.UTC)
    pets = [odd.models.Dog(bark=1.5), odd.models.Cat(meow="m")]
    built = odd.models.Thing(
        kind="k", born=dt.date(1990, 1, 31), gone=moment, pets=pets, grid=[(1,)], color=None
    )
    expected = {
        "kind": "k",
        "born": "1990-01-31",
        "gone": "2022-01-26T16:17:01Z",
        "grid": [[1]],
        "color": None,
    }
    assert built.to_dict() == {**expected, "pets": [{"bark": 1.5}, {"meow": "m"}]}


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"born": dt.datetime(1990, 1, 31, tzinfo=dt.UTC)}, TypeError, "born"),
        ({"gone": dt.datetime(1990, 1, 31)}, ValueError, "gone.*time zone"),  # noqa: DTZ001 - what is refused
        ({"grid": [[float("nan")]]}, ValueError, "grid"),
        ({"grid": [[1], ["x"]]}, TypeError, r"Thing\.grid\[1\]\[0\]"),
        ({"pets": "x"}, TypeError, "pets"),
        ({"level": True}, TypeError, "level"),
    ],
)
def test_a_value_that_cannot_be_sent_is_refused(
    odd: ModuleType, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    """A wrong type is a TypeError, what JSON cannot hold a ValueError; both name the argument."""
    right: dict[str, Any] = {"kind": "k", "born": dt.date(1990, 1, 31), "gone": None, "pets": []}
    assert odd.models.Thing(**right).kind == "k"
    with pytest.raises(error, match=message):
        odd.models.Thing(**{**right, **changes})


def test_a_password_by_its_format_is_hidden(odd: ModuleType) -> None:
    """The format hides what the name would not."""
    assert "canary" not in repr(thing(odd, key="canary"))


def test_a_name_that_would_hide_the_models_own_is_refused(odd: ModuleType) -> None:
    """A document whose key shadows what every model has fails when the client is imported."""
    with pytest.raises(TypeError, match="to_dict"):
        type("Bad", (odd.types.Model,), {"__slots__": (), "to_dict": odd.types.required("toDict")})


def test_a_request_writes_query_parameters(odd: ModuleType) -> None:
    """Arrays are in the style that the document gives them, booleans are true and false."""
    body = thing(odd)
    request = odd.api.odd_tag.put_thing.build_request(
        "a", "b", body=body, ids=["1", "2"], numbers=[1, 2], each=["1,2", "&"], flag=False
    )
    assert request.path == "/things/a/b"
    assert request.params == {"ids": "1|2", "numbers": "1,2", "each": ["1,2", "&"], "flag": "false"}
    assert request.json == body.to_dict()
    with pytest.raises(TypeError, match="body"):
        odd.api.odd_tag.put_thing.build_request("a", "b", body=THING, flag=False)
    with pytest.raises(TypeError, match="flag"):
        odd.api.odd_tag.put_thing.build_request("a", "b", body=body, flag={})
    with pytest.raises(TypeError, match="ids: expected a list, found a string"):
        odd.api.odd_tag.put_thing.build_request("a", "b", body=body, ids="1", flag=False)
    with pytest.raises(ValueError, match=r"ids: '1\|2' holds '\|', which separates the entries"):
        odd.api.odd_tag.put_thing.build_request("a", "b", body=body, ids=["1|2"], flag=False)


def test_answers_are_chosen_by_status_range_and_default(odd: ModuleType) -> None:
    """Single statuses come before ranges, these before the default; an answer without content is
    None.
    """
    parse = odd.api.odd_tag.put_thing.parse
    assert [it.kind for it in parse(200, [THING])] == ["k"]
    assert (parse(202, 5), parse(204, None)) == (5, None)
    assert type(parse(418, {"bark": 1})).__name__ == "Dog"
    assert type(parse(599, {"meow": "m"})).__name__ == "Cat"
    with pytest.raises(odd.errors.DecodeError, match=r"\$"):
        parse(200, {})


def test_json_schemas_may_refer_to_each_other_in_circles(odd: ModuleType) -> None:
    """A cat's friend is a thing, whose pets are cats: each is one definition, and a nested value is
    held against it.
    """
    schema = TypeAdapter(odd.models.Cat).json_schema()
    assert {"Base", "Cat", "Dog", "Thing"} == schema["$defs"].keys()
    fits = {
        "meow": "m",
        "friend": {**THING, "gone": None, "pets": [{"meow": "m", "friend": THING}]},
    }
    jsonschema.validate(fits, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"meow": "m", "friend": {**THING, "pets": [{"meow": 5}]}}, schema)


@pytest.mark.parametrize(
    "change",
    [
        ("application/json: {schema: {$ref", "multipart/form-data: {schema: {$ref"),
        ("in: query, schema", "in: cookie, schema"),
    ],
)
def test_what_the_templates_do_not_carry_fails_loudly(
    change: tuple[str, str], tmp_path: Path
) -> None:
    """A body that is no JSON and a cookie parameter stop the generator, rather than being left out
    in silence.
    """
    document = tmp_path / "document.yaml"
    text = ODD.read_text("utf-8")
    assert change[0] in text
    document.write_text(text.replace(*change, 1), "utf-8")
    result = generate(document, tmp_path / "odd_client")
    assert result.returncode != 0
    assert "these_templates_know_no" in result.stdout + result.stderr
