"""What a copy needs at run time, according to the metadata or the project's own tree."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from .._base.errors import ConfigurationError
from .._base.package import DISTRIBUTION, FOLDER

_EXTRA: Final = re.compile(r"""\s*(?:;|\band\b)\s*extra\s*==\s*['"](?P<name>[^'"]+)['"]\s*$""")
_REQUIREMENT: Final = re.compile(r"(?P<name>[\w.-]+(?:\[[^\]]*\])?)(?P<bounds>[^;]*)(?P<rest>;.*)?")
COMPANION_EXTRAS: Final = ("cli", "pytest", "sandbox", "workers")
"""Extras of the companions, which a minimal copy leaves out."""


@frozen
class Needs:
    """Requirements, as lines of a ``requirements.in``.

    Attributes:
        runtime: what every copy needs.
        extras: what each extra needs in addition, by its name.
    """

    runtime: tuple[str, ...]
    extras: Mapping[str, tuple[str, ...]]

    def without_companions(self) -> Needs:
        """Return the needs of a copy without the companions."""
        extras = {
            name: lines for name, lines in self.extras.items() if name not in COMPANION_EXTRAS
        }
        return Needs(self.runtime, extras)


@frozen
class Origin:
    """Where the running package comes from.

    Attributes:
        needs: its requirements.
        licence: the text of its licence.
    """

    needs: Needs
    licence: bytes


def origin() -> Origin:
    """Return the origin of the running package: an installed version, or the project's tree.

    Raises:
        ConfigurationError: it is neither.
    """
    if installed := _installed():
        return _of_distribution(installed)
    tree = FOLDER.parents[1]
    if FOLDER.parent.name == "overrides" and (tree / "pyproject.toml").exists():
        return _of_tree(tree)
    raise ConfigurationError(
        f"{str(FOLDER)!r} belongs to no installed {DISTRIBUTION}: its licence and requirements are "
        f"not to be found; install it with pip, and vendor from there"
    )


def _installed() -> Distribution | None:
    """Return the installed distribution, if the running package belongs to it."""
    try:
        installed = distribution(DISTRIBUTION)
    except PackageNotFoundError:
        return None
    location = Path(str(installed.locate_file(FOLDER.name)))
    return installed if location.exists() and location.samefile(FOLDER) else None


def _of_distribution(installed: Distribution) -> Origin:
    licence = installed.read_text("licenses/LICENSE")
    if licence is None:
        raise ConfigurationError(f"the installed {DISTRIBUTION} has no licence: install it anew")
    return Origin(_needs(installed.requires or ()), licence.encode())


def _of_tree(tree: Path) -> Origin:
    project: dict[str, Any] = tomllib.loads((tree / "pyproject.toml").read_text("utf-8"))["project"]
    extras = {name: _normal(lines) for name, lines in project["optional-dependencies"].items()}
    needs = Needs(_normal(project["dependencies"]), dict(sorted(extras.items())))
    return Origin(needs, (tree / "LICENSE").read_bytes())


def _normal(lines: Iterable[str]) -> tuple[str, ...]:
    """Write requirements as builds write them to metadata: ``httpx<1,>=0.28``."""
    matches = (_REQUIREMENT.fullmatch(line) for line in lines)
    parts = [(match["name"], match["bounds"].split(",")) for match in matches if match]
    return tuple(sorted(name + ",".join(sorted(bounds)) for name, bounds in parts))


def _needs(lines: Iterable[str]) -> Needs:
    """Group the lines of metadata (``Requires-Dist``) by the extra that each belongs to."""
    by_extra: dict[str, list[str]] = {}
    for line in sorted(lines):
        match = _EXTRA.search(line)
        extra = match["name"] if match else ""
        by_extra.setdefault(extra, []).append(line[: match.start()] if match else line)
    runtime = tuple(by_extra.pop("", ()))
    return Needs(
        runtime, {name: tuple(requirements) for name, requirements in sorted(by_extra.items())}
    )
