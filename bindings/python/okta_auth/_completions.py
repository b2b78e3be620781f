"""The tickets that an event loop waits for."""

import asyncio
import os
import weakref
from typing import Dict, List, Set, Tuple

from ._generated import abi
from ._handle import Handle, no_answer

Result = Tuple[int, bytes]


class Completions:
    """Futures of submitted operations, which the completion descriptor of their handle ends."""

    def __init__(self, handle: Handle, loop: asyncio.AbstractEventLoop) -> None:
        self._handle = handle
        self._number = handle.number
        self._loop = loop
        self._process = os.getpid()
        self._waiting: Dict[int, asyncio.Future[Result]] = {}
        self.farewells: Set[asyncio.Future[Result]] = set()
        """Those that tell Okta of a login given up, and that nobody awaits."""
        self._descriptor = handle.completion_fd()
        # The loop must not keep a forgotten client alive, whose handle would never be closed; but while something is
        # waited for it must, as nothing else may hold the task that waits.
        self._busy: List[Completions] = []
        loop.add_reader(self._descriptor, _collect, weakref.ref(self), self._busy, loop, self._descriptor)
        self._attached = True

    def belong_to(self, loop: asyncio.AbstractEventLoop, number: int) -> bool:
        """Whether they are of this loop and of the handle of this number, which a fork changes."""
        return self._attached and self._loop is loop and self._number == number

    def busy_elsewhere(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether another loop of this process waits for some of them."""
        elsewhere = self._loop is not loop and not self._loop.is_closed() and self._process == os.getpid()
        return elsewhere and bool(self._waiting)

    def future(self, ticket: int) -> "asyncio.Future[Result]":
        """What becomes the result of this ticket."""
        future: asyncio.Future[Result] = self._loop.create_future()
        self._waiting[ticket] = future
        self._busy[:] = [self]
        return future

    def take(self) -> None:
        """Hands out the results of the tickets that have ended."""
        while True:
            ticket = self._handle.next_completed()
            if ticket is None:
                break
            result = self._handle.wait(ticket, 0)
            future = self._waiting.pop(ticket, None)
            if future is not None:
                self.farewells.discard(future)
                if not future.done():
                    future.set_result(result)
        if not self._waiting:
            self._busy.clear()
        if not self._handle.is_open:
            # The descriptor is readable for ever now.
            self.detach()

    def end(self) -> None:
        """Ends those that are left, after the handle was closed."""
        self.detach()
        problem = no_answer(abi.OKTA_AUTH_CANCELLED)
        for future in self._waiting.values():
            if not future.done():
                future.set_result((problem.status, problem.text))
        self._waiting.clear()

    def detach(self) -> None:
        """Leaves the loop."""
        self._busy.clear()
        if self._attached:
            self._attached = False
            _leave(self._loop, self._descriptor)


def _collect(
    reference: "weakref.ref[Completions]", busy: List[Completions], loop: asyncio.AbstractEventLoop, descriptor: int
) -> None:
    completions = reference()
    if completions is None:
        _leave(loop, descriptor)
    else:
        completions.take()


def _leave(loop: asyncio.AbstractEventLoop, descriptor: int) -> None:
    if not loop.is_closed():
        loop.remove_reader(descriptor)
    os.close(descriptor)
