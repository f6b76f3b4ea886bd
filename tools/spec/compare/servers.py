"""What a server puts before the paths of a document: `https://api.timify.com/v1` puts `/v1`.

Servers may be given for the whole document, for a path and for an operation; the nearest ones count
(OpenAPI 3, Server Object).
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

PRODUCTION = "https://api.timify.com"


def base_paths(*levels: Mapping[str, Any]) -> list[str]:
    """Return what the servers of an operation put before its path, production's first.

    `levels` are what may name servers, the nearest one first. Without a server nothing is put
    before it, which is an empty text.
    """
    several = [servers_of(level) for level in levels]
    servers = next((named for named in several if named), [])
    ordered = sorted(servers, key=lambda each: not is_production(each))
    return list(dict.fromkeys(_address(each).path.rstrip("/") for each in ordered)) or [""]


def servers_of(level: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the servers that a document, a path or an operation names itself."""
    listed = level.get("servers")
    several = listed if isinstance(listed, list) else []
    return [each for each in several if isinstance(each, dict) and isinstance(each.get("url"), str)]


def is_production(server: Mapping[str, Any]) -> bool:
    """Return whether a server is TIMIFY's production API, whatever its path."""
    address = _address(server)
    return f"{address.scheme}://{address.netloc}" == PRODUCTION


def joined(base: str, path: str) -> str:
    """Return a path with what a server puts before it, and one slash between two segments."""
    return re.sub(r"/+", "/", f"/{base}/{path}") if base else path


def _address(server: Mapping[str, Any]) -> SplitResult:
    """Return the address of a server, with the defaults of its variables."""
    variables = server.get("variables")
    defined = variables if isinstance(variables, dict) else {}
    written = re.sub(r"{([^{}]*)}", lambda match: _default(defined.get(match[1])), server["url"])
    try:
        return urlsplit(written)
    except ValueError:  # such as a bracket that is not closed
        return urlsplit("")


def _default(variable: Any) -> str:
    return str(variable.get("default", "")) if isinstance(variable, dict) else ""
