"""The audit function of a handle, as the library calls it."""

import itertools
import weakref
from typing import Callable, Optional

from ._generated import abi
from ._library import LIBRARY

AuditFunction = Callable[[bytes], object]
"""Is given a line of the audit log, a JSON object. It has it when it returns; what it raises says that it has not."""

_set_audit = LIBRARY.functions["set_audit"]
_numbers = itertools.count(1)


class Registration:
    """A function that the library calls for as long as this is referred to, and no longer than it is registered."""

    def __init__(self, function: AuditFunction) -> None:
        self.function = function
        self.number = next(_numbers)
        _registrations[self.number] = self


# C is given a number, so that a client whose function refers to it can still be collected.
_registrations: "weakref.WeakValueDictionary[int, Registration]" = weakref.WeakValueDictionary()


def register(handle: int, registration: Optional[Registration]) -> int:
    """Hands a handle's audit lines to a function, or to none; returns 0 or a negative code. When it returns, the one
    before is not running and never runs again."""
    if registration is None:
        status: int = _set_audit(handle, abi.AuditFunction(), None)
    else:
        status = _set_audit(handle, _CALLED, registration.number)
    return status


def _called(number: int, line: bytes, length: int) -> int:
    try:
        _registrations[number].function(line)
    except BaseException:
        # Nothing may be raised through C.
        return 1
    return 0


# The library may call it for as long as the process lives.
_CALLED = abi.AuditFunction(_called)
