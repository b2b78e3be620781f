"""The blocking client: operations, answers, exceptions, bad input."""

import gc
import inspect
import json
import pickle
import threading
from collections import deque
from datetime import timedelta
from pathlib import Path
from typing import Any, Dict, List

import pytest

import okta_auth
from loopback import PASSWORD, Okta
from okta_auth._generated.abi import FUNCTIONS, NO_ANSWER


def test_a_refused_question_says_why_and_by_which_rule() -> None:
    with okta_auth.Client() as client:
        client.create_or_update_acl_policy("a", 'path "a/*" { capabilities = ["read"] }')
        token = client.create_token(policies=["a"]).auth.client_token
        with pytest.raises(okta_auth.PermissionDenied) as refused:
            client.authorize(token, "a/b", "delete")
        data = refused.value.data
        said = f"1 error occurred: * permission denied: {data['reason']} (rule a/*)"
        said = f"status 403: {said} (code permission_denied)"
        assert str(refused.value) == said


def test_an_error_reads_as_in_the_other_languages() -> None:
    for status, body, line in (
        (
            400,
            r"""{"errors":[" first:\n\t* point\n\n","","second"],"code":"c"}""",
            "status 400: first: * point; second (code c)",
        ),
        (
            403,
            r"""{"errors":["no"],"code":"c","data":{"reason":"why","rule":"a/*"}}""",
            "status 403: no: why (rule a/*) (code c)",
        ),
        (403, r"""{"errors":[],"code":"c","data":{"reason":"why","rule":null}}""", "status 403: why (code c)"),
        (400, r"""{"errors":["no"],"code":"c","data":{"rule":"a/*"}}""", "status 400: no (code c)"),
        (-12, r"""{"code":"closed"}""", "status -12 (code closed)"),
        (500, "", "status 500"),
    ):
        assert str(okta_auth.Error(status, body.encode())) == line


def test_a_login_gives_a_token_that_can_be_looked_up_renewed_and_revoked(okta: Okta, client: okta_auth.Client) -> None:
    okta.user("fred@acme.com", groups=["Engineers"])
    client.register_group("Engineers", policies=["dev"])
    answer = client.login("fred", PASSWORD)
    assert (answer.status, answer.auth.policies) == (200, ["default", "dev"])
    assert answer.auth.metadata["okta_login"] == "fred@acme.com"
    assert answer.auth.renewable
    token = answer.auth.client_token
    assert client.lookup_token(token).data["accessor"] == answer.auth.accessor
    assert client.renew_token(token, increment=timedelta(minutes=30)).auth.lease_duration == 1800
    assert client.revoke_token(token).status == 204
    with pytest.raises(okta_auth.InvalidToken):
        client.lookup_token(token)


def test_the_raw_json_is_there_and_the_token_is_not_printed(okta: Okta, client: okta_auth.Client) -> None:
    okta.user("fred@acme.com")
    answer = client.login("fred", PASSWORD, request_id="r-1")
    assert json.loads(answer.text) == answer.body
    assert answer.request_id == "r-1"
    token = answer.auth.client_token
    assert token.startswith("hvs.")
    for shown in (repr(answer), str(answer), repr(answer.auth), str(answer.auth)):
        assert token not in shown


def test_a_wrapped_login_is_unwrapped_once(okta: Okta, client: okta_auth.Client) -> None:
    okta.user("fred@acme.com", {"type": "push", "pushes": [{"waiting": 0, "then": "SUCCESS"}]})
    asked = client.login("fred", PASSWORD, on_challenge=lambda _: None, wrap_ttl=timedelta(minutes=5))
    with pytest.raises(LookupError):
        _ = asked.auth
    info = asked.wrap_info
    assert (info.ttl, info.creation_path) == (300, "auth/okta/transactions")
    assert info.token not in repr(info) + str(info)
    answer = client.unwrap(info.token)
    assert answer.auth.accessor == info.wrapped_accessor
    with pytest.raises(LookupError):
        _ = answer.wrap_info
    with pytest.raises(okta_auth.InvalidToken):
        client.unwrap(info.token)


@pytest.mark.parametrize(
    ("user", "call", "kind", "code"),
    [
        ({}, {"password": "wrong"}, okta_auth.LoginFailed, "invalid_credentials"),
        ({"status": "LOCKED_OUT"}, {}, okta_auth.LoginFailed, "invalid_credentials"),
        ({"factors": [{"type": "token:software:totp"}]}, {}, okta_auth.MfaRequired, "passcode_required"),
        (
            {"factors": [{"type": "push", "pushes": [{"waiting": 0, "then": "REJECTED"}]}]},
            {},
            okta_auth.LoginFailed,
            "push_rejected",
        ),
        ({"password_state": "expired"}, {}, okta_auth.LoginFailed, "password_expired"),
    ],
)
def test_a_refused_login_raises_an_exception_of_its_code(
    okta: Okta,
    client: okta_auth.Client,
    user: Dict[str, Any],
    call: Dict[str, Any],
    kind: "type[okta_auth.Error]",
    code: str,
) -> None:
    okta.control("/users", {"login": "fred@acme.com", "password": PASSWORD, **user})
    with pytest.raises(kind) as caught:
        client.login("fred@acme.com", **{"password": PASSWORD, **call})
    assert caught.value.code == code
    assert type(caught.value).__name__ == "".join(part.capitalize() for part in code.split("_"))
    assert "wrong" not in str(caught.value)


def test_a_rate_limit_says_when_to_come_back(okta: Okta, client: okta_auth.Client) -> None:
    okta.control("/faults", [{"path": "/api/v1/authn", "kind": {"rate_limited": "normal"}}])
    with pytest.raises(okta_auth.RateLimited) as caught:
        client.login("fred", PASSWORD)
    assert isinstance(caught.value, okta_auth.Unavailable)
    assert caught.value.status == 429
    assert isinstance(caught.value.retry_after, int)
    assert caught.value.okta
    assert caught.value.okta.status == 429


def test_an_exception_survives_pickling() -> None:
    with okta_auth.Client() as client, pytest.raises(okta_auth.NotConfigured) as caught:
        client.login("fred", PASSWORD)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (type(copy), copy.status, copy.code) == (okta_auth.NotConfigured, 400, "not_configured")
    assert str(copy) == str(caught.value)


def test_lists_users_and_groups_with_the_values_python_has_for_them(client: okta_auth.Client) -> None:
    with pytest.raises(okta_auth.NotFound):
        client.list_users()
    client.register_user("fred", groups=("on-call",), policies="dev,ops")
    client.register_group("on-call", policies=deque(["ops"]))
    assert client.list_users().keys == ["fred"]
    assert client.read_user("FRED").data == {"groups": ["on-call"], "policies": ["dev", "ops"]}
    assert client.list_groups().keys == ["on-call"]
    client.configure(token_ttl=timedelta(hours=1), token_max_ttl="2h", token_period=timedelta(milliseconds=1500))
    data = client.read_config().data
    assert (data["token_ttl"], data["token_max_ttl"]) == (3600, 7200)
    assert client.delete_user("fred").status == 204


def test_an_own_mount_has_a_configuration_of_its_own(client: okta_auth.Client) -> None:
    client.enable_auth_method("corp/okta", "okta")
    with pytest.raises(okta_auth.NotFound):
        client.read_config(mount_point="corp/okta")
    client.register_user("ann", mount_point="corp/okta")
    assert client.list_users(mount_point="corp/okta").keys == ["ann"]


def test_nothing_is_done_without_its_audit_line(tmp_path: Path) -> None:
    file = tmp_path / "audit.log"
    with okta_auth.Client(audit=file) as client:
        client.register_user("fred")
        line = json.loads(file.read_text().splitlines()[-1])
        assert (line["type"], line["request"]["function"], line["status"]) == ("response", "register_user", 204)
        file.unlink()
        file.mkdir()
        with pytest.raises(okta_auth.AuditFailed):
            client.delete_user("fred")
        file.rmdir()
        assert client.list_users().data["keys"] == ["fred"]
    with okta_auth.Client(audit={"file": str(tmp_path / "none" / "audit.log"), "required": False}) as client:
        client.register_user("fred")


def test_every_function_of_the_header_has_a_method() -> None:
    beside = {"version", "abi_version", "header_checksum", "open", "buffer_free"}
    beside |= {"submit", "wait", "cancel", "completion_fd", "next_completed"}
    named = {name[len("okta_auth_") :] for name, _, _ in FUNCTIONS}
    for name in named - beside:
        method = getattr(okta_auth.Client, name)
        assert inspect.getdoc(method), name


def test_every_code_has_a_documented_exception() -> None:
    for name in [*NO_ANSWER.values(), "rate_limited", "internal"]:
        kind = getattr(okta_auth, "".join(part.capitalize() for part in name.split("_")))
        assert issubclass(kind, okta_auth.Error)
        assert kind.__doc__


@pytest.mark.parametrize("value", [b"secret", object(), float("nan"), {1, "a"}])
def test_what_json_cannot_say_is_a_type_error_without_the_value(client: okta_auth.Client, value: Any) -> None:
    with pytest.raises(TypeError) as caught:
        client.login("fred", value)
    assert "password" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a\0b", "\ud800", "x" * 5000])
def test_a_bad_name_is_an_invalid_request(client: okta_auth.Client, name: str) -> None:
    with pytest.raises((okta_auth.InvalidRequest, okta_auth.InvalidJson, okta_auth.UnsupportedOperation)):
        client.register_user(name)


def test_a_wrong_type_of_a_parameter_is_an_invalid_request(client: okta_auth.Client) -> None:
    wrong: Any = {"a": 1}
    with pytest.raises(okta_auth.InvalidRequest):
        client.configure(bypass_okta_mfa=wrong)
    with pytest.raises(okta_auth.InvalidRequest):
        client.login("fred", PASSWORD, timeout_ms=-5)
    with pytest.raises(TypeError, match="no_such_member"):
        getattr(client, "login")("fred", PASSWORD, no_such_member=1)  # noqa: B009


def test_a_storage_that_cannot_be_opened_says_why(tmp_path: Any) -> None:
    with pytest.raises(okta_auth.Error) as caught:
        okta_auth.Client(tmp_path / "missing" / "okta.db")
    assert caught.value.code == "storage_failed"
    with pytest.raises(okta_auth.InvalidRequest):
        okta_auth.Client({"type": "no such engine"})


def test_a_closed_client_says_so_and_closes_twice(client: okta_auth.Client) -> None:
    client.close()
    client.close()
    with pytest.raises(okta_auth.Closed):
        client.read_config()


def test_a_closed_client_never_comes_back_though_others_are_open(database: str) -> None:
    first = okta_auth.Client(database)
    first.close()
    with okta_auth.Client(database) as second:
        second.register_user("fred")
        with pytest.raises(okta_auth.Closed):
            first.list_users()


def test_sixteen_threads_each_get_their_own_answer(client: okta_auth.Client) -> None:
    for number in range(16):
        client.register_user(f"user-{number}", policies=[f"policy-{number}"])
    wrong: List[object] = []

    def read(number: int) -> None:
        for _ in range(200):
            policies = client.read_user(f"user-{number}").data["policies"]
            if policies != [f"policy-{number}"]:
                wrong.append((number, policies))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_forgotten_clients_are_closed_by_the_collector() -> None:
    # More than the 1,024 handles that may be open at once.
    for number in range(1_500):
        client = okta_auth.Client()
        client.cycle = client  # type: ignore[attr-defined]
        del client
        if number % 500 == 499:
            gc.collect()
    with okta_auth.Client() as client:
        assert client.list_auth_methods().status == 200
