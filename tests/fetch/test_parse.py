"""Telling an OpenAPI document from whatever else a server may send."""

import json
from collections.abc import Callable

import pytest
from fetch.documents import FROZEN, a_document, as_bytes, operation
from ruamel.yaml import YAML
from spec import values
from spec.errors import NotADocumentError
from spec.parse import parse

SMALL = a_document(things=operation())


def refused(content: bytes | str, kind: str = "") -> str:
    with pytest.raises(NotADocumentError) as caught:
        parse(content.encode() if isinstance(content, str) else content, kind)
    assert "with URL=..., or the file with --file" in str(caught.value)
    return str(caught.value)


def test_json_and_yaml_are_read_alike() -> None:
    """A document is the same in JSON, in YAML and with a byte order mark before it."""
    head = "openapi: 3.1.0\ninfo: {title: Small, version: 1.0.0}\n"
    path = "paths:\n  /v1/things:\n    post:\n      tags: [Customers]\n      parameters: []\n"
    answers = "      responses:\n        200: {description: ok}\n"
    assert (
        parse(as_bytes(SMALL))
        == parse((head + path + answers).encode())
        == parse(b"\xef\xbb\xbf" + as_bytes(SMALL))
        == SMALL
    )


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("<!DOCTYPE html><html></html>", "application/yaml"),
        ("\n  <html><body>Log in</body></html>", ""),
        ("<?xml version='1.0'?><x/>", "text/plain"),
        ("openapi: 3.1.0\npaths: {}\n", "text/html; charset=utf-8"),
    ],
)
def test_a_web_page_is_called_one(content: str, kind: str) -> None:
    """A page is known by what it is said to be, and by what it begins with."""
    assert "got a web page, not an OpenAPI document" in refused(content, kind)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe{}", "not UTF-8 text (byte 0)"),
        (b"", "It is empty"),
        (b"# nothing\n", "It is empty"),
        (b"just a line", "it holds a str, not an object"),
        (b"[1, 2]", "it holds a list, not an object"),
        (b"a: [1, 2", "not valid YAML or JSON"),
        (b'{"openapi": "3.1.0", "paths": {', "not valid YAML or JSON"),
        (b"a: 1\na: 2\n", "the key 'a' twice (line 2)"),
        (b"a: 1\n---\nb: 2\n", "more than one YAML document"),
        (b"? [a]\n: 1\n", "must be a plain value (line 1)"),
        (b"a: *b\n", "refers to what is not there yet: *b (line 1)"),
        (b"a: {<<: 1}\n", "Only mappings can be merged (line 1)"),
        (b"a: \x01\n", "not valid YAML or JSON"),
        (b"title: no version\npaths: {}\n", "its key `openapi` says 'None'"),
        (b"swagger: '2.0'\npaths: {}\n", "not an OpenAPI 3 document"),
        (b"openapi: 3.1\npaths: {}\n", "not an OpenAPI 3 document"),
        (b"openapi: 4.0.0\npaths: {}\n", "not an OpenAPI 3 document"),
        (b"openapi: 3.1.0\n", "`paths` holds no object"),
        (b"openapi: 3.1.0\npaths: []\n", "`paths` holds no object"),
    ],
)
def test_each_wrong_file_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    """Whatever is wrong is said, with the line where there is one."""
    assert reason in refused(content)


ELSEWHERE = [
    "https://example.invalid/x.yaml",
    "other.yaml#/a",
    "../secret",
    "file:///etc/hostname",
    "/etc/hostname",
]


@pytest.mark.parametrize("target", ELSEWHERE)
@pytest.mark.parametrize(
    "place",
    [
        lambda target: {"$ref": target},
        lambda target: {"examples": {"a": {"externalValue": target}}},
        lambda target: {"discriminator": {"propertyName": "a", "mapping": {"a": target}}},
    ],
    ids=["reference", "example", "discriminator"],
)
def test_what_stands_elsewhere_is_refused(place: Callable[[str], object], target: str) -> None:
    """Redocly would fetch or read it, so it never gets that far."""
    assert "refers to another file" in refused(
        as_bytes(a_document(things=operation(body=place(target))))
    )


def test_names_and_data_are_no_references() -> None:
    """Names of components, local references and properties of such names are taken for what
    they are.
    """
    schema = {
        "discriminator": {
            "propertyName": "a",
            "mapping": {"a": "Cat", "b": "#/components/schemas/Dog"},
        },
        "properties": {
            "externalValue": {"type": "string"},
            "$ref": {"type": "string"},
            "mapping": {"type": "object"},
        },
        "examples": [{"externalValue": "https://example.com"}],
    }
    document = a_document(things=operation(body=schema))
    assert parse(as_bytes(document)) == document


def bomb(link: str) -> str:
    """Give YAML whose aliases unfold to ten to the power of twelve."""
    lines = [
        f"x{number}: &x{number} {link.format(', '.join([f'*x{number - 1}'] * 10))}"
        for number in range(1, 13)
    ]
    return "\n".join(["openapi: 3.1.0", "paths: {}", "x0: &x0 {a: 1}", *lines])


@pytest.mark.parametrize("link", ["[{}]", "{{<<: [{}]}}"], ids=["lists", "merge keys"])
def test_a_yaml_bomb_is_refused_unfolded(link: str) -> None:
    """Aliases are counted as what they stand for before anything is made of them."""
    assert "unfolds to more than 2000000 values" in refused(bomb(link))


def test_an_alias_of_itself_is_refused() -> None:
    """A value that contains itself is no JSON."""
    assert "not there yet" in refused("openapi: 3.1.0\npaths: &p {a: *p}\n")


@pytest.mark.parametrize("depth", [101, 20_000])
def test_bottomless_nesting_is_refused(depth: int) -> None:
    """Nesting is bounded, in JSON and in YAML, before anything that recurses meets it."""
    inner = "[" * depth + "]" * depth
    assert "nested" in refused(f'{{"openapi": "3.1.0", "paths": {{}}, "x": {inner}}}')
    assert "nested" in refused(f"openapi: 3.1.0\npaths: {{}}\nx: {inner}\n")


def test_aliases_that_unfold_to_little_are_fine() -> None:
    """Published YAML uses aliases for what repeats; they are read as copies."""
    read = parse(b"openapi: 3.1.0\nx: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz: [*x, *x]\npaths: {}\n")
    assert read["y"] == {"a": 1, "b": 3}
    assert read["z"] == [{"a": 1, "b": 2}] * 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("NO", "NO"),
        ("true", True),
        ("~", None),
        ("", None),
        ("'null'", "null"),
        ("12", 12),
        ("-0x1f", "-0x1f"),
        ("0x1f", 31),
        ("010", 10),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        ("1.0.0", "1.0.0"),
        ("2022-01-26", "2022-01-26"),
        ("2022-01-26T16:17:01Z", "2022-01-26T16:17:01Z"),
        ("!!str 12", "12"),
        ("12:30", "12:30"),
    ],
)
def test_scalars_are_json_values(text: str, value: object) -> None:
    """Scalars are read by YAML 1.2: no dates, and a country code NO is no boolean."""
    read = values.load(f"key: {text}\n")["key"]
    assert (read, type(read)) == (value, type(value))


def test_our_own_files_read_as_another_reader_reads_them() -> None:
    """On the project's own documents, this reading is that of a whole YAML library."""
    for path in FROZEN.glob("**/*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert values.load(text) == json.loads(
            json.dumps(YAML(typ="safe", pure=True).load(text))
        ), path.name
