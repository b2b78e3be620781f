"""A handle of the library: opened, called, opened again after a fork, closed once."""

import ctypes
import errno
import json
import os
import threading
import weakref
from typing import Any, Callable, Dict, List, Optional, Tuple, Type

from ._answer import Answer
from ._errors import Error, NoAnswer, Unavailable, parsed
from ._generated import abi
from ._generated.errors import BY_CODE
from ._host_functions import Registration
from ._library import LIBRARY

# Carries requests of others, whose statuses are theirs.
DOOR = "request"

_free = LIBRARY.functions["buffer_free"]
_open = LIBRARY.functions["open"]
_close = LIBRARY.functions["close"]
_submit = LIBRARY.functions["submit"]
_wait = LIBRARY.functions["wait"]
_cancel = LIBRARY.functions["cancel"]
_completion_fd = LIBRARY.functions["completion_fd"]
_next_completed = LIBRARY.functions["next_completed"]


class Handle:
    """An open client of the library."""

    def __init__(self, options: bytes, in_memory: bool) -> None:
        self._options = options
        self._in_memory = in_memory
        # The last of each kind.
        self._registered: Dict[Type[Registration[Any]], Registration[Any]] = {}
        # A list, so that the finalizer closes what is open then without keeping this object alive.
        self._numbers: List[int] = [_opened(options)]
        self._process = os.getpid()
        # At the end of the interpreter it runs before threads lose the right to run, so that those waiting get out.
        self._finalizer = weakref.finalize(self, _close_last, self._numbers)

    @property
    def number(self) -> int:
        """What the C functions take."""
        return self._numbers[-1]

    @property
    def is_open(self) -> bool:
        """Whether close() is still to come."""
        return self._finalizer.alive

    def call(self, function: Callable[..., int], request: bytes) -> Tuple[int, bytes]:
        """A function of the one shape, with this handle. Returns the status and the body."""
        number = self.number
        result = answered(function, number, request, len(request))
        if result[0] == abi.OKTA_AUTH_FORKED and self.reopened(number):
            result = answered(function, self.number, request, len(request))
        return result

    def submit(self, operation: str, request: bytes) -> int:
        """Begins an operation and returns its ticket."""
        number = self.number
        ticket = ctypes.c_uint64()
        arguments = (operation.encode(), request, len(request), ticket)
        status, text = answered(_submit, number, *arguments)
        if status == abi.OKTA_AUTH_FORKED and self.reopened(number):
            status, text = answered(_submit, self.number, *arguments)
        if status != 202:
            raise failure(status, text)
        return ticket.value

    def wait(self, ticket: int, timeout_ms: int) -> Tuple[int, bytes]:
        """Waits for a ticket: OKTA_AUTH_PENDING, or the status and the body, once."""
        return answered(_wait, self.number, ticket, timeout_ms)

    def cancel(self, ticket: int) -> None:
        """Ends what a ticket stands for; wait() takes its last word."""
        _cancel(self.number, ticket)

    def completion_fd(self) -> int:
        """A descriptor that is readable while next_completed() has something; the caller's."""
        descriptor = ctypes.c_int32()
        status = _completion_fd(self.number, descriptor)
        if status == 503:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        if status != 0:
            raise no_answer(status)
        return descriptor.value

    def next_completed(self) -> Optional[int]:
        """A ticket that has ended, each once; None when there is none or the handle is closed."""
        ticket = ctypes.c_uint64()
        return ticket.value if _next_completed(self.number, ticket) == 0 else None

    def register(self, registration: Registration[Any]) -> None:
        """Has the library call a function of the host's, in the place of the one of that kind before."""
        # Found out first: called by such a function, this would wait for the end of its own caller.
        if _cancel(0, 0) == abi.OKTA_AUTH_REENTERED:
            raise no_answer(abi.OKTA_AUTH_REENTERED)
        with _registering:
            number = self.number
            status = registration.register(number)
            if status == abi.OKTA_AUTH_FORKED and self.reopened(number):
                status = registration.register(self.number)
            if status != 0:
                raise no_answer(status)
            self._registered[type(registration)] = registration

    def reopened(self, number: int) -> bool:
        """Whether, in a child of the process that opened `number`, another handle is now open in its place."""
        with _fork_lock:
            if self.number != number:
                return True
            # A memory storage would come back empty: that must be seen. A closed handle stays closed.
            if self._process == os.getpid() or self._in_memory or not self._finalizer.alive:
                return False
            opened = _opened(self._options)
            # Before anything is done with it that is to be audited or logged.
            for registration in self._registered.values():
                registration.register(opened)
            self._numbers[:] = [opened]
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


def answer(operation: str, status: int, text: bytes) -> Answer:
    """The answer, or the exception that it stands for; what comes through the door is passed on as it is."""
    if 200 <= status < 300 or (status > 0 and operation == DOOR):
        return Answer(status, text)
    raise failure(status, text)


def no_answer(number: int) -> Error:
    """The exception for a negative number that came without a body."""
    return failure(number, json.dumps({"code": abi.NO_ANSWER.get(number, "")}).encode())


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
    if _close(numbers[-1]) == abi.OKTA_AUTH_REENTERED:
        # Garbage is collected in the middle of a function of the host's, too, where the library may not be called.
        threading.Thread(target=_close, args=(numbers[-1],)).start()


_fork_lock = threading.Lock()
_registering = threading.Lock()


def _renew_locks() -> None:
    # Another thread of the parent may have held them.
    global _fork_lock, _registering
    _fork_lock = threading.Lock()
    _registering = threading.Lock()


os.register_at_fork(after_in_child=_renew_locks)
