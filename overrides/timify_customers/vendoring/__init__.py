"""Copies both packages into another project, where they are committed.

It decides what a copy consists of, where it may go, whether it was edited, and how it replaces an
older one. It may import only `_base`, needs no extra, and only the command line imports it. Start
reading at `copy_of`, which makes a copy in memory; everything else compares a copy with a folder,
or writes it::

    vendor("src/service/_vendor")
    assert not check("src/service/_vendor")
    upgrade("src/service/_vendor")  # once a newer version is installed

docs/vendoring.md in the repository shows it step by step.
"""

from ._checking import check
from ._contents import Copy, copy_of
from ._placing import Placed, upgrade, vendor

__all__ = ["Copy", "Placed", "check", "copy_of", "upgrade", "vendor"]
