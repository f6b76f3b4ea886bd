"""The fixtures that tests of every room share."""

from support.fixtures import no_environment, sandbox, served, timify, wired

__all__ = ["no_environment", "sandbox", "served", "timify", "wired"]
