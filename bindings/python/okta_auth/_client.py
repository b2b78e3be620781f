"""The client that blocks: for threads, and for programs with one."""

import inspect
import time
from types import TracebackType
from typing import Optional, Tuple, Type, TypeVar, Union

from ._answer import Answer
from ._errors import Error
from ._generated import abi
from ._handle import answer
from ._library import LIBRARY
from ._operations import AllOperations, OnChallenge
from ._options import Opened
from ._request import Members, encode
from ._transaction import Call, InteractiveLogin, Reply, Sleep, Step

C = TypeVar("C", bound="Client")

# What may wait for Okta. The others are done before a signal could matter.
WAITING = frozenset(
    {
        "login",
        "start_transaction",
        "continue_transaction",
        "cancel_transaction",
        "renew_token",
        "renew_accessor",
        "request",
    }
)
# Python runs signal handlers between two calls of C: so often can Ctrl-C end a wait.
SLICE_MS = 100
# How long a call that is given up waits for Okta to be told; milliseconds.
FAREWELL_MS = 100


class Client(Opened, AllOperations[Answer]):
    """Vault's Okta auth method in this process. Use it with `with`, or close() it.

    Any thread may call it at any time. In a forked child it opens its storage again by itself; one in memory cannot be
    opened again and says Forked. An operation that does not succeed raises an Error of the class of its code. Ctrl-C
    ends whatever waits for Okta.
    """

    def close(self) -> None:
        """Ends what is running, with Cancelled, and closes. Does nothing the second time."""
        self._handle.close()

    def __enter__(self: C) -> C:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        problem: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def _perform(self, operation: str, members: Members) -> Answer:
        request = encode(members)
        if operation in WAITING:
            return answer(operation, *self._waited(operation, request))
        return answer(operation, *self._handle.call(LIBRARY.functions[operation], request))

    def _waited(self, operation: str, request: bytes) -> Tuple[int, bytes]:
        try:
            ticket = self._handle.submit(operation, request)
        except Error as problem:
            return problem.status, problem.text
        try:
            while True:
                status, text = self._handle.wait(ticket, SLICE_MS)
                if status != abi.OKTA_AUTH_PENDING:
                    return status, text
        except BaseException:
            self._handle.cancel(ticket)
            self._handle.wait(ticket, SLICE_MS)
            raise

    def _interactive(self, login: InteractiveLogin, on_challenge: OnChallenge) -> Answer:
        try:
            step = login.next()
            while not isinstance(step, Answer):
                step = login.next(self._done(step, on_challenge))
            return step
        except BaseException:
            self._say(login.farewell())
            raise

    def _done(self, step: Step, on_challenge: OnChallenge) -> Reply:
        if isinstance(step, Call):
            try:
                return self._perform(step.operation, step.members)
            except Error as problem:
                return problem
        if isinstance(step, Sleep):
            time.sleep(step.seconds)
            return None
        said: Union[object, str, None] = on_challenge(step.challenge)
        if inspect.isawaitable(said):
            raise TypeError("on_challenge of a Client must not be asynchronous; AsyncClient takes such a function")
        return said if isinstance(said, str) else None

    def _say(self, farewell: Optional[Call]) -> None:
        """Has Okta told, without letting a caller who goes away wait for it."""
        if farewell is not None:
            ticket = self._handle.submit(farewell.operation, encode(farewell.members))
            self._handle.wait(ticket, FAREWELL_MS)
