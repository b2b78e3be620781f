"""`python -m okta_auth`, read by a program and on a terminal."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, List

import pytest

from loopback import PASSWORD, Okta

PACKAGE = Path(__file__).resolve().parents[1]


class Shell:
    """Runs commands on one database."""

    def __init__(self, okta: Okta, database: str) -> None:
        start = [sys.executable, "-m", "okta_auth", "--database", database, "--ca-file", okta.ca_file]
        self._start = start
        self._environment = {**os.environ, "PYTHONPATH": os.fspath(PACKAGE), "TERM": "dumb"}

    def run(self, *arguments: str, typed: str = "", code: int = 0) -> str:
        done = subprocess.run(
            [*self._start, *arguments],
            env=self._environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def json(self, *arguments: str, typed: str = "", code: int = 0) -> Any:
        return json.loads(self.run("--json", *arguments, typed=typed, code=code))

    def terminal(self, *arguments: str) -> "Terminal":
        return Terminal([*self._start, *arguments], self._environment)


class Terminal:
    """A command with a person in front of it."""

    def __init__(self, command: List[str], environment: "dict[str, str]") -> None:
        leader, follower = pty.openpty()
        self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=follower,
            stdout=follower,
            stderr=follower,
            start_new_session=True,
        )
        os.close(follower)
        self._leader = leader
        self.shown = ""

    def until(self, pattern: str) -> "re.Match[str]":
        """Reads until this is shown."""
        deadline = time.monotonic() + 20
        while True:
            match = re.search(pattern, self.shown)
            if match:
                return match
            assert time.monotonic() < deadline, (pattern, self.shown)
            if select.select([self._leader], [], [], 0.1)[0]:
                try:
                    self.shown += os.read(self._leader, 4096).decode()
                except OSError:
                    # The other side is gone.
                    assert re.search(pattern, self.shown), (pattern, self.shown)

    def type(self, line: str) -> None:
        os.write(self._leader, line.encode() + b"\n")

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def end(self) -> int:
        return self._process.wait(timeout=20)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._leader)


@pytest.fixture
def shell(okta: Okta, database: str) -> Shell:
    shell = Shell(okta, database)
    shell.run("config", f"org_url={okta.url}", "api_token=-", "token_ttl=1h", typed=okta.api_token + "\n")
    return shell


def test_config_is_written_and_shown_without_the_token(okta: Okta, shell: Shell, tmp_path: Path) -> None:
    shown = shell.run("config")
    assert re.search(r"^token_ttl +3600$", shown, re.MULTILINE)
    assert okta.api_token not in shown
    (tmp_path / "ttl").write_text("2h\n")
    assert shell.json("config", f"token_ttl=@{tmp_path / 'ttl'}")["data"]["token_ttl"] == 7200
    assert "no such member" in shell.run("config", "no_such=1", code=1)
    assert "a value is missing" in shell.run("config", "token_ttl", code=1)


def test_users_and_groups_are_listed_set_shown_and_deleted(shell: Shell) -> None:
    assert shell.run("users") == ""
    assert "dev, ops" in shell.run("users", "set", "fred", "--policies", "dev,ops", "--groups", "on-call")
    assert shell.run("users") == shell.run("users", "list") == "fred\n"
    assert shell.json("users", "show", "fred")["data"] == {"groups": ["on-call"], "policies": ["dev", "ops"]}
    shell.run("groups", "set", "on-call", "--policies", "ops")
    assert shell.json("groups")["data"]["keys"] == ["on-call"]
    shell.run("groups", "delete", "on-call")
    shell.run("users", "delete", "fred")
    assert shell.json("users", "show", "fred", code=1)["code"] == "not_found"


def test_a_program_logs_in_and_works_on_the_token(okta: Okta, shell: Shell) -> None:
    okta.user("fred@acme.com", groups=["Engineers"])
    auth = shell.json("login", "fred", typed=PASSWORD + "\n")["auth"]
    token = auth["client_token"]
    assert shell.json("token", "lookup", typed=token + "\n")["data"]["accessor"] == auth["accessor"]
    assert "okta-fred" in shell.run("token", "renew", token)
    shell.run("token", "revoke", token)
    assert shell.json("token", "lookup", token, code=1)["code"] == "invalid_token"
    assert shell.json("token", "revoke", token, code=1)["code"] == "invalid_token"
    assert shell.json("login", "fred", typed="wrong\n", code=1)["code"] == "invalid_credentials"
    assert "standard input ended" in shell.run("login", "fred", code=1)


def test_a_factor_can_be_named(okta: Okta, shell: Shell) -> None:
    okta.user("fred@acme.com", {"type": "push"}, {"type": "question", "question": "Which pet?", "answer": "Rex"})
    auth = shell.json("login", "fred", "--factor", "question", typed=f"{PASSWORD}\nRex\n")["auth"]
    assert auth["client_token"]
    said = shell.run("login", "fred", "--factor", "sms", typed=PASSWORD + "\n", code=1)
    assert "there are: push, question" in said
    assert okta.counts()["pushes"] == 0


def test_on_a_terminal_the_number_is_shown_with_a_countdown(okta: Okta, shell: Shell) -> None:
    push = {"type": "push", "name": "Fred's phone", "pushes": [{"waiting": None, "number": 42}]}
    okta.user("fred@acme.com", push, {"type": "token:software:totp"})
    with shell.terminal("login", "fred") as terminal:
        terminal.until("Password: ")
        terminal.type(PASSWORD)
        terminal.until(r"1  Fred's phone \(push OKTA\)")
        terminal.until(r"2  .*token:software:totp OKTA")
        terminal.until("Factor: ")
        terminal.type("nonsense")
        terminal.until("Factor: [^F]*Factor: ")
        terminal.type("1")
        first = terminal.until(r"tap 42  (\d:\d\d) left")
        terminal.until(rf"tap 42  (?!{first[1]})\d:\d\d left")
        okta.control("/tap", {"login": "fred@acme.com"})
        terminal.until("token +hvs")
        assert terminal.end() == 0
        assert PASSWORD not in terminal.shown


def test_a_passcode_is_typed_until_it_is_right(okta: Okta, shell: Shell) -> None:
    okta.user("fred@acme.com", {"type": "token:software:totp", "id": "ost1"})
    with shell.terminal("login", "fred") as terminal:
        terminal.until("Password: ")
        terminal.type(PASSWORD)
        terminal.until("Passcode of .*token:software:totp OKTA")
        terminal.type("000000")
        terminal.until("(?s)Passcode of.*Passcode of")
        right = okta.control("/passcode", {"login": "fred@acme.com", "factor": "ost1"})["passcode"]
        terminal.type(right)
        terminal.until("token +hvs")
        assert terminal.end() == 0
        assert right not in terminal.shown


def test_ctrl_c_ends_a_login_without_a_traceback(okta: Okta, shell: Shell) -> None:
    okta.user("fred@acme.com", {"type": "push", "pushes": [{"waiting": None}]})
    with shell.terminal("login", "fred") as terminal:
        terminal.until("Password: ")
        terminal.type(PASSWORD)
        terminal.until(r"confirm  \d:\d\d left")
        terminal.interrupt()
        assert terminal.end() == 130
        assert "Traceback" not in terminal.shown
        okta.wait_for_call("/api/v1/authn/cancel")


def test_doctor_finds_what_is_wrong(okta: Okta, shell: Shell, tmp_path: Path) -> None:
    findings = shell.json("doctor")["findings"]
    assert [(found["what"], found["state"]) for found in findings] == [
        ("library", "good"),
        ("database", "good"),
        ("configuration", "good"),
        ("okta", "good"),
        ("api token", "unknown"),
    ]
    assert f"shows at a login: {Path(sys.executable).name} -m okta_auth login USER" in shell.run("doctor")
    fresh = Shell(okta, os.fspath(tmp_path / "fresh.db"))
    fresh.run("users", "set", "fred")
    assert "there is none" in fresh.run("doctor", code=1)
    fresh.run("config", "org_url=https://127.0.0.1:1")
    said = fresh.run("doctor", code=1)
    assert "FAILED   okta" in said
    assert "No Okta API token" in said
    assert "api token" not in said
    (tmp_path / "fresh.db").chmod(0o644)
    assert "has mode 0644" in fresh.run("doctor", code=1)


def test_a_wrong_command_line_is_2_and_a_bad_database_1(okta: Okta, tmp_path: Path) -> None:
    shell = Shell(okta, os.fspath(tmp_path / "missing" / "okta.db"))
    assert shell.json("users", "set", "fred", code=1)["code"] == "storage_failed"
    assert f"usage: {Path(sys.executable).name} -m okta_auth" in shell.run("nonsense", code=2)


def test_what_only_reads_makes_no_database(okta: Okta, tmp_path: Path) -> None:
    shell = Shell(okta, os.fspath(tmp_path / "typo.db"))
    for command in (["users", "list"], ["groups", "delete", "a"], ["config"], ["doctor"], ["login", "fred"]):
        assert "there is no database" in shell.run(*command, code=1), command
    assert list(tmp_path.iterdir()) == []


def test_what_is_done_is_added_to_the_audit_log_or_not_done(shell: Shell, tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    shell.run("--audit", os.fspath(log), "users", "set", "fred", "--policies", "dev")
    functions = [json.loads(line)["request"]["function"] for line in log.read_text().splitlines()]
    assert functions[:2] == ["register_user", "register_user"]
    assert shell.json("--audit", "/dev/full", "users", "delete", "fred", code=1)["code"] == "audit_failed"
    assert shell.json("users", "show", "fred")["data"]["policies"] == ["dev"]


def test_a_locked_user_is_let_in_again(okta: Okta, shell: Shell) -> None:
    okta.user("fred@acme.com")
    for code in ["invalid_credentials"] * 5 + ["user_locked"]:
        assert shell.json("login", "fred", typed="wrong\n", code=1)["code"] == code
    shell.run("users", "unlock", "fred")
    assert shell.json("login", "fred", typed=PASSWORD + "\n")["auth"]["client_token"]
