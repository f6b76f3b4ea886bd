"""Our own rules of what a change of the published document means for users of this client.

Pure functions of two documents. They stand beside Redocly's `diff`, which takes a property that is
no longer sent, or is sent under another name, for a patch, and which calls itself an experiment
whose rules may change.

- *major*: a call that worked may fail, or a value that was read may be gone or of another type.
  Every property and parameter that is sent counts, optional ones too: whoever sends one that is
  gone is no longer understood. So does every property that is received: whoever reads one that is
  gone finds None there for ever, and no error.
- *minor*: something is new, or what was accepted is now one of several things.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from spec.compare.walk import Pair, Side, walk

Impact = Literal["none", "patch", "minor", "major"]
IMPACTS: tuple[Impact, ...] = ("none", "patch", "minor", "major")
# Formats that are another type in Python than `str`; any other format is a remark.
TYPED_FORMATS = frozenset({"binary", "date", "date-time", "time", "uuid"})
NULL = frozenset({"null"})


@dataclass(frozen=True, slots=True)
class Change:
    """One change, what it means, where it is, and whose verdict this is."""

    impact: Impact
    where: str
    message: str
    rule: str


Verdict = tuple[Impact, str]
Rule = Callable[[Pair], "Verdict | None"]


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """Rate what differs between two documents in the operations that the client uses."""
    pairs = walk(old, new)
    renamed = _renames(pairs)
    rated = [
        _change(pair, rule.__name__, verdict) for pair in pairs for rule, verdict in _verdicts(pair)
    ]
    return [_with_new_name(change, renamed) for change in rated]


def _verdicts(pair: Pair) -> Iterator[tuple[Rule, Verdict]]:
    for rule in RULES:
        if verdict := rule(pair):
            yield rule, verdict


def _change(pair: Pair, rule: str, verdict: Verdict) -> Change:
    impact, message = verdict
    return Change(impact, pair.where, message, rule.replace("_", "-"))


def removed(pair: Pair) -> Verdict | None:
    """Judge what is no longer there."""
    if pair.old is None or pair.new is not None:
        return None
    if pair.kind == "operation":
        return "major", "is no longer among the operations that the client uses"
    if pair.kind == "answer" and not pair.old.name.startswith("2"):
        return "minor", "is no longer an answer"
    return "major", f"was removed ({'sent' if pair.sent else 'received'}, {_necessity(pair.old)})"


def added(pair: Pair) -> Verdict | None:
    """Judge what was not there."""
    if pair.old is not None or pair.new is None:
        return None
    if pair.sent and pair.new.required and pair.kind != "operation":
        return "major", "is new and required"
    return "minor", "is new"


def required(pair: Pair) -> Verdict | None:
    """Judge whether something must be sent, or is sure to be received."""
    if pair.old is None or pair.new is None or pair.kind == "answer":
        return None
    if pair.old.required == pair.new.required:
        return None
    if pair.sent:
        return ("major", "became required") if pair.new.required else ("minor", "became optional")
    if pair.new.required:
        return "minor", "is now always there"
    return "major", "is no longer always there"


def moved(pair: Pair) -> Verdict | None:
    """Judge an answer that comes with another status, and a path parameter with another name.

    The name of a path parameter is not sent.
    """
    if pair.old is None or pair.new is None or pair.old.name == pair.new.name:
        return None
    if pair.kind == "answer":
        return "major", f"now comes with status {pair.new.name}"
    return "patch", f"is now written {pair.new.name}"


def types(pair: Pair) -> Verdict | None:
    """Judge JSON types.

    More types may be sent, or fewer received, without harm; anything else is another type.
    """
    if pair.old is None or pair.new is None or pair.old.view.types == pair.new.view.types:
        return None
    message = f"changed from {pair.old.view.words} to {pair.new.view.words}"
    sender, receiver = (pair.old, pair.new) if pair.sent else (pair.new, pair.old)
    fits = _fits(_types_sent(pair, sender), receiver.view.types)
    return ("minor" if fits else "major"), message


def _types_sent(pair: Pair, sender: Side) -> frozenset[str]:
    # An optional property that is null reads as None, just as when it is absent.
    forgiven = not pair.sent and pair.kind == "property" and not sender.required
    sent_types = sender.view.types
    return sent_types - NULL if forgiven and sent_types != NULL else sent_types


def _fits(sent: frozenset[str], received: frozenset[str]) -> bool:
    wider = received | {"integer"} if "number" in received else received
    return not received or (bool(sent) and sent <= wider)


def formats(pair: Pair) -> Verdict | None:
    """Judge formats that make another type in Python."""
    if pair.old is None or pair.new is None or pair.old.view.types != pair.new.view.types:
        return None
    before, after = pair.old.view.format, pair.new.view.format
    if before == after or not {before, after} & TYPED_FORMATS:
        return None
    return "major", f"changed its format from {before or 'none'} to {after or 'none'}"


def values(pair: Pair) -> Verdict | None:
    """Judge the values that may be sent.

    An unknown value that is received reads as itself, so that is no matter.
    """
    if pair.old is None or pair.new is None or not pair.sent:
        return None
    before, after = pair.old.view.values, pair.new.view.values
    if after is not None and (before is None or any(each not in after for each in before)):
        return "major", f"takes fewer values: {pair.new.view.words}"
    if before is not None and (after is None or any(each not in before for each in after)):
        return "minor", f"takes more values: {pair.new.view.words}"
    return None


RULES: tuple[Rule, ...] = (removed, added, required, moved, types, formats, values)


def _necessity(side: Side) -> str:
    return "required" if side.required else "optional"


def _renames(pairs: Iterable[Pair]) -> dict[str, str]:
    """Guess, for what is gone, the name under which it came back.

    That is a new name beside it with the same letters: `externalId` for `external_id`.
    """
    new_names = {
        (_place(pair), _letters(pair.new.name)): pair.new.name
        for pair in pairs
        if pair.new and not pair.old
    }
    removed_pairs = {
        pair.where: (_place(pair), _letters(pair.old.name))
        for pair in pairs
        if pair.old and not pair.new
    }
    return {where: new_names[key] for where, key in removed_pairs.items() if key in new_names}


def _place(pair: Pair) -> tuple[str, str, str]:
    place = pair.place.partition(" ")[0] if pair.kind == "parameter" else pair.place
    return pair.operation, place, pair.path.rpartition(".")[0]


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()


def _with_new_name(change: Change, renamed: dict[str, str]) -> Change:
    if change.rule != "removed" or change.where not in renamed:
        return change
    message = f"{change.message}; it looks renamed to `{renamed[change.where]}`"
    return Change(change.impact, change.where, message, "renamed")


def highest(impacts: Iterable[Impact]) -> Impact:
    """Return the heaviest of some impacts; `none` when there are none."""
    return max(impacts, key=IMPACTS.index, default="none")
