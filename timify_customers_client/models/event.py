from __future__ import annotations

import datetime
from typing import Any

from .. import types as _t
from ..types import optional as _optional


class Event(_t.Model):
    """An appointment. The keys were observed; where a type was not recorded, none is given."""

    __slots__ = ()

    id: str | None = _optional("id")

    external_id: str | None = _optional("externalId")

    type_: str | None = _optional("type")
    """Seen as `booking`."""

    title: str | None = _optional("title")

    notes: str | None = _optional("notes")

    color: Any = _optional("color", _t.anything)

    price: Any = _optional("price", _t.anything)

    date: str | None = _optional("date")
    """A date with a Z behind it, such as `2024-05-22Z`."""

    duration: Any = _optional("duration", _t.anything)

    start_date: str | None = _optional("startDate")

    created_at: datetime.datetime | None = _optional("createdAt", _t.date_time)

    updated_at: datetime.datetime | None = _optional("updatedAt", _t.date_time)

    reschedule_until: Any = _optional("rescheduleUntil", _t.anything)

    company_name: str | None = _optional("companyName")

    timestamp: str | None = _optional("timestamp")
    """Epoch milliseconds, as a string."""

    is_online_booking: bool | None = _optional("isOnlineBooking", _t.boolean)

    is_course: bool | None = _optional("isCourse", _t.boolean)

    max_participants: Any = _optional("maxParticipants", _t.anything)

    participants: Any = _optional("participants", _t.anything)

    customers: Any = _optional("customers", _t.anything)

    resources: Any = _optional("resources", _t.anything)

    service_id: str | None = _optional("serviceId")

    service: Any = _optional("service", _t.anything)

    recurring: Any = _optional("recurring", _t.anything)

    bookings: Any = _optional("bookings", _t.anything)

    tag_ids: Any = _optional("tagIds", _t.anything)

    tags: Any = _optional("tags", _t.anything)

    enterprise_id: str | None = _optional("enterpriseId")
