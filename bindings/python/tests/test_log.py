"""The log: the function that is given its records."""

import asyncio
import gc
import json
import weakref
from typing import List, Tuple

import pytest

import okta_auth
from okta_auth import LogLevel
from test_fork import in_child

Records = List[Tuple[LogLevel, bytes]]


def operations(records: Records) -> List[str]:
    """What was answered, according to the records."""
    read = [json.loads(record) for _, record in records]
    return [record["operation"] for record in read if record["event"] == "answered"]


def test_a_function_gets_the_records_until_it_is_taken_away() -> None:
    first: Records = []
    second: Records = []
    client = okta_auth.Client()
    client.set_logger(LogLevel.INFO, lambda level, record: first.append((level, record)))
    client.register_user("fred")
    client.set_logger(LogLevel.INFO, lambda level, record: second.append((level, record)))
    # This one by a thread of the library.
    assert client.request("GET", "/v1/sys/auth").status == 403
    client.set_logger(LogLevel.OFF)
    client.register_user("fred")
    assert (operations(first), operations(second)) == (["register_user"], ["request"])
    assert [level for level, _ in first + second] == [LogLevel.INFO] * 2
    assert json.loads(first[0][1])["level"] == "info"
    client.close()
    with pytest.raises(okta_auth.Closed):
        client.set_logger(LogLevel.INFO, print)


def test_the_level_is_heeded() -> None:
    records: Records = []

    async def main() -> None:
        async with okta_auth.AsyncClient() as client:
            client.set_logger(LogLevel.ERROR, lambda level, record: records.append((level, record)))
            await client.register_user("fred")
            # One that is off gets nothing, however it is said.
            client.set_logger(LogLevel.OFF, lambda level, record: records.append((level, record)))
            await client.register_user("fred")

    asyncio.run(main())
    assert records == []


def test_what_a_function_raises_is_dropped(capfd: pytest.CaptureFixture[str]) -> None:
    raised: List[bytes] = []

    def fail(level: LogLevel, record: bytes) -> None:
        raised.append(record)
        raise KeyboardInterrupt

    with okta_auth.Client() as client:
        client.set_logger(LogLevel.DEBUG, fail)
        client.register_user("fred")
    assert raised
    assert tuple(capfd.readouterr()) == ("", "")


def test_a_function_may_not_call_back() -> None:
    told: List[str] = []

    def call_back(level: LogLevel, record: bytes) -> None:
        for call in (client.list_users, lambda: client.set_logger(LogLevel.OFF), lambda: client.set_audit(None)):
            with pytest.raises(okta_auth.Reentered) as caught:
                call()
            told.append(caught.value.code)

    with okta_auth.Client() as client:
        client.set_logger(LogLevel.INFO, call_back)
        client.register_user("fred")
    assert told == ["reentered"] * 3


def test_a_client_that_its_function_refers_to_is_collected() -> None:
    client = okta_auth.Client()
    client.set_logger(LogLevel.INFO, lambda level, record, client=client: None)  # type: ignore[misc]
    client.register_user("fred")
    gone = weakref.ref(client)
    del client
    gc.collect()
    assert gone() is None


def test_a_forked_child_goes_on_with_both_functions(database: str) -> None:
    records: Records = []
    lines: List[bytes] = []

    def child() -> None:
        client.register_user("wilma")
        assert operations(records) == ["register_user"] * 2
        assert len(lines) == 4

    with okta_auth.Client(database) as client:
        client.set_logger(LogLevel.INFO, lambda level, record: records.append((level, record)))
        client.set_audit(lines.append)
        client.register_user("fred")
        assert in_child(child) == 0
        assert (operations(records), len(lines)) == (["register_user"], 2)
