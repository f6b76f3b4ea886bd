"""What Redocly's `diff` says of a change, as changes of ours.

It is shown only what the client uses of either document (`scope.narrow`): it would else rate every
operation of the API. It has a configuration of its own, since without `diff-recommended` it takes
everything for a patch.
"""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from spec import redocly
from spec.compare.rules import IMPACTS, Change, Impact
from spec.compare.scope import narrow
from spec.errors import RejectedError

CONFIGURATION = "extends: [diff-recommended]\ntelemetry: 'off'\n"


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """Let Redocly compare two documents; RejectedError when it cannot."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "redocly.yaml").write_text(CONFIGURATION, encoding="utf-8")
        for name, document in (("old.json", old), ("new.json", new)):
            (folder / name).write_text(json.dumps(narrow(document)), encoding="utf-8")
        return [_change(each) for each in _report(folder)["changes"]]


def _report(folder: Path) -> dict[str, Any]:
    form = ("--format", "json", "--output", "report.json")
    options = ("--config", "redocly.yaml", "--fail-on", "none", *form)
    try:
        redocly.run("diff", "old.json", "new.json", *options, cwd=folder)
        report: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    except subprocess.CalledProcessError as failed:
        raise RejectedError(
            f"Redocly could not compare it: {(failed.stderr or failed.stdout).strip()}"
        ) from failed
    except redocly.NodeError as missing:
        raise RejectedError(f"Redocly could not be run to compare it. {missing}") from missing
    except (OSError, ValueError) as odd:
        raise RejectedError(f"Redocly compared it and gave no report ({odd}).") from odd
    return report


def _change(each: dict[str, Any]) -> Change:
    verdicts = [verdict for verdict in each["verdicts"] if verdict["impact"] == each["impact"]]
    rule = verdicts[0]["ruleId"] if verdicts else each["kind"]
    message = "; ".join(verdict["message"] for verdict in verdicts) or _in_words(each)
    return Change(_impact(each["impact"]), _readable(each["path"]), message, f"redocly: {rule}")


def _impact(word: str) -> Impact:
    for impact in IMPACTS:
        if impact == word:
            return impact
    raise RejectedError(f"Redocly rated a change {word!r}, which this tool does not know.")


def _in_words(each: dict[str, Any]) -> str:
    named = f"`{each['property']}` " if "property" in each else ""
    return f"{named}was {each['kind']}"


def _readable(pointer: str) -> str:
    return pointer.replace("~1", "/").replace("~0", "~")
