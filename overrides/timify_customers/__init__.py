"""Async Python SDK for the customers part of the TIMIFY Developer API."""

from ._base import errors as _errors
from ._base.errors import *  # noqa: F403 - the whole tree, by its __all__
from ._base.generated import Category, CustomerField, CustomerPhone, Customfield, Event
from ._base.reports import ImportReport, OutcomeKind, RowOutcome, RowProblem
from ._base.secrets import Secret
from ._base.settings import Formats
from ._bulk.handle import ImportRun
from ._calls.answers import Response, responses
from ._calls.limit import RequestLimit
from ._calls.token import AccessToken, TokenProvider
from ._client import TimifyCustomers
from ._customfields.drift import FieldDrift
from ._customfields.phones import Phone
from ._customfields.reading import Customer, CustomerFields
from ._customfields.registry import Customfields, FieldRegistry
from ._customfields.verbatim import Unreadable
from ._paging.pager import ListChangedWarning, Page, Pager
from ._resources.categories import Categories
from ._resources.customers import Customers
from ._resources.ensure import Ensured
from ._resources.fields import Fields
from ._resources.upserting import Upserted
from ._transport.events import AttemptEvent, CallEvent, Hook
from ._version import __version__

__all__ = [
    "AccessToken",
    "AttemptEvent",
    "CallEvent",
    "Categories",
    "Category",
    "Customer",
    "CustomerField",
    "CustomerFields",
    "CustomerPhone",
    "Customers",
    "Customfield",
    "Customfields",
    "Ensured",
    "Event",
    "FieldDrift",
    "FieldRegistry",
    "Fields",
    "Formats",
    "Hook",
    "ImportReport",
    "ImportRun",
    "ListChangedWarning",
    "OutcomeKind",
    "Page",
    "Pager",
    "Phone",
    "RequestLimit",
    "Response",
    "RowOutcome",
    "RowProblem",
    "Secret",
    "TimifyCustomers",
    "TokenProvider",
    "Unreadable",
    "Upserted",
    "__version__",
    "responses",
]
__all__ += _errors.__all__
