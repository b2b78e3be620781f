"""Carries out scenarios in Python, with --asyncio by AsyncClient; README.md has the lines that come and go."""

import asyncio
import json
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Awaitable, Callable, Dict, Optional, Tuple, Union

import okta_auth

Result = Union[str, Tuple[int, bytes]]


class Blocking:
    """The client for threads. One of its calls cannot be cancelled by another thread."""

    def __init__(self) -> None:
        self.client: Optional[okta_auth.Client] = None
        self.begun: Optional[Future[Result]] = None
        self.threads = ThreadPoolExecutor(1)

    async def open(self, options: Dict[str, Any]) -> Result:
        self.client = okta_auth.Client(**options)
        return 200, b""

    async def call(self, operation: str, members: Dict[str, Any]) -> Result:
        answer = getattr(self.client, operation)(**members)
        return answer.status, answer.text

    async def begin(self, operation: str, members: Dict[str, Any]) -> Result:
        self.begun = self.threads.submit(lambda: asyncio.run(said(self.call(operation, members))))
        return 0, b""

    async def end(self) -> Result:
        assert self.begun
        return self.begun.result()

    async def cancel(self) -> Result:
        return "-"

    async def close(self) -> Result:
        assert self.client
        self.client.close()
        return 0, b""


class Asynchronous:
    """The client for asyncio."""

    def __init__(self) -> None:
        self.client: Optional[okta_auth.AsyncClient] = None
        self.begun: Optional[asyncio.Task[Result]] = None

    async def open(self, options: Dict[str, Any]) -> Result:
        self.client = okta_auth.AsyncClient(**options)
        return 200, b""

    async def call(self, operation: str, members: Dict[str, Any]) -> Result:
        answer = await getattr(self.client, operation)(**members)
        return answer.status, answer.text

    async def begin(self, operation: str, members: Dict[str, Any]) -> Result:
        self.begun = asyncio.ensure_future(said(self.call(operation, members)))
        await asyncio.sleep(0)
        return 0, b""

    async def end(self) -> Result:
        assert self.begun
        try:
            return await self.begun
        except asyncio.CancelledError:
            return "cancelled"

    async def cancel(self) -> Result:
        assert self.begun
        self.begun.cancel()
        return 0, b""

    async def close(self) -> Result:
        assert self.client
        await self.client.aclose()
        return 0, b""


async def said(work: Awaitable[Result]) -> Result:
    """The result, an exception included."""
    try:
        return await work
    except okta_auth.Cancelled:
        return "cancelled"
    except okta_auth.Error as problem:
        return problem.status, problem.text


async def main() -> None:
    driver: Union[Blocking, Asynchronous] = Asynchronous() if "--asyncio" in sys.argv else Blocking()
    loop = asyncio.get_running_loop()
    while True:
        line = await loop.run_in_executor(None, sys.stdin.readline)
        if not line:
            break
        what, *arguments = line.rstrip("\n").split("\t")
        parts = [json.loads(part) if part.startswith("{") else part for part in arguments]
        work: Callable[..., Awaitable[Result]] = getattr(driver, what)
        result = await said(work(*parts))
        print(result if isinstance(result, str) else f"{result[0]}\t{result[1].decode()}", flush=True)
    if driver.client is not None:
        # A login that still waits ends with it.
        await driver.close()


if __name__ == "__main__":
    asyncio.run(main())
