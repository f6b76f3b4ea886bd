"""What a client and each of its views have: resources, and settings to make calls with."""

from __future__ import annotations

from attrs import frozen

from ._calls.scope import Scope
from ._customfields.definitions import DefinitionCache, Definitions
from ._resources.categories import Categories
from ._resources.customers import Customers
from ._resources.external_ids import ExternalIds
from ._resources.fields import Fields


@frozen
class Shared:
    """What a client shares with its views, beside the caller."""

    definitions: DefinitionCache
    external_ids: ExternalIds


class View:
    """One way to use a client, with settings of its own; the client is the first."""

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
