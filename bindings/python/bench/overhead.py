"""What a call from Python costs more than the same call from C.

    python overhead.py FOLDER

FOLDER holds libokta_auth.so.1. The call is read_user() on a storage in memory, which needs no network and waits for
nothing: what is left is the way in and out. `make bench` runs it.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
CALLS = 2_000
ROUNDS = 20
# Microseconds that a call may cost more than from C.
AIM = 15


def in_c(folder: str) -> float:
    """The call from C, in a program of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        program = os.path.join(scratch, "raw")
        library = os.path.join(folder, "libokta_auth.so.1")
        source = os.fspath(HERE / "raw.c")
        subprocess.run(["cc", "-O2", "-I", os.fspath(ROOT / "include"), source, library, "-o", program], check=True)
        said = subprocess.run([program, str(CALLS)], check=True, stdout=subprocess.PIPE, text=True).stdout
    return float(said) / 1000


def best(round_of_calls: Callable[[], None]) -> float:
    """Microseconds of one call in the best round."""
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        round_of_calls()
        times.append((time.perf_counter() - begin) / CALLS * 1e6)
    return min(times)


def in_python() -> float:
    import okta_auth

    with okta_auth.Client() as client:
        client.register_user("fred", policies=["dev"])

        def calls() -> None:
            for _ in range(CALLS):
                client.read_user("fred")

        return best(calls)


def in_asyncio() -> float:
    """Calls that are begun one after the other and awaited; the way is over the library's threads and the loop."""
    import okta_auth

    async def measure() -> float:
        async with okta_auth.AsyncClient() as client:
            await client.register_user("fred", policies=["dev"])
            times = []
            for _ in range(ROUNDS):
                begin = time.perf_counter()
                await asyncio.gather(*(client.read_user("fred") for _ in range(CALLS)))
                times.append((time.perf_counter() - begin) / CALLS * 1e6)
            return min(times)

    return asyncio.run(measure())


def main() -> None:
    folder = os.path.abspath(sys.argv[1])
    if os.environ.get("LD_LIBRARY_PATH") != folder:
        # The system's loader reads it when a process starts.
        os.environ["LD_LIBRARY_PATH"] = folder
        os.execv(sys.executable, [sys.executable, *sys.argv])
    sys.path.insert(0, os.fspath(HERE.parent))
    c, python, loop = in_c(folder), in_python(), in_asyncio()
    over = python - c
    print("\na read of a user from Python, memory engine")
    row("the call from C", c)
    row("the call from Python", python)
    row("what Python adds", over, f"aim {AIM}: {'met' if over <= AIM else 'MISSED'}")
    row("awaited by asyncio, in batches", loop)


def row(what: str, microseconds: float, verdict: str = "") -> None:
    """As the rest of the table of `make bench`."""
    print(f"  {what:<58}{microseconds:>10.2f} {'us':<8}{verdict}".rstrip())


if __name__ == "__main__":
    main()
