"""The default of an option that may also be None."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Unchanged(Enum):
    """Stands for a setting that `TimifyCustomers.with_options` leaves as it is."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED
