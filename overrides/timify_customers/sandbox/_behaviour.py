"""The alternatives for the sandbox's behaviour where that of the real API is not known."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal, TypeVar, cast, get_args

from attrs import field, frozen, validators

T = TypeVar("T")

ImportAnswer = Literal["nothing", "counts", "by_key", "by_position", "accepted", "errors_by_row"]
"""The answer to an import:

* ``nothing``: a plain success. An unacceptable row fails the whole request with 422, and nothing is
  done. That is the same with ``counts`` and ``accepted``.
* ``counts``: how many rows were created and updated.
* ``by_key``: a list with ``importCustomerId``, id and what was done. An unacceptable row is listed
  as rejected, and the others are done. That is the same with the next two.
* ``by_position``: the same without keys: one entry for each row, in their order.
* ``errors_by_row``: only the rejected rows, by their number from 0, with the reason.
* ``accepted``: HTTP 202 with the id of a job, although the import is already done.
"""


ExternalIdKey = Literal["by_operation", "external_id", "externalId", "either"]
"""How bodies spell the external id:

* ``by_operation``: as the document spells it in the body of each operation. Without a published
  document, that is ``external_id`` in creates and updates, and ``externalId`` in rows of an import
  (both documented on sibling operations).
* ``external_id``, ``externalId`` or ``either``: the same in all bodies.

A member with another spelling is ignored, like any unknown member.
"""

CreateAnswer = Literal["all", "id"]
"""What the answer to a create shows: ``all`` of the new object (as a read does, inferred), or only
its ``id``, because only the envelope is documented.
"""

FailureBody = Literal["error", "message"]
"""The body of a failure:

* ``error``: ``error``, ``name``, ``errorCode``, ``details`` and ``extras``, as a sibling operation
  documents it for 400. For other statuses that is inferred.
* ``message``: ``status`` and ``message`` (third party).
"""

FilterName = Literal[
    "ids",
    "external_ids",
    "tag_ids",
    "q",
    "first_name_letter",
    "last_name_letter",
    "updated_since",
    "sort",
    "sort_type",
    "fields",
]
"""A filter of the list of customers that the sandbox supports (documented on a sibling)."""

_OTHER_SPELLING = {"externalId": "external_id", "external_id": "externalId"}


def _filter_names(names: Literal["all"] | Iterable[FilterName]) -> frozenset[FilterName]:
    """Return the names of filters. Raises ValueError for an unknown name."""
    if names == "all":
        return frozenset(get_args(FilterName))
    unknown = sorted(set(names) - set(get_args(FilterName)))
    if unknown:
        names_known = ", ".join(get_args(FilterName))
        raise ValueError(f"ignored_filters has {unknown[0]!r}; known: all, or {names_known}")
    return frozenset(names)


@frozen(kw_only=True)
class Behaviour:
    """The behaviour of the API where its pages do not document it, or where it was seen to vary.

    No default is a statement about TIMIFY.

    Attributes:
        meta: Whether lists carry ``meta`` (documented; recorded answers do not).
        total: Whether lists carry ``total`` (observed; some had none).
        created: HTTP status of a create: 201 (documented on a sibling) or 200.
        create_answer: The answer to a create; see `CreateAnswer`.
        deleted: HTTP status of a delete: 200 with a plain success, or 204 without a body.
        external_id: How bodies spell the external id; see `ExternalIdKey`.
        failure_body: The body of a failure; see `FailureBody`.
        enveloped_failures: Whether a failed operation is answered with HTTP 200 and reports the
            failure only in the envelope, by ``status`` and ``message`` (third party). Tokens,
            routes and content types are refused with their own HTTP status either way.
        import_answer: The answer to an import; see `ImportAnswer`.
        ignored_filters: The filters of the list of customers that have no effect, or "all".

    Raises:
        ValueError: A switch has an invalid value.
    """

    meta: bool = field(default=True, validator=validators.in_((True, False)))
    total: bool = field(default=True, validator=validators.in_((True, False)))
    created: Literal[200, 201] = field(default=201, validator=validators.in_((200, 201)))
    create_answer: CreateAnswer = field(
        default="all", validator=validators.in_(get_args(CreateAnswer))
    )
    deleted: Literal[200, 204] = field(default=200, validator=validators.in_((200, 204)))
    external_id: ExternalIdKey = field(
        default="by_operation", validator=validators.in_(get_args(ExternalIdKey))
    )
    failure_body: FailureBody = field(
        default="error", validator=validators.in_(get_args(FailureBody))
    )
    enveloped_failures: bool = field(default=False, validator=validators.in_((True, False)))
    import_answer: ImportAnswer = field(
        default="nothing", validator=validators.in_(get_args(ImportAnswer))
    )
    ignored_filters: Literal["all"] | Collection[FilterName] = field(
        default=frozenset(), converter=_filter_names
    )

    @property
    def partial_import(self) -> bool:
        """Whether the acceptable rows of an import are done if others are not acceptable."""
        return self.import_answer in {"by_key", "by_position", "errors_by_row"}

    def obeyed(self, query: Mapping[str, T]) -> dict[str, T]:
        """Return a query without the ignored filters."""
        return {name: value for name, value in query.items() if name not in self.ignored_filters}

    def understood(self, body: object) -> object:
        """Return a body and its rows without the spelling of the external id that is not read."""
        if not isinstance(body, dict):
            return body
        from ._contract import external_id_key  # noqa: PLC0415 - read with the first request

        members = cast("dict[str, object]", body)
        by_operation = self.external_id == "by_operation"
        written = external_id_key("CustomerUpdate", "external_id")
        members_read = _without_unread(members, written if by_operation else self.external_id)
        rows = members_read.get("customers")
        if isinstance(rows, list):
            in_rows = external_id_key("CustomerImportRow", "externalId")
            spelling = in_rows if by_operation else self.external_id
            members_read["customers"] = [
                _without_unread(row, spelling) for row in cast("list[object]", rows)
            ]
        return members_read


def _without_unread(row: Any, spelling: str) -> Any:
    """Return a customer's members without the other spelling than the one that is read."""
    if not isinstance(row, dict):
        return row
    unread = _OTHER_SPELLING.get(spelling)
    return {name: value for name, value in cast("dict[str, object]", row).items() if name != unread}
