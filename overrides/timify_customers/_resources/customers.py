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

        When the answer is lost and there is an ``external_id``, the customer is looked up by it. If
        a customer with the values that were sent is found, it is returned with ``settled`` set.

        Args:
            customfields: values by label, default id or field id; or a list of entries as the API
                takes it.
            external_id: your own key for the customer.
            import_customer_id: the id by which `import_many` knows the customer (documented on a
                sibling).
            ignore_mandatory: create the customer even without fields that the company made
                mandatory (documented on a sibling; that the flag is sent as "true" is inferred).
            on_lost_answer: "repeat" sends the create again when its answer was lost and the lookup
                finds nothing. Use it only if you know that the API shows a write at once and keeps
                external ids unique; neither is documented.

        Raises:
            AmbiguousWriteError: the answer was lost, and it is not known whether the customer was
                created.
            ExternalIdNotTakenError: the customer was created, but without its external id.
            ArgumentError: a name or value is wrong, or the customer would be empty; nothing was
                sent.
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
        """Return how often a create may be sent again after its answer was lost."""
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
        """Change values of a customer. Fields that are not named stay as they are.

        Args:
            customfields: as for `create`.
            customer_id: the customer's id; or
            external_id: its external id.
            new_external_id: its new external id.

        Raises:
            AmbiguousWriteError: no answer came. Sending the same update again is safe, unless it
                changes the external id by which it names the customer.
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
        stay as they are. Otherwise it is created. If somebody else deletes or creates it between
        the lookup and the write, the upsert looks again and does what is then right.

        Upserts of one key run one after the other in a client and its views of the same company.
        Nothing else prevents two customers with the same key, unless the API refuses the second:
        two clients may create it, so may a concurrent `create`, and the create of a cancelled
        upsert may still be done. It is not documented that the API keeps external ids unique, nor
        that a lookup sees a customer who was created a moment ago.

        Args:
            customfields: as for `create`. If it is empty, an existing customer stays as it is.
            external_id: your own key for the customer.
            ignore_mandatory: as for `create`; an update does not use it.
            on_lost_answer: as for `create`.

        Returns:
            The customer, and whether it was created.

        Raises:
            AmbiguousWriteError: no answer came. After an update (``safe_to_repeat``) the same
                upsert can be sent again; after a create, see `create`. If ``seen`` is set, that
                customer has the key now, and the same upsert updates it.
            ExternalIdNotTakenError: the customer was created, but without its external id; or
                nothing was sent, because the API did not take a key before.
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

        With an external id, the id is looked up first, so that a repetition cannot delete another
        customer.

        Raises:
            NotFoundError: there is no such customer.
            AmbiguousWriteError: no answer came. Deleting again is safe.
        """
        key, external = path_key(customer_id, external_id)
        writer = self._writer()
        if external is not None:
            customer = await writer.holder(key, undone="deleted")
            key = check_id("id", customer.id)
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
        """Create or update customers from any number of rows, in constant memory.

        Use ``report = await import_many(rows)``, or ``async for outcome in import_many(rows)`` to
        learn what became of each row. A customer whose key exists is updated (documented). Rows are
        read only when they can be sent, and invalid rows are not sent. When the API refuses a chunk
        (400, 413, 422), its bad rows are found by halving. The answer to an import is not
        documented; what it says about single rows is used where it is clear.

        Args:
            rows: one mapping for each customer. The column named by ``key`` is sent as
                ``importCustomerId``, the columns ``id`` and ``externalId`` as themselves, and every
                other column as the custom field of that name. None and ``""`` clear a field.
            key: name of the column that identifies a customer. If two rows have the same key, the
                second is not sent.
            chunk_size: rows sent in one request.
            concurrency: how many requests are under way at a time.
            allow_keyless: accept rows without a key. A row that has no ``id`` either is sent in a
                request of its own and never repeated, as that could create a customer twice.
            dry_run: check all rows against the definitions of the custom fields, and send none.
            checkpoint: path of a file that records what became of each row, by hashes. After a
                crash the same import continues from there, and does not send rows again that have
                an outcome. Rows at the end that an earlier run sent, and that this input no longer
                has, are counted in the report (``absent``). A dry run does not use it.
            verify: ``"id"``, ``"externalId"`` or a custom field. At the end all customers are read
                and matched with the rows by this column, and the report says which rows they show.
                Whether the API shows an import at once is not known.
            progress: called with the report so far, after each chunk.

        Raises:
            ArgumentError: an argument is wrong; for the checkpoint it is a `CheckpointError`.
                Nothing was sent.
            ImportInterruptedError: the import ended early, because of a 401, 403 or 404, a server
                that no longer answers, or rows that cannot be read. It says how far the import
                came.
        """
        # These load sqlite3, which a program without imports does not need.
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
