"""One format for what every benchmark measures: ratios with their spread, as a table and as JSON.

A case is one question, such as what a call costs. It has a ratio for each round, of each contender,
in each situation; a ratio of 1 is what all are compared with. Kept are the median of the rounds,
the lowest and the highest. No absolute time is kept: it would say more of the machine than of the
code.
"""

import argparse
import json
import os
import platform
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Ratios = Mapping[tuple[str, str], Sequence[float]]
"""By situation and contender: one ratio a round."""


@dataclass(frozen=True)
class Case:
    """What one benchmark measured.

    Attributes:
        name: of its entry in the JSON, and of its chart.
        title: what is measured.
        of: what a ratio of 1 is.
        ratios: what came out.
        bars: the ratios that are not to be passed, by situation and contender.
    """

    name: str
    title: str
    of: str
    ratios: Ratios
    bars: Mapping[tuple[str, str], float] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        """Whether every median is within its bar."""
        return all(statistics.median(self.ratios[key]) <= bar for key, bar in self.bars.items())

    def table(self) -> Iterator[str]:
        """Write the ratios for people."""
        rounds = len(next(iter(self.ratios.values())))
        yield f"{self.title}, as multiples of {self.of}"
        yield f"(median of {rounds} rounds, lowest to highest)"
        yield ""
        for (situation, contender), values in self.ratios.items():
            median, spread = statistics.median(values), f"{min(values):.2f} to {max(values):.2f}"
            line = f"{situation:26} {contender:28} {median:6.2f}   ({spread})"
            yield f"{line}{self._verdict(situation, contender, median)}"
        yield ""

    def _verdict(self, situation: str, contender: str, median: float) -> str:
        bar = self.bars.get((situation, contender))
        if bar is None:
            return ""
        return f"   bar {bar:.2f} {'met' if median <= bar else 'MISSED'}"

    def entry(self) -> dict[str, Any]:
        """Return what is kept of this case."""
        return {
            "title": self.title,
            "of": self.of,
            "machine": machine(),
            "rounds": len(next(iter(self.ratios.values()))),
            "ratios": [
                {
                    "situation": situation,
                    "contender": contender,
                    "median": round(statistics.median(values), 3),
                    "lowest": round(min(values), 3),
                    "highest": round(max(values), 3),
                    "bar": self.bars.get((situation, contender)),
                }
                for (situation, contender), values in self.ratios.items()
            ],
        }


def machine() -> dict[str, Any]:
    """Say in general words what the benchmark ran on."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
    }


def add_option(options: argparse.ArgumentParser) -> None:
    """Let a script take the file that keeps what it measures."""
    options.add_argument("--json", type=Path, help="file to keep the ratios in, beside others'")


def publish(cases: Sequence[Case], path: Path | None) -> int:
    """Print tables, keep the ratios if asked to, and return 1 when a bar is missed, else 0."""
    for case in cases:
        print(*case.table(), sep="\n", flush=True)
    if path is not None:
        kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
        kept |= {case.name: case.entry() for case in cases}
        path.write_text(json.dumps(dict(sorted(kept.items())), indent=1) + "\n", "utf-8")
    return 0 if all(case.met for case in cases) else 1
