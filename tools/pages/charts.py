"""The charts of the benchmarks, as Markdown. They are drawn by ``make bench``."""

from pathlib import Path


def charts_page(folder: Path) -> str:
    """Show each chart of a folder, light and dark; say so when there is none."""
    names = sorted(path.stem.removesuffix("-light") for path in folder.glob("*-light.svg"))
    if not names:
        return "No chart has been drawn yet: `make bench` does it."
    return "\n".join(_figure(name) for name in names)


def _figure(name: str) -> str:
    title = name.replace("-", " ").replace("_", " ")
    return (
        f"## {title.capitalize()}\n\n"
        f"```{{image}} ../charts/{name}-light.svg\n:class: only-light\n"
        f":alt: Chart of the benchmark {title}\n```\n\n"
        f"```{{image}} ../charts/{name}-dark.svg\n:class: only-dark\n"
        f":alt: Chart of the benchmark {title}, on a dark ground\n```\n"
    )
