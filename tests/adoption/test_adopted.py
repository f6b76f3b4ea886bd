"""Each shape adopted in a copy of this tree, and the tests that must hold for any shape run there.

`make soak` runs all others there too.
"""

import copy
import json
import subprocess
from pathlib import Path
from typing import Any

from adoption.copies import copied, fetched, installed, run
from adoption.shapes_of import path, shape
from spec.references import resolve

MARKED = "mark.adopted"


def test_what_is_marked_holds_for_every_shape(tree: Path) -> None:
    """The marked tests pass on what was adopted."""
    modules = [
        each for each in (tree / "tests").rglob("test_*.py") if MARKED in each.read_text("utf-8")
    ]
    modules = [each for each in modules if each.name != Path(__file__).name]
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "adopted")
    done = run(tree, "-P", "-m", "pytest", *options, *modules, PYTHONPATH=str(installed(tree)))
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert len(modules) >= 10


def test_the_whole_client_is_made(shape_name: str, tree: Path) -> None:
    """Document and client are made and are what their sources make; fetching the same document
    again changes nothing.
    """
    published = tree / "openapi" / "published.yaml"
    assert published.read_bytes() == path(shape_name).read_bytes()
    checked = run(tree, tree / "tools" / "generate.py", "--check")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert fetched(tree, published).stdout.startswith("# Unchanged")
    result = json.loads((tree / ".work" / "fetch-spec.json").read_text("utf-8"))
    assert result == {"result": "unchanged", "rating": "none", "reason": ""}


def test_a_contradiction_in_a_body_fails_one_test(tmp_path: Path) -> None:
    """A body that is not what the client writes is adopted; then `make test` fails in its first
    test, which names each place.
    """
    published = tmp_path / "published.yaml"
    published.write_text(json.dumps(_contradicting()), "utf-8")
    tree = copied(tmp_path / "tree")
    taken = fetched(tree, published)
    assert taken.returncode == 0, taken.stderr
    plan = subprocess.run(
        ["make", "-n", "test"], cwd=tree, capture_output=True, text=True, check=True
    )
    first = next(line for line in plan.stdout.splitlines() if " -m pytest " in line)
    test = first.split()[-1]
    assert test.startswith("tests/resources/test_wire_keys.py::")
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=short")
    done = run(tree, "-P", "-m", "pytest", *options, test, PYTHONPATH=str(installed(tree)))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed" in done.stdout
    for place in ("CustomerCreate needs country", "CustomfieldCreate.label: expected an integer"):
        assert place in done.stdout


def _contradicting() -> dict[str, Any]:
    """A document in which a create needs what nobody gives, and a label is a number."""
    document = shape("named")
    customers, fields = (
        _body(document, key) for key in ("/v1/customers", "/v1/customers/customfields")
    )
    customers["required"] = ["country"]
    customers["properties"] = {**customers["properties"], "country": {"type": "string"}}
    fields["type"] = "object"
    fields["properties"] = {"label": {"type": "integer"}, "type": {"type": "string"}}
    return document


def _body(document: dict[str, Any], route: str) -> dict[str, Any]:
    paths = {key.rstrip("/"): item for key, item in document["paths"].items()}
    content = paths[route]["post"]["requestBody"]["content"]["application/json"]
    content["schema"] = copy.deepcopy(resolve(document, content["schema"]))
    return content["schema"]
