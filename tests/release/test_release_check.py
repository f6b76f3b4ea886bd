"""What keeps a release from being made."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import release_check
from release_check import NotReadyError
from verify_types import problems


def test_a_version_without_a_section_in_the_changelog_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is released that users cannot read about; a section needs a date."""
    monkeypatch.setattr(release_check, "ROOT", tmp_path)
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text("# Changelog\n\n## [1.2.3] - 2026-11-22\n\n## [1.2.4]\n", "utf-8")
    release_check.check_changelog("1.2.3")
    for version in ("1.2.4", "1.2", "1x2x3"):
        with pytest.raises(NotReadyError, match=r"has no '## \["):
            release_check.check_changelog(version)


def test_a_check_that_fails_says_all_that_it_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """And one that passes says how long it took, alone."""
    command = (sys.executable, "-c", "import sys; print('seen'); sys.exit('why')")
    with pytest.raises(NotReadyError, match=r"(?s)^ours failed:\n.*seen") as caught:
        release_check.run("ours", *command)
    assert "why" in str(caught.value)
    release_check.run("ours", sys.executable, "-c", "print('seen')")
    assert "seen" not in capsys.readouterr().out


def test_a_wheel_that_is_not_that_of_the_tree_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is built from the source distribution must be what the suite tests."""
    built = tmp_path / "built"
    built.mkdir()
    (built / "x.tar.gz").touch()
    (built / "x.whl").write_bytes(b"other")
    (tmp_path / "x.whl").write_bytes(b"tested")
    monkeypatch.setattr(release_check, "DIST", tmp_path)
    monkeypatch.setattr(release_check, "run", lambda *_: None)
    with pytest.raises(NotReadyError, match="is not that of the tree"):
        release_check.build(built)
    (built / "x.whl").write_bytes(b"tested")
    assert release_check.build(built) == (built / "x.tar.gz", built / "x.whl")
    (built / "y.whl").touch()
    with pytest.raises(NotReadyError, match="has 2 files"):
        release_check.build(built)


def test_an_incomplete_type_is_named() -> None:
    """And so is a package that pyright does not find, which would have no incomplete type."""
    symbol = {"name": "a.B.c", "isTypeKnown": False, "diagnostics": [{"message": "no annotation"}]}
    known = symbol | {"isTypeKnown": True}
    said = {"packageName": "a", "pyTypedPath": "a/py.typed", "symbols": [symbol, known]}
    assert [*problems(said)] == ["a.B.c: no annotation"]
    lost = {"packageName": "a", "symbols": []}
    assert [*problems(lost)] == ["a is not installed, or has no py.typed"]
