"""The programs in examples."""

import asyncio
import os
import re
import shlex
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


def test_the_okta_to_try_programs_with_has_users_and_leaves_nothing_behind(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [ROOT / "examples" / "with_okta", ROOT / "target" / "debug" / "okta_loopback"],
        env={**os.environ, "TMPDIR": os.fspath(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout
        line = next(line for line in process.stdout if line.startswith("set -- "))
        url, ca_file, database, token, password = shlex.split(line)[2:]
        with okta_auth.Client(database, ca_file=ca_file) as client:
            client.configure(org_url=url, api_token=token)
            for name, number in (("fred", 42), ("wilma", None)):
                state = okta_auth.transaction(client.start_transaction(name, password, factor_type="push"))
                assert state.challenge
                assert (state.challenge.type, state.challenge.number) == (
                    "push" if number is None else "number",
                    number,
                )
                client.cancel_transaction(state.id)
        # As a terminal does for Ctrl-C.
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=20) == 130
        assert list(tmp_path.iterdir()) == []
    finally:
        process.terminate()
        process.communicate()


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

            okta.user("fred@acme.com", {"type": "push", "pushes": [{"waiting": None, "number": 42}]})
            form = {"username": "fred", "password": PASSWORD}
            unnamed = await browser.post("/login", data=form)
            assert (unnamed.status, await unnamed.json()) == (400, {"code": "nonce_required"})
            nonce = "8d1fc0b1d2a94b1c"
            okta.user("wilma@acme.com", {"type": "push", "pushes": [{"waiting": None, "number": 42}]})
            login = asyncio.ensure_future(browser.post("/login", data={**form, "username": "wilma", "nonce": nonce}))
            for _ in range(300):
                shown = await browser.get(f"/number/{nonce}")
                if shown.status != 404:
                    break
                await asyncio.sleep(0.1)
            assert (shown.status, await shown.json()) == (200, {"number": 42})
            okta.control("/tap", {"login": "wilma@acme.com"})
            tapped = await login
            assert (tapped.status, list(await tapped.json())) == (200, ["token"])

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
