"""``TimifyCustomers``: the client that users make, and its views."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Literal, Self

from attrs import evolve

from ._base.checks import PRODUCTION, check_base_url, check_count
from ._base.package import USER_AGENT
from ._base.request_checks import check_headers, check_user_agent
from ._base.secrets import Secret, conceal, secret
from ._base.settings import PLAIN, Formats, Settings, app_credentials, from_environment
from ._base.unchanged import UNCHANGED, Unchanged
from ._calls.caller import Caller
from ._calls.limit import RequestLimit, check_limit
from ._calls.scope import Scope
from ._calls.token import TokenProvider
from ._customfields.definitions import DefinitionCache
from ._resources.external_ids import ExternalIds
from ._transport.connections import AsyncBaseTransport, Transport
from ._transport.events import Hook
from ._transport.log_switch import heed_environment
from ._view import Shared, View

_ANSWER_BYTES: Final = 256 * 1024 * 1024


class TimifyCustomers(View):
    """A client of the customers part of the TIMIFY Developer API.

    Use it as ``async with TimifyCustomers(...) as timify``, or call `aclose` when done. A client
    belongs to one event loop, and holds connections and a token; `with_options` and `for_company`
    return views that share them.

    Attributes:
        customers: operations on customers.
        fields: the custom field definitions of the company.
        categories: the categories of its custom fields.
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
        max_answer_bytes: int = _ANSWER_BYTES,
        on_event: Hook | None = None,
        limit: RequestLimit | None = None,
        transport: AsyncBaseTransport | None = None,
        ssl_context: ssl.SSLContext | None = None,
        proxy: str | None = None,
        http: Literal["httpx", "httpx2"] | None = None,
        user_agent: str | None = None,
        timeout: float = 30.0,
        deadline: float = 120.0,
        retries: int = 4,
        page_size: int = 500,
        formats: Formats = PLAIN,
        on_lost_answer: Literal["raise", "repeat"] = "raise",
        external_id_key: Literal["external_id", "externalId"] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Check the settings; nothing is sent before the first call.

        Args:
            app_id: the id of your app.
            app_secret: its secret.
            company_id: the company to act for, 24 hex digits; by default the API decides by the
                token.
            access_token: instead of app id and secret, a token, or an async function that returns
                one (a ``str`` or an `AccessToken`), for tokens that several processes share.
            base_url: the server's address; https, unless it is this machine.
            allow_http: permit plain http to another machine; credentials then travel in clear text.
            auth_scheme: the word before the token (documented: Bearer), or None for the bare token
                (observed in 2022).
            max_connections: how many connections, and so requests at a time, there may be.
            max_answer_bytes: how many bytes an answer may have, decompressed. A larger one is not
                read to its end, and raises `AnswerTooLargeError`.
            on_event: called with an `AttemptEvent` after each attempt and a `CallEvent` after each
                call.
            limit: a limit on requests that clients share, such as `workers.SharedLimit`.
            transport: an httpx or httpx2 transport to use instead of this client's own connections.
                It is closed with the client, never before. The promises about connections are then
                up to the transport.
            ssl_context: decides which servers are trusted; by default by the certificates that
                httpx brings, or those that ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` name.
            proxy: address of a proxy for all connections, such as ``http://proxy.example:3128``; by
                default what ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY`` say.
            http: the library that sends: "httpx", or "httpx2" (extra ``httpx2``). By default the
                library of ``transport``, else the one that ``TIMIFY_HTTP`` names, else httpx.
            user_agent: your service, such as ``my-service/1.2``; added to this package's own.
            timeout: seconds for each step of an attempt: connecting (at most 10), sending, reading.
            deadline: seconds for a whole call with its attempts, waits, lookups and token requests.
            retries: how often an attempt may be repeated.
            page_size: rows requested in one page of a list.
            formats: how dates and phone numbers that people typed are to be understood.
            on_lost_answer: what a create with an external id does when its answer was lost and its
                lookup finds nothing; see `Customers.create`.
            external_id_key: how bodies, rows of imports included, spell the external id; by default
                as the document has it (documented on siblings: external_id, in imports externalId).
            headers: further headers of each request, such as those that your gateway requires.

        A view may change ``company_id`` and the settings from ``timeout`` on.

        Raises:
            ConfigurationError: a credential is missing or a setting cannot work.
            ArgumentError: a header is refused.
            ArgumentTypeError: a setting has the wrong type.
        """
        heed_environment()
        app_secret, access_token = conceal(app_secret), conceal(access_token)
        if app_secret is not None:
            app_secret = secret("app_secret", app_secret)
        token = access_token
        if token is not None and not callable(token):
            token = secret("access_token", token)
        settings = Settings(
            company_id=company_id,
            timeout=timeout,
            deadline=deadline,
            retries=retries,
            page_size=page_size,
            formats=formats,
            on_lost_answer=on_lost_answer,
            external_id_key=external_id_key,
            headers=headers,
        )
        check_count("max_connections", max_connections)
        check_count("max_answer_bytes", max_answer_bytes)
        check_limit(limit)
        if auth_scheme is not None:
            secret("auth_scheme", auth_scheme)
        address = check_base_url(base_url, allow_http=allow_http)
        app = app_credentials(app_id, app_secret, token)
        connections = Transport(
            address,
            max_connections=max_connections,
            max_answer_bytes=max_answer_bytes,
            user_agent=_user_agent(user_agent),
            transport=transport,
            ssl_context=ssl_context,
            proxy=proxy,
            http=http,
        )
        caller = Caller(connections, settings, app, token, auth_scheme, on_event, limit)
        shared = Shared(DefinitionCache(caller), ExternalIds())
        self._set_up(Scope(caller, settings), shared, owner=True)

    @classmethod
    def from_env(
        cls,
        *,
        app_id: str | None = None,
        app_secret: str | Secret | None = None,
        company_id: str | None = None,
        access_token: str | Secret | TokenProvider | None = None,
        base_url: str | None = None,
        allow_http: bool = False,
        auth_scheme: str | None = "Bearer",
        max_connections: int = 20,
        max_answer_bytes: int = _ANSWER_BYTES,
        on_event: Hook | None = None,
        limit: RequestLimit | None = None,
        transport: AsyncBaseTransport | None = None,
        ssl_context: ssl.SSLContext | None = None,
        proxy: str | None = None,
        http: Literal["httpx", "httpx2"] | None = None,
        user_agent: str | None = None,
        timeout: float = 30.0,
        deadline: float = 120.0,
        retries: int = 4,
        page_size: int = 500,
        formats: Formats = PLAIN,
        on_lost_answer: Literal["raise", "repeat"] = "raise",
        external_id_key: Literal["external_id", "externalId"] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Make a client from the environment.

        Variables: ``TIMIFY_APP_ID`` and ``TIMIFY_APP_SECRET``, or ``TIMIFY_ACCESS_TOKEN``;
        ``TIMIFY_COMPANY_ID``; ``TIMIFY_BASE_URL``. The arguments are those of the class, and take
        precedence over the environment.

        Raises:
            ConfigurationError: a credential is missing; the message says which variable to set.
        """
        app_secret, access_token = conceal(app_secret), conceal(access_token)
        variables = from_environment()
        return cls(
            variables.get("app_id") if app_id is None else app_id,
            variables.get("app_secret") if app_secret is None else app_secret,
            variables.get("company_id") if company_id is None else company_id,
            access_token=variables.get("access_token") if access_token is None else access_token,
            base_url=variables.get("base_url", PRODUCTION) if base_url is None else base_url,
            allow_http=allow_http,
            auth_scheme=auth_scheme,
            max_connections=max_connections,
            max_answer_bytes=max_answer_bytes,
            on_event=on_event,
            limit=limit,
            transport=transport,
            ssl_context=ssl_context,
            proxy=proxy,
            http=http,
            user_agent=user_agent,
            timeout=timeout,
            deadline=deadline,
            retries=retries,
            page_size=page_size,
            formats=formats,
            on_lost_answer=on_lost_answer,
            external_id_key=external_id_key,
            headers=headers,
        )

    def with_options(
        self,
        *,
        company_id: str | Unchanged | None = UNCHANGED,
        timeout: float | Unchanged = UNCHANGED,
        deadline: float | Unchanged = UNCHANGED,
        retries: int | Unchanged = UNCHANGED,
        page_size: int | Unchanged = UNCHANGED,
        formats: Formats | Unchanged = UNCHANGED,
        on_lost_answer: Literal["raise", "repeat"] | Unchanged = UNCHANGED,
        external_id_key: Literal["external_id", "externalId"] | Unchanged | None = UNCHANGED,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Return a view with other settings. Settings that are not passed stay as they are here.

        The view shares connections, token and retry quota. Closing it closes nothing.

        ``headers`` are added to those that this view sends with each request, and replace those of
        the same name. Requests that all views share (for a token, and for the definitions of custom
        fields) have only the headers of the client.

        Raises:
            ConfigurationError: a setting cannot work.
            ArgumentError: a header is refused.
            ArgumentTypeError: a setting has the wrong type.
        """
        options: dict[str, Any] = {
            "company_id": company_id,
            "timeout": timeout,
            "deadline": deadline,
            "retries": retries,
            "page_size": page_size,
            "formats": formats,
            "on_lost_answer": on_lost_answer,
            "external_id_key": external_id_key,
        }
        changes = {name: value for name, value in options.items() if value is not UNCHANGED}
        changes["headers"] = {**self._scope.settings.headers, **check_headers(headers)}
        scope = evolve(self._scope, settings=evolve(self._scope.settings, **changes))
        # A view has no credentials of its own, so it is not made by the constructor, which asks
        # for them.
        view = object.__new__(type(self))
        view._set_up(scope, self._shared, owner=False)
        return view

    def for_company(self, company_id: str) -> Self:
        """Return a view that acts for another company.

        This is for apps that are installed at enterprise level (documented).

        Raises:
            CompanyIdError: not 24 hexadecimal digits; an `ArgumentError` and a
                `ConfigurationError`.
        """
        return self.with_options(company_id=company_id)

    async def aclose(self) -> None:
        """Refuse further calls, end what is under way, and close all connections.

        This takes a few seconds at most. On a view it does nothing: close the client that it came
        from.
        """
        if self._owner:
            await self._scope.caller.aclose()

    def _abandon(self) -> None:
        """End a client whose event loop no longer runs, for the fixtures of `pytest_plugin`."""
        self._scope.caller.lifetime.abandon()

    async def __aenter__(self) -> Self:
        self._scope.caller.lifetime.check_usable()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        if "_scope" not in vars(self):  # a traceback shows it while it is being made
            return "<TimifyCustomers>"
        closed = " closed" if self._scope.caller.lifetime.closed else ""
        return f"<TimifyCustomers company_id={self.company_id!r}{closed}>"

    def __del__(self, _warn: Any = warnings.warn) -> None:
        scope: Scope | None = getattr(self, "_scope", None)
        if scope is not None and self._owner and scope.caller.lifetime.forgotten:
            _warn(
                f"unclosed {self!r}: use it with 'async with', or await aclose()",
                ResourceWarning,
                source=self,
            )


def _user_agent(suffix: str | None) -> str:
    return USER_AGENT if suffix is None else f"{USER_AGENT} {check_user_agent(suffix)}"
