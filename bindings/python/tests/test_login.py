"""Logins whose challenges are told to the caller."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Dict, List, Optional

import pytest

import okta_auth
from loopback import PASSWORD, Okta
from okta_auth import Challenge, Factor

PACKAGE = Path(__file__).resolve().parents[1]
NUMBER: Dict[str, Any] = {"type": "push", "name": "Fred's phone", "pushes": [{"after_ms": 500, "number": 42}]}
WAITS: Dict[str, Any] = {"type": "push", "pushes": [{"waiting": None, "number": 7}]}
TOTP: Dict[str, Any] = {"type": "token:software:totp", "id": "ost1"}
QUESTION: Dict[str, Any] = {"type": "question", "question": "Which pet?", "answer": "Rex"}


def test_the_number_is_told_while_the_login_waits(okta: Okta, client: okta_auth.Client) -> None:
    okta.user("fred@acme.com", NUMBER)
    told: List[Challenge] = []
    answer = client.login("fred", PASSWORD, on_challenge=told.append)
    assert answer.auth.metadata["okta_login"] == "fred@acme.com"
    assert [(challenge.type, challenge.number, challenge.factor.name) for challenge in told] == [
        ("number", 42, "Fred's phone")
    ]
    assert str(told[0]) == "On Fred's phone, tap 42"
    assert told[0].expires_at.timestamp() > time.time()
    assert okta.counts()["pushes"] == 1


def test_a_user_without_a_factor_is_told_nothing(okta: Okta, client: okta_auth.Client) -> None:
    okta.user("fred@acme.com")
    told: List[Challenge] = []
    assert client.login("fred", PASSWORD, on_challenge=told.append).auth.client_token
    assert told == []


def test_a_passcode_is_asked_for_until_it_is_right(okta: Okta, client: okta_auth.Client) -> None:
    okta.user("fred@acme.com", TOTP)
    told: List[Challenge] = []

    def passcode(challenge: Challenge) -> str:
        told.append(challenge)
        if len(told) == 1:
            return "000000"
        right: str = okta.control("/passcode", {"login": "fred@acme.com", "factor": "ost1"})["passcode"]
        return right

    assert client.login("fred", PASSWORD, on_challenge=passcode).auth.client_token
    assert [challenge.type for challenge in told] == ["passcode", "passcode"]
    assert told[0].last_error is None
    assert told[1].last_error


def test_the_factor_can_be_chosen_and_a_question_answered(okta: Okta, client: okta_auth.Client) -> None:
    okta.user("fred@acme.com", NUMBER, TOTP, QUESTION)
    seen: List[Factor] = []

    def choose(factors: List[Factor]) -> Factor:
        seen.extend(factors)
        return next(factor for factor in factors if factor.type == "question")

    def answer(challenge: Challenge) -> Optional[str]:
        return "Rex" if challenge.question == "Which pet?" else None

    assert client.login("fred", PASSWORD, on_challenge=answer, choose_factor=choose).auth.client_token
    assert {factor.type for factor in seen} == {"push", "token:software:totp", "question"}
    assert okta.counts()["pushes"] == 0


@pytest.mark.parametrize(
    ("factor", "kind"),
    [
        (TOTP, okta_auth.PasscodeRequired),
        ({"type": "push", "pushes": [{"waiting": 0, "then": "REJECTED"}]}, okta_auth.PushRejected),
        ({"type": "push", "pushes": [{"waiting": 0, "then": "TIMEOUT"}]}, okta_auth.ChallengeTimeout),
        ({"type": "u2f"}, okta_auth.NoSupportedFactor),
    ],
)
def test_a_login_that_is_given_up_or_refused_raises(
    okta: Okta, client: okta_auth.Client, factor: Dict[str, Any], kind: "type[okta_auth.Error]"
) -> None:
    okta.user("fred@acme.com", factor)
    with pytest.raises(kind):
        client.login("fred", PASSWORD, on_challenge=lambda challenge: None)


def test_a_login_that_nobody_answers_ends_in_time_and_okta_is_told(okta: Okta, client: okta_auth.Client) -> None:
    okta.user("fred@acme.com", WAITS)
    began = time.monotonic()
    with pytest.raises(okta_auth.ChallengeTimeout):
        client.login("fred", PASSWORD, timeout_ms=1_000, on_challenge=lambda challenge: None)
    assert time.monotonic() - began < 5
    okta.wait_for_call("/api/v1/authn/cancel")


def test_what_on_challenge_raises_comes_out_and_okta_is_told(okta: Okta, client: okta_auth.Client) -> None:
    okta.user("fred@acme.com", WAITS)

    def failing(challenge: Challenge) -> None:
        raise LookupError("no screen")

    with pytest.raises(LookupError, match="no screen"):
        client.login("fred", PASSWORD, on_challenge=failing)
    okta.wait_for_call("/api/v1/authn/cancel")


def test_wrong_uses_of_on_challenge_are_type_errors(okta: Okta, client: okta_auth.Client) -> None:
    okta.user("fred@acme.com", WAITS)

    class Later:
        def __await__(self) -> Any:
            yield

    with pytest.raises(TypeError, match="AsyncClient"):
        client.login("fred", PASSWORD, on_challenge=lambda challenge: Later())
    with pytest.raises(TypeError, match="on_challenge"):
        client.login("fred", PASSWORD, choose_factor=lambda factors: factors[0])
    with pytest.raises(TypeError, match="nonce"):
        client.login("fred", PASSWORD, nonce="n" * 16, on_challenge=lambda challenge: None)


def test_the_steps_can_be_taken_one_by_one(okta: Okta, client: okta_auth.Client) -> None:
    okta.user("fred@acme.com", NUMBER, TOTP)
    state = okta_auth.transaction(client.start_transaction("fred", PASSWORD))
    assert (state.state, state.is_open, len(state.factors)) == ("mfa_required", True, 2)
    chosen = client.continue_transaction(state.id, factor_type="token:software:totp")
    challenge = okta_auth.transaction(chosen).challenge
    assert challenge
    assert challenge.type == "passcode"
    passcode = okta.control("/passcode", {"login": "fred@acme.com", "factor": "ost1"})["passcode"]
    assert client.continue_transaction(state.id, passcode=passcode).auth.client_token
    with pytest.raises(okta_auth.NotFound):
        client.continue_transaction(state.id)
    with pytest.raises(okta_auth.NotFound):
        client.cancel_transaction(state.id)


def test_closing_ends_a_login_in_another_thread(okta: Okta, client: okta_auth.Client) -> None:
    okta.user("fred@acme.com", {"type": "push", "pushes": [{"waiting": None}]})
    ended: List[BaseException] = []

    def login() -> None:
        try:
            client.login("fred", PASSWORD)
        except okta_auth.Error as problem:
            ended.append(problem)

    thread = threading.Thread(target=login)
    thread.start()
    okta.wait_for_push()
    client.close()
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert isinstance(ended[0], (okta_auth.Cancelled, okta_auth.Closed))


INTERRUPTED = """
import sys, okta_auth
url, ca_file, api_token, interactive = sys.argv[1:]
with okta_auth.Client(ca_file=ca_file) as client:
    client.configure(org_url=url, api_token=api_token)
    shown = (lambda challenge: print(challenge.number, flush=True)) if interactive == "True" else None
    try:
        client.login("fred", "correct horse", on_challenge=shown)
    except KeyboardInterrupt:
        assert client.list_auth_methods().status == 200
        print("interrupted", flush=True)
"""


@pytest.mark.parametrize("interactive", [True, False])
def test_ctrl_c_ends_a_login_in_half_a_second(okta: Okta, interactive: bool) -> None:
    okta.user("fred@acme.com", {"type": "push", "pushes": [{"waiting": None}]})
    arguments = [okta.url, okta.ca_file, okta.api_token, str(interactive)]
    environment = {**os.environ, "PYTHONPATH": os.fspath(PACKAGE)}
    program = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, *arguments], env=environment, stdout=subprocess.PIPE, text=True
    )
    okta.wait_for_push()
    began = time.monotonic()
    program.send_signal(signal.SIGINT)
    assert program.stdout
    lines = iter(program.stdout.readline, "")
    assert "interrupted\n" in lines
    # Half a second, and one more for a busy machine.
    assert time.monotonic() - began < 1.5
    assert program.wait(timeout=10) == 0
    program.stdout.close()
    if interactive:
        okta.wait_for_call("/api/v1/authn/cancel")
