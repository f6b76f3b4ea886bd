"""What a copy consists of."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path, PurePosixPath

import pytest
import timify_customers
import timify_customers_client
from timify_customers import ConfigurationError
from timify_customers.vendoring import Copy, copy_of, vendor
from timify_customers.vendoring._relative import absolute_imports, with_relative_imports
from vendoring.conftest import tree

ROOT = Path(__file__).parents[2]
FOLDERS = [Path(it.__file__ or "").parent for it in (timify_customers, timify_customers_client)]
MODULES = {
    PurePosixPath(folder.name, *path.relative_to(folder).parts): path.read_text("utf-8")
    for folder in FOLDERS
    for path in folder.rglob("*.py")
}
EXTRAS = {"cli", "httpx2", "pytest", "sandbox", "workers"}
COMPANIONS = {
    *("__main__.py", "_files", "cli", "pytest_plugin.py"),
    *("recording", "sandbox", "vendoring", "workers"),
}
NAMES_ITSELF = {"timify_customers/_base/package.py", "timify_customers/cli/_vendor.py"}
"""Where the package's own name is meant as text, wherever the package is."""


@pytest.fixture(scope="module")
def whole() -> Copy:
    return copy_of()


@pytest.fixture(scope="module")
def minimal() -> Copy:
    return copy_of(minimal=True)


def test_every_import_of_our_own_can_be_made_relative() -> None:
    """No module has an import that names our packages from the top and cannot be rewritten, and
    the rewritten one leads to a module that is there.
    """
    found = {name: list(absolute_imports(source)) for name, source in MODULES.items()}
    assert sum(map(bool, found.values())) >= 1
    for name, nodes in found.items():
        rewritten = with_relative_imports(MODULES[name], name)
        assert not list(absolute_imports(rewritten))
        assert all(isinstance(node, ast.ImportFrom) for node in nodes)


def test_a_copy_imports_nothing_of_ours_from_the_top(whole: Copy) -> None:
    """Nothing in a copy can reach an installed version."""
    sources = {name: it.decode() for name, it in whole.files.items() if name.endswith(".py")}
    assert set(map(str, MODULES)) == sources.keys()
    assert not [name for name, source in sources.items() if list(absolute_imports(source))]


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        (
            "timify_customers/_base/generated.py",
            "from timify_customers_client import api",
            "from ...timify_customers_client import api",
        ),
        (
            "timify_customers/workers/tasks/chunk.py",
            "x = 'ü\u2028'\ndef f():\n    from timify_customers.cli import main  # later",
            "x = 'ü\u2028'\ndef f():\n    from ....timify_customers.cli import main  # later",
        ),
        ("timify_customers/new.py", "from  timify_customers import (\n A,\n)\n", None),
        ("timify_customers/a.py", "from timify_customers_other import a", "unchanged"),
        ("timify_customers/a.py", "'''from timify_customers import a'''", "unchanged"),
    ],
)
def test_an_import_is_made_relative_where_it_stands(
    path: str, source: str, expected: str | None
) -> None:
    """At any depth, within functions too; what is no import of ours stays as it is."""
    rewritten = with_relative_imports(source, PurePosixPath(path))
    if expected is None:
        assert rewritten == "from ..timify_customers import (\n A,\n)\n"
    else:
        assert rewritten == (source if expected == "unchanged" else expected)


def test_an_import_that_cannot_be_relative_is_refused() -> None:
    """``import timify_customers.x`` binds a name of the top: no silent copy with it is made."""
    with pytest.raises(ConfigurationError, match=r"timify_customers/x\.py:2"):
        with_relative_imports(
            "\nimport timify_customers.cli", PurePosixPath("timify_customers/x.py")
        )


def texts(source: str) -> Iterator[str]:
    """The texts that a program works with: strings that are not docstrings."""
    tree_ = ast.parse(source)
    described = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    said = {
        id(node.value)
        for parent in ast.walk(tree_)
        if isinstance(parent, described)
        for node in parent.body
        if isinstance(node, ast.Expr)
    }
    for node in ast.walk(tree_):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


def test_no_text_names_the_package_as_if_it_were_installed() -> None:
    """Loggers, resources, commands and messages take their name from where the package is."""
    named = re.compile(r"\btimify_customers\b|python -m timify|timify-customers-client\[")
    offenders = {
        str(name): text
        for name, source in MODULES.items()
        for text in texts(source)
        if named.search(text) and name.parts[1] != "vendoring" and str(name) not in NAMES_ITSELF
    }
    assert offenders == {}


def test_a_minimal_copy_leaves_out_the_companions(whole: Copy, minimal: Copy) -> None:
    """And nothing else."""
    left_out = {name.split("/")[1] for name in whole.files.keys() - minimal.files.keys()}
    requirements = {f"requirements-{it}.in" for it in EXTRAS - {"httpx2"}}
    assert left_out == COMPANIONS | requirements
    assert minimal.files.keys() <= whole.files.keys()
    assert minimal.manifest.needs.extras.keys() == {"httpx2"}


def test_the_core_imports_no_companion(minimal: Copy, tmp_path: Path) -> None:
    """A minimal copy imports every module that it has, without a missing one."""
    vendor(tmp_path / "held", minimal=True)
    names = [
        "held." + name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in minimal.files
        if name.endswith(".py")
    ]
    code = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
    done = subprocess.run(
        [sys.executable, "-c", code, *names],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_manifest_says_what_the_copy_is(copied: Path, whole: Copy) -> None:
    """Version, document, hash of each file, and requirements are those of what lies there."""
    files = tree(copied)
    del files["__init__.py"]
    manifest = whole.manifest
    assert files.pop("timify_customers/VENDORED.json") == manifest.encode()
    assert manifest.files == {name: sha256(data).hexdigest() for name, data in files.items()}
    assert manifest.version == timify_customers.__version__
    document = (ROOT / "openapi" / "customers.yaml").read_bytes()
    assert files["timify_customers_client/customers.yaml"] == document
    assert manifest.document.sha256 == sha256(document).hexdigest()
    assert re.search(
        rf"^  version: {re.escape(manifest.document.version)}$", document.decode(), re.MULTILINE
    )


def test_each_package_brings_its_licence(whole: Copy) -> None:
    """The licence travels with the code, as it asks for itself."""
    licence = (ROOT / "LICENSE").read_bytes()
    for package in ("timify_customers", "timify_customers_client"):
        assert whole.files[f"{package}/LICENSE"] == licence


def test_requirements_can_be_handed_to_pip(whole: Copy) -> None:
    """Runtime requirements in requirements.in, those of each extra in a file of its own."""
    lines = {
        name.rpartition("/")[2]: [
            line for line in data.decode().splitlines() if not line.startswith("#")
        ]
        for name, data in whole.files.items()
        if name.endswith(".in")
    }
    assert lines.keys() == {"requirements.in"} | {f"requirements-{it}.in" for it in EXTRAS}
    runtime = {re.split("[<>=]", line)[0] for line in lines["requirements.in"]}
    assert runtime == {"attrs", "httpx", "phonenumbers", "python-dateutil", "sniffio"}
    assert [re.split("[<>=]", line)[0] for line in lines["requirements-cli.in"]] == [
        "rich",
        "typer",
    ]


def test_the_tree_and_the_wheel_make_the_same_copy(whole: Copy) -> None:
    """``make vendor`` copies the same bytes as the command of an installed wheel."""
    code = (
        "from timify_customers.vendoring import copy_of; import sys; "
        "sys.stdout.buffer.write(copy_of().manifest.encode())"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={"PYTHONPATH": f"{ROOT / 'overrides'}:{ROOT}"},
        capture_output=True,
        check=True,
    )
    assert done.stdout == whole.manifest.encode()


def test_a_package_of_unknown_origin_is_not_copied(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without licence and requirements, which an installed version and the tree have, there is no
    copy: an error says so.
    """
    monkeypatch.setattr(
        "timify_customers.vendoring._requirements.FOLDER", copied / "timify_customers"
    )
    with pytest.raises(ConfigurationError, match="belongs to no installed timify-customers-client"):
        vendor(tmp_path / "other")
    assert not (tmp_path / "other").exists()
