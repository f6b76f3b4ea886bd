"""What counts as a change of the public API, and which version it needs."""

from __future__ import annotations

import public_api
import pytest
from public_api import Changes, compare

ROOMS = "from ._room import Client\n__all__ = ['Client']\n"
CLIENT = '''
"""Why there is a client."""

class Client:
    """It calls."""

    def __init__(self, name: str) -> None:
        self.name: str = name.strip()
        self._hidden = 1

    def get(self, key: str, *, retries: int = 4) -> str:
        """Get."""
        return key * retries

    def _private(self) -> None: ...
'''


def changes(old: str, new: str) -> Changes:
    """Compare two versions of a private room whose class is public."""
    raw = {"timify_customers_client/__init__.py": ""}
    apis = (
        {
            "timify_customers/__init__.py": ROOMS,
            "timify_customers/_room.py": public_api.skeleton(source),
        }
        | raw
        for source in (old, new)
    )
    return compare(*apis)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        (", *, retries: int = 4", "", "Client.get (retries)"),
        ("def get(", "def fetch(", "Client.get"),
        ("self.name:", "self.title:", "Client.name"),
        ("key: str, *", "key: str, other: str, *", "Client.get"),
        ("retries: int = 4", "retries: int = 5", "Client.get (retries)"),
    ],
)
def test_what_breaks_code_is_named(old: str, new: str, where: str) -> None:
    """Also in a private module, where the class is public by an import."""
    assert old in CLIENT
    found = changes(CLIENT, CLIENT.replace(old, new))
    assert found.breaking
    assert where in found.breaking[0]
    assert found.next_version((0, 1, 3)) == (0, 2, 0)
    assert found.next_version((1, 2, 3)) == (2, 0, 0)


def test_what_is_new_needs_a_minor_version() -> None:
    """A method more breaks nothing."""
    found = changes(CLIENT, f"{CLIENT}\n    def put(self) -> None: ...\n")
    assert found == Changes((), ("timify_customers.Client.put",))
    assert found.next_version((0, 1, 3)) == (0, 2, 0)
    assert found.next_version((1, 2, 3)) == (1, 3, 0)


def test_what_nobody_sees_needs_a_patch() -> None:
    """Bodies, words, private names and the values of attributes are no API."""
    other = (
        CLIENT.replace("return key * retries", "return ''")
        .replace("It calls.", "It called.")
        .replace("_private", "_other")
        .replace("name.strip()", "name")
        .replace("_hidden = 1", "_hidden = 2")
    )
    assert changes(CLIENT, other) == Changes((), ())
    assert changes(CLIENT, other).next_version((1, 2, 3)) == (1, 2, 4)


def test_what_is_kept_of_a_release_is_read_as_it_was_written(
    tmp_path: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every module of the tree, and the version; compared with itself, nothing has changed."""
    monkeypatch.setattr(public_api, "BASELINE", tmp_path / "api.txt")
    tree = public_api.of_tree()
    public_api.write(tree, "1.2.3")
    assert public_api.read() == (tree, "1.2.3")
    assert compare(tree, tree) == Changes((), ())


def test_the_last_release_is_the_first_one() -> None:
    """What is committed is the API of a release that the changelog has, with its public names."""
    modules, version = public_api.read()
    changelog = (public_api.ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"## [{version}] - " in changelog
    assert "TimifyCustomers" in modules["timify_customers/__init__.py"]


@pytest.mark.parametrize(
    ("version", "code"), [("0.1.0", 0), ("0.1.1", 1), ("0.2.0", 0), ("1.0.0", 0), ("0.0.9", 1)]
)
def test_a_version_that_is_too_low_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], version: str, code: int
) -> None:
    """Unreleased work has the version of the last release; a release must not be less than its
    changes need.
    """
    monkeypatch.setattr(public_api, "read", lambda: ({}, "0.1.0"))
    monkeypatch.setattr(public_api, "of_tree", dict)
    monkeypatch.setattr(public_api, "tree_version", lambda: version)
    monkeypatch.setattr(public_api, "compare", lambda *_: Changes(("x: gone",), ()))
    assert public_api.main([]) == code
    assert "breaking: x: gone\nsince 0.1.0: 1 breaking changes" in capsys.readouterr().out


def test_the_version_is_in_one_place() -> None:
    """The tool reads the same version as the build and the package."""
    import timify_customers

    assert public_api.tree_version() == timify_customers.__version__
