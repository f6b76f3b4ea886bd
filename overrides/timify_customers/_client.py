"""``TimifyCustomers``: the client that users make, and its views."""

from __future__ import annotations

import platform
import warnings
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypedDict, Unpack

from attrs import evolve

from ._base.errors import ConfigurationError
from ._base.settings import (
    PRODUCTION,
    Formats,
    Secret,
    Settings,
    check_base_url,
    check_count,
    check_text,
    conceal,
    from_environment,
    known,
    secret,
)
from ._calls.caller import Caller
from ._calls.scope import View
from ._resources.customers import Customers
from ._transport.connections import Transport
from ._version import __version__

if TYPE_CHECKING:
    from types import TracebackType

    import httpx

    from ._calls.token import TokenProvider
    from ._resources.categories import Categories
    from ._resources.fields import Fields
    from ._transport.events import Hook

_USER_AGENT: Final = f"timify-customers-client/{__version__} python/{platform.python_version()}"


class Options(TypedDict, total=False):
    """Settings of a client that its views may change."""

    timeout: float
    deadline: float
    retries: int
    page_size: int
    formats: Formats
    on_lost_answer: Literal["raise", "repeat"]
    external_id_key: Literal["external_id", "externalId"] | None


class ViewOptions(Options, total=False):
    """What `TimifyCustomers.with_options` may change."""

    company_id: str | None


class TimifyCustomers:
    """A client of the customers part of the TIMIFY Developer API.

    Use it as ``async with TimifyCustomers(...) as timify``, or call `aclose` when done. One client
    belongs to one event loop and keeps one pool of connections and one token; `with_options` and
    `for_company` give views that share them.

    Attributes:
        customers: operations on customers.
        fields: custom field definitions.
        categories: categories of custom fields.
    """

    def __init__(
        self,
        app_id: str | None = None,
        app_secret: str | Secret | None = None,
        company_id: str | None = None,
        *,
        access_token: str | Secret | TokenProvider | None = None,
        base_url: str = PRODUCTION,
        allow_http: bool = False,
        auth_scheme: str | None = "Bearer",
        max_connections: int = 20,
        max_answer_bytes: int = 256 * 1024 * 1024,
        on_event: Hook | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        **options: Unpack[Options],
    ) -> None:
        """Check the settings; nothing is sent before the first call.

        Args:
            app_id: id of your app.
            app_secret: its secret.
            company_id: company to act for, 24 hex digits; without it the API decides by the token.
            access_token: instead of app id and secret, a token, or an async function that gives one
                (a ``str`` or an `AccessToken`), for tokens that several processes share.
            base_url: server; https, unless it is this machine.
            allow_http: permit plain http to another machine. The credentials then travel in the
                clear.
            auth_scheme: word before the token (documented: Bearer), or None for the bare token
                (observed in 2022).
            max_connections: connections, and so requests at one time; 20.
            max_answer_bytes: bytes that an answer may have, decompressed; 256 MiB. One that has
                more is not read to its end, and is an `AnswerTooLargeError`.
            on_event: called with an `AttemptEvent` after each attempt and a `CallEvent` after each
                call.
            transport: an httpx transport to use in place of connections of our own. Closed with the
                client, and never before: what is promised of connections is then for it to keep.
            **options: settings that views may change:

                - ``timeout``: seconds for each step of one attempt, connecting (at most 10),
                  sending, reading; 30.
                - ``deadline``: seconds for a whole call with its attempts, waits, lookups and token
                  requests; 120.
                - ``retries``: how often an attempt may be repeated; 4.
                - ``page_size``: rows asked for in one page of a list; 500.
                - ``formats``: how dates and phone numbers that people typed are to be understood;
                  `Formats`.
                - ``on_lost_answer``: what a create with an external id does when its answer was
                  lost and its lookup finds nothing; "raise", or "repeat".
                - ``external_id_key``: how bodies spell the external id, "external_id" or
                  "externalId"; by default as the document has it (documented on a sibling:
                  external_id).

        Raises:
            ConfigurationError: a credential is missing or a setting cannot work.
            ArgumentTypeError: a setting has the wrong type.
        """
        app_secret, access_token = conceal(app_secret), conceal(access_token)
        app_secret = None if app_secret is None else secret("app_secret", app_secret)
        token = (
            access_token
            if access_token is None or callable(access_token)
            else secret("access_token", access_token)
        )
        settings = Settings(company_id=company_id, **known(options, ViewOptions))
        check_count("max_connections", max_connections)
        check_count("max_answer_bytes", max_answer_bytes)
        if auth_scheme is not None:
            secret("auth_scheme", auth_scheme)
        address, app = (
            check_base_url(base_url, allow_http=allow_http),
            _app(app_id, app_secret, token),
        )
        connections = Transport(address, max_connections, _USER_AGENT, transport, max_answer_bytes)
        caller = Caller(connections, settings, app, token, auth_scheme, on_event)
        self._set(View(caller, settings), owner=True)

    @classmethod
    def from_env(cls, **options: Any) -> Self:
        """Make a client from the environment.

        Variables: ``TIMIFY_APP_ID`` and ``TIMIFY_APP_SECRET``, or ``TIMIFY_ACCESS_TOKEN``;
        ``TIMIFY_COMPANY_ID``; ``TIMIFY_BASE_URL``. ``options`` are arguments of the class and come
        first.

        Raises:
            ConfigurationError: a credential is missing; says which variable to set.
        """
        return cls(**{**from_environment(), **options})

    def _set(self, view: View, *, owner: bool) -> None:
        self._view = view
        self._owner = owner
        self.customers = Customers(view)

    @cached_property
    def fields(self) -> Fields:
        """The custom field definitions of the company."""
        from ._resources.fields import Fields  # noqa: PLC0415 - a service that only uses customers does without

        return Fields(self._view)

    @cached_property
    def categories(self) -> Categories:
        """The categories of its custom fields."""
        from ._resources.categories import Categories  # noqa: PLC0415 - as above

        return Categories(self._view)

    def with_options(self, **options: Unpack[ViewOptions]) -> Self:
        """Give a view with other settings. It shares connections, token and retry quota; closing it
        closes nothing.

        Raises:
            ConfigurationError: a setting cannot work.
            ArgumentTypeError: there is no such setting, or it has the wrong type.
        """
        view = object.__new__(type(self))
        view._set(
            evolve(self._view, settings=evolve(self._view.settings, **known(options, ViewOptions))),
            owner=False,
        )
        return view

    def for_company(self, company_id: str) -> Self:
        """Give a view that acts for another company, for apps installed at enterprise level (documented)."""
        return self.with_options(company_id=company_id)

    @property
    def company_id(self) -> str | None:
        """The company that this client or view acts for."""
        return self._view.settings.company_id

    async def aclose(self) -> None:
        """Refuse further calls, end what is under way within a few seconds, and close all
        connections.

        On a view this does nothing: close the client that it came from.
        """
        if self._owner:
            await self._view.caller.aclose()

    def _abandon(self) -> None:
        """End a client whose event loop runs no more; for the fixtures of `pytest_plugin`."""
        self._view.caller.abandon()

    async def __aenter__(self) -> Self:
        self._view.caller.check_usable()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        if "_view" not in vars(self):  # shown in a traceback of its own making
            return "<TimifyCustomers>"
        return f"<TimifyCustomers company_id={self.company_id!r}{' closed' if self._view.caller.closed else ''}>"

    def __del__(self, _warn: Any = warnings.warn) -> None:
        view = getattr(self, "_view", None)
        if view is not None and self._owner and view.caller.forgotten:
            _warn(
                f"unclosed {self!r}: use it with 'async with', or await aclose()",
                ResourceWarning,
                source=self,
            )


def _app(app_id: object, app_secret: Secret | None, token: object) -> tuple[str, Secret] | None:
    if token is not None:
        if app_id is not None or app_secret is not None:
            raise ConfigurationError("give either access_token or app_id and app_secret, not both")
        return None
    missing = [
        name
        for name, value in (("app_id", app_id), ("app_secret", app_secret))
        if value is None or value == ""
    ]
    if missing or app_secret is None:
        variables = " and ".join(f"TIMIFY_{name.upper()}" for name in missing)
        raise ConfigurationError(
            f"{' and '.join(missing)} missing: pass it, or set {variables} and use from_env()"
        )
    if not check_text("app_id", app_id).strip():
        raise ConfigurationError("app_id is blank")
    return str(app_id), app_secret
