"""``timify.customers``: seven operations on the customers of a company."""

from __future__ import annotations

import builtins
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Unpack

from .._base.errors import ArgumentError, BadRequestError, BodyError, UnprocessableError
from .._base.generated import models
from .._base.reports import ImportRun
from .._base.settings import Settings, check_id
from .._calls.identity import same_key
from .._calls.response import Operation
from .._calls.retry import Repeat
from .._calls.scope import View
from .._customfields.reading import Customer, customer
from .._customfields.registry import Customfields, ready_list
from .._paging.pager import Fetch, OnShift, Pager
from .writing import GET, Writer

if TYPE_CHECKING:
    from .._bulk.engine import ImportOptions, Rows

T = TypeVar("T")

_LIST = Operation("list_customers", data="list")
_DELETE = Operation("delete_customer", Repeat.DELETE, data="any", writes=True)
_EVENTS = Operation("list_global_customer_events", data="list")


class Customers:
    """The customers of one company."""

    def __init__(self, view: View) -> None:
        self._view = view

    def list(
        self, *, page_size: int | None = None, cursor: str | None = None, on_shift: OnShift = "warn"
    ) -> Pager[Customer]:
        """Read all customers, in the order of the API (observed: by first name).

        The API pages by number, so a customer that is added, renamed or deleted meanwhile shifts
        those behind it: what was at the edge of a page comes twice, or is missed. A sign of that is
        an id that comes again, a total that changes, or a short page with rows behind it. A
        deletion and an insertion that cancel out give none.

        Args:
            page_size: rows asked for at a time, at least 1; the client's ``page_size`` when None.
            cursor: continue where an earlier loop stopped, see `Pager.cursor`.
            on_shift: what to do on a sign that the list changed.

                - ``"warn"`` remembers one page of ids. No id comes twice on one page or on two
                  pages in a row. The first sign is a `ListChangedWarning`; after it, rows may be
                  missing or come twice.
                - ``"raise"`` makes that sign a `ListChangedError`, before any row of that page.
                - ``"rescan"`` remembers every id and returns none twice. It reads the list again
                  until two scans in a row find the same ids, each once. Then no customer is
                  missing who was there from beginning to end and kept their place in the order.
                  After 5 scans that never agree it is a `ListChangedError`.

        Raises:
            ArgumentError: ``cursor`` is not a cursor, or belongs to another list; or ``on_shift``
                is none of the three, or is ``"rescan"`` together with a cursor.
            ArgumentTypeError, ConfigurationError: ``page_size`` is not a whole number from 1 on.
        """

        async def fetch(page: int, limit: int) -> tuple[Mapping[str, Any], builtins.list[Customer]]:
            payload = (await self._view.call(_LIST, page=page, limit=limit)).payload
            known = self._view.known
            return payload, [
                customer(row, known) for row in models.CustomerList.from_dict(payload).data
            ]

        return self._pager(fetch, "customers", page_size, cursor, on_shift)

    def events(
        self,
        global_customer_id: str,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
        on_shift: OnShift = "warn",
    ) -> Pager[models.Event]:
        """Read the events of a global customer. Their order is not known.

        Args:
            global_customer_id: ``Customer.global_id`` (that it is this id is inferred).
            page_size: as for `list`.
            cursor: as for `list`.
            on_shift: as for `list`.

        Raises:
            ArgumentError: as for `list`, or ``global_customer_id`` cannot be part of a path.
            ArgumentTypeError, ConfigurationError: as for `list`.
        """
        check_id("global_customer_id", global_customer_id, reserved=False)

        async def fetch(
            page: int, limit: int
        ) -> tuple[Mapping[str, Any], builtins.list[models.Event]]:
            answer = await self._view.call(_EVENTS, global_customer_id, page=page, limit=limit)
            payload = answer.payload
            return payload, [*models.EventList.from_dict(payload).data]

        return self._pager(fetch, f"events {global_customer_id}", page_size, cursor, on_shift)

    def _pager(
        self, fetch: Fetch[T], name: str, size: int | None, cursor: str | None, on_shift: OnShift
    ) -> Pager[T]:
        settings = self._view.settings
        size = settings.page_size if size is None else size
        name = f"{settings.company_id} {name}"
        return Pager(fetch, name, page_size=size, cursor=cursor, on_shift=on_shift)

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
        self, rows: Rows, *, key: str = "importCustomerId", **options: Unpack[ImportOptions]
    ) -> ImportRun:
        """Create or update customers from rows, any number of them, in constant memory.

        ``report = await import_many(rows)``, or ``async for outcome in import_many(rows)`` for what
        became of each row. A customer whose key exists is updated (documented). Rows are read only
        as they can be sent. A row that is not valid is not sent; when the API refuses a chunk (400,
        413, 422), its bad rows are found by halving. The answer is not documented: what it says of
        single rows is used where it is clear.

        Args:
            rows: one mapping for each customer. The column that ``key`` names becomes
                ``importCustomerId``; columns ``id`` and ``externalId`` are what they say; every
                other column is a custom field by name. None and ``""`` clear a field.
            key: name of the column that identifies a customer. Of two rows with one key, the second
                is not sent.
            **options: all of them optional.

                - ``chunk_size``: rows sent in one request; 500.
                - ``concurrency``: requests at one time; 4.
                - ``allow_keyless``: also take rows without a key. Those without an ``id`` either
                  are sent one by one and never repeated, as that could create a customer twice.
                - ``dry_run``: check all rows against the definitions of the custom fields, and send
                  none.
                - ``checkpoint``: file that keeps what became of each row, by hashes. After a crash
                  the same import goes on from there; a row that has its outcome is not sent again.
                  A dry run does not use it.
                - ``verify``: "id", "externalId" or a custom field by which to find the customers
                  again: at the end all are read, and the report says which rows they show. Whether
                  the API shows at once what an import did is not known.
                - ``progress``: called with the report so far, after each chunk.

        Raises:
            ArgumentError: an argument is wrong; a `CheckpointError` when it is the checkpoint.
                Nothing was sent.
            ImportInterruptedError: 401, 403 or 404, a server that is gone, or rows that cannot be
                read ended the import; says how far it came.
        """
        from .._bulk.engine import start  # noqa: PLC0415 - brings sqlite3; many programs import nothing

        return ImportRun(start(self._view, rows, key, options))

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
