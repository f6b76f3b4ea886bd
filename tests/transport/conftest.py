"""The fixtures that tests of every room share."""

from support.fixtures import either_library, no_environment, sandbox, served, timify, wired

__all__ = ["either_library", "no_environment", "sandbox", "served", "timify", "wired"]
