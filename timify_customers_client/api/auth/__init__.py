"""The operations of tag auth, one module each."""

from . import create_token

__all__ = ("create_token",)
