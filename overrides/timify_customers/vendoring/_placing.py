"""Where a copy may go, and what may be replaced there."""

from __future__ import annotations

import keyword
import os
import shutil
from pathlib import Path

from attrs import frozen

from .._base.errors import ArgumentError, ConfigurationError
from .._base.package import FOLDER, GENERATED_FOLDER, PROGRAM, VENDORED
from .._version import __version__
from ._checking import edits, is_newer
from ._contents import copy_of
from ._manifest import Manifest, read_manifest
from ._relative import PACKAGES
from ._staging import Staging

_SHOWN = 10
_INIT = '"""Packages that are kept here as copies."""\n'


@frozen
class Placed:
    """A copy that was written.

    Attributes:
        folder: the folder that has both packages.
        name: the import name of the copy, such as ``service._vendor.timify_customers``.
        manifest: the manifest of the copy.
    """

    folder: Path
    name: str
    manifest: Manifest

    @property
    def plugin(self) -> str | None:
        """The line of a ``conftest.py`` that loads the pytest plugin, or None in a minimal copy."""
        if self.manifest.minimal:
            return None
        return f'pytest_plugins = ["{self.name}.pytest_plugin"]'


def vendor(folder: str | Path, *, minimal: bool = False) -> Placed:
    """Copy both packages into a folder that has neither of them yet.

    Args:
        folder: a package's folder, such as ``src/service/_vendor``. It is made if it does not
            exist; the folder above it must exist.
        minimal: leave out the companions: command line, recording, sandbox, pytest plugin, workers.

    Raises:
        ArgumentError: nothing can be vendored there.
        ConfigurationError: a package of the same name exists there, or this is a vendored copy.
        OSError: writing failed; nothing has changed.
    """
    place = _checked(folder)
    if existing := [name for name in PACKAGES if os.path.lexists(place / name)]:
        raise ConfigurationError(
            f"{str(place / existing[0])!r} is there already: --upgrade replaces a vendored copy"
        )
    return _written(place, minimal=minimal)


def upgrade(folder: str | Path, *, minimal: bool = False) -> Placed:
    """Replace a clean copy by one of the installed version.

    Args:
        folder: the folder that has both packages.
        minimal: leave out the companions. They stay left out if the old copy has none.

    Raises:
        ArgumentError: nothing can be vendored there.
        ConfigurationError: there is no copy that `vendor` made, it was edited, or it is newer than
            the installed version; or this is a vendored copy.
        OSError: writing failed; the old copy is unchanged.
    """
    place = _checked(folder)
    manifest = read_manifest(place)
    if differences := edits(place, manifest):
        raise ConfigurationError(f"the copy in {str(place)!r} was changed: {_listed(differences)}")
    if is_newer(manifest):
        raise ConfigurationError(
            f"the copy in {str(place)!r} is {manifest.version}, which is newer than the installed "
            f"{__version__}: upgrade that first"
        )
    return _written(place, minimal=minimal or manifest.minimal)


def _listed(differences: list[str]) -> str:
    hidden = len(differences) - _SHOWN
    shown = "; ".join(differences[:_SHOWN])
    return f"{shown}; and {hidden} more" if hidden > 0 else shown


def _written(place: Path, *, minimal: bool) -> Placed:
    copy = copy_of(minimal=minimal)
    is_new = not place.exists()
    try:
        if is_new:
            place.mkdir()
            (place / "__init__.py").write_text(_INIT, "utf-8")
        Staging(place).replace(copy.files)
    except BaseException:
        if is_new:
            shutil.rmtree(place, ignore_errors=True)
        raise
    return Placed(place, f"{_package(place)}.{PACKAGES[0]}", copy.manifest)


def _checked(folder: str | Path) -> Path:
    """Return the absolute path of a folder in which both packages may be placed.

    The remains of an interrupted run are finished or removed.
    """
    if VENDORED:
        raise ConfigurationError(f"{PROGRAM} is a vendored copy: vendor from an installed version")
    place = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow symbolic links
    for source in (FOLDER, GENERATED_FOLDER):
        if source in (place / source.name, *place.parents, place):
            raise ArgumentError(f"{str(place)!r} is where the running version is: name another")
    _check_names(place)
    _check_folder(place)
    Staging(place).finish_or_discard()
    for name in PACKAGES:
        if (place / name).is_symlink():
            raise ArgumentError(f"{str(place / name)!r} is a symbolic link: remove it first")
    return place


def _check_folder(place: Path) -> None:
    if place.is_symlink():
        raise ArgumentError(f"{str(place)!r} is a symbolic link: name the folder that it points to")
    if place.exists() and not place.is_dir():
        raise ArgumentError(f"{str(place)!r} is a file: name a folder")
    if not place.parent.is_dir():
        raise ArgumentError(f"{str(place.parent)!r} is no folder: name one below your own package")


def _check_names(place: Path) -> None:
    """Refuse a folder whose modules cannot be imported."""
    for part in _package(place).split("."):
        if not part.isidentifier() or keyword.iskeyword(part):
            raise ArgumentError(f"{str(place)!r}: {part!r} cannot be part of a package's name")


def _package(place: Path) -> str:
    """Return a folder's dotted package name, from the topmost folder with ``__init__.py``."""
    parts = [place.name]
    above = place.parent
    while (above / "__init__.py").exists() and above.name:
        parts.insert(0, above.name)
        above = above.parent
    return ".".join(parts)
