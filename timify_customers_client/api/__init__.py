"""The operations, one package per tag."""

from . import auth, customers

__all__ = (
    "auth",
    "customers",
)
