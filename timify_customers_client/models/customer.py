from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from .. import models as _m
from .. import types as _t
from ..types import optional as _optional
from ..types import required as _required


class Customer(_t.Model):
    """A customer of a company."""

    __slots__ = ()

    id: str = _required("id")
    """The id that TIMIFY assigned."""

    external_id: str | None = _optional("externalId")
    """Your own id of this customer. Empty when unset."""

    first_name: str | None = _optional("firstName")

    last_name: str | None = _optional("lastName")

    full_name: str | None = _optional("fullName")

    email: str | None = _optional("email")
    """Empty when unset."""

    total_bookings: int | None = _optional("totalBookings", _t.integer)

    created_at: datetime.datetime | None = _optional("createdAt", _t.date_time)
    """In UTC, without fractions of a second."""

    updated_at: datetime.datetime | None = _optional("updatedAt", _t.date_time)
    """In UTC, without fractions of a second."""

    ts: int | str | None = _optional("ts", _t.integer | _t.text)
    """An integer of epoch seconds in the published example, a string of epoch milliseconds in recorded answers."""

    global_id: str | None = _optional("globalId", _t.text | _t.null)
    """The customer's id across the companies of an enterprise. Null outside one."""

    company_name: str | None = _optional("companyName")
    """Empty when unset."""

    phone: _m.CustomerPhone | None = _optional("phone", _t.model(lambda: _m.CustomerPhone))
    """Empty when there is none."""

    tags: Sequence[Any] | None = _optional("tags", _t.list_of(_t.anything))
    """Only seen empty."""

    avatar_url: str | None = _optional("avatarUrl")
    """Empty when unset."""

    first_letters: Sequence[str] | None = _optional("firstLetters", _t.list_of(_t.text))
    """The initials of first and last name."""

    fields: Sequence[_m.CustomerField] | None = _optional("fields", _t.list_of(_t.model(lambda: _m.CustomerField)))
    """The customer's data. Only fields that were ever written for this customer appear."""

    customfields: Sequence[_m.CustomerField] | None = _optional(
        "customfields", _t.list_of(_t.model(lambda: _m.CustomerField))
    )
    """The customer's data under the name that requests use. Recorded answers have `fields` instead."""
