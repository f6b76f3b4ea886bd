"""What a client and its views are made of: the shared caller, and the settings of one view."""

from __future__ import annotations

from attrs import frozen

from .._base.generated import Request
from .._base.settings import Settings
from .caller import Answer, Caller
from .identity import Identity
from .operation import Operation


@frozen
class Scope:
    """One way to use a client: its caller, with settings of its own."""

    caller: Caller
    settings: Settings

    @property
    def company_id(self) -> str | None:
        """The company that calls are made for, as the ``company-id`` header names it."""
        return self.settings.company_id

    def deadline(self) -> float:
        """Say when a call that starts now must have ended, in seconds of the client's clock.

        Raises:
            ClientStateError: the client cannot be used here, or any more.
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
        """Make a call, until a moment of the client's clock; by default the deadline from now."""
        if until is None:
            until = self.deadline()
        return await self.caller.call(operation, request, self.settings, until, identity)
