"""Build `openapi/customers.yaml`, the one document that everything else reads.

`openapi/upstream.yaml` is what TIMIFY documents. Each overlay adds what is known in another way,
and is named after that way, its evidence. Redocly CLI applies the overlays, keeps the operations
that the client is for, and checks the outcome. What Redocly passes over in silence is for
`overlays` and `checks` to see. The published document, where there is one, is then taken into that
by position (`spec.adopt`).
"""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spec import redocly
from spec.adopt.adopt import Adoption, adopt
from spec.adopt.notes import Note
from spec.compare.scope import METHODS
from spec.document import overlays
from spec.document.checks import faults, stamp
from spec.errors import DocumentError
from spec.files import load, read
from spec.parse import parse

FOLDER = redocly.ROOT / "openapi"
UPSTREAM = FOLDER / "upstream.yaml"
CUSTOMERS = FOLDER / "customers.yaml"
PUBLISHED = FOLDER / "published.yaml"
HEAD = (
    "# Built from upstream.yaml and overlays/. "
    "Not to be edited: change those and run `make generate`.\n"
)
ADOPTED = (
    "# Built from upstream.yaml and overlays/, with published.yaml adopted by position. "
    "Not to be edited: change those and run `make generate`.\n"
)

_DATA = frozenset({"default", "enum", "example", "examples"})


def published() -> Path | None:
    """Return the place of the published document, None when there is none."""
    return PUBLISHED if PUBLISHED.exists() else None


def build(upstream: Path, out: Path, published: Path | None = None) -> list[Note]:
    """Build the document, write it to `out`, and return what adoption did.

    On failure, `out` is left alone.

    Args:
        upstream: what TIMIFY documents, as we know it; the overlays are applied to it.
        out: where the document goes.
        published: the document as TIMIFY publishes it, to be adopted.

    Raises:
        DocumentError: Redocly refuses a part of it (with its words), or one of our own checks
            fails.
        SpecError: `published` cannot be adopted.
    """
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        built = _known(upstream, scratch, adopting=published is not None)
        adoption = Adoption({}, [])
        if published is not None:
            adoption = adopt(load(built), parse(read(published)))
            built = _adopted(adoption.document, scratch)
        _redocly("lint", str(built))
        _refuse("What would break the client", faults(load(built)))
        text = (ADOPTED if published else HEAD) + built.read_text(encoding="utf-8")
        out.write_text(text, encoding="utf-8", newline="\n")
    return adoption.notes


def known(upstream: Path = UPSTREAM) -> dict[str, Any]:
    """Return what is known without the published document."""
    with tempfile.TemporaryDirectory() as name:
        return load(_known(upstream, Path(name), adopting=True))


def _known(upstream: Path, scratch: Path, *, adopting: bool) -> Path:
    plain, built = scratch / "upstream.json", scratch / "known.yaml"
    document = _upstream(upstream, plain, adopting=adopting)
    plain.write_text(json.dumps(document, indent=2), encoding="utf-8")
    applied = [f"--overlay={overlays.path(name)}" for name in overlays.OVERLAYS]
    _redocly("bundle", str(plain), *applied, "--remove-unused-components", f"--output={built}")
    return built


def _adopted(document: dict[str, Any], scratch: Path) -> Path:
    """Write an adopted document as Redocly does.

    What is new in it gets the names that `overlays/python.yaml` has for it.
    """
    plain, built = scratch / "adopted.json", scratch / "adopted.yaml"
    names = {overlays.NAMES: overlays.every()[overlays.NAMES]}
    late = overlays.only(names, overlays.stale_actions(load(scratch / "known.yaml"), names))
    _refuse("What overlays would change is not there", overlays.stale_actions(document, late))
    plain.write_text(json.dumps(overlays.applied(document, late), indent=2), encoding="utf-8")
    _redocly("bundle", str(plain), "--remove-unused-components", f"--output={built}")
    return built


def _upstream(upstream: Path, scratch: Path, *, adopting: bool) -> dict[str, Any]:
    """Read `upstream` as Redocly does, stamp it, and check that each overlay action has its target.

    Dates stay text. When a published document is adopted, names may be meant for what is in that
    one alone.
    """
    _redocly("bundle", str(upstream), "--skip-decorator=filter-in", f"--output={scratch}")
    document: dict[str, Any] = json.loads(scratch.read_text(encoding="utf-8"))
    if str(document.get("openapi")).startswith("3.0"):
        document = _nulls_as_in_3_1(document)
    _drop_other_auth(document)
    stamp(document)
    stale = overlays.stale_actions(document, overlays.every())
    stale = [each for each in stale if not adopting or each.overlay != overlays.NAMES]
    _refuse("What overlays would change is not there", stale)
    return document


def _drop_other_auth(document: dict[str, Any]) -> None:
    """Drop what a published document may have beside `POST /v1/auth/token`.

    The client has no use for it.
    """
    for path, item in list(document["paths"].items()):
        for method in METHODS:
            is_auth = "Auth" in item.get(method, {}).get("tags", [])
            if is_auth and (method, path) != ("post", "/v1/auth/token"):
                del item[method]
        if not item:
            del document["paths"][path]


def _nulls_as_in_3_1(part: Any) -> Any:
    """Write OpenAPI 3.0's `nullable` as a type; it means nothing without one.

    The overlays are for 3.1.
    """
    if isinstance(part, list):
        return [_nulls_as_in_3_1(each) for each in part]
    if not isinstance(part, dict):
        return part
    part = {key: value if key in _DATA else _nulls_as_in_3_1(value) for key, value in part.items()}
    if (
        isinstance(part.get("nullable"), bool)
        and part.pop("nullable")
        and isinstance(part.get("type"), str)
    ):
        part["type"] = [part["type"], "null"]
        part |= {"enum": [*part["enum"], None]} if None not in part.get("enum", [None]) else {}
    return part


def _redocly(*args: str) -> None:
    answer = redocly.run(*args, check=False)
    if answer.returncode:
        raise DocumentError(
            f"Redocly could not {args[0]} {args[1]}:\n{answer.stdout}{answer.stderr}".rstrip()
        )


def _refuse(heading: str, reasons: Sequence[object]) -> None:
    if reasons:
        raise DocumentError(f"{heading}:\n" + "\n".join(f"- {reason}" for reason in reasons))
