"""What is shipped, and that it is what the suite tests."""

from __future__ import annotations

import re
import sysconfig
import zipfile
from importlib.metadata import metadata, requires, version
from pathlib import Path

import pytest
import timify_customers
import timify_customers_client

ROOT = Path(__file__).parents[2]
PACKAGES = {"timify_customers": ROOT / "overrides", "timify_customers_client": ROOT}


@pytest.mark.parametrize("name", PACKAGES)
def test_the_suite_runs_on_the_installed_wheel(name: str) -> None:
    """Both packages come from site-packages, not from the work tree."""
    module = {
        "timify_customers": timify_customers,
        "timify_customers_client": timify_customers_client,
    }[name]
    site = Path(sysconfig.get_path("purelib")).resolve()
    assert Path(module.__file__ or "").resolve().parent.parent == site


@pytest.mark.parametrize("name", PACKAGES)
def test_the_installed_files_are_those_of_the_tree(name: str) -> None:
    """No file of a package is missing from the wheel, and none is older than the tree."""
    site = Path(sysconfig.get_path("purelib"))
    tree = {
        path.relative_to(PACKAGES[name])
        for path in (PACKAGES[name] / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert Path(name, "py.typed") in tree
    for path in tree:
        assert (site / path).read_bytes() == (PACKAGES[name] / path).read_bytes(), path


def test_the_wheel_carries_the_document() -> None:
    """customers.yaml travels with the generated package, and the list of parts with the metadata
    (PEP 770); nothing else is in the wheel but the two packages.
    """
    (wheel,) = (ROOT / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert (
            archive.read("timify_customers_client/customers.yaml")
            == (ROOT / "openapi/customers.yaml").read_bytes()
        )
        (sbom,) = (name for name in names if "/sboms/" in name)
        assert archive.read(sbom) == (ROOT / "sbom.cdx.json").read_bytes()
    assert {name.split("/")[0] for name in names} == {
        *PACKAGES,
        f"timify_customers_client-{version('timify-customers-client')}.dist-info",
    }


def test_the_metadata_say_what_the_package_is() -> None:
    """Version, licence, Python and runtime dependencies are as designed."""
    about = metadata("timify-customers-client")
    assert about["Version"] == timify_customers.__version__
    assert about["License-Expression"] == "MIT"
    assert about["Requires-Python"] == ">=3.11"
    wanted = [line for line in requires("timify-customers-client") or () if "extra ==" not in line]
    runtime = {re.split(r"[<>;]", line)[0] for line in wanted}
    assert runtime == {"attrs", "httpx", "phonenumbers", "python-dateutil", "sniffio"}


def test_the_exports_are_complete_and_sorted() -> None:
    """__all__ is sorted, each name is there, and each public class of the errors' tree is among
    them.
    """
    exported = timify_customers.__all__
    assert len(exported) == len(set(exported))
    assert all(hasattr(timify_customers, name) for name in exported)
    errors = timify_customers._base.errors
    assert errors.__all__ == sorted(errors.__all__)
    assert set(errors.__all__) == {
        name for name in vars(errors) if name.endswith("Error") and not name.startswith("_")
    }
    assert all(f" {name} " in (errors.__doc__ or "") for name in errors.__all__)


def test_one_module_imports_the_generated_package() -> None:
    """Only _base/generated.py knows the generated package, by one line."""
    lines = [
        (path.name, line)
        for path in (ROOT / "overrides/timify_customers").rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if "timify_customers_client" in line and "import" in line
    ]
    ((module, line),) = lines
    assert (module, line.split(" import ")[0]) == ("generated.py", "from timify_customers_client")
