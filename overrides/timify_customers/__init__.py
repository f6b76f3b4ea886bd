"""Async Python SDK for the customers part of the TIMIFY Developer API."""

from ._base import errors as _errors
from ._base.errors import *  # noqa: F403 - the whole tree, by its __all__
from ._base.generated import Category, CustomerField, CustomerPhone, Customfield, Event
from ._base.reports import ImportReport, RowOutcome, RowProblem
from ._base.settings import Formats
from ._bulk.handle import ImportRun
from ._calls.token import AccessToken
from ._client import TimifyCustomers
from ._customfields.codecs import Phone, Unreadable
from ._customfields.reading import Customer, CustomerFields
from ._customfields.registry import FieldRegistry
from ._paging.pager import ListChangedWarning, Page, Pager
from ._transport.events import AttemptEvent, CallEvent
from ._version import __version__

__all__ = [
    "AccessToken",
    "AttemptEvent",
    "CallEvent",
    "Category",
    "Customer",
    "CustomerField",
    "CustomerFields",
]
__all__ += [
    "CustomerPhone",
    "Customfield",
    "Event",
    "FieldRegistry",
    "Formats",
    "ImportReport",
    "ImportRun",
]
__all__ += [
    "ListChangedWarning",
    "Page",
    "Pager",
    "Phone",
    "RowOutcome",
    "RowProblem",
    "TimifyCustomers",
    "Unreadable",
]
__all__ += ["__version__"]
__all__ += _errors.__all__
