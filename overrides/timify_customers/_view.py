"""What a client and its views have in common: resources, and settings for their calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from attrs import frozen

from ._base.generated import UNSET
from ._calls.answers import Response
from ._calls.any_request import any_operation, any_request
from ._calls.scope import Scope
from ._customfields.definitions import DefinitionCache, Definitions
from ._resources.categories import Categories
from ._resources.customers import Customers
from ._resources.external_ids import ExternalIds
from ._resources.fields import Fields

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Param = str | int | float | bool | None
Params = Mapping[str, Param | Sequence[Param]] | Sequence[tuple[str, Param | Sequence[Param]]]
"""The value of a query parameter; None leaves the parameter out."""


@frozen
class Shared:
    """What a client shares with its views, besides the caller."""

    definitions: DefinitionCache
    external_ids: ExternalIds


class View:
    """A way to use a client, with settings of its own. The client itself is the first view."""

    customers: Customers
    fields: Fields
    categories: Categories

    def _set_up(self, scope: Scope, shared: Shared, *, owner: bool) -> None:
        self._scope = scope
        self._shared = shared
        self._owner = owner
        definitions = Definitions(scope, shared.definitions)
        self.customers = Customers(scope, definitions, shared.external_ids)
        self.fields = Fields(scope, definitions)
        self.categories = Categories(scope, definitions)

    @property
    def company_id(self) -> str | None:
        """The company that this client or view acts for."""
        return self._scope.company_id

    async def request(
        self,
        method: Method,
        path: str,
        *,
        params: Params | None = None,
        json: object = UNSET,
        headers: Mapping[str, str] | None = None,
        repeat: Literal["safe", "never"] | None = None,
        envelope: bool = True,
    ) -> Response:
        """Make any request to the API, with this client's token, company, retries and deadline.

        This is for endpoints that have no method of their own::

            services = await timify.request("GET", "/v1/services", params={"limit": 50})
            for service in services.json["data"]:
                ...

        Args:
            method: GET, POST, PUT, PATCH or DELETE.
            path: below ``base_url``, beginning with one slash. Put an id into it with
                ``urllib.parse.quote(id, safe="")``.
            params: the query. Lists are joined by commas, as the API expects (documented on
                siblings), booleans are ``true`` and ``false``; parameters that are None are left
                out. For an endpoint that takes a parameter several times, give pairs:
                ``[("ids", "a"), ("ids", "b")]``.
            json: the body, sent as JSON; None is JSON's ``null``. Without it there is no body.
            headers: further headers of this request. Headers that the client sets are refused.
            repeat: whether the request may be sent again when its answer was lost: ``"safe"`` or
                ``"never"``. By default only a GET may. A request that was never sent, or was
                answered with 429, is repeated in either case.
            envelope: whether the ``status`` in the answer's body says if the request was done, as
                documented for the API. The answer to a GET must then be a JSON object; that to
                another method may have no body. With False the HTTP status alone decides, and the
                body may be anything.

        Raises:
            ArgumentError: an argument is refused. Nothing was sent.
            ArgumentTypeError: an argument has the wrong type. Nothing was sent.
            AmbiguousWriteError: a request other than a GET may or may not have been done.
            ApiError: the API answered that it did not do what was asked.
            CallError: there was no answer, or one that cannot be read.
        """
        operation = any_operation(method, path, repeat=repeat, envelope=envelope)
        request = any_request(
            operation,
            method,
            path,
            params=params,
            json=json,
            headers=headers,
            company_id=self.company_id,
        )
        answer = await self._scope.call(operation, request)
        assert answer.response is not None  # noqa: S101 - such an operation keeps it
        return answer.response
