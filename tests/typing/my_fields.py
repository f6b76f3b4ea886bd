"""The custom fields of a company in TIMIFY, as types.

Written by `timify-customers fields module`. Do not edit it: write it again when the
fields have changed. `timify-customers fields module --check FILE` says whether they have.
"""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Literal, TypedDict

from timify_customers import Phone

InterestsOption = Literal["chess", "horses"]
LoyaltyTierOption = Literal[
    "gold",  # "Gold"
    "s1",  # 'Silver "S"'
]
SalutationOption = Literal["mr", "mrs"]


class Names:
    """What payloads and `customfields` call the fields."""

    FIELD_64F0C1D2E3A4B5C6D7E8F911: Final = "64f0c1d2e3a4b5c6d7e8f911"
    FIELD_64F0C1D2E3A4B5C6D7E8F912: Final = "64f0c1d2e3a4b5c6d7e8f912"
    A_QUOTED_LABEL: Final = 'A "quoted"\nlabel \\'
    BIRTHDAY: Final = "birthday"
    CLASS: Final = "class"
    EMAIL: Final = "email"
    FIRST_NAME: Final = "firstName"
    GROSSE_CM: Final = "Größe (cm)"
    INTERESTS: Final = "Interests"
    LOYALTY_TIER: Final = "Loyalty tier"
    MAY_WE_WRITE_TO_YOU_ABOUT_WHAT_IS_NEW_IN: Final = (
        "May we write to you about what is new in our shops, and what is on sale?"
    )
    MOBILE_PHONE: Final = "mobilePhone"
    NOTE_64F0C1D2E3A4B5C6D7E8F908: Final = "Note"
    NOTE_64F0C1D2E3A4B5C6D7E8F909: Final = "note!"
    SALUTATION: Final = "salutation"
    VISITS: Final = "Visits"
    FIELD_64F0C1D2E3A4B5C6D7E8F907: Final = "会員"


class Types:
    """What the fields hold, in the API's words."""

    FIELD_64F0C1D2E3A4B5C6D7E8F911: Final = "TEXT"
    FIELD_64F0C1D2E3A4B5C6D7E8F912: Final = "TEXT"
    A_QUOTED_LABEL: Final = "TEXTAREA"
    BIRTHDAY: Final = "DATE"
    CLASS: Final = "CHECKBOX"
    EMAIL: Final = "EMAIL"
    FIRST_NAME: Final = "TEXT"
    GROSSE_CM: Final = "NUMBER"
    INTERESTS: Final = "SELECT"
    LOYALTY_TIER: Final = "SELECT"
    MAY_WE_WRITE_TO_YOU_ABOUT_WHAT_IS_NEW_IN: Final = "CHECKBOX"
    MOBILE_PHONE: Final = "PHONE"
    NOTE_64F0C1D2E3A4B5C6D7E8F908: Final = "TEXT"
    NOTE_64F0C1D2E3A4B5C6D7E8F909: Final = "TEXT"
    SALUTATION: Final = "SELECT"
    VISITS: Final = "DATE"
    FIELD_64F0C1D2E3A4B5C6D7E8F907: Final = "HOLOGRAM"


class Ids:
    """The ids of the fields. Each company has its own."""

    FIELD_64F0C1D2E3A4B5C6D7E8F911: Final = "64f0c1d2e3a4b5c6d7e8f911"
    FIELD_64F0C1D2E3A4B5C6D7E8F912: Final = "64f0c1d2e3a4b5c6d7e8f912"
    A_QUOTED_LABEL: Final = "64f0c1d2e3a4b5c6d7e8f906"
    BIRTHDAY: Final = "5d9f2a7c6d95c0112ca1cc9f"
    CLASS: Final = "64f0c1d2e3a4b5c6d7e8f903"
    EMAIL: Final = "5d9f2a7c6d95c0112ca1cc98"
    FIRST_NAME: Final = "5d9f2a7c6d95c0112ca1cc96"
    GROSSE_CM: Final = "64f0c1d2e3a4b5c6d7e8f902"
    INTERESTS: Final = "64f0c1d2e3a4b5c6d7e8f904"
    LOYALTY_TIER: Final = "64f0c1d2e3a4b5c6d7e8f901"
    MAY_WE_WRITE_TO_YOU_ABOUT_WHAT_IS_NEW_IN: Final = "64f0c1d2e3a4b5c6d7e8f910"
    MOBILE_PHONE: Final = "5d9f2a7c6d95c0112ca1cc99"
    NOTE_64F0C1D2E3A4B5C6D7E8F908: Final = "64f0c1d2e3a4b5c6d7e8f908"
    NOTE_64F0C1D2E3A4B5C6D7E8F909: Final = "64f0c1d2e3a4b5c6d7e8f909"
    SALUTATION: Final = "5d9f2a7c6d95c0112ca1cc90"
    VISITS: Final = "64f0c1d2e3a4b5c6d7e8f905"
    FIELD_64F0C1D2E3A4B5C6D7E8F907: Final = "64f0c1d2e3a4b5c6d7e8f907"


NewCustomer = TypedDict(
    "NewCustomer",
    {
        "64f0c1d2e3a4b5c6d7e8f911": str | None,
        "64f0c1d2e3a4b5c6d7e8f912": str | None,
        'A "quoted"\nlabel \\': str | None,
        "birthday": datetime.date | str | None,
        "class": bool | None,
        "email": str | None,
        "firstName": str | None,
        "Größe (cm)": Decimal | float | None,
        "Interests": Sequence[InterestsOption] | None,
        "Loyalty tier": LoyaltyTierOption | None,
        "May we write to you about what is new in our shops, and what is on sale?": bool
        | None,
        "mobilePhone": Phone | str | None,
        "Note": str | None,
        "note!": str | None,
        "salutation": SalutationOption | None,
        "Visits": Sequence[datetime.date | str] | None,
        "会員": str | None,
    },
    total=False,
)
"""What create and update take. None clears a field."""


MyFields = TypedDict(
    "MyFields",
    {
        "64f0c1d2e3a4b5c6d7e8f911": str | None,
        "64f0c1d2e3a4b5c6d7e8f912": str | None,
        'A "quoted"\nlabel \\': str | None,
        "birthday": datetime.date | None,
        "class": bool | None,
        "email": str | None,
        "firstName": str | None,
        "Größe (cm)": Decimal | float | None,
        "Interests": list[InterestsOption | str] | None,
        "Loyalty tier": LoyaltyTierOption | str | None,
        "May we write to you about what is new in our shops, and what is on sale?": bool
        | None,
        "mobilePhone": Phone | None,
        "Note": str | None,
        "note!": str | None,
        "salutation": SalutationOption | str | None,
        "Visits": list[datetime.date] | None,
        "会員": str | None,
    },
    total=False,
)
"""What `customer.customfields.typed(MyFields)` returns."""
