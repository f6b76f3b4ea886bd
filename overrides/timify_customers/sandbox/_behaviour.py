"""Where it is not known how the real API behaves: what the sandbox does, and by switch the alternatives."""

from typing import Any, Literal, cast, get_args

from attrs import field, frozen, validators

ImportAnswer = Literal["nothing", "counts", "by_key", "by_position", "accepted", "errors_by_row"]
"""What an import is answered with:

* ``nothing``: a plain success. A row that cannot be taken fails the whole request with 422, and
  nothing is done; so it is with ``counts`` and ``accepted``.
* ``counts``: how many rows were created and updated.
* ``by_key``: a list with ``importCustomerId``, id and what was done; a row that cannot be taken is
  in it as rejected, and the others are done; so it is with the two below.
* ``by_position``: the same without keys: one entry for each row, in their order.
* ``errors_by_row``: the rows that were rejected, by their number from 0, with the reason; nothing
  of the others.
* ``accepted``: HTTP 202 with the id of a job. It is done all the same.
"""


@frozen(kw_only=True)
class Behaviour:
    """How the API behaves where that is inferred, or seen to vary. No default is a statement about
    TIMIFY.

    Attributes:
        meta: Whether lists carry ``meta`` (documented; recorded answers do not).
        total: Whether lists carry ``total`` (observed; some had none).
        created: HTTP status of a create: 200 or 201.
        deleted: HTTP status of a delete: 200 with a plain success, or 204 without a body.
        external_id: How bodies spell it: ``externalId`` (documented in prose), ``external_id``
            (documented on a sibling operation), or ``either``. A member of another spelling is ignored, as
            unknown members are.
        enveloped_failures: Whether an operation that fails answers with HTTP 200 and says so in the
            envelope alone (third party). Tokens, routes and content types are refused with their
            status either way.
        import_answer: What an import is answered with; see `ImportAnswer`.

    Raises:
        ValueError: A switch has no such position.
    """

    meta: bool = field(default=True, validator=validators.in_((True, False)))
    total: bool = field(default=True, validator=validators.in_((True, False)))
    created: int = field(default=200, validator=validators.in_((200, 201)))
    deleted: int = field(default=200, validator=validators.in_((200, 204)))
    external_id: Literal["either", "externalId", "external_id"] = field(
        default="either", validator=validators.in_(("either", "externalId", "external_id"))
    )
    enveloped_failures: bool = field(default=False, validator=validators.in_((True, False)))
    import_answer: ImportAnswer = field(
        default="nothing", validator=validators.in_(get_args(ImportAnswer))
    )

    @property
    def partial_import(self) -> bool:
        """Whether the rows of an import that can be taken are, when others cannot."""
        return self.import_answer in {"by_key", "by_position", "errors_by_row"}

    def understood(self, body: object) -> object:
        """A body without the spelling that is not understood, in the customer itself and in rows of an import."""
        ignored = {"externalId": "external_id", "external_id": "externalId"}.get(self.external_id)
        if ignored is None or not isinstance(body, dict):
            return body
        kept = {name: it for name, it in cast("dict[str, Any]", body).items() if name != ignored}
        if isinstance(rows := kept.get("customers"), list):
            kept["customers"] = [self.understood(row) for row in cast("list[object]", rows)]
        return kept
