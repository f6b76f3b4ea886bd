"""What type checkers say of a company's own fields. Read by mypy and pyright, never run."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import assert_type

from timify_customers import Customer, FieldRegistry, Phone, TimifyCustomers

from .my_fields import Ids, LoyaltyTierOption, MyFields, Names, NewCustomer


async def writing(
    timify: TimifyCustomers, registry: FieldRegistry, tier: LoyaltyTierOption
) -> None:
    """A payload is checked by name and by value, and is taken wherever payloads are."""
    ada = NewCustomer({"firstName": "Ada", "Loyalty tier": "gold", "mobilePhone": Phone("+44")})
    born: NewCustomer = {"birthday": datetime.date(1815, 12, 10), "Größe (cm)": 170, "class": True}
    several: NewCustomer = {
        "Interests": ["chess"],
        "Visits": [datetime.date(2026, 1, 1), "2026-01-02"],
    }
    await timify.customers.create(ada, external_id="crm-1815")
    await timify.customers.update(born, external_id="crm-1815")
    await timify.customers.import_many([{"importCustomerId": "1", **several}])
    registry.payload(several)
    ada[Names.LOYALTY_TIER] = tier
    ada[Names.BIRTHDAY] = None
    await timify.customers.create([{"id": Ids.FIRST_NAME, "value": "Ada"}])


def misspelt(ada: NewCustomer, tier: str) -> None:
    """A name that is none, an option that is none, and a value of another type are refused."""
    NewCustomer({"fristName": "Ada"})  # type: ignore[typeddict-unknown-key]  # pyright: ignore[reportCallIssue, reportArgumentType]
    NewCustomer({"Loyalty tier": "platinum"})  # type: ignore[typeddict-item]  # pyright: ignore[reportCallIssue, reportArgumentType]
    ada["Interests"] = ["boxing"]  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    ada["Loyalty tier"] = tier  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType]
    ada["birthday"] = 5  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType]
    ada["class"] = "yes"  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType]


def reading(customer: Customer) -> None:
    """Fields are read as the types that they hold; any of them may be missing."""
    fields = customer.customfields.typed(MyFields)
    assert_type(fields, MyFields)
    assert_type(fields.get("firstName"), str | None)
    assert_type(fields.get("birthday"), datetime.date | None)
    assert_type(fields.get(Names.MOBILE_PHONE), Phone | None)
    assert_type(fields.get("Größe (cm)"), Decimal | float | None)
    assert_type(fields.get("Visits"), list[datetime.date] | None)
    fields["fristName"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]
    customer.customfields.typed(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
