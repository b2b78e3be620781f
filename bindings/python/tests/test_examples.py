"""The programs in examples."""

import asyncio
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

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
    specification = importlib.util.spec_from_file_location("server", ROOT / "examples" / "aiohttp_server.py")
    assert specification
    assert specification.loader
    server = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(server)

    async def hello(request: web.Request) -> web.Response:
        return web.Response(text=f"Hello, {server.USER.get()}")

    async def main() -> None:
        app = server.application(okta_auth.AsyncClient(database, ca_file=okta.ca_file))
        app.add_routes([web.get("/", hello)])
        async with TestClient(TestServer(app)) as browser:
            for headers in ({}, {"Authorization": "Bearer hvs.invented"}, {"Authorization": "Bearer "}):
                assert (await browser.get("/", headers=headers)).status == 401
            wrong = await browser.post("/login", json={"username": "fred", "password": "wrong"})
            assert (wrong.status, await wrong.json()) == (401, {"code": "invalid_credentials"})
            right = await browser.post("/login", json={"username": "fred", "password": PASSWORD})
            token = (await right.json())["token"]
            welcome = await browser.get("/", headers={"Authorization": f"Bearer {token}"})
            assert (welcome.status, await welcome.text()) == (200, "Hello, fred@acme.com")

    asyncio.run(main())
