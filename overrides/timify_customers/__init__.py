"""Async Python SDK for the customers part of the TIMIFY Developer API."""

from . import _errors
from ._auth import AccessToken
from ._client import TimifyCustomers
from ._customfields import FieldRegistry
from ._errors import *  # noqa: F403 - the whole tree, by its __all__
from ._events import AttemptEvent, CallEvent
from ._import import ImportReport, ImportRun, RowOutcome, RowProblem
from ._options import Formats
from ._pager import ListChangedWarning, Page, Pager
from ._reading import Customer, CustomerFields
from ._values import Phone, Unreadable
from ._version import __version__
from ._wire import Category, CustomerField, CustomerPhone, Customfield, Event

__all__ = ["AccessToken", "AttemptEvent", "CallEvent", "Category", "Customer", "CustomerField", "CustomerFields"]
__all__ += ["CustomerPhone", "Customfield", "Event", "FieldRegistry", "Formats", "ImportReport", "ImportRun"]
__all__ += ["ListChangedWarning", "Page", "Pager", "Phone", "RowOutcome", "RowProblem", "TimifyCustomers", "Unreadable"]
__all__ += ["__version__"]
__all__ += _errors.__all__
