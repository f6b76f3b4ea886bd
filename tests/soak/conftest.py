"""The fixtures that long runs share with other tests."""

from support.fixtures import either_library

__all__ = ["either_library"]
