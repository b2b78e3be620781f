"""What an operator and a user do through hvac: in process, and over HTTP."""

import os
import subprocess
import threading
from contextlib import asynccontextmanager, contextmanager
from typing import Any, AsyncIterator, Iterator, List, Optional, Set, Tuple

import hvac
import pytest
import requests

import okta_auth
from loopback import PASSWORD, Okta
from okta_auth.hvac import InProcessAdapter
from okta_auth.hvac import Okta as OktaMethod
from serving import asgi, wsgi

DEV = """
path "auth/corp/users/*" { capabilities = ["read", "list"] }
path "auth/corp/users/fred" { capabilities = ["update"] }
"""
NUMBER = {"type": "push", "pushes": [{"waiting": 1, "number": 42}]}


# The program of tests/http/go; `make test-http` names it.
GO_SERVER = os.environ.get("OKTA_AUTH_GO_SERVER")


@pytest.fixture(params=["in process", "wsgi", "asgi", *(["handler of Go"] if GO_SERVER else [])])
def vault(request: Any, okta: Okta, database: str) -> Iterator[Any]:
    """hvac's client with a token that may do everything."""
    with okta_auth.Client(database, ca_file=okta.ca_file) as client:
        token = client.create_token(policies=["root"]).auth.client_token
        if request.param == "handler of Go":
            with go_server(okta) as (address, path, root):
                yield over_http(f"{address}{path}", root)
        elif request.param == "in process":
            yield hvac.Client(token=token, adapter=InProcessAdapter.of(client))
        elif request.param == "wsgi":
            with wsgi(okta_auth.WsgiApplication(client)) as (host, port):
                yield over_http(f"{host}:{port}", token)
        else:

            @asynccontextmanager
            async def opened() -> AsyncIterator[okta_auth.AsgiApplication]:
                async with okta_auth.AsyncClient(database, ca_file=okta.ca_file) as other:
                    yield okta_auth.AsgiApplication(other)

            with asgi(opened) as (host, port):
                yield over_http(f"{host}:{port}", token)


@contextmanager
def go_server(okta: Okta) -> Iterator[Tuple[str, str, str]]:
    """Runs Go's handler: its address, and the path and the root token of a client there."""
    process = subprocess.Popen([str(GO_SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        address = process.stdout.readline().strip()
        with requests.Session() as session:
            session.trust_env = False
            opened = session.post(f"http://{address}/open", json={"ca_file": okta.ca_file}).json()
        yield address, opened["path"], opened["token"]
    finally:
        # It ends when its standard input closes.
        process.communicate(timeout=20)


def over_http(address: str, token: str) -> Any:
    # No proxy of the machine's environment stands between.
    session = requests.Session()
    session.trust_env = False
    return hvac.Client(f"http://{address}", token=token, session=session)


def test_a_story_from_the_mount_to_the_revocation(vault: Any, okta: Okta) -> None:
    okta.user("fred@acme.com", NUMBER, groups=["Engineers"])
    assert vault.is_authenticated()
    assert vault.sys.is_initialized()
    assert not vault.sys.is_sealed()
    assert vault.sys.read_health_status(method="HEAD").status_code == 200
    assert vault.sys.read_health_status(method="GET")["standby"] is False
    vault.sys.enable_auth_method("okta", path="corp", description="Logins of the company")
    assert vault.sys.list_auth_methods()["data"]["corp/"]["description"] == "Logins of the company"
    vault.sys.tune_auth_method("corp", default_lease_ttl="2h")
    assert vault.sys.read_auth_method_tuning("corp")["data"]["default_lease_ttl"] == 7200

    method = OktaMethod(vault.adapter)
    method.configure("acme", api_token=okta.api_token, mount_point="corp")
    # hvac has no name for a full URL.
    vault.write_data("auth/corp/config", data={"org_url": okta.url, "token_ttl": "1h"})
    assert method.read_config("corp")["data"]["org_url"] == okta.url
    method.register_user("fred", groups=["on-call"], policies=["dev"], mount_point="corp")
    method.register_group("on-call", policies=["ops"], mount_point="corp")
    assert method.list_users("corp")["data"]["keys"] == ["fred"]
    assert method.read_user("fred", "corp")["data"]["policies"] == ["dev"]
    assert method.list_groups("corp")["data"]["keys"] == ["on-call"]
    assert method.read_group("on-call", "corp")["data"]["policies"] == ["ops"]

    vault.sys.create_or_update_acl_policy("dev", DEV)
    vault.sys.create_or_update_policy("ops", 'path "auth/corp/config" { capabilities = ["deny"] }')
    assert vault.sys.read_acl_policy("dev")["data"]["policy"] == DEV
    assert vault.sys.list_acl_policies()["data"]["keys"] == ["default", "dev", "ops", "root"]
    assert vault.sys.list_policies()["data"]["policies"] == ["default", "dev", "ops", "root"]

    operator = vault.token
    shown: List[int] = []
    answer = method.login("fred", PASSWORD, mount_point="corp", on_challenge=shown.append)
    assert shown == [42]
    assert answer["auth"]["policies"] == ["default", "dev", "ops"]
    assert vault.token == answer["auth"]["client_token"]
    assert vault.auth.token.lookup_self()["data"]["display_name"] == "corp-fred"
    assert vault.auth.token.renew_self(increment="30m")["auth"]["lease_duration"] == 1800
    paths = ["auth/corp/users/wilma", "auth/corp/users/fred", "auth/corp/config"]
    may = vault.sys.get_capabilities(paths)["data"]
    assert [may[path] for path in paths] == [["list", "read"], ["update"], ["deny"]]
    method.register_user("fred", policies=["dev"], groups=["on-call"], mount_point="corp")
    for forbidden in (method.read_config, lambda mount: method.read_user("fred", mount), method.list_groups):
        with pytest.raises(hvac.exceptions.Forbidden):
            forbidden("corp")
    vault.auth.token.revoke_self()
    with pytest.raises(hvac.exceptions.Forbidden):
        vault.auth.token.lookup_self()

    vault.token = operator
    vault.sys.delete_acl_policy("ops")
    wrapped = vault.read("auth/corp/users/fred", wrap_ttl="60s")["wrap_info"]
    assert (wrapped["ttl"], wrapped["creation_path"]) == (60, "auth/corp/users/fred")
    assert vault.sys.unwrap(wrapped["token"])["data"]["policies"] == ["dev"]
    with pytest.raises(hvac.exceptions.InvalidRequest):
        vault.sys.unwrap(wrapped["token"])
    vault.token = vault.sys.wrap({"for": "fred"}, ttl=60)["wrap_info"]["token"]
    assert vault.sys.unwrap()["data"] == {"for": "fred"}

    vault.token = operator
    method.delete_user("fred", "corp")
    with pytest.raises(hvac.exceptions.InvalidPath):
        method.list_users("corp")
    vault.sys.disable_auth_method("corp")
    with pytest.raises(hvac.exceptions.InvalidPath):
        method.read_config("corp")


def test_the_second_factors_of_a_login(vault: Any, okta: Okta) -> None:
    method = OktaMethod(vault.adapter)
    vault.write_data("auth/okta/config", data={"org_url": okta.url, "api_token": okta.api_token})
    okta.user("fred@acme.com", {"type": "token:software:totp", "id": "ost1"})
    with pytest.raises(hvac.exceptions.InvalidRequest):
        method.login("fred", PASSWORD, use_token=False)
    operator = vault.token
    totp = okta.control("/passcode", {"login": "fred@acme.com", "factor": "ost1"})["passcode"]
    answer = method.login("fred", PASSWORD, use_token=False, totp=totp, provider="OKTA")
    assert (vault.token, answer["auth"]["policies"]) == (operator, ["default"])
    okta.user("wilma@acme.com")
    shown: List[int] = []
    answer = method.login("wilma", PASSWORD, on_challenge=shown.append)
    assert (vault.token, shown) == (answer["auth"]["client_token"], [])
    with pytest.raises(hvac.exceptions.InvalidRequest) as refused:
        method.login("wilma", "wrong", on_challenge=shown.append)
    assert "wrong" not in str(refused.value)


def test_the_number_of_a_nonce_of_the_callers(vault: Any, okta: Okta) -> None:
    method = OktaMethod(vault.adapter)
    vault.write_data("auth/okta/config", data={"org_url": okta.url, "api_token": okta.api_token})
    okta.user("fred@acme.com", NUMBER)
    nonce = "0123456789abcdef"
    assert method.verify(nonce) is None
    login = threading.Thread(target=method.login, args=("fred", PASSWORD), kwargs={"nonce": nonce})
    login.start()
    okta.wait_for_push()
    numbers: Set[Optional[int]] = set()
    while login.is_alive():
        numbers.add(method.verify(nonce))
        login.join(0.05)
    assert 42 in numbers


def test_hvacs_own_method_does(vault: Any, okta: Okta) -> None:
    method = vault.auth.okta
    vault.write_data("auth/okta/config", data={"org_url": okta.url, "api_token": okta.api_token})
    method.register_group("Engineers", policies=["eng"])
    method.register_user("fred", policies=["dev"])
    assert method.read_config()["data"]["org_url"] == okta.url
    assert method.list_users()["data"]["keys"] == ["fred"]
    assert method.read_group("Engineers")["data"]["policies"] == ["eng"]
    okta.user("fred@acme.com", {"type": "push", "pushes": [{"waiting": 0}]}, groups=["Engineers"])
    answer = method.login("fred", PASSWORD)
    assert (vault.token, answer["auth"]["policies"]) == (answer["auth"]["client_token"], ["default", "dev", "eng"])
    assert vault.auth.token.lookup_self()["data"]["display_name"] == "okta-fred"
    with pytest.raises(hvac.exceptions.InvalidRequest) as refused:
        method.login("fred", "wrong")
    assert "E0000004" in str(refused.value)


def test_what_a_callback_raises_goes_to_the_caller(okta: Okta, client: okta_auth.Client) -> None:
    okta.user("fred@acme.com", {"type": "push", "pushes": [{"waiting": None, "number": 42}]})
    vault = hvac.Client(token="hvs.mine", adapter=InProcessAdapter.of(client))
    with pytest.raises(ZeroDivisionError):
        OktaMethod(vault.adapter).login("fred", PASSWORD, on_challenge=lambda number: number // 0)
    assert vault.token == "hvs.mine"


def test_requests_in_process_come_from_where_it_is_said_and_in_time(okta: Okta, client: okta_auth.Client) -> None:
    okta.user("fred@acme.com", {"type": "push", "pushes": [{"waiting": None}]})
    vault = hvac.Client(token="", adapter=InProcessAdapter.of(client), timeout=0.5)
    with pytest.raises(hvac.exceptions.VaultError) as late:
        vault.auth.okta.login("fred", PASSWORD)
    assert "deadline" in str(late.value) or "time" in str(late.value)
    client.configure(token_bound_cidrs="203.0.113.0/24")
    with pytest.raises(hvac.exceptions.Forbidden):
        vault.adapter.post(
            "/v1/auth/okta/login/fred", json={"password": PASSWORD}, headers={"X-Forwarded-For": "203.0.113.9"}
        )
    okta.user("fred@acme.com")
    for address, forbidden in (("203.0.113.9", False), ("198.51.100.1", True)):
        other = hvac.Client(token="", adapter=InProcessAdapter.of(client, remote_address=address))
        try:
            other.auth.okta.login("fred", PASSWORD)
            assert not forbidden
            assert other.is_authenticated()
        except hvac.exceptions.Forbidden:
            assert forbidden
    client.close()
    with pytest.raises(okta_auth.Closed):
        vault.sys.list_auth_methods()
