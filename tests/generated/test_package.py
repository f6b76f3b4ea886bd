"""The generated package as a whole."""

from __future__ import annotations

import ast
import importlib.metadata
import pkgutil
import py_compile
import re
import subprocess
import sys
from pathlib import Path

import pytest
import timify_customers_client

PACKAGE = Path(timify_customers_client.__file__ or "").parent
MODULES = sorted(PACKAGE.rglob("*.py"))
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_its_siblings_relatively(path: Path) -> None:
    """No module names the package itself, so that a copy works under any name."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
        assert not [name for name in names if name.split(".")[0].startswith("timify")]


def test_every_module_compiles_and_imports(tmp_path: Path) -> None:
    """Each module compiles, and imports without a warning."""
    for path in MODULES:
        py_compile.compile(str(path), cfile=str(tmp_path / "x.pyc"), doraise=True)
    names = [
        info.name for info in pkgutil.walk_packages([str(PACKAGE)], "timify_customers_client.")
    ]
    assert len(names) > 50
    code = f"import importlib; [importlib.import_module(name) for name in {names!r}]"
    subprocess.run([sys.executable, "-P", "-W", "error", "-c", code], check=True)


def test_it_is_typed_and_says_what_it_is() -> None:
    """Type checkers read it, and its docstring sends people to the SDK."""
    assert (PACKAGE / "py.typed").exists()
    assert "timify_customers`" in (timify_customers_client.__doc__ or "")


def test_the_templates_are_for_the_pinned_generator() -> None:
    """Structural templates break between releases: the version beside them is the one that is
    pinned and installed.
    """
    version = (ROOT / "openapi/templates/GENERATOR_VERSION").read_text("utf-8").strip()
    pins = {
        "installed": importlib.metadata.version("openapi-python-client"),
        "pyproject.toml": re.findall(
            r'"openapi-python-client==([^"]+)"', (ROOT / "pyproject.toml").read_text("utf-8")
        )[0],
        "dev.txt": re.findall(
            r"^openapi-python-client==(\S+)",
            (ROOT / "requirements/dev.txt").read_text("utf-8"),
            re.MULTILINE,
        )[0],
    }
    assert set(pins.values()) == {version}, pins


def test_a_copy_works_under_another_name(tmp_path: Path) -> None:
    """Copied below another package, the raw layer builds requests and reads answers."""
    vendor = tmp_path / "svc" / "_vendor"
    vendor.mkdir(parents=True)
    for folder in (tmp_path / "svc", vendor):
        (folder / "__init__.py").touch()
    subprocess.run(["cp", "-r", str(PACKAGE), str(vendor / "raw")], check=True)
    code = (
        "from svc._vendor.raw import api, models; "
        "print(api.customers.get_customer.build_request('5').path, "
        "api.customers.get_customer.parse(200, {'data': {'id': '5'}, 'status': 1}).data.id)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["/v1/customers/5", "5"]
