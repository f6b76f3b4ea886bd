"""``--check``: edits, what is missing or left over, and copies that are older."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timify_customers import ConfigurationError, __version__
from timify_customers.vendoring import check, copy_of, vendor
from vendoring.conftest import NEWER, python

CLIENT = "timify_customers/_client.py"
MANIFEST = "timify_customers/VENDORED.json"
NAMES = sorted(copy_of().manifest.files)


def rewrite(folder: Path, **said: object) -> None:
    """Change what a copy says of itself."""
    file = folder / MANIFEST
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | said), "utf-8")


@pytest.mark.parametrize("minimal", [False, True])
def test_a_new_copy_is_clean(dest: Path, minimal: bool) -> None:
    """Nothing is reported, also once its modules were compiled and when others are vendored beside
    it.
    """
    vendor(dest, minimal=minimal)
    (dest / "other.py").touch()
    compiled = dest / "timify_customers" / "__pycache__"
    compiled.mkdir()
    (compiled / "_client.cpython-311.pyc").touch()
    assert check(dest) == []


@given(
    edited=st.sets(st.sampled_from(NAMES), max_size=4),
    missing=st.sets(st.sampled_from(NAMES), max_size=4),
    added=st.sets(st.sampled_from(["new.py", "_calls/extra.json", "deep/er/x.txt"])),
)
def test_each_difference_is_named(
    edited: set[str], missing: set[str], added: set[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever was changed: exactly that is reported, each file by its name."""
    folder = tmp_path_factory.mktemp("any") / "held"
    vendor(folder)
    for name in edited - missing:
        with (folder / name).open("ab") as file:
            file.write(b" ")
    for name in missing:
        (folder / name).unlink()
    for name in added:
        path = folder / "timify_customers_client" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert check(folder) == [
        *(f"edited: {name}" for name in sorted(edited - missing)),
        *(f"missing: {name}" for name in sorted(missing)),
        *(f"left over: timify_customers_client/{name}" for name in sorted(added)),
    ]
    shutil.rmtree(folder)


def test_a_symbolic_link_is_no_file_of_a_copy(copied: Path, tmp_path: Path) -> None:
    """One in the place of a file is an edit, even if it leads to the same bytes; one to a folder is
    left over, and not followed.
    """
    same = tmp_path / "same.py"
    (copied / CLIENT).rename(same)
    (copied / CLIENT).symlink_to(same)
    (copied / "timify_customers" / "linked").symlink_to(tmp_path, target_is_directory=True)
    assert check(copied) == [f"edited: {CLIENT}", "left over: timify_customers/linked"]


def test_a_missing_package_is_all_of_its_files(copied: Path) -> None:
    """A copy of which the generated package was removed is not clean."""
    shutil.rmtree(copied / "timify_customers_client")
    missing = [it for it in NAMES if it.startswith("timify_customers_client/")]
    assert check(copied) == [f"missing: {name}" for name in missing]


def test_a_copy_of_an_older_version_is_older(copied: Path, newer: Path) -> None:
    """The version that is installed by now says so, with both versions."""
    done = python("-m", "timify_customers", "vendor", "--check", str(copied), path=[newer])
    assert done.stdout == f"older: the copy is {__version__}, installed is {NEWER}\n"
    assert done.returncode == 1


def test_a_copy_of_a_newer_version_is_not_older(dest: Path, newer: Path) -> None:
    """Somebody else may have upgraded it: that is no fault of the copy."""
    done = python("-m", "timify_customers", "vendor", str(dest), path=[newer])
    assert (done.returncode, done.stderr) == (0, "")
    assert check(dest) == []


def test_a_copy_of_another_build_is_older(copied: Path) -> None:
    """The same version with another document, as a refreshed one has, is another build."""
    rewrite(copied, document={"version": "0.0.4", "sha256": "0" * 64})
    assert check(copied) == [
        f"older: the copy is of another build of {__version__} than the installed one"
    ]


def test_a_copy_checks_itself(copied: Path) -> None:
    """Without an installed version, a copy tells edits of itself, and nothing of age."""
    rewrite(copied, version="0.0.1")
    top = copied.parents[1]
    command = ("-m", "service._vendor.timify_customers", "vendor", "--check", str(copied))
    assert python(*command, path=[top]).stdout == "clean\n"
    (copied / CLIENT).unlink()
    done = python("-m", "service._vendor.timify_customers", "--version", path=[top])
    assert done.returncode != 0
    assert check(copied)[0] == f"missing: {CLIENT}"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 2}', "\xff", '{"format": 1, "distribution": 1}']
)
def test_a_damaged_manifest_is_an_error_that_names_it(copied: Path, text: str) -> None:
    """Not a crash, and no word about the files: it cannot be known how they were."""
    (copied / MANIFEST).write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigurationError, match=r"VENDORED\.json' is damaged"):
        check(copied)


@pytest.mark.parametrize("where", ["nowhere", "file", "folder"])
def test_where_no_copy_is_there_is_nothing_to_check(tmp_path: Path, where: str) -> None:
    """A wrong path is an error, and not taken for a clean copy."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="has no vendored copy"):
        check(tmp_path / where)
