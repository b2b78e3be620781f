"""The client for asyncio."""

import asyncio
import gc
import os
import time
import weakref
from typing import Any, Dict, List

import pytest

import okta_auth
from loopback import PASSWORD, Okta
from okta_auth import Challenge

WAITS: Dict[str, Any] = {"type": "push", "pushes": [{"waiting": None, "number": 7}]}


def opened(okta: Okta) -> okta_auth.AsyncClient:
    return okta_auth.AsyncClient(ca_file=okta.ca_file)


async def configured(client: okta_auth.AsyncClient, okta: Okta) -> None:
    await client.configure(org_url=okta.url, api_token=okta.api_token)


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_logs_in_looks_up_and_raises(okta: Okta) -> None:
    async def main() -> None:
        async with opened(okta) as client:
            await configured(client, okta)
            answer = await client.login("fred", PASSWORD)
            assert (await client.lookup_token(answer.auth.client_token)).status == 200
            with pytest.raises(okta_auth.InvalidCredentials):
                await client.login("fred", "wrong")
            assert (await client.request("GET", "sys/auth")).status == 403
        with pytest.raises(okta_auth.Closed):
            await client.list_users()
        await client.aclose()

    okta.user("fred@acme.com")
    asyncio.run(main())


def test_a_thousand_calls_at_once_each_get_their_own_answer(okta: Okta) -> None:
    async def main() -> None:
        async with opened(okta) as client:
            for number in range(50):
                await client.register_user(f"user-{number}", policies=[f"policy-{number}"])

            async def read(number: int) -> None:
                answer = await client.read_user(f"user-{number % 50}", request_id=str(number))
                assert answer.request_id == str(number)
                assert answer.data["policies"] == [f"policy-{number % 50}"]

            await asyncio.gather(*(read(number) for number in range(1_000)))

    asyncio.run(main())


def test_hundreds_of_logins_wait_at_once_without_a_thread_each(okta: Okta) -> None:
    async def main() -> None:
        numbers: List[int] = []

        def told(challenge: Challenge) -> None:
            assert challenge.number is not None
            numbers.append(challenge.number)

        async with opened(okta) as client:
            await configured(client, okta)
            logins = [client.login(f"user-{n}@acme.com", PASSWORD, on_challenge=told) for n in range(100)]
            answers = await asyncio.gather(*logins)
            names = [answer.auth.metadata["okta_login"] for answer in answers]
            assert names == [f"user-{n}@acme.com" for n in range(100)]
            assert sorted(numbers) == list(range(100))
            assert len(os.listdir("/proc/self/task")) < 10

    for number in range(100):
        okta.user(f"user-{number}@acme.com", {"type": "push", "pushes": [{"waiting": 1, "number": number}]})
    asyncio.run(main())


def test_a_cancelled_task_ends_its_login_and_okta_is_told(okta: Okta) -> None:
    async def main() -> None:
        async with opened(okta) as client:
            await configured(client, okta)
            shown = asyncio.Event()
            task = asyncio.ensure_future(client.login("fred", PASSWORD, on_challenge=lambda challenge: shown.set()))
            await asyncio.wait_for(shown.wait(), 10)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        okta.wait_for_call("/api/v1/authn/cancel")

    okta.user("fred@acme.com", WAITS)
    asyncio.run(main())


def test_a_cancelled_task_without_challenges_asks_okta_nothing_more(okta: Okta) -> None:
    async def main() -> None:
        async with opened(okta) as client:
            await configured(client, okta)
            task = asyncio.ensure_future(client.login("fred", PASSWORD))
            await asyncio.get_running_loop().run_in_executor(None, okta.wait_for_push)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(task, 0.01)
            okta.control("/calls/take")
            # Its push is polled after the pause after which the cancelled one would have been.
            assert (await client.login("ann", PASSWORD)).status == 200
            asked = [call["path"] for call in okta.control("/calls")]
            assert any("annsphone" in path for path in asked)
            assert not any("fredsphone" in path for path in asked)

    okta.user("fred@acme.com", {"type": "push", "id": "fredsphone", "pushes": [{"waiting": None}]})
    okta.user("ann@acme.com", {"type": "push", "id": "annsphone", "pushes": [{"waiting": 1}]})
    asyncio.run(main())


def test_on_challenge_may_be_asynchronous(okta: Okta) -> None:
    async def main() -> None:
        async def passcode(challenge: Challenge) -> str:
            await asyncio.sleep(0)
            right: str = okta.control("/passcode", {"login": "fred@acme.com", "factor": "ost1"})["passcode"]
            return right

        async with opened(okta) as client:
            await configured(client, okta)
            assert (await client.login("fred", PASSWORD, on_challenge=passcode)).auth.client_token

    okta.user("fred@acme.com", {"type": "token:software:totp", "id": "ost1"})
    asyncio.run(main())


def test_closing_ends_what_waits(okta: Okta) -> None:
    async def main() -> None:
        client = opened(okta)
        await configured(client, okta)
        task = asyncio.ensure_future(client.login("fred", PASSWORD))
        await asyncio.get_running_loop().run_in_executor(None, okta.wait_for_push)
        await client.aclose()
        with pytest.raises((okta_auth.Cancelled, okta_auth.Closed)):
            await asyncio.wait_for(task, 5)

    okta.user("fred@acme.com", {"type": "push", "pushes": [{"waiting": None}]})
    asyncio.run(main())


def test_one_client_serves_one_loop_after_the_other_but_not_two_at_once(okta: Okta) -> None:
    client = opened(okta)

    async def list_mounts() -> int:
        return (await client.list_auth_methods()).status

    assert asyncio.run(list_mounts()) == 200
    assert asyncio.run(list_mounts()) == 200

    async def first() -> None:
        await configured(client, okta)
        task = asyncio.ensure_future(client.login("fred", PASSWORD))
        await asyncio.get_running_loop().run_in_executor(None, okta.wait_for_push)
        with pytest.raises(RuntimeError, match="another event loop"):
            await asyncio.get_running_loop().run_in_executor(None, lambda: asyncio.run(list_mounts()))
        task.cancel()
        await client.aclose()

    okta.user("fred@acme.com", {"type": "push", "pushes": [{"waiting": None}]})
    asyncio.run(first())


def test_a_forked_child_goes_on(okta: Okta, database: str) -> None:
    from test_fork import in_child

    client = okta_auth.AsyncClient(database)

    async def register(name: str) -> None:
        assert (await client.register_user(name)).status == 204

    asyncio.run(register("parent"))
    assert in_child(lambda: asyncio.run(register("child"))) == 0

    async def check() -> None:
        assert (await client.list_users()).keys == ["child", "parent"]
        await client.aclose()

    asyncio.run(check())


def test_forgotten_clients_leave_no_descriptor_in_the_loop(okta: Okta) -> None:
    async def main() -> None:
        await use_and_forget()
        before = descriptors()
        for _ in range(20):
            await use_and_forget()
        for _ in range(100):
            gc.collect()
            await asyncio.sleep(0.01)
            if descriptors() <= before + 2:
                return
        raise AssertionError(f"{descriptors()} descriptors, {before} before")

    async def use_and_forget() -> None:
        client = opened(okta)
        gone.append(weakref.ref(client))
        assert (await client.list_auth_methods()).status == 200

    gone: List[weakref.ref[okta_auth.AsyncClient]] = []
    asyncio.run(main())
    gc.collect()
    assert [reference() for reference in gone] == [None] * 21


def test_a_forgotten_client_ends_the_login_that_is_in_flight(okta: Okta) -> None:
    async def main() -> None:
        for on_challenge in (None, lambda challenge: None):
            okta.user("fred@acme.com", {"type": "push", "pushes": [{"waiting": None}]})
            gone = await begin_and_forget(on_challenge)
            gc.collect()
            okta.control("/tap", {"login": "fred@acme.com"})
            deadline = time.monotonic() + 30
            while gone() is not None or not answers:
                assert time.monotonic() < deadline, "it is held for ever"
                await asyncio.sleep(0.01)
                gc.collect()
            assert answers.pop().auth.client_token
            okta.control("/reset")

    async def begin_and_forget(on_challenge: Any) -> "weakref.ref[okta_auth.AsyncClient]":
        client = opened(okta)
        await configured(client, okta)
        # A loop holds its tasks only weakly.
        login = asyncio.ensure_future(client.login("fred", PASSWORD, on_challenge=on_challenge))
        login.add_done_callback(lambda login: answers.append(login.result()))
        await asyncio.get_running_loop().run_in_executor(None, okta.wait_for_push)
        return weakref.ref(client)

    answers: List[okta_auth.Answer] = []
    asyncio.run(main())


def test_collecting_garbage_all_the_time_harms_nothing(okta: Okta) -> None:
    async def main() -> None:
        for _ in range(10):
            client = opened(okta)
            await configured(client, okta)
            logins = [asyncio.ensure_future(client.login("fred", PASSWORD)) for _ in range(20)]
            await asyncio.sleep(0)
            for login in logins[::2]:
                login.cancel()
            results = await asyncio.gather(*logins, return_exceptions=True)
            assert all(isinstance(result, okta_auth.Answer) for result in results[1::2]), results
            del client, logins, login, results
            gc.collect()

    okta.user("fred@acme.com")
    threshold = gc.get_threshold()
    gc.set_threshold(1)
    try:
        asyncio.run(main())
    finally:
        gc.set_threshold(*threshold)
