"""Sends the parts of a chunk, and decides what follows from each response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import field, frozen

from .._base.errors import ApiError, TimifyError
from .._base.generated import IMPORT_ROW_KEYS, endpoints, models
from .._base.reports import RowOutcome
from .._calls.operation import Operation
from .._calls.retry import Repeat
from .._calls.scope import Scope
from .chunks import Queue, after_refusal, after_success, classify, refusal
from .outcomes import outcomes_of
from .rows import Row
from .verdicts import RowVerdicts, count_failures, parse_response

LOST_IN_A_ROW: Final = 5
"""How many requests in a row may get no response, after all retries, before an import stops."""

_import = endpoints.import_customers
_REPEATABLE: Final = Operation(
    _import.OPERATION, _import.build_request, data="any", writes=True, keep_error_body=True
)
_ONCE: Final = Operation(
    _import.OPERATION,
    _import.build_request,
    Repeat.NEVER,
    data="any",
    writes=True,
    keep_error_body=True,
)
_UNNAMED_FAILURES: Final = "the answer tells of failures, and does not name each row"


@frozen
class Sent:
    """What followed from sending the first part of a queue.

    Attributes:
        queue: the parts that are still to be sent.
        outcomes: the outcomes of the decided rows.
        stop: the error that ends the whole import, or None.
    """

    queue: Queue
    outcomes: list[RowOutcome] = field(factory=list)
    stop: TimifyError | None = None


class Sender:
    """Makes the requests of one import.

    Attributes:
        lost_in_a_row: how many of the last requests ended without a response.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._keys = row_keys(scope.settings.external_id_key)
        self.lost_in_a_row = 0

    async def send(self, queue: Queue) -> Sent:
        """Send the first part of a queue."""
        rows = queue[0].rows
        operation = _REPEATABLE if rows[0].key else _ONCE
        body = models.CustomerImport.from_dict(
            {"customers": [_spelled(row, self._keys) for row in rows]}
        )
        try:
            request = operation.build(body=body, company_id=self._scope.company_id)
            answer = await self._scope.call(operation, request)
        except TimifyError as error:
            return self._after_failure(queue, error)
        self.lost_in_a_row = 0
        return _after_answer(queue, answer.payload)

    def _after_failure(self, queue: Queue, error: TimifyError) -> Sent:
        """Return what follows from an error.

        Examples, for a part of rows 1 to 4::

        422 {"message": "no"}                 refused: halved, no row is decided
        422 {"message": "customers[2]: bad"}  refused: row 3 is rejected, 1, 2 and 4 sent again
        413                                   too large: halved, no row is decided
        403                                   stop: the rows stay in the queue, so are pending
        no response, after all retries        lost: all four are unknown, the import goes on
        the fifth of these in a row           lost, and the import stops
        """
        rows = queue[0].rows
        refused = refusal(error)
        verdicts = _take_verdicts(refused, rows) if refused else {}
        outcome = classify(error, names_rows=bool(verdicts))
        self.lost_in_a_row = self.lost_in_a_row + 1 if outcome == "lost" else 0
        if outcome == "stop":
            return Sent(queue, stop=error)
        if outcome == "lost":
            api_is_gone = self.lost_in_a_row >= LOST_IN_A_ROW
            unknown = outcomes_of(rows, {}, "unknown", str(error))
            return Sent(queue[1:], unknown, stop=error if api_is_gone else None)
        decided, remaining = after_refusal(queue, verdicts, outcome)
        return Sent(remaining, outcomes_of(decided, _closed_up(verdicts), "rejected", str(refused)))


def row_keys(external_id_key: str | None) -> Mapping[str, str]:
    """Return how rows spell the columns that are not custom fields.

    They are spelled as the document has them (camel case is documented for the bodies of imports).
    For the external id, the client's setting ``external_id_key`` takes precedence, as in creates
    and updates.
    """
    if external_id_key is None:
        return IMPORT_ROW_KEYS
    return {**IMPORT_ROW_KEYS, "externalId": external_id_key}


def _spelled(row: Row, keys: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the JSON of a row, with its columns spelled as ``keys`` says."""
    if all(column == key for column, key in keys.items()):
        return row.wire
    return {keys.get(name, name): value for name, value in row.wire.items()}


def _after_answer(queue: Queue, response: object) -> Sent:
    """Return what follows from a success, which may still report rows that failed.

    Examples, for a part of rows 1 to 3::

        {"status": 1}                              all three are accepted
        {"errors": [{"index": 1, "error": "bad"}]} row 2 is rejected, 1 and 3 are accepted
        {"data": {"failed": 1}}                    some row failed, so all three are unknown
    """
    rows = queue[0].rows
    verdicts = parse_response(response, rows)
    rejected = sum(kind == "rejected" for kind, _ in verdicts.values())
    if count_failures(response) > rejected:
        outcomes = outcomes_of(rows, verdicts, "unknown", _UNNAMED_FAILURES)
    else:
        outcomes = outcomes_of(rows, verdicts, "accepted")
    return Sent(after_success(queue, all_taken=not rejected), outcomes)


def _take_verdicts(refused: ApiError, rows: Sequence[Row]) -> RowVerdicts:
    """Read what the body of a refusal says about rows. The body is dropped: no error keeps one."""
    body, refused.body = refused.body, None
    return parse_response(body, rows, refused=True)


def _closed_up(verdicts: RowVerdicts) -> RowVerdicts:
    """Number verdicts by their place among the named rows.

    If the response names b and d of the rows a, b, c and d, its verdicts at places 1 and 3 get the
    places 0 and 1, which b and d have in the list of decided rows.
    """
    return dict(enumerate(verdicts[place] for place in sorted(verdicts)))
