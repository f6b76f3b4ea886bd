"""``timify.customers``: seven operations on the customers of a company."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Literal

from .._base.checks import check_choice, check_id
from .._base.errors import ArgumentError
from .._base.generated import endpoints, models
from .._base.reports import ImportReport
from .._bulk.handle import ImportRows, ImportRun
from .._calls.operation import Operation
from .._calls.retry import Repeat
from .._customfields.reading import Customer
from .._customfields.registry import Customfields
from .reads import CustomerReads
from .upserting import Upsert, Upserted
from .writing import create_options, field_values, path_key

_delete = endpoints.delete_customer
_DELETE = Operation(
    _delete.OPERATION, _delete.build_request, Repeat.DELETE, data="any", writes=True
)


class Customers(CustomerReads):
    """The customers of one company."""

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
                lookup finds nothing. Use it only if you know that the API shows a write at once
                and keeps external ids unique; neither is documented.

        Raises:
            AmbiguousWriteError: the answer was lost, and whether the customer was created is not
                known.
            ExternalIdNotTakenError: the customer was created, but without its external id.
            ArgumentError: a name or value is wrong, or nothing is given; nothing was sent.
        """
        repeats = self._repeats(on_lost_answer)
        for name, key in (("external_id", external_id), ("import_customer_id", import_customer_id)):
            if key is not None:
                check_id(name, key)
        writer = self._writer()
        options = create_options(external_id, import_customer_id, ignore_mandatory=ignore_mandatory)

        async def send(entries: list[Any]) -> Customer:
            if not entries and external_id is None and import_customer_id is None:
                raise ArgumentError("the customer would be empty: give customfields or external_id")
            body = models.CustomerCreate(customfields=field_values(entries), **options)
            if external_id is None:
                return await writer.create(body)
            return await writer.create_keyed(body, external_id, repeats)

        return await self._definitions.send_payload(customfields, writer.until, send)

    def _repeats(self, on_lost_answer: Literal["raise", "repeat"] | None) -> int:
        """Return how often a create may be sent again whose answer was lost."""
        mode = self._scope.settings.on_lost_answer if on_lost_answer is None else on_lost_answer
        check_choice("on_lost_answer", mode, ("raise", "repeat"))
        return self._scope.settings.retries if mode == "repeat" else 0

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
        key, external = path_key(customer_id, external_id)
        if new_external_id is not None:
            check_id("new_external_id", new_external_id)
        if not customfields and new_external_id is None:
            raise ArgumentError("the update changes nothing: give customfields or new_external_id")
        writer = self._writer()

        async def send(entries: list[Any]) -> Customer:
            options: dict[str, Any] = {"customfields": field_values(entries)} if entries else {}
            if new_external_id is not None:
                options["external_id"] = new_external_id
            return await writer.update(
                key, external, models.CustomerUpdate(**options), new_external_id
            )

        return await self._definitions.send_payload(customfields, writer.until, send)

    async def upsert(
        self,
        customfields: Customfields,
        *,
        external_id: str,
        ignore_mandatory: bool = False,
        on_lost_answer: Literal["raise", "repeat"] | None = None,
    ) -> Upserted:
        """Create a customer, or update the one that has this external id.

        The customer is looked up by the key, and updated if it is there; fields that are not named
        stay as they are. Otherwise it is created. Should it be deleted, or created by somebody
        else, between the lookup and the write, the upsert looks again and does the other.

        Upserts of one key run one after the other in a client and those of its views that name the
        same company. Nothing else prevents two customers with the same key, unless the API refuses
        the second: not between clients, not with a `create` of that key at the same time, and not
        after an upsert that was cancelled, since its create may still be done. That the API keeps
        external ids unique is not documented, nor that a lookup sees a customer who was created a
        moment ago.

        Args:
            customfields: as for `create`. When it is empty, a customer who is there stays as is.
            external_id: your own key of the customer.
            ignore_mandatory: as for `create`; an update does not use it.
            on_lost_answer: as for `create`.

        Returns:
            The customer, and whether it was created.

        Raises:
            AmbiguousWriteError: no answer came. After an update (``safe_to_repeat``) the same
                upsert can be sent again; after a create, as `create` says. With ``seen``, a
                customer has the key by now, and the same upsert updates it.
            ExternalIdNotTakenError: the customer was created, but without its external id; or
                nothing was sent, because keys were not taken before.
            ArgumentError: a name or value is wrong; nothing was sent.
        """
        check_id("external_id", external_id)
        repeats = self._repeats(on_lost_answer)
        writer = self._writer()
        upsert = Upsert(writer, external_id, ignore_mandatory, repeats)
        async with writer.alone(external_id):
            return await self._definitions.send_payload(customfields, writer.until, upsert.send)

    async def delete(
        self, customer_id: str | None = None, *, external_id: str | None = None
    ) -> None:
        """Delete a customer.

        By external id, its id is found first, so that a repetition cannot hit another customer.

        Raises:
            NotFoundError: there is no such customer.
            AmbiguousWriteError: no answer came. Deleting again is safe.
        """
        key, external = path_key(customer_id, external_id)
        writer = self._writer()
        if external is not None:
            found = await writer.holder(key, undone="deleted")
            key = check_id("id", found.id)
        request = _DELETE.build(key, company_id=self._scope.company_id)
        await self._scope.call(_DELETE, request, until=writer.until)

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
                the same import goes on from there: a row that has its outcome is not sent again.
                Rows that an earlier run sent and that are no longer there, at the end, are counted
                in the report (``absent``). A dry run does not use it.
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
        engine = Engine(self._scope, self._definitions, rows, options, self.list)
        return ImportRun(engine)
