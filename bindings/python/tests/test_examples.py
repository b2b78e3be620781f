"""The programs in examples."""

import os
import subprocess
import sys
from pathlib import Path

from loopback import PASSWORD, ROOT, Okta

PACKAGE = Path(__file__).resolve().parents[1]


def run(name: str, *arguments: str) -> str:
    command = [sys.executable, os.fspath(ROOT / "examples" / name), *arguments]
    environment = {**os.environ, "PYTHONPATH": os.fspath(PACKAGE)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_login_shows_its_number(okta: Okta, database: str) -> None:
    number = {"type": "push", "name": "Fred's phone", "pushes": [{"waiting": 1, "number": 42}]}
    okta.user("fred@acme.com", number)
    said = run("login.py", okta.url, okta.ca_file, database, okta.api_token, PASSWORD)
    assert said.splitlines()[0] == "On Fred's phone, tap 42"
    assert "['default', 'dev', 'ops']" in said
    assert said.splitlines()[2] == "okta-fred"


def test_several_logins_wait_at_the_same_time(okta: Okta) -> None:
    for number, name in enumerate(("fred", "wilma", "barney")):
        okta.user(f"{name}@acme.com", {"type": "push", "pushes": [{"waiting": 1, "number": number}]})
    said = run(
        "login_asyncio.py", okta.url, okta.ca_file, okta.api_token, PASSWORD, "fred", "wilma", "barney", "nobody"
    )
    lines = said.splitlines()
    for number, name in enumerate(("fred", "wilma", "barney")):
        assert f"{name}: tap {number}" in lines
        assert f"{name}: ['default']" in lines
    assert any(line.startswith("nobody: no: ") for line in lines)


def test_the_examples_are_short() -> None:
    for path in (ROOT / "examples").glob("*.py"):
        assert len(path.read_text().splitlines()) < 40, path
