"""Each shape adopted in a copy of this tree, and the tests that must hold for any shape run there.

`make soak` runs all others there too.
"""

import json
from pathlib import Path

import pytest
from adoption.copies import copied, fetched, installed, run
from adoption.shapes_of import SHAPES, path

MARKED = "mark.adopted"


@pytest.fixture(params=SHAPES)
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy in which the document of a shape was taken over without a hand on anything."""
    place = copied(tmp_path)
    taken = fetched(place, path(request.param))
    assert taken.returncode == 0, taken.stderr
    return place


def test_what_is_marked_holds_for_every_shape(tree: Path) -> None:
    """The marked tests pass on what was adopted, and fetching the same document again changes
    nothing.
    """
    modules = [
        each for each in (tree / "tests").rglob("test_*.py") if MARKED in each.read_text("utf-8")
    ]
    modules = [each for each in modules if each.name != Path(__file__).name]
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "adopted")
    done = run(tree, "-P", "-m", "pytest", *options, *modules, PYTHONPATH=str(installed(tree)))
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert len(modules) >= 10
    assert fetched(tree, tree / "openapi" / "published.yaml").stdout.startswith("# Unchanged")
    result = json.loads((tree / ".work" / "fetch-spec.json").read_text("utf-8"))
    assert result == {"result": "unchanged", "rating": "none", "reason": ""}
