"""``timify.customers``: seven operations on the customers of a company."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Unpack

from .._base.checks import check_choice, check_id
from .._base.errors import ArgumentError, BodyError
from .._base.generated import endpoints, models
from .._base.reports import ImportRun
from .._calls.identity import same_key
from .._calls.operation import Operation
from .._calls.retry import Repeat
from .._calls.scope import Scope
from .._customfields.definitions import Definitions
from .._customfields.reading import Customer, customer_view
from .._customfields.registry import Customfields
from .._paging.pager import Fetch, Pager, ReadOptions
from .external_ids import ExternalIds
from .writing import GET, Writer

if TYPE_CHECKING:
    from .._bulk.engine import ImportOptions, Rows

T = TypeVar("T")

_list, _delete, _events = (
    endpoints.list_customers,
    endpoints.delete_customer,
    endpoints.list_global_customer_events,
)
_LIST = Operation(_list.OPERATION, _list.build_request, data="list")
_DELETE = Operation(
    _delete.OPERATION, _delete.build_request, Repeat.DELETE, data="any", writes=True
)
_EVENTS = Operation(_events.OPERATION, _events.build_request, data="list")


class Customers:
    """The customers of one company."""

    def __init__(self, scope: Scope, definitions: Definitions, external_ids: ExternalIds) -> None:
        self._scope = scope
        self._definitions = definitions
        self._external_ids = external_ids

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
            request = _LIST.build(page=page, limit=limit, company_id=self._scope.company_id)
            payload = (await self._scope.call(_LIST, request)).payload
            last_seen = self._definitions.last_seen
            rows = models.CustomerList.from_dict(payload).data
            return payload, [customer_view(row, last_seen) for row in rows]

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
            request = _EVENTS.build(
                global_customer_id, page=page, limit=limit, company_id=self._scope.company_id
            )
            payload = (await self._scope.call(_EVENTS, request)).payload
            return payload, [*models.EventList.from_dict(payload).data]

        return self._pager(fetch, f"events {global_customer_id}", options)

    def _pager(self, fetch: Fetch[T], name: str, options: ReadOptions) -> Pager[T]:
        if options.get("page_size") is None:
            options["page_size"] = self._scope.settings.page_size
        return Pager(fetch, f"{self._scope.company_id} {name}", **options)

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
            ArgumentError: a name or value is wrong, or nothing is given; nothing was sent.
        """
        mode = self._scope.settings.on_lost_answer if on_lost_answer is None else on_lost_answer
        check_choice("on_lost_answer", mode, ("raise", "repeat"))
        for name, key in (("external_id", external_id), ("import_customer_id", import_customer_id)):
            if key is not None:
                check_id(name, key)
        writer = self._writer()
        repeats = self._scope.settings.retries if mode == "repeat" else 0
        options = _create_options(
            external_id, import_customer_id, ignore_mandatory=ignore_mandatory
        )

        async def send(entries: builtins.list[Any]) -> Customer:
            if not entries and external_id is None and import_customer_id is None:
                raise ArgumentError("the customer would be empty: give customfields or external_id")
            body = models.CustomerCreate(customfields=_values(entries), **options)
            if external_id is None:
                return await writer.create(body)
            return await writer.create_keyed(body, external_id, repeats)

        return await self._definitions.send_payload(customfields, writer.until, send)

    def _writer(self) -> Writer:
        return Writer(self._scope, self._definitions, self._external_ids, self._scope.deadline())

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

        return await self._definitions.send_payload(customfields, writer.until, send)

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
        request = _DELETE.build(key, company_id=self._scope.company_id)
        await self._scope.call(_DELETE, request, until=writer.until)

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

        return ImportRun(start(self._scope, self._definitions, rows, key, options))


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
