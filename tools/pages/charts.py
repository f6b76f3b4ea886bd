"""The charts of the benchmarks with their figures in words, as Markdown.

``make bench`` draws the charts and keeps what they show in benchmarks/results.json.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

OURS: Final = "ours"
Case = Mapping[str, Any]


def charts_page(folder: Path, results: Mapping[str, Case]) -> str:
    """Show each chart of a folder, light and dark, under the title of its case."""
    names = [name for name in results if (folder / f"{name}-light.svg").is_file()]
    return "\n".join(_figure(name, results[name]) for name in names)


def _figure(name: str, case: Case) -> str:
    caption = figures(case)
    return (
        f"## {case['title']}\n\n{caption}\n\n"
        f"```{{image}} ../charts/{name}-light.svg\n:class: only-light\n:alt: {caption}\n```\n\n"
        f"```{{image}} ../charts/{name}-dark.svg\n:class: only-dark\n:alt: {caption}\n```\n"
    )


def figures(case: Case) -> str:
    """Say what this SDK's bars show: medians with the lowest and highest round, and the bar."""
    ours = [_ratio(ratio) for ratio in case["ratios"] if ratio["contender"].startswith(OURS)]
    return f"As multiples of {case['of']}, this SDK: {'; '.join(ours)}."


def _ratio(ratio: Mapping[str, Any]) -> str:
    spread = f"{ratio['lowest']:.2f} to {ratio['highest']:.2f}"
    limit = "" if ratio["bar"] is None else f", our limit being {ratio['bar']:.2f}"
    situation = ratio["situation"] + ratio["contender"].removeprefix(OURS)
    return f"{situation} {ratio['median']:.2f} ({spread}){limit}"
