"""Adopt the OpenAPI document that TIMIFY publishes, and make the client from it.

It is fetched from an address or read from a file, and kept as openapi/published.yaml. What is
published is adopted by position into what is known without it, whatever its shape. The first
document is held against the reconstruction; later ones are rated, by semver, against the last
published one. published.yaml, document and client are replaced together, and only when all of that
could be done; whenever anything fails they stay as they are.

The report goes to .work/fetch-spec.md, its first page to .work/fetch-spec-page.md, and result and
rating, for machines, to .work/fetch-spec.json.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import generate
import node
from spec import redocly
from spec.errors import SpecError, UsageError
from spec.fetch.download import Download, Limits, download
from spec.fetch.take_over import Maker, rated, record, record_refusal, take_over
from spec.files import Places, read
from spec.parse import parse

DEFAULT_ADDRESS = "https://docs2.timify.com/_spec/apis/openapi.yaml?download"
GUESS = (
    "The default address is inferred: by the convention of Redocly's platform the file is there, "
    "but it was never seen to work. "
    "The download button on TIMIFY's reference page has the right one."
)
EXIT_CODES = """exit codes:
  0  done: the published document is adopted, however its changes rate, or was so already
  1  a fault of this tool
  2  what was asked for cannot be done (a bad address, a missing file)
  3  no whole file came (not reached, not status 200, cut off, too large, \
redirected where nothing is fetched)
  4  what came is not TIMIFY's OpenAPI document, or has fewer than half of our operations
  5  the document could not be adopted or built; it is kept as .work/published.yaml, \
to look at and to try again
     with --file

Except with 0, everything is as it was. Make itself ends with 2 whatever the code is."""
MAKER = Maker(generate.build, generate.install, prepare=node.installed)


def main(
    arguments: Sequence[str] | None = None,
    *,
    root: Path = redocly.ROOT,
    make: Maker = MAKER,
    limits: Limits | None = None,
) -> int:
    """Do what the command line says, and return the exit code.

    The other parameters are for tests.
    """
    options = _parser().parse_args(arguments)
    try:
        print(_report(options, Places(root), make, limits or Limits()))
    except SpecError as failure:
        print(f"fetch-spec: {failure}", file=sys.stderr)
        return failure.code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fetch_spec.py",
        description=__doc__,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "url", nargs="?", help=f"address of the document (default: {DEFAULT_ADDRESS}). {GUESS}"
    )
    source.add_argument(
        "--file", type=Path, help="take this file, for instance one downloaded with a browser"
    )
    rate = "only rate the change from one published document to another"
    source.add_argument("--rate", nargs=2, type=Path, metavar=("OLD", "NEW"), help=rate)
    parser.add_argument(
        "--report", type=Path, help="where to write the report (default: .work/fetch-spec.md)"
    )
    return parser


def _report(options: argparse.Namespace, places: Places, make: Maker, limits: Limits) -> str:
    if options.rate:
        old, new = (parse(read(path)) for path in options.rate)
        return rated(old, new).details
    target = options.report or places.report
    for path in (target, places.page, places.result):
        path.unlink(missing_ok=True)
    try:
        fetched = (
            _from_file(options.file, limits) if options.file else _from_address(options.url, limits)
        )
        outcome = take_over(fetched, places, make)
    except SpecError as failure:
        record_refusal(failure, places, target)
        raise
    record(outcome, places, target)
    return outcome.text


def _from_address(address: str | None, limits: Limits) -> Download:
    if address:
        return download(address, limits)
    try:
        return download(DEFAULT_ADDRESS, limits)
    except SpecError as failure:
        raise type(failure)(f"{failure}\n{GUESS}") from failure


def _from_file(path: Path, limits: Limits) -> Download:
    content = read(path, limits.size + 1)
    if len(content) > limits.size:
        raise UsageError(
            f"{path} is larger than {limits.size / 1_000_000:g} MB: "
            "that is not the OpenAPI document."
        )
    return Download(content, "", path.name, sized=True)


if __name__ == "__main__":
    sys.exit(main())
