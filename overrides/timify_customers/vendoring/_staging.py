"""Puts both packages in place together, or not at all, whatever stops the program.

The new packages are written to a folder next to their place, which then gets a mark. Before the
mark nothing has changed, and the folder can be thrown away. After it, each package is moved by one
rename, and a later run that finds the folder finishes the moves::

    _vendor/.timify-customers-vendoring/new/...     written, not marked yet
    _vendor/.timify-customers-vendoring/whole       the mark
    _vendor/timify_customers  ->  .timify-customers-vendoring/old/timify_customers
    .timify-customers-vendoring/new/timify_customers  ->  _vendor/timify_customers
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from ._manifest import FILE
from ._relative import PACKAGES


class Staging:
    """The folder in which the packages for another folder are prepared.

    Attributes:
        path: its path, whether it exists or not.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / ".timify-customers-vendoring"
        self._mark = self.path / "whole"

    def is_left_over(self) -> bool:
        """Return whether a run was stopped before its end."""
        return os.path.lexists(self.path)

    def finish_or_discard(self) -> None:
        """Finish the moves of an interrupted run, or remove what it had only written.

        If somebody has put a package back that was moved away, say by ``git checkout``, they want
        the old copy, so that it stays and nothing more is moved.
        """
        if self._mark.exists() and not any(map(self._is_put_back, PACKAGES)):
            self._move()
        self._remove()

    def replace(self, files: Mapping[str, bytes]) -> None:
        """Replace both packages by these files.

        Args:
            files: the content of each file by its path below the folder.

        Raises:
            OSError: that failed, and both packages are unchanged.
        """
        try:
            self._write(files)
            self._move()
        except BaseException:
            self._move_back()
            self._remove()
            raise
        self._remove()

    def _write(self, files: Mapping[str, bytes]) -> None:
        for name, data in files.items():
            path = self.path / "new" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self._mark.touch()

    def _move(self) -> None:
        (self.path / "old").mkdir(exist_ok=True)
        for package in PACKAGES:
            new_folder, place, old_folder = self._steps(package)
            if new_folder.exists():
                if place.exists():
                    place.rename(old_folder)
                new_folder.rename(place)

    def _move_back(self) -> None:
        if not self._mark.exists():
            return
        for package in PACKAGES:
            new_folder, place, old_folder = self._steps(package)
            if not new_folder.exists():
                place.rename(new_folder)
            if old_folder.exists():
                old_folder.rename(place)

    def _is_put_back(self, package: str) -> bool:
        """Return whether an old package stands where it was moved away from.

        If its new one is in place already, the old files were written over that. The manifest tells
        whose files these are: it has the hash of each.
        """
        new_folder, place, old_folder = self._steps(package)
        if not old_folder.exists():
            return False
        if new_folder.exists():
            return place.exists()
        manifest = Path(FILE).name
        return _bytes(place / manifest) == _bytes(old_folder / manifest) is not None

    def _steps(self, package: str) -> tuple[Path, Path, Path]:
        return self.path / "new" / package, self._folder / package, self.path / "old" / package

    def _remove(self) -> None:
        if self.is_left_over():
            shutil.rmtree(self.path)


def _bytes(path: Path) -> bytes | None:
    """Return the content of a file, or None if there is none."""
    return path.read_bytes() if path.is_file() else None
