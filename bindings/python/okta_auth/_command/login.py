"""`login`: a login with a person in front of it."""

import argparse
import getpass
import json
import sys
import threading
import time
from typing import Any, List, Optional

from .._client import Client
from .._transaction import Challenge, Factor, preferred
from .output import Output


def add_to(commands: Any) -> None:
    """Adds the command to the command line."""
    login = commands.add_parser("login", help="log a user in, and print his token")
    login.add_argument("username")
    login.add_argument("--factor", metavar="TYPE", help="push, token:software:totp, sms, ...: do not ask which")
    login.add_argument("--timeout", metavar="SECONDS", type=float, help="how long to wait at most; default 300")
    login.set_defaults(work=log_in)


def log_in(client: Client, chosen: argparse.Namespace, output: Output) -> int:
    """Asks for the password, and for what else Okta wants."""
    terminal = Terminal(chosen.factor)
    try:
        answer = client.login(
            chosen.username,
            secret("Password: "),
            mount_point=chosen.mount,
            timeout_ms=None if chosen.timeout is None else int(chosen.timeout * 1000),
            on_challenge=terminal.challenged,
            choose_factor=terminal.choose,
        )
    finally:
        terminal.stop()
    if output.as_json:
        print(json.dumps(answer.body))
    else:
        auth = answer.auth
        output.table(
            {
                "token": auth.client_token,
                "accessor": auth.accessor,
                "policies": auth.policies,
                "user": auth.metadata.get("okta_login"),
                "lease": f"{auth.lease_duration} s",
                "renewable": auth.renewable,
            }
        )
    output.warn(answer.warnings)
    return 0


def secret(prompt: str) -> str:
    """A line that is not shown where somebody types it."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    line = sys.stdin.readline()
    if not line:
        raise EOFError("standard input ended where a secret was expected")
    return line.rstrip("\n")


class Terminal:
    """Shows challenges, and asks."""

    def __init__(self, factor_type: Optional[str]) -> None:
        self._factor_type = factor_type
        self._countdown: Optional[Countdown] = None

    def choose(self, factors: List[Factor]) -> Factor:
        """The factor that the command line names, or that the user picks from the list."""
        if self._factor_type is not None:
            for factor in factors:
                if factor.type == self._factor_type:
                    return factor
            known = ", ".join(factor.type for factor in factors)
            raise ValueError(f"the user has no usable factor {self._factor_type}; there are: {known}")
        if len(factors) == 1 or not sys.stdin.isatty():
            return preferred(factors)
        for number, factor in enumerate(factors, 1):
            print(f"{number}  {named(factor)}", file=sys.stderr)
        while True:
            print("Factor: ", end="", file=sys.stderr, flush=True)
            picked = sys.stdin.readline()
            if not picked:
                raise EOFError("no factor was chosen")
            if picked.strip().isdecimal() and 1 <= int(picked) <= len(factors):
                return factors[int(picked) - 1]

    def challenged(self, challenge: Challenge) -> Optional[str]:
        """Shows it; returns what the user types."""
        self.stop()
        if challenge.last_error:
            left = "" if challenge.attempts_left is None else f" ({challenge.attempts_left} attempts left)"
            print(f"{challenge.last_error}{left}", file=sys.stderr)
        where = named(challenge.factor)
        if challenge.type == "passcode":
            return secret(f"Passcode of {where}: ")
        if challenge.type == "question":
            return secret(f"{challenge.question} ")
        wanted = f"tap {challenge.number}" if challenge.type == "number" else "confirm"
        self._countdown = Countdown(f"On {where}, {wanted}", challenge.expires_at.timestamp())
        return None

    def stop(self) -> None:
        """Ends the countdown."""
        if self._countdown is not None:
            self._countdown.stop()
            self._countdown = None


class Countdown:
    """A line that tells how many seconds are left; on a terminal it is written anew each second."""

    def __init__(self, text: str, end: float) -> None:
        self._text = text
        self._end = end
        self._over = threading.Event()
        self._thread: Optional[threading.Thread] = None
        if sys.stderr.isatty():
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        else:
            print(text, file=sys.stderr, flush=True)

    def stop(self) -> None:
        """Leaves the line as it is."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            print(file=sys.stderr)

    def _run(self) -> None:
        while True:
            left = max(0, round(self._end - time.time()))
            print(f"\r{self._text}  {left // 60}:{left % 60:02} left ", end="", file=sys.stderr, flush=True)
            if self._over.wait(1):
                return


def named(factor: Factor) -> str:
    """A factor for people."""
    return f"{factor.name} ({factor.type} {factor.provider})" if factor.name else f"{factor.type} {factor.provider}"
