"""Draws a chart of each case in the results, for a light and for a dark page.

The same results give the same files, byte for byte. Bars are medians, whiskers go from the lowest
round to the highest, the line at 1 is what all are compared with, and a diamond is a bar that ours
is not to pass. Every axis begins at 0.
"""

import argparse
import json
import sys
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt

ROOT = Path(__file__).parents[1]
THEMES = {
    "light": {"text": "#1f2328", "grid": "#d1d9e0", "ours": "#0969da", "others": "#9aa4af"},
    "dark": {"text": "#f0f6fc", "grid": "#3d444d", "ours": "#4493f8", "others": "#656c76"},
}
OURS = "ours"
_GAP = 0.8
"""Space between two situations, in bars."""
_WIDTH = 0.09
"""Space that a number takes, as a share of the longest bar."""


def draw(case: dict[str, Any], name: str, theme: str, folder: Path) -> Path:
    """Draw one case; return the file."""
    colours = THEMES[theme]
    groups = [(key, list(rows)) for key, rows in groupby(case["ratios"], itemgetter("situation"))]
    height = sum(len(rows) for _, rows in groups) + _GAP * len(groups)
    style: dict[Any, Any] = {
        "svg.hashsalt": name,
        "svg.fonttype": "none",  # text stays text: smaller, and readable by programs
        "font.family": "sans-serif",
        "text.color": colours["text"],
        "axes.labelcolor": colours["text"],
        "xtick.color": colours["text"],
        "ytick.color": colours["text"],
    }
    with mpl.rc_context(style):
        figure, axes = plt.subplots(figsize=(8.4, 1.5 + 0.27 * height), layout="constrained")
        _bars(axes, groups, colours)
        _frame(axes, case, colours)
        path = folder / f"{name}-{theme}.svg"
        figure.savefig(path, transparent=True, metadata={"Date": None, "Creator": None})
        plt.close(figure)
    return path


def _bars(axes: Any, groups: list[tuple[str, list[dict[str, Any]]]], colours: Any) -> None:
    place, ticks, labels = 0.0, [], []
    right = max(row["highest"] for _, rows in groups for row in rows)
    for situation, rows in groups:
        heading = {"fontweight": "bold", "fontsize": 9, "va": "center", "ha": "left"}
        axes.text(0, place, f" {situation}", **heading)
        place += _GAP
        for row in rows:
            _bar(axes, place, row, right, colours)
            ticks.append(place)
            labels.append(row["contender"].replace(OURS, "this SDK"))
            place += 1
    axes.set_yticks(ticks, labels, fontsize=9)
    axes.set_ylim(place - 0.3, -0.7)
    axes.set_xlim(0, right * 1.16)


def _bar(axes: Any, place: float, row: dict[str, Any], right: float, colours: Any) -> None:
    median = row["median"]
    whiskers = [[median - row["lowest"]], [row["highest"] - median]]
    colour = colours["ours" if row["contender"].startswith(OURS) else "others"]
    error = {"ecolor": colours["text"], "elinewidth": 0.9, "capsize": 2.5}
    axes.barh(place, median, height=0.72, color=colour, xerr=whiskers, error_kw=error)
    end = row["highest"]
    if row["bar"] is not None:
        axes.plot(row["bar"], place, marker="D", markersize=4.5, color=colours["text"])
        if end < row["bar"] < end + right * _WIDTH:
            end = row["bar"]  # the number stands behind the diamond, and not on it
    axes.text(end + right * 0.015, place, f"{median:.2f}", va="center", fontsize=8.5)


def _frame(axes: Any, case: dict[str, Any], colours: Any) -> None:
    axes.axvline(1, color=colours["text"], linewidth=0.9, linestyle=":")
    axes.set_title(case["title"], loc="left", fontsize=11, fontweight="bold")
    machine = case["machine"]
    where = f"{machine['cores']} cores, Python {machine['python']}, {machine['system']}"
    what = f"multiples of {case['of']} (1 = the same; less is better)"
    notes = f"median of {case['rounds']} rounds; whiskers: lowest to highest; {where}"
    if any(row["bar"] is not None for row in case["ratios"]):
        notes = f"{notes}; diamond: our limit"
    axes.set_xlabel(f"{what}\n{notes}", fontsize=8.5)
    axes.grid(axis="x", color=colours["grid"], linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(colours["grid"])
    axes.patch.set_alpha(0)


def main() -> int:
    """Draw all."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", type=Path, default=ROOT / "benchmarks" / "results.json")
    options.add_argument("--to", type=Path, default=ROOT / "docs" / "charts")
    chosen = options.parse_args()
    chosen.to.mkdir(parents=True, exist_ok=True)
    cases = json.loads(chosen.json.read_text("utf-8"))
    for name, case in cases.items():
        for theme in THEMES:
            print(draw(case, name, theme, chosen.to))
    return 0


if __name__ == "__main__":
    sys.exit(main())
