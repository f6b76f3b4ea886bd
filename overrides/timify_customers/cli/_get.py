"""``get``."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import TimifyCustomers
from ._options import Json
from ._shell import OK, command, show_json, show_table
from ._tables import Columns, cell


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
    async with TimifyCustomers.from_env() as timify:
        customer = await timify.customers.get(customer_id, external_id=external_id)
        row = Columns(await timify.fields.registry()).record(customer)
    if as_json:
        show_json(row)
    else:
        show_table((name, cell(value)) for name, value in row.items())
    return OK
