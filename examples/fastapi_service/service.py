"""A web service in front of TIMIFY: one client for its lifetime, errors as HTTP, a streamed list.

Start it with ``python -m uvicorn service:app`` and the ``TIMIFY_*`` variables set. Its tests,
beside this file, need neither an account nor a network.
"""

import json
import math
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Annotated, Final

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel
from timify_customers import (
    AmbiguousWriteError,
    ArgumentError,
    ArgumentTypeError,
    BadRequestError,
    CallError,
    CallTimeoutError,
    ConflictError,
    ConnectError,
    Customer,
    NotFoundError,
    Pager,
    RateLimitError,
    TimifyCustomers,
    TimifyError,
    UnprocessableError,
)

STATUS: Final[dict[type[TimifyError], int]] = {
    ArgumentError: 422,
    ArgumentTypeError: 422,
    BadRequestError: 422,
    UnprocessableError: 422,
    NotFoundError: 404,
    ConflictError: 409,
    RateLimitError: 503,
    ConnectError: 503,
    CallTimeoutError: 504,
}
"""What callers of this service are told; all else is 502, since they can do nothing about it."""


class CustomerOut(BaseModel):
    """What this service shows of a customer."""

    id: str
    key: str | None
    name: str | None
    email: str | None


Values = dict[str, str | None]
"""Values by field name, as ``{"firstName": "Ada"}``; null clears a field."""


@asynccontextmanager
async def lifespan(service: FastAPI) -> AsyncIterator[None]:
    """Keep one client, with its connections and its token, for as long as the service runs."""
    async with TimifyCustomers.from_env() as timify:
        service.state.timify = timify
        yield


app = FastAPI(title="Customers", lifespan=lifespan)


def get_timify(request: Request) -> TimifyCustomers:
    """Return the client; tests replace this by the one of their sandbox."""
    timify: TimifyCustomers = request.app.state.timify
    return timify


Timify = Annotated[TimifyCustomers, Depends(get_timify)]


@app.exception_handler(TimifyError)
async def answer_error(_: Request, error: Exception) -> JSONResponse:
    """Answer for an error of the SDK by its class, the nearest that `STATUS` has."""
    kinds = type(error).__mro__
    status = next((STATUS[kind] for kind in kinds if kind in STATUS), 502)
    body: dict[str, object] = {"error": str(error)}
    if isinstance(error, AmbiguousWriteError):
        body["safe_to_repeat"] = error.safe_to_repeat
    seconds = error.retry_after if isinstance(error, CallError) else None
    headers = {} if seconds is None else {"Retry-After": str(math.ceil(seconds))}
    return JSONResponse(body, status, headers)


@app.post("/customers/{key}", status_code=201)
async def create(key: str, values: Values, timify: Timify) -> CustomerOut:
    """Create a customer under a key of your own."""
    return shown(await timify.customers.create(values, external_id=key))


@app.get("/customers/{key}")
async def read(key: str, timify: Timify) -> CustomerOut:
    """Read a customer by that key."""
    return shown(await timify.customers.get(external_id=key))


@app.patch("/customers/{key}", status_code=204)
async def update(key: str, values: Values, timify: Timify) -> None:
    """Change values of a customer; fields that are not named stay as they are."""
    await timify.customers.update(values, external_id=key)


@app.delete("/customers/{key}", status_code=204)
async def delete(key: str, timify: Timify) -> None:
    """Delete a customer."""
    await timify.customers.delete(external_id=key)


@app.get("/customers")
async def list_all(timify: Timify) -> StreamingResponse:
    """Stream all customers, one JSON object a line, without ever holding more than two pages.

    The first page is read before the answer begins, so that what is wrong from the start still has
    a status of its own.
    """
    pager = timify.customers.list()
    await pager
    return StreamingResponse(lines(pager), media_type="application/x-ndjson")


async def lines(pager: Pager[Customer]) -> AsyncIterator[str]:
    """Yield a line for each customer; when reading fails half-way, the last line says so."""
    try:
        async with aclosing(aiter(pager)) as customers:
            async for customer in customers:
                yield shown(customer).model_dump_json() + "\n"
    except TimifyError as error:
        yield json.dumps({"error": str(error)}) + "\n"


def shown(customer: Customer) -> CustomerOut:
    """Choose what to show."""
    return CustomerOut(
        id=customer.id,
        key=customer.external_id or None,
        name=customer.full_name,
        email=customer.email or None,
    )
