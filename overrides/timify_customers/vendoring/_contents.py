"""The contents of a copy, made in memory, the same byte for byte each time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from attrs import frozen

from .._base.package import DISTRIBUTION, FOLDER, GENERATED_FOLDER, document_path
from .._version import __version__
from ._manifest import FILE, Document, Manifest, digest
from ._relative import PACKAGES, with_relative_imports
from ._requirements import Needs, Origin, origin

COMPANIONS: Final = (
    "__main__.py",
    "_files",
    "cli",
    "pytest_plugin.py",
    "recording",
    "sandbox",
    "vendoring",
    "workers",
)
"""What a minimal copy leaves out. Nothing else in the package imports these."""

_DOCUMENT: Final = "timify_customers_client/customers.yaml"
_RUFF: Final = b"""\
# A vendored copy, checked where it is made: nothing is linted or formatted here.
exclude = ["*"]
"""
_GITATTRIBUTES: Final = b"""\
# Bytes stay as they are, so that the hashes of the manifest hold on every system.
* -text linguist-vendored
"""


@frozen
class Copy:
    """A copy in memory.

    Attributes:
        manifest: the manifest of the copy.
        files: the content of each file, including the manifest, by its path below the folder that
            has both packages.
    """

    manifest: Manifest
    files: Mapping[str, bytes]


def copy_of(*, minimal: bool = False) -> Copy:
    """Make a copy of the running packages.

    Args:
        minimal: leave out the companions: command line, recording, sandbox, pytest plugin, workers.

    Raises:
        ConfigurationError: they belong neither to an installed version nor to the project's tree.
        OSError: a file cannot be read.
    """
    source = origin()
    needs = source.needs.without_companions() if minimal else source.needs
    files = dict(_code(minimal=minimal)) | dict(_added(source, needs))
    document = Document.of(files[_DOCUMENT])
    hashes = {path: digest(data) for path, data in sorted(files.items())}
    manifest = Manifest(__version__, minimal, document, needs, hashes)
    return Copy(manifest, {**files, FILE: manifest.encode()})


def _code(*, minimal: bool) -> Iterator[tuple[str, bytes]]:
    for folder in (FOLDER, GENERATED_FOLDER):
        for path in _files(folder):
            below = path.relative_to(folder)
            if not (minimal and folder == FOLDER and below.parts[0] in COMPANIONS):
                name = PurePosixPath(folder.name, *below.parts)
                yield str(name), _rewritten(path, name)


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
            yield path


def _rewritten(path: Path, name: PurePosixPath) -> bytes:
    data = path.read_bytes()
    if path.suffix != ".py":
        return data
    return with_relative_imports(data.decode(), name).encode()


def _added(source: Origin, needs: Needs) -> Iterator[tuple[str, bytes]]:
    """Yield what a copy has besides the code: document, licences, requirements and settings."""
    yield _DOCUMENT, document_path().read_bytes()
    for package in PACKAGES:
        yield f"{package}/LICENSE", source.licence
        yield f"{package}/ruff.toml", _RUFF
        yield f"{package}/.gitattributes", _GITATTRIBUTES
    yield _requirements("", needs.runtime)
    for extra, lines in needs.extras.items():
        yield _requirements(extra, lines)


def _requirements(extra: str, lines: tuple[str, ...]) -> tuple[str, bytes]:
    """Return the file that lists what a copy needs, or what an extra needs in addition."""
    suffix = f"-{extra}" if extra else ""
    purpose = f" for {extra}, beside requirements.in" if extra else ""
    head = f"# What the vendored {DISTRIBUTION} {__version__} needs{purpose}."
    return f"{PACKAGES[0]}/requirements{suffix}.in", "\n".join([head, *lines, ""]).encode()
