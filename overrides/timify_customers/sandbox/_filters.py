"""The filters of the list: which customers a query selects, in which order, with which keys.

Their names are documented on a sibling operation (``GET /v1/enterprise-customers``). Their effects
are inferred from the names. Surrounding blanks and case do not count, and an empty list or text
filters nothing. ``booker_id`` is left out, as nothing is known about bookers.

A query has the entries of each parameter: those of a list, or the one text of any other.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from . import _render
from ._company import Company
from ._model import Refusal, StoredCustomer

Test = Callable[[StoredCustomer], bool]
"""Returns whether a query selects a customer."""


Query = Mapping[str, Sequence[str]]


def select(company: Company, query: Query) -> list[StoredCustomer]:
    """Return the customers that a query selects, in its order.

    Raises:
        Refusal: a date or a sort key is invalid.
    """
    filters = {name: query[name] for name in _TESTS if _entries(query.get(name, ()))}
    tests = [_TESTS[name](company, values) for name, values in filters.items()]
    customers = [
        customer for customer in company.in_order() if all(test(customer) for test in tests)
    ]
    return _sorted(company, customers, query)


def renderer(company: Company, query: Query) -> Callable[[StoredCustomer], bytes]:
    """Return how to write a listed customer: whole, or only its id and the keys in ``fields``."""
    keys = {_plain(key) for key in _entries(query.get("fields", ()))}
    return partial(_with_keys, company, keys | {"id"}) if keys else company.rendered


def _with_keys(company: Company, keys: set[str], customer: StoredCustomer) -> bytes:
    shown = json.loads(company.rendered(customer))
    return _render.encode({key: value for key, value in shown.items() if _plain(key) in keys})


def _entries(texts: Iterable[str]) -> set[str]:
    """Return texts for comparing, without blank ones: ``a`` and ``b`` of ``" A"`` and ``b``."""
    return {_folded(text) for text in texts} - {""}


def _text(query: Query, name: str) -> str:
    """Return the text of a parameter that is no list."""
    return (query.get(name) or [""])[-1]


def _folded(text: str) -> str:
    return text.strip().casefold()


def _plain(key: str) -> str:
    """Return a key without its spelling: ``externalId`` and ``external_id`` are the same."""
    return _folded(key).replace("_", "")


# Which customers


def _ids(_: Company, texts: Sequence[str]) -> Test:
    ids = _entries(texts)
    return lambda customer: _folded(customer.id) in ids


def _external_ids(_: Company, texts: Sequence[str]) -> Test:
    external_ids = _entries(texts)
    return lambda customer: _folded(customer.external_id) in external_ids


def _tag_ids(_: Company, texts: Sequence[str]) -> Test:
    tag_ids = _entries(texts)
    return lambda customer: not tag_ids.isdisjoint(map(_folded, customer.tag_ids))


def _search(company: Company, texts: Sequence[str]) -> Test:
    """Select customers with the text in their name, email, phone or external id."""
    needle = _folded(texts[-1])

    def fits(customer: StoredCustomer) -> bool:
        values = [company.value(customer, name) for name in _SEARCHED]
        full_name = " ".join(values[:2])
        return any(
            needle in value.casefold() for value in (full_name, customer.external_id, *values)
        )

    return fits


def _first_letter(default_id: str, company: Company, texts: Sequence[str]) -> Test:
    """Select customers whose name begins with one of some letters, separated by commas."""
    letters = tuple(_entries(texts[-1].split(",")))
    return lambda customer: _folded(company.value(customer, default_id)).startswith(letters)


def _updated_since(_: Company, texts: Sequence[str]) -> Test:
    """Select customers updated then or later, in UTC if there is no offset (inferred)."""
    text = texts[-1]
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise _invalid("updated_since", f"must be a date, not {text!r}") from None
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return lambda customer: customer.updated_at >= since


_SEARCHED = ("firstName", "lastName", "email", "mobilePhone", "landlinePhone")
_TESTS: Mapping[str, Callable[[Company, Sequence[str]], Test]] = {
    "ids": _ids,
    "external_ids": _external_ids,
    "tag_ids": _tag_ids,
    "q": _search,
    "first_name_letter": partial(_first_letter, "firstName"),
    "last_name_letter": partial(_first_letter, "lastName"),
    "updated_since": _updated_since,
}


# In which order


def _sorted(
    company: Company, customers: Iterable[StoredCustomer], query: Query
) -> list[StoredCustomer]:
    """Return customers by the key of ``sort``, then by id; ``sort_type`` may reverse the keys."""
    sort = _text(query, "sort").strip()
    direction = _folded(_text(query, "sort_type"))
    if direction not in {"", "asc", "desc"}:
        raise _invalid("sort_type", f"is known as asc and desc alone, not as {direction!r}")
    if not sort and direction != "desc":
        return list(customers)
    value = _SORTS.get(_plain(sort or "name"))
    if value is None:
        raise _invalid("sort", f"is known with {', '.join(_SORTS)} alone, not with {sort!r}")
    by_id = sorted(customers, key=lambda customer: customer.id)
    return sorted(by_id, key=partial(value, company), reverse=direction == "desc")


def _by(default_id: str, company: Company, customer: StoredCustomer) -> str:
    return company.value(customer, default_id)


_SORTS: Mapping[str, Callable[[Company, StoredCustomer], str | float]] = {
    "name": partial(_by, "firstName"),
    "firstname": partial(_by, "firstName"),
    "lastname": partial(_by, "lastName"),
    "email": partial(_by, "email"),
    "id": lambda _, customer: customer.id,
    "externalid": lambda _, customer: customer.external_id,
    "createdat": lambda _, customer: customer.created_at,
    "updatedat": lambda _, customer: customer.updated_at,
}


def _invalid(name: str, reason: str) -> Refusal:
    return Refusal(400, f"{name} {reason}", {"query": {name: "invalid"}})
