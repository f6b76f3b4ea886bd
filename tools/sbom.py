"""Write sbom.cdx.json, the list of parts that the wheel carries (PEP 770), as CycloneDX.

The wheel bundles no other distribution. So the list names this one, its licence, and the
distributions that it needs at run time, without versions: whoever installs it chooses them. The
same metadata give the same file, byte for byte.

Run as `python tools/sbom.py`, or with `--check` to fail where the file is not current.
"""

import json
import re
import sys
import tomllib
from pathlib import Path

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
FILE = ROOT / "sbom.cdx.json"
_VERSION = ROOT / "overrides" / "timify_customers" / "_version.py"


def content() -> str:
    """Return what the file should be."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (version,) = re.findall(r'"([^"]+)"\s*$', _VERSION.read_text("utf-8"))
    package = _component(project["name"], version)
    package.licenses.add(LicenseExpression(project["license"]))
    needed = [_component(Requirement(line).name) for line in project["dependencies"]]
    bom = Bom(components=needed)
    bom.metadata.component = package
    bom.register_dependency(package, needed)
    written = json.loads(JsonV1Dot6(bom).output_as_string())
    # Both differ from run to run.
    del written["serialNumber"], written["metadata"]["timestamp"]
    return json.dumps(written, indent=1, sort_keys=True) + "\n"


def _component(name: str, version: str | None = None) -> Component:
    address = PackageURL("pypi", name=name, version=version)
    reference = str(address)
    return Component(
        name=name, version=version, type=ComponentType.LIBRARY, purl=address, bom_ref=reference
    )


def main() -> int:
    """Write the file, or look whether it is current; the exit code is 1 when it is not."""
    if sys.argv[1:] != ["--check"]:
        FILE.write_text(content(), "utf-8")
        return 0
    if FILE.read_text("utf-8") == content():
        return 0
    print("sbom.cdx.json is not current: run make sbom", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
