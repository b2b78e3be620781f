"""The programs in examples."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from aiohttp import ClientSession

import okta_auth
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


def test_hvac_needs_no_vault(okta: Okta, database: str) -> None:
    okta.user("fred@acme.com", {"type": "push", "pushes": [{"waiting": 1, "number": 42}]})
    said = run("hvac_login.py", okta.url, okta.ca_file, database, okta.api_token, PASSWORD)
    assert said.splitlines() == ["In Okta Verify, tap 42", "['default', 'dev', 'ops']"]


def test_the_examples_are_short() -> None:
    for path in (ROOT / "examples").glob("*.py"):
        assert len(path.read_text().splitlines()) < 40, path


def test_an_aiohttp_application_serves_those_with_a_token(okta: Okta, database: str) -> None:
    okta.user("fred@acme.com", {"type": "push", "pushes": [{"waiting": 0}]})
    with okta_auth.Client(database, ca_file=okta.ca_file) as client:
        client.configure(org_url=okta.url, api_token=okta.api_token)
        client.create_or_update_acl_policy("web", 'path "web/*" { capabilities = ["read"] }')
        client.register_user("fred", policies=["web"])
        created = client.create_token(policies=["web"], display_name="robot").auth.client_token
        wrapping = client.create_token(policies=["web"], wrap_ttl="10m").wrap_info.token
        without = client.create_token(policies=["dev"]).auth.client_token
        client.create_or_update_token_role("far", allowed_policies=["web"], token_bound_cidrs=["192.0.2.0/24"])
        elsewhere = client.create_token(role_name="far", policies=["web"]).auth.client_token

    async def main(url: str) -> None:
        async with ClientSession(url) as browser:
            for header in ("Bearer ", "Bearer hvs.invented", "hvs.invented", "Basic x"):
                refused = await browser.get("/", headers={"Authorization": header})
                assert (refused.status, await refused.json()) == (403, {"code": "invalid_token"})
            assert (await browser.get("/")).status == 400
            for bad in (wrapping, without, elsewhere):
                refused = await browser.get("/", headers={"Authorization": f"Bearer {bad}"})
                assert (refused.status, await refused.json()) == (403, {"code": "permission_denied"})
            for body in (None, b"{", b"\xff", b"username=fred", {"username": "fred"}):
                assert (await browser.post("/login", data=body)).status == 400
            multipart = {"Content-Type": "multipart/form-data; boundary=x"}
            assert (await browser.post("/login", data=b"--y", headers=multipart)).status < 500
            wrong = await browser.post("/login", data={"username": "fred", "password": "wrong"})
            assert (wrong.status, await wrong.json()) == (400, {"code": "invalid_credentials"})
            right = await browser.post("/login", data={"username": "fred", "password": PASSWORD})
            token = (await right.json())["token"]
            for brought, name in ((token, "okta-fred"), (created, "token-robot")):
                welcome = await browser.get("/", headers={"Authorization": f"Bearer {brought}"})
                assert (welcome.status, await welcome.text()) == (200, f"Hello, {name}")

    server = subprocess.Popen(
        [sys.executable, "-u", os.fspath(ROOT / "examples" / "aiohttp_server.py"), database, okta.ca_file, "0"],
        env={**os.environ, "PYTHONPATH": os.fspath(PACKAGE)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout
        found = re.search(r"http://127.0.0.1:\d+", server.stdout.readline())
        assert found
        asyncio.run(main(found[0]))
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=20) == 0
    finally:
        server.kill()
        server.communicate()
