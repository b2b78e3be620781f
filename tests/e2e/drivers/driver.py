"""The driver in Python; tests/e2e/README.md says what it reads and prints."""

import asyncio
import json
import sys
from typing import Any, Dict, Optional, Tuple

import okta_auth

Options = Dict[str, Any]


def outcome(client: okta_auth.Client, operation: str, request: Options) -> Tuple[int, bytes]:
    try:
        answer = getattr(client, operation)(**request)
    except okta_auth.Error as error:
        return error.status, error.text
    return answer.status, answer.text


async def outcome_of_task(task: "asyncio.Task[okta_auth.Answer]") -> int:
    try:
        return (await task).status
    except okta_auth.Error as error:
        return error.status
    except asyncio.CancelledError:
        return -9


async def main() -> None:
    loop = asyncio.get_running_loop()
    options: Options = {}
    client: Optional[okta_auth.Client] = None
    # What can be cancelled is a task, of a client for asyncio beside the other.
    beside: Optional[okta_auth.AsyncClient] = None
    started: Optional[asyncio.Task[okta_auth.Answer]] = None
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        command, *fields = line.rstrip("\n").split("\t")
        status, body = 0, b""
        if command == "open":
            options = json.loads(fields[0])
            client = okta_auth.Client(**options)
            status = 200
        elif command == "call" and client is not None:
            status, body = outcome(client, fields[0], json.loads(fields[1]))
        elif command == "start":
            beside = okta_auth.AsyncClient(**options)
            started = asyncio.ensure_future(getattr(beside, fields[0])(**json.loads(fields[1])))
        elif command == "cancel" and started is not None and beside is not None:
            started.cancel()
            status = await outcome_of_task(started)
            await beside.aclose()
        elif command == "close" and client is not None:
            client.close()
        print(f"{status}\t{body.decode()}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
