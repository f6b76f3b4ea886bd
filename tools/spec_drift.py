"""Hold recorded traffic against the document: `make spec-drift TRAFFIC=traffic.har`.

Redocly's `drift` compares the two. It takes what the document leaves open: further keys of an
object, and statuses that are not listed. Both are what one wants to know of an API whose document
is a reconstruction. So it is given a copy in which every object is closed, and every other status
is an answer that cannot be.

Each finding says how well the line was known that it contradicts. Lines that are inferred, known
from a sibling or from a third party and that the traffic held are listed too. Traffic of another
host than TIMIFY's proves nothing, and is warned of. Exits with 1 when there is a finding.
"""

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import yaml
from attrs import field, frozen
from spec import redocly
from spec.redocly import ROOT, NodeError
from spec.references import resolve

DOCUMENT = ROOT / "openapi" / "customers.yaml"
NO_SUCH_STATUS = "this status is not in the document"
UNSURE = ("inferred", "third-party", "sibling")
Line = tuple[str, str]
"""A line of the document, such as `Customer.email` or `create_customer 201`, and its evidence."""


@frozen
class Drift:
    """What `drift` has found.

    `problems` are its findings, each with the line of the document that it contradicts; `held` are
    the unsure lines that the traffic confirmed.
    """

    exchanges: int
    problems: list[tuple[dict[str, Any], Line | None]]
    held: list[Line]
    elsewhere: list[str] = field(factory=list)
    """Hosts of the recording that are not TIMIFY's API: a sandbox, a mock server."""

    @property
    def warning(self) -> str:
        """A warning about where the traffic is from; empty when that is TIMIFY's API."""
        if not self.elsewhere:
            return ""
        hosts = ", ".join(self.elsewhere)
        return (
            f"warning: recorded of {hosts}, not of TIMIFY's API: "
            "what a sandbox or a mock answers proves nothing"
        )

    @property
    def text(self) -> str:
        """The report."""
        lines = [_sentence(problem, line) for problem, line in self.problems]
        lines += [f"held, so far {evidence}: {name}" for name, evidence in self.held]
        summary = (
            f"{self.exchanges} exchanges, {len(self.problems)} findings, "
            f"{len(self.held)} unsure lines held"
        )
        return "\n".join([*lines, summary])


def run(traffic: Path, document: Path = DOCUMENT) -> Drift:
    """Hold a HAR file against a document.

    Raises NodeError when Redocly CLI cannot be installed or cannot read the traffic.
    """
    spec = yaml.safe_load(document.read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        closed, report, coverage = (
            Path(folder) / name for name in ("closed.json", "report.json", "coverage.json")
        )
        closed.write_text(json.dumps(_closed(spec)), "utf-8")
        answer = redocly.run(
            *("drift", str(traffic.resolve()), "--api", str(closed), "--match-mode", "basepath"),
            *("--format", "json", "--output", str(report), "--coverage-output", str(coverage)),
            check=False,
        )
        if not report.exists():
            raise NodeError(
                f"Redocly CLI could not compare:\n{answer.stderr.strip() or answer.stdout.strip()}"
            )
        findings, covered = (json.loads(path.read_text("utf-8")) for path in (report, coverage))
    problems = [(problem, _contradicted(spec, problem)) for problem in findings["problems"]]
    confirmed = _covered(spec, covered) - {line for _, line in problems}
    unsure = sorted(line for line in confirmed if line[1] in UNSURE)
    return Drift(findings["run"]["totalExchanges"], problems, unsure, _elsewhere(traffic))


def _elsewhere(traffic: Path) -> list[str]:
    """Return the hosts of a HAR file that are not TIMIFY's API.

    Its mock server is not the API, though the host is TIMIFY's.
    """
    entries = json.loads(traffic.read_text("utf-8"))["log"]["entries"]
    urls = [urlsplit(entry["request"]["url"]) for entry in entries]
    return sorted({url.hostname or "nowhere" for url in urls if not _is_api(url)})


def _is_api(url: SplitResult) -> bool:
    host = url.hostname or ""
    return (host == "timify.com" or host.endswith(".timify.com")) and "/_mock/" not in url.path


def _closed(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a copy that allows no other keys and no other statuses than the document knows."""
    copy: dict[str, Any] = json.loads(json.dumps(spec))
    for schema in _schemas(copy):
        schema.setdefault("additionalProperties", False)
    impossible = {"type": "object", "required": [NO_SUCH_STATUS]}
    content = {"application/json": {"schema": impossible}}
    for operations in copy["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = {"description": NO_SUCH_STATUS, "content": content}
    return copy


def _schemas(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if part.get("type") == "object" and "properties" in part:
            yield part
        for inner in part.values():
            yield from _schemas(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _schemas(inner)


def _sentence(problem: dict[str, Any], line: Line | None) -> str:
    where = (
        f"{problem['method']} {problem['details'].get('operationPathTemplate', problem['path'])}"
    )
    message = problem["message"]
    if NO_SUCH_STATUS in message:
        message = f"Status {problem['status']} is not in the document."
    elif problem["details"].get("actual"):
        message += f" It is {problem['details']['actual']}."
    line_text = f" The document has {line[0]} as {line[1]}." if line else ""
    place = f"exchange {problem['exchangeIndex']}, {problem['occurrences']} in all"
    return f"{problem['severity']}: {where} ({problem['status']}): {message}{line_text} [{place}]"


def _contradicted(spec: dict[str, Any], problem: dict[str, Any]) -> Line | None:
    path = [part for part in problem.get("dataPath", "").split("/") if part]
    return _line(
        spec, problem.get("operationId"), problem.get("target"), str(problem.get("status")), path
    )


def _covered(spec: dict[str, Any], coverage: dict[str, Any]) -> set[Line]:
    """Return the lines that answers have shown: properties and statuses.

    That a request was sent proves no line of it.
    """
    lines: set[Line | None] = set()
    for operation in coverage["operations"]:
        name = operation["operationId"]
        for covered in operation.get("covered", []):
            status = str(covered.get("status"))
            if covered["kind"] == "property" and covered["target"] == "response":
                path = re.findall(r"\[\]|[^.\[\]]+", covered["path"])
                lines.add(_line(spec, name, "response", status, path))
            elif covered["kind"] == "response" and status != "default":
                lines.add((f"{name} {status}", _answer(spec, name, status)["x-evidence"]))
    return {line for line in lines if line}


def _line(
    spec: dict[str, Any], name: str | None, target: str | None, status: str, path: list[str]
) -> Line | None:
    """Return the line of the document that stands at a path of a body; None when there is none."""
    operation = _operation(spec, name)
    answer = (
        operation.get("requestBody", {}) if target == "request" else _answer(spec, name, status)
    )
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    owner, line = "", None
    for part in path:
        owner, schema = schema.get("$ref", owner).rpartition("/")[2], resolve(spec, schema)
        if part == "[]" or part.isdecimal():
            schema = schema.get("items", {})
        elif part in schema.get("properties", {}):
            schema = schema["properties"][part]
            line = (f"{owner}.{part}", schema["x-evidence"])
        else:
            return None
    return line


def _operation(spec: dict[str, Any], name: str | None) -> dict[str, Any]:
    every = (operation for path in spec["paths"].values() for operation in path.values())
    return next((operation for operation in every if operation["operationId"] == name), {})


def _answer(spec: dict[str, Any], name: str | None, status: str) -> dict[str, Any]:
    return resolve(spec, _operation(spec, name).get("responses", {}).get(status, {}))


def main() -> int:
    """Print the report, and return the exit code: 1 when there is a finding."""
    parser = argparse.ArgumentParser(description="Hold recorded traffic against the document.")
    parser.add_argument("traffic", type=Path, help="a HAR file")
    try:
        drift = run(parser.parse_args().traffic)
    except NodeError as failure:
        sys.exit(str(failure))
    print(drift.text)
    if drift.warning:
        print(drift.warning, file=sys.stderr)
    return 1 if drift.problems else 0


if __name__ == "__main__":
    sys.exit(main())
