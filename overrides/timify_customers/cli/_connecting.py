"""The client of a command, whose credentials come from the environment."""

from __future__ import annotations

from typing import Final

from .. import ConfigurationError, Formats, TimifyCustomers
from .._base.settings import PLAIN, from_environment

_CREDENTIALS: Final = {"app_id": "TIMIFY_APP_ID", "app_secret": "TIMIFY_APP_SECRET"}


def client(formats: Formats = PLAIN) -> TimifyCustomers:
    """Return a client for the company that the environment names.

    Raises:
        ConfigurationError: a variable is missing or invalid.
    """
    values = from_environment()
    missing = [variable for name, variable in _CREDENTIALS.items() if name not in values]
    if missing and "access_token" not in values:
        raise ConfigurationError(f"set {' and '.join(missing)}, or TIMIFY_ACCESS_TOKEN")
    return TimifyCustomers.from_env(formats=formats)
