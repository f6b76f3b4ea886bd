"""``timify.customers``: seven operations on the customers of a company."""

from __future__ import annotations

import builtins
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, TypeVar, Unpack

from .._base.errors import ArgumentError, BadRequestError, BodyError, UnprocessableError
from .._base.generated import models
from .._base.reports import ImportReport
from .._base.settings import Settings, check_id
from .._bulk.handle import ImportRun, ImportRows
from .._calls.identity import same_key
from .._calls.response import Operation
from .._calls.retry import Repeat
from .._calls.scope import View
from .._customfields.reading import Customer, customer
from .._customfields.registry import Customfields, ready_list
from .._paging.pager import Fetch, Pager, ReadOptions
from .writing import GET, Writer

T = TypeVar("T")

_LIST = Operation("list_customers", data="list")
_DELETE = Operation("delete_customer", Repeat.DELETE, data="any", writes=True)
_EVENTS = Operation("list_global_customer_events", data="list")


class Customers:
    """The customers of one company."""

    def __init__(self, view: View) -> None:
        self._view = view

    def list(self, **options: Unpack[ReadOptions]) -> Pager[Customer]:
        """Read all customers, in the order of the API (observed: by first name).

        The API pages by number, so a customer that is added, renamed or deleted meanwhile shifts
        those behind it: what was at the edge of a page comes twice, or is missed. A sign of that is
        an id that comes again, a total that changes, or a short page with rows behind it. A
        deletion and an insertion that cancel out give none.

        Args:
            **options: all of them optional.

                - ``page_size``: rows asked for at a time; the client's ``page_size`` when not
                  given.
                - ``start_page``: the page to begin with, from 1.
                - ``cursor``: go on where a loop stood, see `Pager.cursor`.
                - ``on_shift``: ``"warn"``, the default, remembers one page: gives no id twice on
                  one page or two in a row, and at the first sign a `ListChangedWarning`; rows may
                  still be missing or come twice. ``"raise"`` makes that sign a `ListChangedError`,
                  before any row of that page. ``"rescan"`` remembers every id: gives none twice,
                  and reads again until two scans in a row find the same ids, each once. Then no
                  customer is missing that was there from beginning to end and kept its place in the
                  order.
                - ``max_scans``: how many scans a rescan may take, at least 2, before it is a
                  `ListChangedError`; 5.

        Raises:
            ArgumentError: the cursor is none, or belongs to another list.
        """

        async def fetch(page: int, limit: int) -> tuple[Mapping[str, Any], builtins.list[Customer]]:
            payload = (await self._view.call(_LIST, page=page, limit=limit)).payload
            known = self._view.known
            return payload, [
                customer(row, known) for row in models.CustomerList.from_dict(payload).data
            ]

        return self._pager(fetch, "customers", options)

    def events(
        self, global_customer_id: str, **options: Unpack[ReadOptions]
    ) -> Pager[models.Event]:
        """Read the events of a global customer (``Customer.global_id``; that it is this id is
        inferred).

        ``options`` are as for `list`. The order of events is not known.
        """
        check_id("global_customer_id", global_customer_id, reserved=False)

        async def fetch(
            page: int, limit: int
        ) -> tuple[Mapping[str, Any], builtins.list[models.Event]]:
            payload = (
                await self._view.call(_EVENTS, global_customer_id, page=page, limit=limit)
            ).payload
            return payload, [*models.EventList.from_dict(payload).data]

        return self._pager(fetch, f"events {global_customer_id}", options)

    def _pager(self, fetch: Fetch[T], name: str, options: ReadOptions) -> Pager[T]:
        if options.get("page_size") is None:
            options["page_size"] = self._view.settings.page_size
        return Pager(fetch, f"{self._view.settings.company_id} {name}", **options)

    async def get(
        self, customer_id: str | None = None, *, external_id: str | None = None
    ) -> Customer:
        """Read one customer by its id or its external id.

        Raises:
            NotFoundError: there is none.
        """
        return await self._writer().get(*_key(customer_id, external_id))

    async def create(
        self,
        customfields: Customfields,
        *,
        external_id: str | None = None,
        import_customer_id: str | None = None,
        ignore_mandatory: bool = False,
        on_lost_answer: Literal["raise", "repeat"] | None = None,
    ) -> Customer:
        """Create a customer.

        When the answer is lost and there is an ``external_id``, the customer is looked up by it.
        Found with the values that were sent, it is returned with ``settled`` set.

        Args:
            customfields: values by default id or field id, or a ready wire list.
            external_id: your own key of the customer.
            import_customer_id: the id that `import_many` knows the customer by (documented on a
                sibling).
            ignore_mandatory: also create a customer without fields that the company made mandatory
                (documented on a sibling; that the flag is sent as "true" is inferred).
            on_lost_answer: "repeat" sends the customer again when its answer was lost and the
                lookup finds nothing. Only for who knows that the API shows a write at once and
                keeps external ids unique; neither is documented.

        Raises:
            AmbiguousWriteError: the answer was lost, and whether the customer was created is not
                known.
            ExternalIdNotTakenError: the customer was created, but without its external id.
            ArgumentError: a name or value is wrong; nothing was sent.
        """
        mode = self._view.settings.on_lost_answer if on_lost_answer is None else on_lost_answer
        Settings(on_lost_answer=mode)
        for name, key in (("external_id", external_id), ("import_customer_id", import_customer_id)):
            if key is not None:
                check_id(name, key)
        writer = self._writer()
        repeats = self._view.settings.retries if mode == "repeat" else 0
        options = _create_options(
            external_id, import_customer_id, ignore_mandatory=ignore_mandatory
        )

        async def send(entries: builtins.list[Any]) -> Customer:
            body = models.CustomerCreate(customfields=_values(entries), **options)
            if external_id is None:
                return await writer.create(body)
            return await writer.create_keyed(body, external_id, repeats)

        return await self._write(customfields, writer.until, send)

    def _writer(self) -> Writer:
        return Writer(self._view, self._view.deadline())

    async def update(
        self,
        customfields: Customfields,
        *,
        customer_id: str | None = None,
        external_id: str | None = None,
        new_external_id: str | None = None,
    ) -> Customer:
        """Change values of a customer; fields that are not named stay as they are.

        Args:
            customfields: as for `create`.
            customer_id: the customer's id; or
            external_id: its external id.
            new_external_id: the external id that it is to have.

        Raises:
            AmbiguousWriteError: no answer came. Unless it changes its own key, sending the same
                update again is safe.
            ExternalIdNotTakenError: the update was done, but the customer does not have its new
                external id.
            NotFoundError: there is no such customer.
        """
        key, external = _key(customer_id, external_id)
        if new_external_id is not None:
            check_id("new_external_id", new_external_id)
        if not customfields and new_external_id is None:
            raise ArgumentError("the update changes nothing: give customfields or new_external_id")
        writer = self._writer()

        async def send(entries: builtins.list[Any]) -> Customer:
            options: dict[str, Any] = {"customfields": _values(entries)} if entries else {}
            if new_external_id is not None:
                options["external_id"] = new_external_id
            return await writer.update(
                key, external, models.CustomerUpdate(**options), new_external_id
            )

        return await self._write(customfields, writer.until, send)

    async def delete(
        self, customer_id: str | None = None, *, external_id: str | None = None
    ) -> None:
        """Delete a customer. By external id, its id is found first, so that a repetition cannot hit
        another customer.

        Raises:
            NotFoundError: there is no such customer.
            AmbiguousWriteError: no answer came. Deleting again is safe.
        """
        key, external = _key(customer_id, external_id)
        writer = self._writer()
        if external is not None:
            found = await writer.get(key, external)
            if not same_key(found.external_id, key):
                raise BodyError(
                    "the API gave a customer with another external id than was asked for; nothing was deleted",
                    operation=GET.name,
                )
            key = check_id("id", found.id)
        await self._view.call(_DELETE, key, until=writer.until)

    def import_many(
        self,
        rows: ImportRows,
        *,
        key: str = "importCustomerId",
        chunk_size: int = 500,
        concurrency: int = 4,
        allow_keyless: bool = False,
        dry_run: bool = False,
        checkpoint: str | os.PathLike[str] | None = None,
        verify: str | None = None,
        progress: Callable[[ImportReport], object] | None = None,
    ) -> ImportRun:
        """Create or update customers from rows, any number of them, in constant memory.

        ``report = await import_many(rows)``, or ``async for outcome in import_many(rows)`` for what
        became of each row. A customer whose key exists is updated (documented). Rows are read only
        when they can be sent. A row that is not valid is not sent. When the API refuses a chunk
        (400, 413, 422), its bad rows are found by halving. The answer to an import is not
        documented: what it says of single rows is used where it is clear.

        Args:
            rows: one mapping for each customer. The column named by ``key`` is sent as
                ``importCustomerId``, the columns ``id`` and ``externalId`` as themselves, and every
                other column as the custom field of that name. None and ``""`` clear a field.
            key: name of the column that identifies a customer. When two rows have the same key, the
                second is not sent.
            chunk_size: rows sent in one request.
            concurrency: how many requests are under way at one time.
            allow_keyless: also take rows without a key. One that has no ``id`` either is sent in a
                request of its own and never repeated, as that could create a customer twice.
            dry_run: check all rows against the definitions of the custom fields, and send none.
            checkpoint: path of a file that keeps what became of each row, by hashes. After a crash
                the same import goes on from there: a row that has its outcome is not sent again. A
                dry run does not use it.
            verify: ``"id"``, ``"externalId"`` or a custom field. At the end all customers are read,
                the rows are found among them by this column, and the report says which rows they
                show. Whether the API shows an import at once is not known.
            progress: called with the report so far, after each chunk.

        Raises:
            ArgumentError: an argument is wrong; a `CheckpointError` when it is the checkpoint.
                Nothing was sent.
            ImportInterruptedError: the import ended early, because of a 401, 403 or 404, a server
                that is gone, or rows that cannot be read. It says how far the import came.
        """
        # Brings sqlite3, and many programs import nothing.
        from .._bulk.engine import Engine  # noqa: PLC0415
        from .._bulk.options import Options  # noqa: PLC0415

        options = Options(
            key=key,
            chunk_size=chunk_size,
            concurrency=concurrency,
            allow_keyless=allow_keyless,
            dry_run=dry_run,
            checkpoint=checkpoint,
            verify=verify,
            progress=progress,
        )
        return ImportRun(Engine(self._view, rows, options, self.list))

    async def _write(
        self,
        customfields: Customfields,
        until: float,
        send: Callable[[builtins.list[Any]], Awaitable[Customer]],
    ) -> Customer:
        """Send the wire list; when the API refuses it and names a field of it, ask once for new definitions."""
        entries = await self._entries(customfields, until)
        try:
            return await send(entries)
        except (BadRequestError, UnprocessableError) as error:
            if not isinstance(customfields, Mapping) or not any(
                entry["id"] in error.message for entry in entries
            ):
                raise
            self._view.definitions.put(None)
            if (renewed := await self._entries(customfields, until)) == entries:
                raise
        return await send(renewed)

    async def _entries(self, customfields: Customfields, until: float) -> builtins.list[Any]:
        if not isinstance(customfields, Mapping):
            return ready_list(customfields)
        return await self._view.payload(customfields, until) if customfields else []


def _key(customer_id: str | None, external_id: str | None) -> tuple[str, Literal[1] | None]:
    if (customer_id is None) == (external_id is None):
        raise ArgumentError("give either customer_id or external_id")
    if customer_id is not None:
        return check_id("customer_id", customer_id), None
    return check_id("external_id", external_id), 1


def _values(entries: builtins.list[Any]) -> builtins.list[models.CustomfieldValue]:
    return [models.CustomfieldValue.from_dict(entry) for entry in entries]


def _create_options(
    external_id: str | None, import_customer_id: str | None, *, ignore_mandatory: bool
) -> dict[str, Any]:
    options = {
        "external_id": external_id,
        "import_customer_id": import_customer_id,
        "ignore_mandatory_validation": "true" if ignore_mandatory else None,
    }
    return {name: value for name, value in options.items() if value is not None}
