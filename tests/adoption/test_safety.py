"""The published document is foreign: nothing in it gets out of a docstring, a string, a report
or the folder.
"""

import ast
import copy
import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import generate
import pytest
from adoption.shapes_of import known, shape
from spec.adopt.adopt import adopt
from spec.adopt.notes import Note
from spec.compare import report
from spec.errors import NotADocumentError, RejectedError, SpecError
from spec.fetch import page
from spec.parse import parse

CODE = "__import__('builtins').__dict__.__setitem__('PWNED', 1)"
HOSTILE = [
    f'"""\n{CODE}\n"""',
    f"'''\n{CODE}\n'''",
    f'\\"""\n{CODE}\n#',
    f'"\n{CODE}\n"',
    f"{{{{ {CODE} }}}} {{% set x = {CODE} %}} {{{CODE}}}",
    f"\\\n{CODE}",
    f"\u2028{CODE}\u2029\r{CODE}\x0b{CODE}\x0c{CODE}\x85{CODE}",
    "\\N{DIGIT ONE} \\x41 \\u0041 \\U00000041 \\",
    (
        "# PWNED\n- [PWNED](https://example.invalid) @everyone\n"
        f"<script>{CODE}</script> | PWNED | `{CODE}` ```\nPWNED"
    ),
    "../../../../PWNED",
    "/etc/PWNED",
    "..\\PWNED",
    "\ufeff\u202ePWNED\x00",
]
PROOF = """
import builtins, importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
package = importlib.import_module("timify_customers_client")
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
assert not hasattr(builtins, "PWNED")
"""


def hostile(words: str) -> dict[str, Any]:
    """Give a document with a hostile text in each place where a document has one."""
    document = shape("inline")
    document["info"] |= {"title": words, "version": words, "description": words}
    document["tags"] = [{"name": words, "description": words}, {"name": words}]
    document["x-" + words] = words
    document["components"] = {
        "schemas": {words: _schema(words)},
        "parameters": {words: {"name": words, "in": "query"}},
    }
    for path, item in document["paths"].items():
        for operation in item.values():
            if path.startswith("/v1/customers"):
                _spoil(operation, words)
    document["paths"][f"/v1/customers/{{x}}/{re.sub('[^a-zA-Z_.-]', '', words)}"] = {
        "post": _operation(words)
    }
    document["paths"][f"/v1/customers/{words}"] = {"get": _operation(words)}
    return document


def _spoil(operation: dict[str, Any], words: str) -> None:
    operation |= {
        "summary": words,
        "description": words,
        "operationId": words,
        "externalDocs": {"url": words},
    }
    operation["tags"] = [words, words]
    operation["parameters"].append(
        {"name": words, "in": "query", "description": words, "schema": _plain(words)}
    )
    operation["parameters"].append(
        {"name": "plain", "in": "query", "description": words, "schema": _plain(words)}
    )
    for response in operation["responses"].values():
        response["description"] = words
        response["content"]["application/json"]["schema"]["properties"] |= {
            "odd": _schema(words),
            words: _plain(words),
        }
    operation["responses"][words] = {"description": words}
    if "requestBody" in operation:
        operation["requestBody"]["description"] = words
        _object(operation["requestBody"]["content"]["application/json"]["schema"], words)


def _object(schema: dict[str, Any], words: str) -> None:
    schema.setdefault("properties", {})
    schema["properties"] |= {words: _plain(words), "odd": _schema(words), "plain": _plain(words)}


def _plain(words: str) -> dict[str, Any]:
    return {
        "type": "string",
        "title": words,
        "description": words,
        "example": words,
        "default": words,
        "enum": [words, "a"],
        "pattern": words,
    }


def _schema(words: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "object",
        "title": words,
        "description": words,
        "format": words,
        "required": [words],
    }
    _object_of = {
        words: {"type": "string", "enum": [words]},
        "inner": {"type": "string", "format": words},
    }
    return found | {"properties": _object_of, "example": {words: words}}


def _operation(words: str) -> dict[str, Any]:
    body = {"required": True, "content": {"application/json": {"schema": _schema(words)}}}
    answer = {"description": words, "content": {"application/json": {"schema": _schema(words)}}}
    return {
        "summary": words,
        "description": words,
        "tags": [words],
        "requestBody": body,
        "responses": {"200": answer},
    }


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_gets_out_of_a_string(words: str, tmp_path: Path) -> None:
    """With a hostile text in every place, the client is made, imports, runs nothing, and stays
    in its folder.
    """
    (tmp_path / "published.json").write_text(json.dumps(hostile(words)), encoding="utf-8")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    generate.build(scratch, tmp_path / "published.json")
    answer = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", PROOF, scratch],
        capture_output=True,
        check=False,
    )
    assert answer.stderr == b""
    found = {path.relative_to(tmp_path).parts[:2] for path in tmp_path.rglob("*")}
    package = scratch / generate.PACKAGE
    assert found <= {
        ("published.json",),
        ("scratch",),
        ("scratch", "customers.yaml"),
        ("scratch", generate.PACKAGE),
    }
    assert [
        name
        for path in package.rglob("*.py")
        if not (name := path.stem).isidentifier() or len(name) > 130
    ] == []
    assert not any(_calls(path) for path in package.rglob("*.py"))


def _calls(path: Path) -> list[str]:
    """Give what a module calls that no generated module does."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [each.func for each in ast.walk(tree) if isinstance(each, ast.Call)]
    return [each.id for each in calls if isinstance(each, ast.Name) and "import" in each.id]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_gets_out_of_the_report(words: str) -> None:
    """In the report every foreign word stands in a code span: no heading, link, mention or tag
    is made of it.
    """
    adoption = adopt(known(), parse(json.dumps(hostile(words)).encode()))
    for text in (
        page.first(
            adoption.notes, known(), "major", page.lines(adoption.notes, page.USERS), later=False
        ),
        page.every(adoption.notes, known()),
        page.every([Note("kept", words, words)], {"paths": {}}),
    ):
        bare = re.sub(r"`[^`\n]*`", "", text)
        assert "PWNED" not in bare
        assert "`" not in bare
        assert all(line == "" or line[0] in "#-TA" for line in text.splitlines())
    assert (
        "```"
        not in report.failure(words).removeprefix(
            "# Not taken over\n\nNothing was changed.\n\n```text\n"
        )[:-5]
    )


def test_two_hostile_names_do_not_meet() -> None:
    """Names that are the same file or class after what is odd in them is dropped have names of
    their own.
    """
    document = shape("inline")
    rows = document["paths"]["/v1/customers/{customerId}"]["get"]["responses"]["200"]["content"][
        "application/json"
    ]
    inside = {"type": "object", "properties": {"a": {"type": "string"}}}
    other = {"type": "object", "properties": {"b": {"type": "string"}}}
    rows["schema"]["properties"]["data"] = {
        "type": "object",
        "properties": {"../x": inside, "x": other, "X": other},
    }
    made = adopt(known(), document).document["components"]["schemas"]
    names = [name.lower() for name in made]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[A-Za-z0-9]+", name) for name in made)


@pytest.mark.parametrize(
    "reference", ["https://example.invalid/x.yaml", "file:///etc/passwd", "../x.yaml#/a", "x.json"]
)
def test_nothing_is_fetched(reference: str) -> None:
    """A reference that leaves the document is refused before anything could follow it."""
    document = shape("inline")
    document["paths"]["/v1/customers"]["get"]["responses"]["200"] = {"$ref": reference}
    with pytest.raises(NotADocumentError, match="refers to another file"):
        parse(json.dumps(document).encode())


def _wide() -> Any:
    return {
        "type": "object",
        "properties": {f"p{number}": {"type": "string"} for number in range(5_000)},
    }


def _deep() -> Any:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(200):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def _doubling() -> Any:
    """Forty levels that each refer to the next twice: a million million schemas if they were
    written out.
    """
    return {
        f"N{number}": {
            "type": "object",
            "properties": {name: {"$ref": f"#/components/schemas/N{number + 1}"} for name in "ab"},
        }
        for number in range(40)
    }


def _entangled() -> Any:
    """Sixty schemas that each hold all the others."""
    return {
        f"N{number}": {
            "type": "object",
            "properties": {
                f"to{other}": {"$ref": f"#/components/schemas/N{other}"} for other in range(60)
            }
            | {f"own{number}": {"type": "string"}},
        }
        for number in range(60)
    }


ROOT = {"type": "object", "properties": {"odd": {"$ref": "#/components/schemas/N0"}}}
LARGE: dict[str, tuple[Any, Any, str]] = {
    "wide": (_wide(), {}, ""),
    "deep": (_deep(), {}, "nested deeper"),
    "doubling": (ROOT, _doubling(), ""),
    "entangled": (ROOT, _entangled(), ""),
    "a chain": (
        ROOT,
        {
            f"N{n}": {"properties": {"a": {"$ref": f"#/components/schemas/N{n + 1}"}}}
            for n in range(3000)
        },
        "deep",
    ),
    "references": (
        ROOT,
        {f"N{n}": {"$ref": f"#/components/schemas/N{n + 1}"} for n in range(5000)},
        "deep",
    ),
    "a circle": (
        ROOT,
        {"N0": {"$ref": "#/components/schemas/N1"}, "N1": {"$ref": "#/components/schemas/N0"}},
        "",
    ),
    "parts": ({"allOf": [{"type": "object"}] * 10_000}, {}, "more than 200 parts"),
    "values": (
        {
            "properties": {
                f"e{n}": {"type": "string", "enum": [f"{n}-{m}" for m in range(400)]}
                for n in range(100)
            }
        },
        {},
        "more than 10000",
    ),
}


@pytest.mark.parametrize("case", LARGE)
def test_no_document_takes_long(case: str) -> None:
    """However a document is made to be costly, it is adopted or refused in words, in far less
    than a minute.
    """
    schema, schemas, refusal = LARGE[case]
    document = shape("inline")
    document["components"] = {"schemas": schemas}
    answer = document["paths"]["/v1/customers/{customerId}"]["get"]["responses"]["200"]["content"][
        "application/json"
    ]
    answer["schema"] = copy.deepcopy(schema)
    started = time.process_time()
    if refusal:
        with pytest.raises(SpecError, match=refusal):
            adopt(known(), parse(json.dumps(document).encode()))
    else:
        made = adopt(known(), parse(json.dumps(document).encode())).document["components"][
            "schemas"
        ]
        assert len(made) < 500
    assert time.process_time() - started < 60


def test_too_many_operations_are_refused() -> None:
    """A module of absurdly many operations is refused."""
    document = shape("inline")
    for number in range(300):
        document["paths"][f"/v1/customers/x{number}"] = {
            "get": {"responses": {"200": {"description": "ok"}}}
        }
    with pytest.raises(RejectedError, match="more than 200 operations"):
        adopt(known(), document)


def test_two_paths_that_are_one_are_refused() -> None:
    """Two operations that are the same over the wire say two things of one: refused, and named."""
    document = shape("inline")
    document["paths"]["/v1/customers/{other}/"] = {
        "get": document["paths"]["/v1/customers/{customerId}"]["get"]
    }
    with pytest.raises(RejectedError, match=r"same over the wire: GET /v1/customers/\{\}"):
        adopt(known(), document)


@pytest.mark.parametrize(
    "content",
    [
        b'{"openapi": "3.1.0", "paths": {}, "x": NaN}',
        b'{"openapi": "3.1.0", "paths": {}, "x": -Infinity}',
    ],
)
def test_what_is_no_json_is_refused(content: bytes) -> None:
    """Numbers that JSON has not are refused, since tools differ on them."""
    with pytest.raises(NotADocumentError, match="no JSON"):
        parse(content)
