"""Where a copy may go, and that it takes its place whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
import timify_customers
from timify_customers import ArgumentError, ConfigurationError, __version__
from timify_customers.vendoring import check, copy_of, upgrade, vendor
from vendoring.conftest import NEWER, python, tree

SITE = Path(timify_customers.__file__).parents[1]
STAGING = ".timify-customers-vendoring"


def test_a_copy_is_named_by_the_packages_around_it(dest: Path) -> None:
    """The name begins below the first folder that is no package; the folder itself becomes one."""
    placed = vendor(dest)
    assert placed.name == "service._vendor.timify_customers"
    assert placed.plugin == 'pytest_plugins = ["service._vendor.timify_customers.pytest_plugin"]'
    assert (dest / "__init__.py").exists()
    assert not (dest / STAGING).exists()


def test_a_relative_folder_is_taken_from_here(dest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As paths of commands are, dots and all."""
    monkeypatch.chdir(dest.parent)
    assert vendor("../service/_vendor/").folder == dest


def test_what_else_is_in_the_folder_stays(dest: Path) -> None:
    """Others may be vendored there, and its ``__init__`` may be its owner's."""
    dest.mkdir()
    (dest / "__init__.py").write_text("X = 1\n", "utf-8")
    (dest / "other").mkdir()
    vendor(dest)
    assert (dest / "__init__.py").read_text("utf-8") == "X = 1\n"
    assert (dest / "other").is_dir()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("third-party", "'third-party' cannot be part of a package's name"),
        ("class", "'class' cannot be part of a package's name"),
        ("file", "is a file"),
        ("missing/_vendor", "is no folder"),
        ("file/_vendor", "is no folder"),
        ("link", "is a symbolic link"),
        ("loop", "is a symbolic link"),
        ("\0", "cannot be part of"),
        ("\0/_vendor", "is no folder"),
    ],
)
def test_where_nothing_can_be_vendored(dest: Path, name: str, words: str) -> None:
    """Such a folder is refused with the reason, and nothing is made."""
    (dest.parent / "file").touch()
    (dest.parent / "there").mkdir()
    (dest.parent / "link").symlink_to(dest.parent / "there")
    (dest.parent / "loop").symlink_to(dest.parent / "loop")
    before = sorted(dest.parent.rglob("*"))
    with pytest.raises(ArgumentError, match=words):
        vendor(dest.parent / name)
    assert sorted(dest.parent.rglob("*")) == before


@pytest.mark.parametrize("folder", [SITE, SITE / "timify_customers" / "_vendor"])
def test_the_running_version_is_not_overwritten(folder: Path) -> None:
    """Neither where it is itself, nor within it."""
    with pytest.raises(ArgumentError, match="is where the running version is"):
        vendor(folder)


@pytest.mark.parametrize("name", ["timify_customers", "timify_customers_client"])
@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_there_already_is_not_overwritten(dest: Path, name: str, kind: str) -> None:
    """A package of somebody else, or a link to one, is left as it is."""
    dest.mkdir()
    if kind == "file":
        (dest / name).write_text("mine", "utf-8")
    elif kind == "folder":
        (dest / name).mkdir()
    else:
        (dest / name).symlink_to(dest.parent)
    before = sorted(dest.rglob("*"))
    for work in (vendor, upgrade):
        with pytest.raises((ArgumentError, ConfigurationError)):
            work(dest)
    assert sorted(dest.rglob("*")) == before


def test_a_copy_is_not_vendored_over_a_copy(copied: Path) -> None:
    """Not without being asked to: the message names the option."""
    with pytest.raises(ConfigurationError, match=r"is there already: --upgrade replaces"):
        vendor(copied)


@pytest.mark.parametrize("minimal", [False, True])
def test_an_upgrade_replaces_a_clean_copy(dest: Path, newer: Path, minimal: bool) -> None:
    """By the installed version, minimal as it was, with nothing left of the old one."""
    vendor(dest, minimal=minimal)
    (dest / "other.py").touch()
    done = python("-m", "timify_customers", "vendor", "--upgrade", str(dest), path=[newer])
    assert (done.returncode, done.stderr) == (0, "")
    assert NEWER in done.stdout
    assert tree(dest).keys() == {*copy_of(minimal=minimal).files, "__init__.py", "other.py"}
    code = "from service._vendor.timify_customers import __version__; print(__version__)"
    assert python("-c", code, path=[dest.parents[1]]).stdout == f"{NEWER}\n"


def test_an_upgrade_can_leave_out_the_companions(copied: Path) -> None:
    """``--minimal`` makes a whole copy a minimal one."""
    assert upgrade(copied, minimal=True).manifest.minimal
    assert not (copied / "timify_customers" / "sandbox").exists()
    assert check(copied) == []


def test_an_upgrade_refuses_an_edited_copy(copied: Path) -> None:
    """Edits are not lost: it says which files have them, and how many more there are."""
    names = sorted(name for name in copy_of().manifest.files if name.endswith(".py"))[:12]
    for name in names:
        (copied / name).write_text("# mine\n", "utf-8")
    before = tree(copied)
    with pytest.raises(ConfigurationError, match=f"was changed: edited: {names[0]}") as caught:
        upgrade(copied)
    assert str(caught.value).endswith("; and 2 more")
    assert tree(copied) == before


def test_an_upgrade_refuses_to_go_back(dest: Path, newer: Path) -> None:
    """A copy that is newer than the installed version stays."""
    python("-m", "timify_customers", "vendor", str(dest), path=[newer])
    with pytest.raises(ConfigurationError, match=f"is {NEWER}, which is newer than.*{__version__}"):
        upgrade(dest)


def test_a_copy_makes_no_copies(copied: Path, tmp_path: Path) -> None:
    """Its licence and requirements would be those of another version: it says what to do."""
    command = ("-m", "service._vendor.timify_customers", "vendor", str(tmp_path / "second"))
    done = python(*command, path=[copied.parents[1]])
    assert done.returncode == 2
    assert "python -m service._vendor.timify_customers is a vendored copy" in done.stderr
    assert not (tmp_path / "second").exists()


@pytest.mark.parametrize("step", range(4))
def test_a_rename_that_fails_changes_nothing(
    copied: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Whichever of the four moves of an upgrade the system refuses."""
    before = tree(copied)
    fail_at(monkeypatch, "rename", step)
    with pytest.raises(OSError, match="no more"):
        upgrade(copied, minimal=True)
    assert tree(copied) == before


@pytest.mark.parametrize("step", [0, 1, 150])
def test_a_full_disk_changes_nothing(
    copied: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Whichever file has no room."""
    before = tree(copied)
    fail_at(monkeypatch, "write_bytes", step)
    with pytest.raises(OSError, match="no more"):
        upgrade(copied)
    assert tree(copied) == before


@pytest.mark.parametrize(
    ("method", "step"), [("write_text", 0), ("write_bytes", 150), ("rename", 0), ("rename", 1)]
)
def test_a_first_copy_that_fails_leaves_nothing(
    dest: Path, monkeypatch: pytest.MonkeyPatch, method: str, step: int
) -> None:
    """Neither the folder that it made nor the folder's ``__init__.py``."""
    fail_at(monkeypatch, method, step)
    with pytest.raises(OSError, match="no more"):
        vendor(dest)
    assert not dest.exists()


def fail_at(monkeypatch: pytest.MonkeyPatch, method: str, step: int) -> None:
    """Let a method of paths fail at its call of this number, counted from 0."""
    original, calls = getattr(Path, method), iter(range(1000))

    def failing(path: Path, *arguments: object) -> object:
        if next(calls) == step:
            raise OSError(errno.ENOSPC, "no more")
        return original(path, *arguments)

    monkeypatch.setattr(Path, method, failing)


STOPPING = """
import os, sys
from pathlib import Path
from timify_customers.vendoring import upgrade

method, step, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
original, calls = getattr(Path, method), iter(range(1000))

def stopping(path, *arguments):
    if next(calls) == step:
        os._exit(9)
    return original(path, *arguments)

setattr(Path, method, stopping)
upgrade(folder)
os._exit(9)
"""


@pytest.mark.parametrize(
    ("method", "step"), [("write_bytes", 0), ("write_bytes", 99), ("touch", 0)]
)
def test_an_upgrade_that_was_killed_while_writing_has_changed_nothing(
    copied: Path, newer: Path, method: str, step: int
) -> None:
    """The old copy is whole; ``--check`` tells of the rest, and the next run removes it."""
    before = tree(copied)
    kill(copied, newer, method, step)
    now = {name: data for name, data in tree(copied).items() if not name.startswith(STAGING)}
    assert now == before
    assert check(copied) == [f"interrupted: {STAGING} is left of a run that was stopped"]
    assert run_again(copied, newer) == []


@pytest.mark.parametrize("step", range(5))
def test_an_upgrade_that_was_killed_while_moving_is_ended(
    copied: Path, newer: Path, step: int
) -> None:
    """At any of its moves, or right behind them: the next run leaves the new version, whole."""
    kill(copied, newer, "rename", step)
    if step < 4:
        assert check(copied)[0].startswith("interrupted: ")
    assert run_again(copied, newer) == []


@pytest.mark.parametrize("step", [1, 3])
def test_a_copy_that_was_put_back_after_a_killed_upgrade_stays(
    copied: Path, newer: Path, step: int
) -> None:
    """As by ``git checkout``, after either package was moved away: it can be upgraded again."""
    before = tree(copied)
    kill(copied, newer, "rename", step)
    put_back(copied, before)
    assert tree(copied) == before
    assert run_again(copied, newer) == []


@pytest.mark.parametrize("step", [2, 3])
def test_old_files_over_a_new_package_are_told(copied: Path, newer: Path, step: int) -> None:
    """``git checkout`` after the first package was replaced writes the old files and removes none:
    nothing more is moved, and what the new version left there is named, for the user to remove.
    """
    added = newer / "timify_customers" / "brand_new.py"
    added.write_text("", "utf-8")
    changed = newer / "timify_customers_client" / "errors.py"
    old_text = changed.read_text("utf-8")
    changed.write_text(f"{old_text}\n# changed\n", "utf-8")
    before = tree(copied)
    try:
        kill(copied, newer, "rename", step)
        put_back(copied, before)
        assert check(copied) == ["left over: timify_customers/brand_new.py"]
        (copied / "timify_customers" / "brand_new.py").unlink()
        assert tree(copied) == before
        assert run_again(copied, newer) == []
    finally:
        added.unlink()
        changed.write_text(old_text, "utf-8")


def put_back(copied: Path, before: dict[str, bytes]) -> None:
    """Write the old files as ``git checkout`` does, and let the next run find them."""
    for name, data in before.items():
        (copied / name).parent.mkdir(parents=True, exist_ok=True)
        (copied / name).write_bytes(data)
    with pytest.raises(ConfigurationError, match="is there already"):
        vendor(copied)


def kill(copied: Path, newer: Path, method: str, step: int) -> None:
    """Upgrade, and end the process without any clean-up at a call of this number."""
    assert python("-c", STOPPING, method, str(step), str(copied), path=[newer]).returncode == 9


def run_again(copied: Path, newer: Path) -> list[str]:
    """Upgrade to the end, and say in what the copy then differs from the newer version."""
    again = python("-m", "timify_customers", "vendor", "--upgrade", str(copied), path=[newer])
    assert (again.returncode, again.stderr) == (0, "")
    assert not (copied / STAGING).exists()
    assert NEWER in (copied / "timify_customers" / "_version.py").read_text("utf-8")
    return check(copied)


def test_what_a_killed_run_had_only_written_is_thrown_away(copied: Path, newer: Path) -> None:
    """Before the first move the old copy counts, and it is clean once the rest is removed."""
    before = tree(copied)
    python("-c", STOPPING, "write_bytes", "7", str(copied), path=[newer])
    with pytest.raises(ConfigurationError, match="is there already"):
        vendor(copied)
    assert tree(copied) == before
