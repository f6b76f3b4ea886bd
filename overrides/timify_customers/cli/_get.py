"""``get``."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import ArgumentError
from .._files.tables import Columns, cell
from ._connecting import client
from ._options import Json, is_customer_id
from ._shell import OK, command, show_json, show_table


@command
async def get(
    customer_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="24 hex digits.")
    ] = None,
    *,
    external_id: Annotated[
        str | None, typer.Option(metavar="KEY", help="Its external id, in place of ID.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Show one customer.

    timify-customers get 624af9cbed7a899e0f233400
    timify-customers get --external-id crm-1815 --json
    """
    _check_keys(customer_id, external_id)
    async with client() as timify:
        customer = await timify.customers.get(customer_id, external_id=external_id)
        row = Columns(await timify.fields.registry()).record(customer)
    if as_json:
        show_json(row)
    else:
        show_table((name, cell(value)) for name, value in row.items())
    return OK


def _check_keys(customer_id: str | None, external_id: str | None) -> None:
    """Refuse arguments that cannot name a customer, as that differs from a missing customer.

    Raises:
        ArgumentError: neither or both are given, or the ID is not an ID.
    """
    if (customer_id is None) == (external_id is None):
        raise ArgumentError("give either ID or --external-id KEY")
    if customer_id is not None and not is_customer_id(customer_id):
        raise ArgumentError(
            f"{customer_id!r} is no ID, which has 24 hex digits; "
            "an external id is given with --external-id"
        )
