"""The published document held against what we believed: what holds, what does not, what is new.

What we believed comes in stages: the reconstruction (evidence *documented*), and what each overlay
makes of it in its turn. The file in which a shape stands is its evidence, so each stage answers for
what it says for the first time. Where an overlay says more of an element than the reconstruction,
since real answers do, both versions are held against the published one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from spec.compare.view import View
from spec.compare.walk import Pair, Side, walk

Outcome = Literal["contradicted", "not found", "new", "wider", "confirmed"]
OUTCOMES: tuple[Outcome, ...] = ("contradicted", "not found", "new", "wider", "confirmed")
Stage = tuple[str, dict[str, Any]]
Said = dict[tuple[str, str], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one element, how well we thought that we knew it, and both versions in words."""

    outcome: Outcome
    evidence: str
    message: str
    pair: Pair


def reconcile(published: dict[str, Any], stages: Sequence[Stage]) -> list[Finding]:
    """Hold a published document against what we believed.

    `stages` are given by level of evidence, and each of them includes all before it.
    """
    findings: list[Finding] = []
    before: Said = {}
    for evidence, believed in stages:
        pairs = walk(believed, published)
        findings += [
            _finding(evidence, pair)
            for pair in pairs
            if pair.old and _says(pair.old) != before.get(_at(pair))
        ]
        before = {_at(pair): _says(pair.old) for pair in pairs if pair.old}
    everything = [_finding("", pair) for pair in pairs] if stages else []
    kept = [each for each in findings if each.outcome != "new"] + [
        each for each in everything if each.outcome == "new"
    ]
    return [each for each in kept if each.outcome != "confirmed" or _counts(each.pair)]


def _at(pair: Pair) -> tuple[str, str]:
    return pair.where, pair.kind


def _says(side: Side) -> tuple[Any, ...]:
    return side.name, side.required, side.view.types, side.view.format, side.view.values


def _finding(evidence: str, pair: Pair) -> Finding:
    outcome, message = _judge(pair)
    return Finding(outcome, evidence, message, pair)


def _counts(pair: Pair) -> bool:
    """Return whether an element is one of its own.

    What a body, an answer or a list holds is not.
    """
    return pair.kind != "value" and not (pair.kind == "body" and not pair.sent)


def _judge(pair: Pair) -> tuple[Outcome, str]:
    if pair.old is None or pair.new is None:
        return _one_sided(pair)
    if pair.old.name != pair.new.name:
        return "contradicted", f"it is written `{pair.new.name}`"
    ours, theirs = pair.old.view, pair.new.view
    if message := _necessity(pair, pair.old, pair.new):
        return "contradicted", message
    if ours.types and not theirs.types and pair.kind != "operation":
        return "not found", f"ours is {ours.words}; the published document does not say"
    if theirs.types and not ours.types:
        return "new", f"ours does not say; the published document says {theirs.words}"
    return _compared(ours, theirs)


def _one_sided(pair: Pair) -> tuple[Outcome, str]:
    side = pair.old or pair.new
    words = side.view.words if side and side.view.types else pair.kind
    return ("new", words) if pair.old is None else ("not found", words)


def _necessity(pair: Pair, ours: Side, theirs: Side) -> str:
    """Say what is wrong about what must be there.

    What the published document promises beyond ours is not wrong.
    """
    if pair.kind in {"operation", "answer"} or ours.required == theirs.required:
        return ""
    if theirs.required:
        return "it is required" if pair.sent else ""
    return "it is not required"


def _compared(ours: View, theirs: View) -> tuple[Outcome, str]:
    words = f"ours is {ours.words}; the published document says {theirs.words}"
    if not _admits(ours.types, theirs.types):
        return "contradicted", words
    if ours.format != theirs.format and ours.format and theirs.format:
        return "contradicted", words
    if ours.values != theirs.values and not _admits_values(ours, theirs):
        return "contradicted", words
    is_same = (ours.types, ours.format, ours.values) == (theirs.types, theirs.format, theirs.values)
    return ("confirmed", ours.words if ours.types else "") if is_same else ("wider", words)


def _admits(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    return not ours or theirs <= (ours | {"integer"} if "number" in ours else ours)


def _admits_values(ours: View, theirs: View) -> bool:
    if ours.values is None:
        return True
    return theirs.values is not None and all(each in ours.values for each in theirs.values)
