"""The files that fetching a document has to do with, and how one is put in the place of another."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from spec.errors import DocumentError, UsageError


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are in the project."""

    root: Path

    @property
    def upstream(self) -> Path:
        """What TIMIFY documents, as far as we know it."""
        return self.root / "openapi" / "upstream.yaml"

    @property
    def published(self) -> Path:
        """The document as TIMIFY publishes it, as it was fetched.

        Absent until somebody has fetched it.
        """
        return self.root / "openapi" / "published.yaml"

    @property
    def scratch(self) -> Path:
        """A folder that git does not look at, on the same file system as the rest."""
        return self.root / ".work"

    @property
    def rejected(self) -> Path:
        """The last document that could not be taken over."""
        return self.scratch / "published.yaml"

    @property
    def report(self) -> Path:
        """Where the report goes unless another place is named."""
        return self.scratch / "fetch-spec.md"

    @property
    def page(self) -> Path:
        """The first page of the report, which is the text of a pull request."""
        return self.scratch / "fetch-spec-page.md"

    @property
    def result(self) -> Path:
        """Result and rating, for machines."""
        return self.scratch / "fetch-spec.json"


def read(path: Path, most: int = -1) -> bytes:
    """Return what a file holds, or its first `most` bytes.

    Raises UsageError when it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as missing:
        raise UsageError(f"{path} cannot be read ({missing.strerror}).") from missing


def load(path: Path) -> dict[str, Any]:
    """Read a YAML file whose top is an object; DocumentError otherwise."""
    try:
        content = YAML(typ="safe", pure=True).load(path)
    except YAMLError as bad:
        raise DocumentError(f"{path.name} is not valid YAML: {' '.join(str(bad).split())}") from bad
    except OSError as missing:
        raise DocumentError(f"{path} cannot be read ({missing.strerror}).") from missing
    if not isinstance(content, dict):
        raise DocumentError(f"{path.name} holds no object.")
    return content


def write(path: Path, text: str) -> None:
    """Write a text, and the folder that it goes to."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def put(path: Path, content: bytes, scratch: Path) -> None:
    """Replace a file as a whole, at once.

    Whenever this is stopped, either the old file or the new one is there, whole. `scratch` is a
    folder on the same file system.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as name:
        fresh = Path(name, path.name)
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
