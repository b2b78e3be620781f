"""A handle of the library: opened, called, opened again after a fork, closed once."""

import ctypes
import os
import threading
import weakref
from typing import Any, Callable, List, Tuple

from ._errors import Error, NoAnswer, Unavailable, parsed
from ._generated import abi
from ._generated.errors import BY_CODE
from ._library import LIBRARY

_free = LIBRARY.functions["buffer_free"]
_open = LIBRARY.functions["open"]
_close = LIBRARY.functions["close"]


class Handle:
    """An open client of the library."""

    def __init__(self, options: bytes, in_memory: bool) -> None:
        self._options = options
        self._in_memory = in_memory
        # A list, so that the finalizer closes what is open then without keeping this object alive.
        self._numbers: List[int] = [_opened(options)]
        self._process = os.getpid()
        # At the end of the interpreter it runs before threads lose the right to run, so that those waiting get out.
        self._finalizer = weakref.finalize(self, _close_last, self._numbers)

    @property
    def number(self) -> int:
        """What the C functions take."""
        return self._numbers[-1]

    def call(self, function: Callable[..., int], request: bytes) -> Tuple[int, bytes]:
        """A function of the one shape, with this handle. Returns the status and the body."""
        number = self.number
        result = answered(function, number, request, len(request))
        if result[0] == abi.OKTA_AUTH_FORKED and self.reopened(number):
            result = answered(function, self.number, request, len(request))
        return result

    def reopened(self, number: int) -> bool:
        """Whether, in a child of the process that opened `number`, another handle is now open in its place."""
        with _fork_lock:
            if self.number != number:
                return True
            # A memory storage would come back empty: that must be seen. A closed handle stays closed.
            if self._process == os.getpid() or self._in_memory or not self._finalizer.alive:
                return False
            self._numbers[:] = [_opened(self._options)]
            self._process = os.getpid()
            return True

    def close(self) -> None:
        """Ends what is running and closes. Does nothing the second time."""
        self._finalizer()


def answered(function: Callable[..., int], *arguments: Any) -> Tuple[int, bytes]:
    """Calls a function whose last parameter is the response. Returns the status and the body."""
    buffer = abi.Buffer()
    try:
        status = function(*arguments, buffer)
        return status, ctypes.string_at(buffer.data, buffer.len)
    finally:
        _free(buffer)


def failure(status: int, text: bytes) -> Error:
    """The exception for an answer, of the class of its code."""
    code = parsed(text).get("code")
    kind = BY_CODE.get(code) if isinstance(code, str) else None
    if kind is None:
        # A code that only a newer library knows.
        kind = NoAnswer if status < 0 else Unavailable if status in (429, 503) else Error
    return kind(status, text)


def _opened(options: bytes) -> int:
    number = ctypes.c_uint64()
    status, text = answered(_open, options, len(options), number)
    if status != 200:
        raise failure(status, text)
    return number.value


def _close_last(numbers: List[int]) -> None:
    # Only in the process that opened it does this do something.
    _close(numbers[-1])


_fork_lock = threading.Lock()


def _renew_lock() -> None:
    # Another thread of the parent may have held it.
    global _fork_lock
    _fork_lock = threading.Lock()


os.register_at_fork(after_in_child=_renew_lock)
