"""Build the document and, from it, the generated client.

Everything is made in a scratch folder and moved into place when all of it has succeeded, so that a
failure leaves the old client as it was. `python tools/generate.py --check` makes the same, touches
nothing, and fails on any difference.
"""

import argparse
import copy
import difflib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bounded
from jinja2 import Template
from spec import files, lists, redocly
from spec.adopt.notes import Note
from spec.document import checks
from spec.document.build import CUSTOMERS, FOLDER, UPSTREAM, published
from spec.document.build import build as build_document
from spec.document.json_schemas import json_schemas
from spec.errors import DocumentError, SpecError
from spec.names import PYTHON_NAME, python
from spec.references import resolve

PACKAGE = "timify_customers_client"
CONFIG = redocly.ROOT / "generator-config.yaml"
TEMPLATES = FOLDER / "templates"
SCHEMAS = TEMPLATES / "schemas.py.jinja"
FORMAT = "ruff format --isolated --no-cache --quiet --line-length 120 --target-version py311"
_BESIDE = str(Path(sys.executable).parent)
_IMPORT_ALL = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
package = importlib.import_module(sys.argv[2])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
"""


class GenerateError(Exception):
    """The client could not be made; the message is what the failing tool said."""


def build(scratch: Path, published: Path | None = None) -> list[Note]:
    """Make `customers.yaml` and the package in the folder `scratch`.

    Returns what adopting `published` did. Raises DocumentError when the document is at fault, and
    GenerateError when the generator fails or warns, or when what it made is incomplete or does not
    import.
    """
    if not TEMPLATES.is_dir():
        raise GenerateError(
            f"{TEMPLATES} is missing: without it the generator would use templates of its own."
        )
    customers, package = scratch / CUSTOMERS.name, scratch / PACKAGE
    notes = build_document(UPSTREAM, customers, published)
    content = files.load(customers)
    _generate(content, package)
    (package / "py.typed").touch()
    write_schemas(customers, package)
    _refuse_incomplete(content, package)
    _run(
        "It does not import",
        *("-B", "-W", "error::SyntaxWarning"),
        *("-c", _IMPORT_ALL, str(scratch), PACKAGE),
        cwd=scratch,
    )
    return notes


def _generate(content: dict[str, Any], package: Path) -> None:
    source = package.with_name("generator.json")
    source.write_text(json.dumps(for_the_generator(content)), encoding="utf-8")
    _run_generator(source, package)
    source.unlink()


def for_the_generator(content: dict[str, Any]) -> dict[str, Any]:
    """Return a document that says to the generator what its templates need to know."""
    return with_separators(by_python_names(content))


def with_separators(content: dict[str, Any]) -> dict[str, Any]:
    """Return a document in which each list of a query has its separator for an example.

    The generator hands the example of a schema on to the templates, and no style of a parameter.
    """
    content = copy.deepcopy(content)
    for _, operation in checks.operations(content):
        for raw in operation.get("parameters", []):
            parameter = resolve(content, raw)
            if parameter["schema"].get("type") == "array":
                parameter["schema"]["example"] = lists.separator(parameter)
    return content


def by_python_names(content: dict[str, Any]) -> dict[str, Any]:
    """Return a document for the generator, which gives no property a name but by its own rule.

    A property that says its Python name stands under that one, with the name that goes over the
    wire as `x-wire-name`; the template of models writes it.
    """
    schemas = content["components"]["schemas"]
    renamed = {name: _by_python_names(schema) for name, schema in schemas.items()}
    return content | {"components": content["components"] | {"schemas": renamed}}


def _by_python_names(schema: dict[str, Any]) -> dict[str, Any]:
    properties_by_name: dict[str, Any] = schema.get("properties", {})
    names = {
        name: raw[PYTHON_NAME] for name, raw in properties_by_name.items() if PYTHON_NAME in raw
    }
    if not names:
        return schema
    properties = {
        names.get(name, name): raw | ({"x-wire-name": name} if name in names else {})
        for name, raw in properties_by_name.items()
    }
    required = [names.get(name, name) for name in schema.get("required", [])]
    return schema | {"properties": properties} | ({"required": required} if required else {})


def _run_generator(source: Path, package: Path) -> None:
    if not shutil.which("ruff", path=_BESIDE):
        raise GenerateError(f"ruff, which formats the client, is not installed in {_BESIDE}.")
    _run(
        "The generator failed",
        *("-m", "openapi_python_client", "generate"),
        *("--path", str(source), "--output-path", str(package), "--meta", "none"),
        *("--config", str(CONFIG), "--custom-template-path", str(TEMPLATES), "--fail-on-warning"),
        cwd=package.parent,
    )


def write_schemas(customers: Path, package: Path) -> None:
    """Write `schemas.py`, for which the generator has no template."""
    schemas = json_schemas(files.load(customers), files.load(CONFIG).get("class_overrides", {}))
    template = Template(SCHEMAS.read_text("utf-8"), keep_trailing_newline=True)
    module = package / "schemas.py"
    module.write_text(template.render(schemas=schemas), encoding="utf-8", newline="\n")
    _run("schemas.py cannot be formatted", "-m", *FORMAT.split(), str(module), cwd=package.parent)


def _run(failure: str, *args: str, cwd: Path) -> None:
    """Run this Python with `args`; the tools installed beside it come first on its PATH."""
    path = os.pathsep.join([_BESIDE, os.environ.get("PATH", os.defpath)])
    try:
        answer = bounded.run(
            [sys.executable, *args],
            cwd=cwd,
            env=os.environ | {"PATH": path, "PYTHONUTF8": "1"},
            seconds=bounded.LONGEST,
            memory=bounded.MOST_MEMORY if os.name == "posix" else None,
        )
    except bounded.BoundError as late:
        raise GenerateError(f"{failure}: {late}.") from late
    if answer.returncode:
        raise GenerateError(f"{failure}:\n{answer.stdout}{answer.stderr}".rstrip())


def _refuse_incomplete(content: dict[str, Any], package: Path) -> None:
    """Raise GenerateError when an operation or a schema has no module.

    The generator may leave one out without saying so.
    """
    missing = [name for name in _modules(content) if not (package / name).is_file()]
    if missing:
        raise GenerateError(
            "The generator left out:\n" + "\n".join(f"- {name}" for name in missing)
        )


def _modules(content: dict[str, Any]) -> Iterator[str]:
    overrides = files.load(CONFIG).get("class_overrides", {})
    for _, operation in checks.operations(content):
        yield f"api/{python(operation['tags'][0])}/{python(operation['operationId'])}.py"
    for name, schema in content["components"]["schemas"].items():
        if "properties" in schema or "enum" in schema:
            yield f"models/{overrides.get(name, {}).get('module_name', python(name))}.py"


def install(scratch: Path) -> None:
    """Move what `build` made in `scratch` into place.

    When that cannot be done, the old package is put back.
    """
    package, old = redocly.ROOT / PACKAGE, scratch / "old"
    if package.exists():
        package.rename(old)
    try:
        (scratch / PACKAGE).rename(package)
        (scratch / CUSTOMERS.name).replace(CUSTOMERS)
    except OSError:
        shutil.rmtree(package, ignore_errors=True)
        if old.exists():
            old.rename(package)
        raise


def differences(scratch: Path) -> Iterator[str]:
    """Yield the lines of a unified diff from what is in place to what `build` made in `scratch`."""
    ours = _files(redocly.ROOT / PACKAGE, CUSTOMERS)
    theirs = _files(scratch / PACKAGE, scratch / CUSTOMERS.name)
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            old, new = _lines(ours.get(name, b"")), _lines(theirs.get(name, b""))
            names = f"committed/{name}", f"generated/{name}"
            yield f"{name}: {_fate(ours=name in ours, theirs=name in theirs)}"
            yield from difflib.unified_diff(old, new, *names, lineterm="")


def _lines(content: bytes) -> list[str]:
    return content.decode(errors="replace").splitlines()


def _fate(*, ours: bool, theirs: bool) -> str:
    return "differs" if ours and theirs else "not generated" if ours else "missing"


def _files(package: Path, customers: Path) -> dict[str, bytes]:
    contents = {
        f"{package.name}/{path.relative_to(package).as_posix()}": path.read_bytes()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    if customers.exists():
        contents[f"openapi/{customers.name}"] = customers.read_bytes()
    return contents


def generate() -> int:
    """Build document and client and put them into place."""
    place = redocly.ROOT / "build"  # beside the package, so that moving is renaming
    place.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place) as scratch:
        build(Path(scratch), published())
        install(Path(scratch))
    return 0


def check() -> int:
    """Build document and client aside, and print how they differ from what is in place.

    Returns the exit code: 1 when they differ.
    """
    with tempfile.TemporaryDirectory() as scratch:
        build(Path(scratch), published())
        lines = list(differences(Path(scratch)))
    if not lines:
        return 0
    print(*lines, sep="\n")
    advice = "The document or the client is not what the sources make. Run `make generate`."
    print(advice, file=sys.stderr)
    return 1


def main() -> int:
    """Do what the command line asks for; the exit code is 1 when it fails or finds a difference."""
    parser = argparse.ArgumentParser(
        description="Build the OpenAPI document and the client that is generated from it."
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="change nothing; fail on any difference from what is there",
    )
    try:
        return check() if parser.parse_args().check else generate()
    except (GenerateError, DocumentError, SpecError, redocly.NodeError) as failure:
        print(failure, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
