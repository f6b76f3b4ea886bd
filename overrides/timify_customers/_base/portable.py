"""Errors that pickle and copy with their attributes, whatever arguments their constructors take."""

from __future__ import annotations

from typing import Any

from .generated import TimifyError
from .text import printable


def _restore(
    cls: type[BaseException], args: tuple[Any, ...], state: dict[str, Any]
) -> BaseException:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class PortableError(TimifyError):
    """An error with attributes beside its message, which pickling and copying keep.

    The message is one printable line.
    """

    def __init__(self, message: str = "", /, **attributes: Any) -> None:
        Exception.__init__(
            self, printable(message)
        )  # not super(): some are KeyErrors or DecodeErrors too
        self.__dict__.update(attributes)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args, self.__dict__.copy())

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else type(self).__name__
