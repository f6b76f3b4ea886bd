"""Dates that people typed. No part is guessed or filled in."""

from __future__ import annotations

import contextlib
import re
from datetime import date, datetime
from typing import Final

from .._base.settings import Formats

_WHOLE_DATE = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}(?![0-9])")
_YEAR = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
_NUMERIC_DATE = re.compile(r"([0-9]+)[\s./-]+([0-9]+)[\s./-]+([0-9]+)(?:\s+[0-9]{1,2}:[0-9:.]+)?")
_ORDERS: Final = {"DMY": "%d %m %Y", "MDY": "%m %d %Y", "YMD": "%Y %m %d"}
_FILLERS: Final = datetime(2000, 1, 1), datetime(2004, 3, 2)  # noqa: DTZ001 - only their dates count
"""Dates from which dateutil fills in missing parts. They differ in year, month and day."""


def write_date(value: str | date, formats: Formats) -> str:
    """Return the text that is sent for a date, ``YYYY-MM-DD`` (observed).

    Raises:
        ValueError: a text that is not a date, or that has several readings.
    """
    if isinstance(value, str):
        return read_typed_date(value.strip(), formats.date_order).isoformat()
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat()


def read_typed_date(text: str, order: str | None) -> date:
    """Read a date that a person typed; all of its readings must agree.

    Examples, without an order::

        "31.1.1990"    1990-01-31    there is no month 31, so only the order DMY fits
        "5/5/1990"     1990-05-05    DMY and MDY agree
        "10/12/1815"   refused       10 December or 12 October
        "10 Dec"       refused       no year of four digits
        "Dec 1815"     refused       the day is missing

    Raises:
        ValueError: no reading, or several.
    """
    if _WHOLE_DATE.match(text):
        return datetime.fromisoformat(text).date()
    if not _YEAR.search(text):
        raise ValueError("the year needs four digits")
    numbers = _NUMERIC_DATE.fullmatch(text)
    if numbers:
        readings = _readings_of_numbers(" ".join(numbers.groups()), order)
    else:
        readings = _readings_of_words(text)
    if len(readings) == 1:
        return readings.pop()
    if readings:
        raise ValueError(
            "a part is missing or there are several readings: write it like the example, "
            "or set Formats(date_order=...)"
        )
    raise ValueError(f"in the order {order}" if order else "")


def _readings_of_numbers(numbers: str, order: str | None) -> set[date]:
    patterns = [_ORDERS[order]] if order else list(_ORDERS.values())
    readings = set[date]()
    for pattern in patterns:
        with contextlib.suppress(ValueError):
            readings.add(datetime.strptime(numbers, pattern).date())  # noqa: DTZ007 - a date has no zone
    return readings


def _readings_of_words(text: str) -> set[date]:
    """Read a date with dateutil, so that parts that it fills in give several readings.

    ``Dec 1815`` is read as 1 December with one filler and as 2 December with the other: two
    readings, so it is refused.
    """
    # Imported on use, as few programs read dates in words.
    from dateutil.parser import parse  # type: ignore[import-untyped, unused-ignore]  # noqa: PLC0415

    readings = set[date]()
    with contextlib.suppress(ArithmeticError, LookupError, TypeError, ValueError):
        for filler in _FILLERS:
            for day_first in (True, False):
                moment = parse(text, default=filler, dayfirst=day_first, ignoretz=True)
                readings.add(moment.date())
        return readings
    return set()
