"""What was found out about a published document, in Markdown, as the text of a pull request.

Words that come from the document stand in code spans, so that none of them is a heading, a link or
a mention there.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from spec.compare.reconcile import OUTCOMES, Finding, Outcome
from spec.compare.rules import IMPACTS, Change, Impact, highest

LONGEST = 240  # characters of one piece of foreign text
MOST = 60_000  # characters of a pull request's text, of which there may be 65,536

HEADINGS: dict[Outcome, str] = {
    "contradicted": "Contradicted: what we believed is not so",
    "not found": "Not found: what we believed, and the published document does not say",
    "new": "New: in the published document alone",
    "wider": "Wider: ours admits what is published, and more",
    "confirmed": "Confirmed",
}


def code(text: str) -> str:
    """Show foreign text as it is, on one line and of bounded length."""
    line = " ".join(text.replace("`", "'").split())
    return f"`{line if len(line) <= LONGEST else line[: LONGEST - 1] + '…'}`"


def section(heading: str, lines: Sequence[str]) -> str:
    """Return a section, or nothing when it has no lines."""
    if not lines:
        return ""
    return f"## {heading} ({len(lines)})\n\n" + "".join(f"- {line}\n" for line in lines)


def bounded(report: str) -> str:
    """Return as much of a report as a pull request holds. What weighs most stands first in it."""
    if len(report) <= MOST:
        return report
    return report[:MOST].rpartition("\n")[0] + "\n\nCut here. `make fetch-spec` prints all of it.\n"


def failure(reason: str) -> str:
    """Say that a document was not taken over, and why."""
    fenced = reason.replace("```", "'''")
    return f"# Not taken over\n\nNothing was changed.\n\n```text\n{fenced}\n```\n"


def together(*parts: str) -> str:
    """Put the parts of a report below each other."""
    return "\n".join(part.rstrip("\n") + "\n" for part in parts if part)


def rating(ours: Sequence[Change], redoclys: Sequence[Change]) -> str:
    """Report how a change of the published document rates, and why.

    Args:
        ours: the verdicts of `rules`.
        redoclys: the verdicts of Redocly's `diff`.
    """
    every = [*ours, *redoclys]
    overall = highest(each.impact for each in every)
    verdict = f"Redocly alone says {_of(redoclys)}, our rules say {_of(ours)}."
    return together(
        f"# Rating: {overall}\n",
        f"{_MEANING[overall]} {verdict}\n",
        *(section(impact.capitalize(), _lines(every, impact)) for impact in reversed(IMPACTS)),
    )


_MEANING: dict[Impact, str] = {
    "none": "Nothing that the client uses has changed.",
    "patch": "Nothing breaks and nothing is new.",
    "minor": "Something is new; what worked goes on working.",
    "major": "What worked may fail: somebody has to read this before the client follows.",
}


def _of(changes: Iterable[Change]) -> Impact:
    return highest(each.impact for each in changes)


def _lines(changes: Iterable[Change], impact: Impact) -> list[str]:
    return [
        f"{code(each.where)} {code(each.message)} ({each.rule})"
        for each in changes
        if each.impact == impact
    ]


def reconciliation(findings: Sequence[Finding]) -> str:
    """Report what a published document made of what we believed."""
    return together(
        "# The published document, held against the reconstruction\n",
        "Only the operations that the client uses are compared. "
        "The evidence is how well we thought that we knew it.\n",
        _table(findings),
        *(section(HEADINGS[outcome], _grouped(findings, outcome)) for outcome in OUTCOMES),
    )


def _table(findings: Sequence[Finding]) -> str:
    counts = Counter((each.evidence, each.outcome) for each in findings)
    outcomes = [outcome for outcome in OUTCOMES if outcome != "new"]
    levels = dict.fromkeys(each.evidence for each in findings if each.evidence)
    rows = [[level, *(str(counts[level, outcome]) for outcome in outcomes)] for level in levels]
    lines = [["evidence", *outcomes], ["---"] * (len(outcomes) + 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _grouped(findings: Sequence[Finding], outcome: Outcome) -> list[str]:
    """Return a line for each finding.

    The failures that an operation may answer with share one.
    """
    lines: dict[tuple[str, str], list[str]] = {}
    for each in (finding for finding in findings if finding.outcome == outcome):
        where, status = _place(each)
        lines.setdefault((where, _remark(each)), []).append(status)
    return [
        code(f"{where} {', '.join(filter(None, statuses))}".rstrip()) + remark
        for (where, remark), statuses in lines.items()
    ]


def _place(finding: Finding) -> tuple[str, str]:
    pair = finding.pair
    if pair.kind != "answer" or pair.place.startswith("answer 2"):
        return pair.where, ""
    return f"{pair.operation} answer", pair.place.removeprefix("answer ")


def _remark(finding: Finding) -> str:
    level = f" ({finding.evidence})" if finding.evidence else ""
    return level + (f": {code(finding.message)}" if finding.message else "")
