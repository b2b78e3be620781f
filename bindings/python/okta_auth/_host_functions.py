"""The functions of the host's that the library calls: a handle's audit function and its log function."""

import enum
import itertools
import weakref
from typing import Any, Callable, Generic, Optional, TypeVar

from ._generated import abi
from ._library import LIBRARY


class LogLevel(enum.IntEnum):
    """How urgent a log record is; who asks for a level gets those before it, too."""

    OFF = abi.OKTA_AUTH_LOG_OFF
    """Nothing is logged."""
    ERROR = abi.OKTA_AUTH_LOG_ERROR
    """What failed and needs an operator."""
    WARN = abi.OKTA_AUTH_LOG_WARN
    """What goes on, but not as it should."""
    INFO = abi.OKTA_AUTH_LOG_INFO
    """What was done."""
    DEBUG = abi.OKTA_AUTH_LOG_DEBUG
    """How it was done."""


AuditFunction = Callable[[bytes], object]
"""Is given a line of the audit log, a JSON object. It has it when it returns; what it raises says that it has not."""
LogFunction = Callable[[LogLevel, bytes], object]
"""Is given a record of the log, a JSON object, and its level. What it raises is dropped."""

F = TypeVar("F")

_set_audit = LIBRARY.functions["set_audit"]
_set_logger = LIBRARY.functions["set_logger"]
_numbers = itertools.count(1)


class Registration(Generic[F]):
    """A function, or none, that the library calls for as long as this is referred to, and no longer than it is
    registered."""

    def __init__(self, function: Optional[F]) -> None:
        self.function = function
        self.number = next(_numbers)
        _registrations[self.number] = self

    def register(self, handle: int) -> int:
        """Puts it in the place of the handle's; returns 0 or a negative code. When it returns, the one before is not
        running and never runs again."""
        raise NotImplementedError


# C is given a number, so that a client whose function refers to it can still be collected.
_registrations: "weakref.WeakValueDictionary[int, Registration[Any]]" = weakref.WeakValueDictionary()


class AuditRegistration(Registration[AuditFunction]):
    """Of audit lines."""

    def register(self, handle: int) -> int:
        function = abi.AuditFunction() if self.function is None else _AUDITED
        status: int = _set_audit(handle, function, self.number)
        return status


class LogRegistration(Registration[Callable[[int, bytes], object]]):
    """Of log records up to a level."""

    def __init__(self, level: int, function: Optional[LogFunction]) -> None:
        super().__init__(None if function is None else lambda number, record: function(LogLevel(number), record))
        self.level = level

    def register(self, handle: int) -> int:
        function = abi.LogFunction() if self.function is None else _LOGGED
        status: int = _set_logger(handle, self.level, function, self.number)
        return status


def _audited(number: int, line: bytes, length: int) -> int:
    return 0 if _called(number, line) else 1


def _logged(number: int, level: int, record: bytes, length: int) -> None:
    _called(number, level, record)


def _called(number: int, *arguments: object) -> bool:
    """Whether it returned. Nothing may be raised through C."""
    try:
        function = _registrations[number].function
        if function is not None:
            function(*arguments)
    except BaseException:
        return False
    return True


# The library may call them for as long as the process lives.
_AUDITED = abi.AuditFunction(_audited)
_LOGGED = abi.LogFunction(_logged)
