"""Generating: refuses what the generator passes over, and puts nothing into place unless all
of it is right.
"""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import generate as tool
import pytest
from openapi_python_client.config import ClassOverride, ConfigFile
from spec import files, redocly
from spec.document import build

Run = Callable[..., subprocess.CompletedProcess[str]]


def unknown_keys(config: dict[str, Any]) -> set[str]:
    """What the generator would ignore in silence."""
    unknown = config.keys() - ConfigFile.model_fields.keys()
    for name, override in config.get("class_overrides", {}).items():
        unknown |= {
            f"class_overrides.{name}.{key}"
            for key in override.keys() - ClassOverride.model_fields.keys()
        }
    return unknown


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def generated(tree: Path) -> dict[str, bytes]:
    """What generating may change."""
    package = contents(tree / tool.PACKAGE)
    assert "client.py" in package
    return package | {"customers.yaml": (tree / "openapi" / "customers.yaml").read_bytes()}


def test_the_generator_knows_every_key_of_its_configuration() -> None:
    """No setting is misspelt, or of another version of the generator."""
    assert unknown_keys(files.load(tool.CONFIG)) == set()


def test_unknown_keys_are_found() -> None:
    """The test above would see a misspelt key, on the top and in a class override."""
    config = {"literal_enum": True, "class_overrides": {"A": {"classname": "B"}}}
    assert unknown_keys(config) == {"literal_enum", "class_overrides.A.classname"}


def test_class_overrides_name_schemas_that_exist(customers: dict[str, Any]) -> None:
    """No class override is for a schema that is gone."""
    overrides = files.load(tool.CONFIG)["class_overrides"]
    assert overrides
    assert overrides.keys() <= customers["components"]["schemas"].keys()


def test_hooks_use_exact_rules_and_no_configuration() -> None:
    """What the hooks do depends on the pinned ruff alone: no rule set that grows, no
    pyproject.toml around.
    """
    check, form = files.load(tool.CONFIG)["post_hooks"]
    assert check.startswith("ruff check --isolated --no-cache ")
    assert " --fix-only --select F401,I001 " in check
    assert form.startswith("ruff format --isolated --no-cache ")


def test_generating_leaves_the_committed_bytes(tree: Path, generate: Run) -> None:
    """Document and client are the same byte for byte each time, wherever they are made, and
    nothing is left over.
    """
    before = contents(tree)
    answer = generate()
    assert (answer.returncode, answer.stderr) == (0, "")
    assert contents(tree) == before


def test_no_difference_is_none(tmp_path: Path) -> None:
    """What is made as it is in place, and what Python keeps beside it, is no difference."""
    shutil.copytree(
        redocly.ROOT / tool.PACKAGE,
        tmp_path / tool.PACKAGE,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    shutil.copy(build.CUSTOMERS, tmp_path)
    (tmp_path / tool.PACKAGE / "__pycache__").mkdir()
    (tmp_path / tool.PACKAGE / "__pycache__" / "client.cpython-311.pyc").touch()
    assert list(tool.differences(tmp_path)) == []


def test_check_notices_every_kind_of_change(tree: Path, generate: Run) -> None:
    """The check shows a changed, an added and a lost file of the client and a changed
    document, says how to mend it.
    """
    package = tree / tool.PACKAGE
    with (package / "types.py").open("a", encoding="utf-8") as types:
        types.write("# by hand\n")
    (package / "added.py").touch()
    (package / "errors.py").unlink()
    customers = tree / "openapi" / "customers.yaml"
    customers.write_text(
        customers.read_text(encoding="utf-8").replace("title: TIMIFY", "title: Other"),
        encoding="utf-8",
    )
    before = contents(tree)
    answer = generate("--check")
    assert answer.returncode == 1
    for line in (
        "openapi/customers.yaml: differs",
        "timify_customers_client/types.py: differs",
        "-# by hand",
        "timify_customers_client/added.py: not generated",
        "timify_customers_client/errors.py: missing",
    ):
        assert line in answer.stdout.splitlines()
    assert "Run `make generate`." in answer.stderr
    assert contents(tree) == before


def _stale_overlay(tree: Path) -> None:
    overlay = tree / "openapi" / "overlays" / "inferred.yaml"
    overlay.write_text(
        overlay.read_text(encoding="utf-8").replace(
            "$.paths['/v1/customers'].post", "$.paths['/v1/x'].post"
        )
    )


def _overlay_that_is_no_yaml(tree: Path) -> None:
    (tree / "openapi" / "overlays" / "inferred.yaml").write_text(
        "actions: [\n  - target: {", encoding="utf-8"
    )


def _overlay_without_targets(tree: Path) -> None:
    (tree / "openapi" / "overlays" / "inferred.yaml").write_text(
        "actions:\n  - update: {}\n", encoding="utf-8"
    )


def _published_that_is_none(tree: Path) -> None:
    (tree / "openapi" / "published.yaml").write_text("<html></html>", encoding="utf-8")


def _broken_template(tree: Path) -> None:
    (tree / "openapi" / "templates" / "literal_enum.py.jinja").write_text(
        "{{ nothing.of.the.kind }}", encoding="utf-8"
    )


def _template_of_wrong_code(tree: Path) -> None:
    (tree / "openapi" / "templates" / "errors.py.jinja").write_text(
        "import nowhere\n\nnowhere.here()\n", encoding="utf-8"
    )


def _no_templates(tree: Path) -> None:
    (tree / "openapi" / "templates").rename(tree / "openapi" / "gone")


def _schema_that_is_warned_of(tree: Path) -> None:
    overlay = tree / "openapi" / "overlays" / "observed.yaml"
    overlay.write_text(
        overlay.read_text(encoding="utf-8").replace("          items: {}\n", "", 1),
        encoding="utf-8",
    )


def _hook_that_is_not_there(tree: Path) -> None:
    config = tree / "generator-config.yaml"
    config.write_text(
        config.read_text(encoding="utf-8").replace("- ruff format", "- no-such-ruff format"),
        encoding="utf-8",
    )


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_stale_overlay, "$.paths['/v1/x'].post matches nothing"),
        (_overlay_that_is_no_yaml, "inferred.yaml is not valid YAML"),
        (_overlay_without_targets, "overlays/inferred.yaml, action 1: it has no target"),
        (_published_that_is_none, "It got a web page"),
        (_broken_template, "nothing"),
        (_template_of_wrong_code, "It does not import"),
        (_schema_that_is_warned_of, "Unable to"),
        (_no_templates, "templates is missing"),
        (_hook_that_is_not_there, "no-such-ruff is not in PATH"),
    ],
)
def test_a_failure_leaves_document_and_client_alone(
    tree: Path, generate: Run, spoil: Callable[[Path], None], words: str
) -> None:
    """Whatever fails, the message says what, and document and client are as they were."""
    before = generated(tree)
    spoil(tree)
    answer = generate()
    assert answer.returncode == 1
    assert words in answer.stderr
    assert not answer.stderr.startswith("Traceback")
    assert generated(tree) == before
    assert list((tree / "build").glob("*")) == [] or not (tree / "build").exists()


def test_what_the_generator_leaves_out_is_noticed(tmp_path: Path) -> None:
    """An operation or a schema without a module is an error, also when the generator says
    nothing of it.
    """
    package = tmp_path / tool.PACKAGE
    shutil.copytree(redocly.ROOT / tool.PACKAGE, package)
    tool._refuse_incomplete(files.load(build.CUSTOMERS), package)
    for name in ("api/auth/create_token.py", "models/external_flag.py"):
        (package / name).unlink()
    with pytest.raises(
        tool.GenerateError,
        match=r"left out:\n- api/auth/create_token.py\n- models/external_flag.py$",
    ):
        tool._refuse_incomplete(files.load(build.CUSTOMERS), package)


def test_nothing_is_generated_without_ruff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the ruff of the same environment the client would be formatted by another one,
    or not at all.
    """
    monkeypatch.setattr(tool, "_BESIDE", str(tmp_path))
    with pytest.raises(
        tool.GenerateError, match="ruff, which formats the client, is not installed"
    ):
        tool._generate(files.load(build.CUSTOMERS), tmp_path / tool.PACKAGE)


def test_the_old_client_comes_back_when_the_new_one_cannot_be_put(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When moving fails in the middle, the client in place is the old one, whole."""
    place, scratch = tmp_path / "place", tmp_path / "scratch"
    for folder, text in ((place, "old"), (scratch, "new")):
        (folder / tool.PACKAGE).mkdir(parents=True)
        (folder / tool.PACKAGE / "client.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(redocly, "ROOT", place)
    with pytest.raises(FileNotFoundError):
        tool.install(scratch)
    assert contents(place) == {f"{tool.PACKAGE}/client.py": b"old"}
