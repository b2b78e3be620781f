"""The client for asyncio."""

import asyncio
import contextlib
import inspect
from types import TracebackType
from typing import Any, Coroutine, Optional, Tuple, Type, TypeVar

from ._answer import Answer
from ._completions import Completions, Result
from ._errors import Error
from ._handle import answer
from ._operations import AllOperations, OnChallenge
from ._options import Opened
from ._request import Members, encode
from ._transaction import Call, InteractiveLogin, Reply, Sleep, Step

A = TypeVar("A", bound="AsyncClient")

# How long aclose() lets Okta be told of logins that were given up; seconds.
FAREWELL = 1.0


class AsyncClient(Opened, AllOperations[Coroutine[Any, Any, Answer]]):
    """Vault's Okta auth method for asyncio: every operation is awaited, and no thread waits for it.

    Use it with `async with`, or await aclose(). It belongs to the event loop that uses it. A task that is cancelled
    ends its operation: Okta is asked nothing more, and told where a login with on_challenge was given up. The
    constructor opens the storage, and blocks for that.
    """

    _completions: Optional[Completions] = None

    async def aclose(self) -> None:
        """Ends what is running, with Cancelled, and closes. Does nothing the second time."""
        completions, self._completions = self._completions, None
        if completions is not None and completions.farewells:
            await asyncio.wait(completions.farewells, timeout=FAREWELL)
        await asyncio.get_running_loop().run_in_executor(None, self._handle.close)
        if completions is not None:
            completions.end()

    async def __aenter__(self: A) -> A:
        return self

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        problem: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        await self.aclose()

    async def _perform(self, operation: str, members: Members) -> Answer:
        try:
            ticket, future = self._begun(operation, encode(members))
        except Error as problem:
            return answer(operation, problem.status, problem.text)
        try:
            return answer(operation, *await future)
        except asyncio.CancelledError:
            self._handle.cancel(ticket)
            raise

    async def _interactive(self, login: InteractiveLogin, on_challenge: OnChallenge) -> Answer:
        try:
            step = login.next()
            while not isinstance(step, Answer):
                step = login.next(await self._done(step, on_challenge))
            return step
        except BaseException:
            farewell = login.farewell()
            if farewell is not None:
                # It is not awaited: whoever cancelled this task must not wait for Okta.
                with contextlib.suppress(Error):
                    _, told = self._begun(farewell.operation, encode(farewell.members))
                    if self._completions is not None:
                        self._completions.farewells.add(told)
            raise

    async def _done(self, step: Step, on_challenge: OnChallenge) -> Reply:
        if isinstance(step, Call):
            try:
                return await self._perform(step.operation, step.members)
            except Error as problem:
                return problem
        if isinstance(step, Sleep):
            await asyncio.sleep(step.seconds)
            return None
        said: object = on_challenge(step.challenge)
        if inspect.isawaitable(said):
            said = await said
        return said if isinstance(said, str) else None

    def _begun(self, operation: str, request: bytes) -> "Tuple[int, asyncio.Future[Result]]":
        loop = asyncio.get_running_loop()
        if self._completions is not None and self._completions.busy_elsewhere(loop):
            raise RuntimeError("this client waits in another event loop; open one for each loop")
        ticket = self._handle.submit(operation, request)
        if self._completions is None or not self._completions.belong_to(loop, self._handle.number):
            # The first call, the first in another loop, or the first in a forked child.
            if self._completions is not None:
                self._completions.detach()
            self._completions = Completions(self._handle, loop)
        return ticket, self._completions.future(ticket)
