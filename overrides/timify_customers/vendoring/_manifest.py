"""The manifest of a copy: its version, and the hash of each of its files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from attrs import asdict, frozen

from .._base.errors import ConfigurationError
from .._base.package import DISTRIBUTION
from ._requirements import Needs

FILE: Final = "timify_customers/VENDORED.json"
_FORMAT: Final = 1
_DOCUMENT_VERSION: Final = re.compile(
    r"^info:\n(?: .*\n)*?  version: ['\"]?([^'\"\n]+)", re.MULTILINE
)


@frozen
class Document:
    """The OpenAPI document from which the generated package was made.

    Attributes:
        version: the version that the document states.
        sha256: the hash of its bytes, in hex.
    """

    version: str
    sha256: str

    @classmethod
    def of(cls, data: bytes) -> Document:
        """Return a manifest's description of a document."""
        match = _DOCUMENT_VERSION.search(data.decode())
        return cls(match[1] if match else "", digest(data))


@frozen
class Manifest:
    """What a copy says about itself.

    Attributes:
        version: the version of the distribution.
        minimal: whether the companions were left out.
        document: the document from which the generated package was made.
        needs: its requirements.
        files: the SHA-256 of each other file, in hex, by its path below the folder that has both
            packages.
    """

    version: str
    minimal: bool
    document: Document
    needs: Needs
    files: Mapping[str, str]

    def encode(self) -> bytes:
        """Return the content of the manifest's file."""
        content = {"format": _FORMAT, "distribution": DISTRIBUTION, **asdict(self)}
        return (json.dumps(content, indent=2) + "\n").encode()

    @classmethod
    def decode(cls, data: bytes) -> Manifest:
        """Read the content of a manifest's file.

        Raises:
            ValueError: it is not a manifest, or has another format.
        """
        content: Any = json.loads(data)
        try:
            if content["format"] != _FORMAT or content["distribution"] != DISTRIBUTION:
                raise ValueError("it is of another format")
            needs = _needs(**content["needs"])
            document, files = Document(**content["document"]), dict(content["files"])
            return cls(str(content["version"]), bool(content["minimal"]), document, needs, files)
        except (KeyError, TypeError) as error:
            raise ValueError(f"it lacks or distorts {error}") from None


def _needs(runtime: list[str], extras: dict[str, list[str]]) -> Needs:
    return Needs(tuple(runtime), {name: tuple(lines) for name, lines in extras.items()})


def digest(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hex."""
    return sha256(data).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of the copy in a folder.

    Raises:
        ConfigurationError: there is no copy that this command made, or its manifest is damaged.
        OSError: it cannot be read.
    """
    file = folder / FILE
    try:
        data = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise ConfigurationError(
            f"{str(folder)!r} has no vendored copy: {FILE} is not there"
        ) from None
    try:
        return Manifest.decode(data)
    except ValueError as error:
        raise ConfigurationError(
            f"{str(file)!r} is damaged ({error}): "
            f"restore it, or remove both packages and vendor anew"
        ) from None
