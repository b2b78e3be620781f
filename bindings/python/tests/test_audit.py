"""The audit log: its options, and the function that is given its lines."""

import asyncio
import gc
import inspect
import json
import re
import threading
import weakref
from pathlib import Path
from typing import Any, Dict, List

import pytest

import okta_auth
from loopback import ROOT
from okta_auth import AuditFile
from okta_auth._options import Opened
from test_fork import in_child


def functions(lines: List[Any]) -> List[str]:
    """Which functions the lines are about."""
    return [json.loads(line)["request"]["function"] for line in lines]


def test_every_option_of_the_header_is_a_parameter() -> None:
    header = (ROOT / "include" / "okta_auth.h").read_text(encoding="utf-8")
    (text,) = re.findall(r"`options` is a JSON object\.(.*?)\n \*\n \* Returns", header, re.DOTALL)
    items = re.sub(r"\{.*?\}", "", text).split("\n * - ")[1:]
    named = {name for item in items for name in re.findall(r'"([a-z_]+)"(?=:|,| or | \(\d)', item)}
    assert "key_file" in named
    assert named == set(inspect.signature(Opened.__init__).parameters) - {"self"}


def test_lines_are_added_to_the_file(tmp_path: Path) -> None:
    file = tmp_path / "audit.log"
    with okta_auth.Client(audit={"file": file}) as client:
        client.register_user("fred")

    async def main() -> None:
        async with okta_auth.AsyncClient(audit={"file": str(file), "required": False}) as other:
            await other.register_user("wilma")

    asyncio.run(main())
    assert functions(file.read_text().splitlines()) == ["register_user"] * 4


def test_whether_it_is_required_is_heeded(tmp_path: Path) -> None:
    nowhere = tmp_path / "missing" / "audit.log"
    with pytest.raises(okta_auth.AuditFailed):
        okta_auth.Client(audit={"file": nowhere})
    with okta_auth.Client(audit={"file": nowhere, "required": False}) as client:
        client.register_user("fred")
    with okta_auth.Client(audit={}) as client:
        with pytest.raises(okta_auth.AuditFailed):
            client.register_user("fred")
        client.set_audit(lambda line: None)
        client.register_user("fred")


def test_what_is_no_option_is_refused_by_name() -> None:
    wrong: Any = {"path": "audit.log"}
    with pytest.raises(okta_auth.InvalidRequest, match="path"):
        okta_auth.Client(audit=wrong)


def test_a_function_gets_the_lines_until_it_is_taken_away() -> None:
    first: List[bytes] = []
    second: List[bytes] = []
    client = okta_auth.Client()
    client.set_audit(first.append)
    client.register_user("fred")
    client.set_audit(second.append)
    # This one by a thread of the library.
    assert client.request("GET", "/v1/sys/auth").status == 403
    client.set_audit(None)
    client.register_user("fred")
    assert functions(first) == ["register_user"] * 2
    assert functions(second) == ["request"] * 2
    client.set_audit(first.append)
    client.close()
    with pytest.raises(okta_auth.Closed):
        client.set_audit(second.append)
    assert len(first) == 2


def test_a_function_that_raises_does_not_have_the_line() -> None:
    def refuse(line: bytes) -> None:
        raise ValueError(line)

    required: AuditFile = {"required": True}
    with okta_auth.Client(audit=required) as client:
        client.set_audit(refuse)
        with pytest.raises(okta_auth.AuditFailed):
            client.register_user("fred")


def test_a_function_may_not_call_back() -> None:
    told: List[str] = []

    def call_back(line: bytes) -> None:
        for call in (client.list_users, lambda: client.set_audit(None), lambda: client.request("GET", "sys/auth")):
            with pytest.raises(okta_auth.Reentered) as caught:
                call()
            told.append(caught.value.code)

    with okta_auth.Client() as client:
        client.set_audit(call_back)
        client.register_user("fred")
        assert client.request("GET", "/v1/sys/auth").status == 403
    assert told == ["reentered"] * 12


def test_a_function_that_runs_is_waited_for() -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slow(line: bytes) -> None:
        inside.set()
        assert go_on.wait(30)
        done.append(line)

    done: List[bytes] = []
    with okta_auth.Client() as client:
        client.set_audit(slow)
        calls = threading.Thread(target=client.register_user, args=("fred",))
        calls.start()
        assert inside.wait(30)
        counted: Dict[str, int] = {}

        def take_away() -> None:
            client.set_audit(None)
            counted["done"] = len(done)

        taking = threading.Thread(target=take_away)
        taking.start()
        go_on.set()
        taking.join(30)
        calls.join(30)
        assert counted["done"] == len(done) > 0


def test_a_client_that_its_function_refers_to_is_collected() -> None:
    client = okta_auth.Client()
    client.set_audit(lambda line, client=client: None)  # type: ignore[misc]
    client.register_user("fred")
    gone = weakref.ref(client)
    del client
    gc.collect()
    assert gone() is None


def test_a_client_that_is_collected_in_a_function_is_closed() -> None:
    # More than the 1,024 handles that may be open at once.
    def forget(line: bytes) -> None:
        forgotten.clear()

    forgotten: List[okta_auth.Client] = []
    with okta_auth.Client() as client:
        client.set_audit(forget)
        for _ in range(1_100):
            forgotten.append(okta_auth.Client())
            client.list_auth_methods()


def test_a_forked_child_goes_on_with_the_function(database: str) -> None:
    lines: List[bytes] = []

    def child() -> None:
        client.register_user("wilma")
        assert functions(lines) == ["register_user"] * 4

    with okta_auth.Client(database, audit={}) as client:
        client.set_audit(lines.append)
        client.register_user("fred")
        assert in_child(child) == 0
        assert len(lines) == 2


def test_members_of_answers_are_shown_in_clear_where_the_mount_says_so() -> None:
    lines: List[bytes] = []
    with okta_auth.Client() as client:
        client.tune_auth_method("okta", audit_non_hmac_response_keys=["base_url"])
        client.configure(org_name="acme")
        client.set_audit(lines.append)
        client.read_config()
    data = json.loads(lines[-1])["response"]["data"]
    assert data["base_url"] == "okta.com"
    assert data["org_name"].startswith("hmac-sha256:")
