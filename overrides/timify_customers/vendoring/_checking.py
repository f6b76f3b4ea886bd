"""Whether a copy was edited, and whether it is as new as the installed version."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from .._base.package import VENDORED
from .._version import __version__
from ._contents import copy_of
from ._manifest import FILE, Manifest, digest, read_manifest
from ._relative import PACKAGES
from ._staging import Staging


def check(folder: str | Path) -> list[str]:
    """Return how a vendored copy differs from its original state and from the installed version.

    A vendored copy of this command knows no installed version, and looks only for edits.

    Args:
        folder: the folder that has both packages.

    Returns:
        One line for each difference, such as ``edited: timify_customers/_client.py``; empty if the
        copy is clean and not older.

    Raises:
        ConfigurationError: there is no copy that `vendor` made.
        OSError: it cannot be read.
    """
    place = Path(folder)
    if Staging(place).is_left_over():
        return [f"interrupted: {Staging(place).path.name} is left of a run that was stopped"]
    manifest = read_manifest(place)
    differences = edits(place, manifest)
    if not VENDORED and (why := outdated(manifest)):
        differences.append(why)
    return differences


def edits(folder: Path, manifest: Manifest) -> list[str]:
    """Return how a copy differs from its own manifest. Raises OSError."""
    present = set(_files(folder))
    expected = manifest.files.keys() | {FILE}
    missing = [f"missing: {name}" for name in sorted(expected - present)]
    left_over = [f"left over: {name}" for name in sorted(present - expected)]
    listed = sorted(present & manifest.files.keys())
    edited = [f"edited: {name}" for name in listed if _hash(folder / name) != manifest.files[name]]
    return [*edited, *missing, *left_over]


def outdated(manifest: Manifest) -> str | None:
    """Return how a copy is older than the installed version, or None if it is not.

    A copy of the same version that differs was made from another build, such as one with another
    document.
    """
    if is_newer(manifest):
        return None
    if manifest.version != __version__:
        return f"older: the copy is {manifest.version}, installed is {__version__}"
    if manifest != copy_of(minimal=manifest.minimal).manifest:
        return f"older: the copy is of another build of {__version__} than the installed one"
    return None


def is_newer(manifest: Manifest) -> bool:
    """Return whether a copy is newer than the installed version."""
    return _release(manifest.version) > _release(__version__)


def _release(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version, such as (0, 2, 0)."""
    match = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(number) for number in match[0].split(".")) if match else ()


def _files(folder: Path) -> Iterator[str]:
    """Yield each file of both packages, except compiled ones, by its path below the folder."""
    for package in PACKAGES:
        for root, folders, files in os.walk(folder / package):
            linked = [name for name in folders if Path(root, name).is_symlink()]
            folders[:] = [name for name in folders if name not in {"__pycache__", *linked}]
            for name in [*files, *linked]:
                if not name.endswith(".pyc"):
                    yield Path(root, name).relative_to(folder).as_posix()


def _hash(path: Path) -> str | None:
    """Return the hash of a file, or None for a symbolic link, which no copy has."""
    return None if path.is_symlink() or not path.is_file() else digest(path.read_bytes())
