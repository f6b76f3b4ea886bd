"""What a client or view makes its calls with: the shared caller, and settings of its own."""

from __future__ import annotations

from attrs import frozen

from .._base.generated import Request
from .._base.settings import Settings
from .caller import Answer, Caller
from .identity import Identity
from .operation import Operation


@frozen
class Scope:
    """The caller of a client with the settings of one view."""

    caller: Caller
    settings: Settings

    @property
    def company_id(self) -> str | None:
        """The company of the calls, as in the ``company-id`` header."""
        return self.settings.company_id

    def deadline(self) -> float:
        """Return when a call that starts now must have ended, in seconds of the client's clock.

        Raises:
            ClientStateError: the client cannot be used here, or no longer.
        """
        self.caller.lifetime.check_usable()
        return self.caller.lifetime.now() + self.settings.deadline

    async def call(
        self,
        operation: Operation[...],
        request: Request,
        *,
        until: float | None = None,
        identity: Identity | None = None,
    ) -> Answer:
        """Make a call that ends by ``until`` on the client's clock; by default by the deadline."""
        if until is None:
            until = self.deadline()
        return await self.caller.call(operation, request, self.settings, until, identity)
