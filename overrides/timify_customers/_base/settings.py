"""Settings of a client and of its views, checked before anything is sent."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from attrs import field, frozen

from .checks import check_choice, check_company_id, check_count, check_seconds, check_text
from .errors import ArgumentTypeError, ConfigurationError
from .request_checks import check_headers
from .secrets import Secret


@frozen
class Formats:
    """How values that people typed are to be understood.

    Attributes:
        phone_region: region of national phone numbers, two capital letters such as "GB", as
            phonenumbers names it. Without it, phone numbers must be international. A number without
            + is refused if it is not written in the way of its region (in Germany, with a leading
            0) and would be valid with a + as well.
        date_order: order of day, month and year in dates such as 10/12/1815: "DMY", "MDY" or "YMD".
            Without it, a date that has more than one reading is refused.
        plus_lost: True says that numbers without + may have lost it, for example in a spreadsheet.
            Such a number is then read as international if that makes it valid, but is refused if it
            is also written exactly as its region writes national numbers. Without a region, every
            number without + is read as international.

    Raises:
        ConfigurationError: a setting has an invalid value.
    """

    phone_region: str | None = None
    date_order: Literal["DMY", "MDY", "YMD"] | None = None
    plus_lost: bool = False

    def __attrs_post_init__(self) -> None:
        if self.date_order not in (None, "DMY", "MDY", "YMD"):
            raise ConfigurationError(
                f'date_order must be "DMY", "MDY" or "YMD", not {self.date_order!r}'
            )
        if self.phone_region is not None:
            _check_region(self.phone_region)
        if not isinstance(self.plus_lost, bool):
            raise ConfigurationError(f"plus_lost must be True or False, not {self.plus_lost!r}")


_ALIASES: Final = {"UK": "GB", "EL": "GR"}
"""Codes that the European Union uses in place of those of ISO 3166, which phonenumbers knows."""


def _check_region(region: object) -> None:
    """Refuse anything but a region.

    This imports phonenumbers, which a client with a region will need anyway.

    Raises:
        ConfigurationError: phonenumbers has no such region.
    """
    if not isinstance(region, str) or not re.fullmatch("[A-Z]{2}", region):
        raise ConfigurationError(f'phone_region must be two capitals such as "GB", not {region!r}')
    import phonenumbers  # noqa: PLC0415 - large, and most programs never set a region

    if region not in phonenumbers.SUPPORTED_REGIONS:
        advice = f'use "{_ALIASES[region]}"' if region in _ALIASES else "use its code in ISO 3166"
        raise ConfigurationError(f"phone_region {region!r} is not known: {advice}")


PLAIN: Final = Formats()


@frozen(kw_only=True)
class Settings:
    """The settings that each view of a client may change.

    Attributes:
        company_id: 24 hex digits, sent as the ``company-id`` header (documented), or None.
        timeout: seconds for each step of one attempt: connecting, sending, reading.
        deadline: seconds for a whole call with all its attempts, waits, lookups and token requests.
        retries: how often an attempt may be repeated.
        page_size: rows requested in one page.
        formats: how values that people typed are to be understood.
        on_lost_answer: what a create does when its answer was lost and its lookup finds nothing.
        external_id_key: how bodies, rows of imports included, spell the external id; None for the
            spelling of the built document.
        headers: further headers of each request, with names in lower case.
    """

    company_id: str | None = None
    timeout: float = 30.0
    deadline: float = 120.0
    retries: int = 4
    page_size: int = 500
    formats: Formats = PLAIN
    on_lost_answer: Literal["raise", "repeat"] = "raise"
    external_id_key: Literal["external_id", "externalId"] | None = None
    headers: Mapping[str, str] = field(
        default=None, converter=check_headers, repr=False, hash=False
    )

    def __attrs_post_init__(self) -> None:
        if self.company_id is not None:
            check_company_id(self.company_id)
        check_seconds("timeout", self.timeout)
        check_seconds("deadline", self.deadline)
        check_count("retries", self.retries, least=0)
        check_count("page_size", self.page_size)
        if not isinstance(self.formats, Formats):
            raise ArgumentTypeError(
                f"formats must be Formats(...), not {type(self.formats).__name__}"
            )
        check_choice("on_lost_answer", self.on_lost_answer, ("raise", "repeat"))
        if self.external_id_key is not None:
            check_choice("external_id_key", self.external_id_key, ("external_id", "externalId"))


def from_environment() -> dict[str, Any]:
    """Read the client's arguments from ``TIMIFY_*`` variables; an empty one counts as unset."""
    names = ("app_id", "app_secret", "company_id", "base_url", "access_token")
    return {
        name: Secret(text) if name in {"app_secret", "access_token"} else text
        for name in names
        if (text := os.environ.get(f"TIMIFY_{name.upper()}", "").strip())
    }


def app_credentials(
    app_id: object, app_secret: Secret | None, token: object
) -> tuple[str, Secret] | None:
    """Check that a client has either an app's credentials or a token; return the credentials.

    Raises:
        ConfigurationError: both are passed, or one of the credentials is missing; the message says
            which variable to set.
    """
    if token is not None:
        if app_id is not None or app_secret is not None:
            raise ConfigurationError("give either access_token or app_id and app_secret, not both")
        return None
    credentials = (("app_id", app_id), ("app_secret", app_secret))
    missing = [name for name, value in credentials if value is None or value == ""]
    if missing or app_secret is None:
        variables = " and ".join(f"TIMIFY_{name.upper()}" for name in missing)
        pronoun = "them" if len(missing) > 1 else "it"
        raise ConfigurationError(
            f"{' and '.join(missing)} missing: pass {pronoun}, or set {variables} and use "
            "from_env(); or pass access_token, or set TIMIFY_ACCESS_TOKEN"
        )
    if not check_text("app_id", app_id).strip():
        raise ConfigurationError("app_id is blank")
    return str(app_id), app_secret
