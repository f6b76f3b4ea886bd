"""Write docs/errors.md: every error of the SDK, from the classes themselves.

`python tools/errors_page.py` writes the page, `--check` fails when it is not current. What a class
cannot say of itself stands in `ADVICE`: whether the call may be made again, and what a web service
answers its own callers. A class that is not there has the advice of the class that it is built on.
"""

import argparse
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import timify_customers
from timify_customers import TimifyError
from timify_customers._base import errors

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "errors.md"


class Advice(NamedTuple):
    """What to do about an error.

    Attributes:
        again: whether the same call can be made again.
        status: the HTTP status that a web service answers its callers with.
        why: why that status, where it is not plain.
    """

    again: str
    status: int
    why: str = ""


_USELESS = "no use: it fails again, and nothing was sent"
_CHANGED = "no use until something changes; it was not done"
_READ = "yes: only reads end so"

ADVICE: Final = {
    "TimifyError": Advice("see its class", 500),
    "ConfigurationError": Advice(_USELESS, 500, "the service is not set up rightly"),
    "CompanyIdError": Advice(_USELESS, 400),
    "ArgumentError": Advice(_USELESS, 400),
    "UnknownFieldError": Advice(_USELESS, 422),
    "AmbiguousFieldError": Advice(_USELESS, 422),
    "InvalidValueError": Advice(_USELESS, 422),
    "PayloadError": Advice(_USELESS, 422),
    "CheckpointError": Advice("no use: name another checkpoint", 500),
    "ArgumentTypeError": Advice(_USELESS, 400),
    "ClientStateError": Advice("yes, with a client that is open and of this loop", 500),
    "PaginationError": Advice(_READ, 502),
    "ListChangedError": Advice(_READ, 503, "the next reading may be undisturbed"),
    "FilterIgnoredError": Advice("no use: read without the filter", 502),
    "DecodeError": Advice("no use: the answer stays what it is", 502),
    "ImportInterruptedError": Advice("yes: the same rows, by their keys", 502),
    "CallError": Advice("yes: a write in doubt is an `AmbiguousWriteError`", 502),
    "ConnectError": Advice("yes: it was not done", 503),
    "ConnectionLostError": Advice(_READ, 502),
    "CallTimeoutError": Advice("yes: it was not done", 504),
    "BodyError": Advice(_READ, 502),
    "AnswerTooLargeError": Advice("no use: raise `max_answer_bytes`, or ask for less", 502),
    "ExternalIdNotTakenError": Advice(
        "no: with `seen`, the customer is there, without its key", 502, "an operator must look"
    ),
    "AmbiguousWriteError": Advice(
        "only if `safe_to_repeat`; else look first", 502, "say that the outcome is not known"
    ),
    "ApiError": Advice(_CHANGED, 502),
    "BadRequestError": Advice(_CHANGED, 422, "most often a value that came from the caller"),
    "AuthenticationError": Advice(_CHANGED, 500, "the service's credentials, not the caller's"),
    "AccessDeniedError": Advice(_CHANGED, 500, "the app's scopes, not the caller's rights"),
    "NotFoundError": Advice(_CHANGED, 404),
    "ConflictError": Advice(_CHANGED, 409),
    "UnprocessableError": Advice(_CHANGED, 422),
    "RateLimitError": Advice(
        "yes, after `retry_after` seconds", 503, "with Retry-After; the caller did nothing wrong"
    ),
    "RedirectError": Advice("no use: correct `base_url`", 502),
    "ServerError": Advice("yes, later: it was not done", 502),
}

_HEAD = """\
# Errors

<!-- Made by tools/errors_page.py from the classes: `make errors-page`. Do not edit. -->

Everything that the SDK raises is a `TimifyError`, and also the fitting builtin: `NotFoundError` is
a `LookupError`, `CallTimeoutError` a `TimeoutError`. All are imported from `timify_customers`. They
can be pickled and copied, and their text is one printable line without secrets.

**Was the write done?** A write that ends with an error was not done, with two exceptions, which say
so: `AmbiguousWriteError` (it may have been done) and `ExternalIdNotTakenError` (it was done, but
without its external id). An import reports the outcome of each row. The client itself repeats calls
where that is safe, so an error comes after its retries.

**In a web service.** The last column is the status to answer *your* callers with. It differs from
the status of the API where the reason lies in the service: a 401 of the API says that your app's
credentials are wrong, and nothing about your caller. Where there is a `retry_after`, send it along
as the header `Retry-After`.

| error | when | again? | your status |
| --- | --- | --- | --- |
"""


def page() -> str:
    """Return the whole page."""
    classes = list(tree(TimifyError))
    rows = "".join(_row(cls, depth) for cls, depth in classes)
    return _HEAD + rows + _ATTRIBUTES + "".join(_described(cls) for cls, _ in classes)


def tree(root: type[BaseException], depth: int = 0) -> Iterator[tuple[type[BaseException], int]]:
    """Walk the tree of public errors from its root, with the depth of each, by name."""
    yield root, depth
    children = [getattr(timify_customers, name) for name in errors.__all__]
    for child in sorted(children, key=lambda cls: str(cls.__name__)):
        if _parent(child) is root:
            yield from tree(child, depth + 1)


def _parent(cls: type[BaseException]) -> type[BaseException] | None:
    """Return the first class of the tree that a class is built on."""
    public = {getattr(timify_customers, name) for name in errors.__all__}
    return next((base for base in cls.__mro__[1:] if base in public), None)


def advice(cls: type[BaseException]) -> Advice:
    """Return the advice on a class: its own, or that on the class that it is built on."""
    return next(ADVICE[base.__name__] for base in cls.__mro__ if base.__name__ in ADVICE)


def _row(cls: type[BaseException], depth: int) -> str:
    entry = advice(cls)
    status = f"{entry.status}: {entry.why}" if entry.why else str(entry.status)
    name = f"{'— ' * depth}`{cls.__name__}`"
    cells = (f"{name}{_builtins(cls)}", when(cls), entry.again, status)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _builtins(cls: type[BaseException]) -> str:
    bases = [base.__name__ for base in cls.__bases__ if base.__module__ == "builtins"]
    names = [name for name in bases if name != "Exception"]
    return f" ({', '.join(names)})" if names else ""


def when(cls: type[BaseException]) -> str:
    """Return the first paragraph of a class's docstring, in one line."""
    return _markdown(_paragraphs(cls)[0])


def attributes(cls: type[BaseException]) -> dict[str, str]:
    """Return the attributes that a class adds, with what its docstring says of each."""
    section = (inspect.getdoc(cls) or "").partition("\nAttributes:\n")[2]
    entries = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", section, re.MULTILINE)
    return {name: _markdown(text) for name, text in entries}


def _paragraphs(cls: type[BaseException]) -> list[str]:
    text = (inspect.getdoc(cls) or "").partition("\nAttributes:\n")[0]
    return [part for part in text.strip().split("\n\n") if part]


def _markdown(text: str) -> str:
    return " ".join(text.split()).replace("``", "`")


_ATTRIBUTES = """
## Attributes

A class has those of the classes above it too.
"""


def _described(cls: type[BaseException]) -> str:
    """Describe what a row of the table has no room for."""
    paragraphs = [_markdown(part) for part in _paragraphs(cls)[1:]]
    listed = [f"- `{name}`: {text}" for name, text in attributes(cls).items()]
    if not paragraphs and not listed:
        return ""
    body = "\n\n".join([*paragraphs, "\n".join(listed)] if listed else paragraphs)
    return f"\n### {cls.__name__}\n\n{body}\n"


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or with ``--check`` say whether it is current."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when it is old")
    if not parser.parse_args(arguments).check:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if PAGE.read_text("utf-8") == page():
        return 0
    print(f"{PAGE.name} is not what the errors say of themselves: run make errors-page")
    return 1


if __name__ == "__main__":
    sys.exit(main())
