"""Schemathesis against the sandbox at length, with other data each time. `make soak`."""

from __future__ import annotations

import pytest
from contract.exploration import World, run_sequences, schema
from schemathesis import Case

pytestmark = pytest.mark.wrong_requests
WORLD = World()


@schema(WORLD, examples=300, deterministic=False).parametrize()
def test_every_operation_keeps_to_the_document(case: Case) -> None:
    """With 300 valid and invalid requests of each operation, the answers are as the document
    says.
    """
    WORLD.check(case)


def test_sequences_keep_to_the_document() -> None:
    """With 300 sequences of requests too."""
    world = World()
    run_sequences(
        world, schema(world, examples=1, deterministic=False), scenarios=300, derandomize=False
    )
    print({name: dict(statuses) for name, statuses in world.seen.items()})  # noqa: T201 - the figures are the point
