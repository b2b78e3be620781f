"""What becomes of a client in a child process, at the end of the interpreter, and when it is forgotten."""

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path
from typing import Callable, List

import pytest

import okta_auth
from loopback import PASSWORD, Okta

PACKAGE = Path(__file__).resolve().parents[1]


def in_child(work: Callable[[], None]) -> int:
    """Runs this in a forked child; its exit code."""
    child = os.fork()
    if child == 0:
        # Whatever happens, the child must not go on with the tests.
        try:
            work()
            os._exit(0)
        except BaseException as problem:
            os.write(2, f"{problem!r}\n".encode())
        os._exit(1)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise AssertionError("the child hangs")


def test_a_child_goes_on_with_the_same_database(okta: Okta, database: str) -> None:
    okta.user("fred@acme.com")
    with okta_auth.Client(database, ca_file=okta.ca_file) as client:
        client.configure(org_url=okta.url, api_token=okta.api_token)
        token = client.login("fred", PASSWORD).auth.client_token

        def work() -> None:
            assert client.lookup_token(token).status == 200
            assert client.login("fred", PASSWORD).auth.client_token != token
            client.register_user("child")

        assert in_child(work) == 0
        assert client.list_users().keys == ["child"]
        assert client.login("fred", PASSWORD).status == 200


def test_children_of_children_and_threads_go_on(database: str) -> None:
    with okta_auth.Client(database) as client:

        def many() -> None:
            threads = [threading.Thread(target=client.register_user, args=(f"user-{n}",)) for n in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(client.list_users().keys) == 8

        assert in_child(lambda: os._exit(in_child(many))) == 0
        assert len(client.list_users().keys) == 8


def test_a_child_can_open_first_by_a_login(okta: Okta, database: str) -> None:
    okta.user("fred@acme.com")
    with okta_auth.Client(database, ca_file=okta.ca_file) as client:
        client.configure(org_url=okta.url)

        def work() -> None:
            assert client.login("fred", PASSWORD, on_challenge=print).auth.client_token

        assert in_child(work) == 0


def test_a_memory_storage_does_not_come_back_empty_in_a_child() -> None:
    with okta_auth.Client() as client:
        client.register_user("fred")

        def work() -> None:
            with pytest.raises(okta_auth.Forked):
                client.list_users()
            with pytest.raises(okta_auth.Forked):
                client.login("fred", PASSWORD)

        assert in_child(work) == 0
        assert client.list_users().keys == ["fred"]


def test_a_closed_client_stays_closed_in_a_child(database: str) -> None:
    client = okta_auth.Client(database)
    client.close()

    def work() -> None:
        with pytest.raises((okta_auth.Closed, okta_auth.Forked)):
            client.list_users()

    assert in_child(work) == 0


def test_closing_in_a_child_leaves_the_parent_alone(database: str) -> None:
    with okta_auth.Client(database) as client:
        assert in_child(client.close) == 0
        assert client.list_auth_methods().status == 200


def registered(name: str) -> int:
    assert CLIENTS
    return CLIENTS[0].register_user(name).status


CLIENTS: List[okta_auth.Client] = []


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_pool_of_forked_workers_shares_the_database(database: str) -> None:
    with okta_auth.Client(database) as client:
        CLIENTS[:] = [client]
        with multiprocessing.get_context("fork").Pool(3) as pool:
            assert set(pool.map(registered, [f"user-{n}" for n in range(24)])) == {204}
        assert len(client.list_users().keys) == 24
        CLIENTS.clear()


END = """
import sys, threading, okta_auth
url, ca_file = sys.argv[1:]
client = okta_auth.Client(ca_file=ca_file)
client.configure(org_url=url)

class Late:
    def __del__(self):
        try:
            client.list_auth_methods()
        except (okta_auth.Error, TypeError, AttributeError):
            pass

def login():
    try:
        client.login("fred", "correct horse", on_challenge=lambda challenge: shown.set())
    except okta_auth.Error:
        pass

shown = threading.Event()
sys.modules["late"] = Late()
threading.Thread(target=login, daemon=True).start()
assert shown.wait(10)
"""


ASYNC_END = """
import asyncio, sys, threading, okta_auth
url, ca_file = sys.argv[1:]
shown = threading.Event()

async def main():
    global client
    client = okta_auth.AsyncClient(ca_file=ca_file)
    await client.configure(org_url=url)
    await client.login("fred", "correct horse", on_challenge=lambda challenge: shown.set())

def run():
    loop.run_until_complete(main())

loop = asyncio.new_event_loop()
threading.Thread(target=run, daemon=True).start()
assert shown.wait(10)
"""


@pytest.mark.parametrize("program", [END, ASYNC_END])
def test_the_interpreter_ends_while_a_login_waits(okta: Okta, program: str) -> None:
    okta.user("fred@acme.com", {"type": "push", "pushes": [{"waiting": None}]})
    environment = {**os.environ, "PYTHONPATH": os.fspath(PACKAGE)}
    command = [sys.executable, "-X", "faulthandler", "-c", program, okta.url, okta.ca_file]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_forgotten_client_is_closed_though_threads_have_used_it(okta: Okta, client: okta_auth.Client) -> None:
    okta.user("fred@acme.com")
    for _ in range(20):
        forgotten = okta_auth.Client(ca_file=okta.ca_file)
        forgotten.configure(org_url=okta.url)
        thread = threading.Thread(target=forgotten.login, args=("fred", PASSWORD))
        thread.start()
        gone = weakref.ref(forgotten)
        # The thread is the last to hold it.
        del forgotten
        gc.collect()
        thread.join()
        del thread
        gc.collect()
        assert gone() is None
    assert client.login("fred", PASSWORD).status == 200


def test_a_forgotten_client_ends_the_login_that_is_in_flight(okta: Okta) -> None:
    okta.user("fred@acme.com", {"type": "push", "pushes": [{"waiting": None}]})
    answers: List[okta_auth.Answer] = []

    def log_in(client: okta_auth.Client) -> None:
        answers.append(client.login("fred", PASSWORD))

    forgotten = okta_auth.Client(ca_file=okta.ca_file)
    forgotten.configure(org_url=okta.url)
    thread = threading.Thread(target=log_in, args=(forgotten,))
    thread.start()
    gone = weakref.ref(forgotten)
    del forgotten
    okta.wait_for_push()
    gc.collect()
    okta.control("/tap", {"login": "fred@acme.com"})
    thread.join(timeout=30)
    assert answers[0].auth.client_token
    gc.collect()
    assert gone() is None
