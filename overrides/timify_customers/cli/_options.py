"""Options that several commands share, and the checks of their values."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from .. import ArgumentError, Formats
from .._files.choices import one_of

Json = Annotated[bool, typer.Option("--json", help="Machine-readable result on stdout.")]
Format = Annotated[
    str | None, typer.Option("--format", metavar="FORMAT", help="csv or ndjson, if not by suffix.")
]


def at_least_one(option: str, number: int | None) -> None:
    """Refuse a number below 1. Raises ArgumentError."""
    if number is not None and number < 1:
        raise ArgumentError(f"{option} must be at least 1, not {number}")


def formats_of(phone_region: str | None, date_order: str | None) -> Formats:
    """Return how phone numbers and dates are to be understood.

    Raises:
        ArgumentError: ``--date-order`` has an invalid value.
        ConfigurationError: ``--phone-region`` has an invalid value.
    """
    order = date_order and one_of("--date-order", date_order, ("DMY", "MDY", "YMD"))
    region = phone_region and phone_region.upper()
    return Formats(phone_region=region, date_order=order)  # type: ignore[arg-type]


def is_customer_id(text: str) -> bool:
    """Return whether a text can be a customer's id: 24 hex digits (observed)."""
    return re.fullmatch("[0-9a-fA-F]{24}", text) is not None
