"""Copies both packages into another project, to be committed there.

Decides what a copy consists of, where it may go, whether one is as it was made, and how one takes
the place of another. It may import `_base` alone, needs no extra, and only the command line imports
it. Start reading at `copy_of`, which makes a copy in memory: all else compares one with a folder,
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
