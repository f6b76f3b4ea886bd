"""Builds `openapi/customers.yaml`, the one document that everything else reads.

`openapi/upstream.yaml` is what TIMIFY documents. Each overlay adds what is known in another way, and is named after
that way, its evidence. Redocly CLI applies the overlays, keeps the operations that the client is for, and checks the
outcome. What Redocly passes over in silence is for `overlays` and `checks` to see.
"""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spec import redocly
from spec.compare.scope import METHODS
from spec.document import overlays
from spec.document.checks import faults, stamp
from spec.errors import DocumentError
from spec.files import load

FOLDER = redocly.ROOT / "openapi"
UPSTREAM = FOLDER / "upstream.yaml"
CUSTOMERS = FOLDER / "customers.yaml"
HEAD = "# Built from upstream.yaml and overlays/. Not to be edited: change those and run `make generate`.\n"

_DATA = frozenset({"default", "enum", "example", "examples"})


def build(upstream: Path, out: Path) -> None:
    """Build the document from `upstream` and the overlays and write it to `out`, which is left alone on failure.

    Raises DocumentError when Redocly refuses a part of it (with its words) or when one of our own checks fails.
    """
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        plain, built = scratch / "upstream.json", scratch / "customers.yaml"
        plain.write_text(json.dumps(_upstream(upstream, plain), indent=2), encoding="utf-8")
        applied = [f"--overlay={overlays.path(name)}" for name in overlays.OVERLAYS]
        _redocly("bundle", str(plain), *applied, "--remove-unused-components", f"--output={built}")
        _redocly("lint", str(built))
        _refuse("What would break the client", faults(load(built)))
        out.write_text(HEAD + built.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")


def _upstream(upstream: Path, scratch: Path) -> dict[str, Any]:
    """Read `upstream` as Redocly does (dates stay text), stamp it, and see that each overlay action has its target."""
    _redocly("bundle", str(upstream), "--skip-decorator=filter-in", f"--output={scratch}")
    document: dict[str, Any] = json.loads(scratch.read_text(encoding="utf-8"))
    if str(document.get("openapi")).startswith("3.0"):
        document = _nulls_as_in_3_1(document)
    _drop_other_auth(document)
    stamp(document)
    _refuse("What overlays would change is not there", overlays.stale_actions(document, overlays.every()))
    return document


def _drop_other_auth(document: dict[str, Any]) -> None:
    """Drop what a published document may have beside `POST /v1/auth/token`: the client has no use for it."""
    for path, item in list(document["paths"].items()):
        for method in METHODS:
            if "Auth" in item.get(method, {}).get("tags", []) and (method, path) != ("post", "/v1/auth/token"):
                del item[method]
        if not item:
            del document["paths"][path]


def _nulls_as_in_3_1(part: Any) -> Any:
    """Write OpenAPI 3.0's `nullable` as a type; it means nothing without one. The overlays are for 3.1."""
    if isinstance(part, list):
        return [_nulls_as_in_3_1(each) for each in part]
    if not isinstance(part, dict):
        return part
    part = {key: value if key in _DATA else _nulls_as_in_3_1(value) for key, value in part.items()}
    if isinstance(part.get("nullable"), bool) and part.pop("nullable") and isinstance(part.get("type"), str):
        part["type"] = [part["type"], "null"]
        part |= {"enum": [*part["enum"], None]} if None not in part.get("enum", [None]) else {}
    return part


def _redocly(*args: str) -> None:
    answer = redocly.run(*args, check=False)
    if answer.returncode:
        raise DocumentError(f"Redocly could not {args[0]} {args[1]}:\n{answer.stdout}{answer.stderr}".rstrip())


def _refuse(what: str, reasons: Sequence[object]) -> None:
    if reasons:
        raise DocumentError(f"{what}:\n" + "\n".join(f"- {reason}" for reason in reasons))
