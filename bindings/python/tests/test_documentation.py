"""The chapter on Python is carried out: the wheel, in an empty environment without a compiler, then block by block."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest

import okta_auth
from loopback import PASSWORD, ROOT, Okta

CHAPTER = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
LIBRARY = ROOT / "target" / "debug" / "libokta_auth.so"


def blocks(language: str) -> List[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", CHAPTER, re.MULTILINE | re.DOTALL)


def commands(block: str) -> List[Tuple[str, List[str]]]:
    """Each command with the lines that are shown under it."""
    shown: List[Tuple[str, List[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            shown.append((line[2:], []))
        else:
            shown[-1][1].append(line)
    return shown


def fits(shown: List[str], output: str) -> bool:
    """Whether the output is as shown, line by line; … stands for anything in a line."""
    lines = [line.rstrip() for line in output.splitlines()]
    patterns = [".*".join(re.escape(part) for part in line.split("…")) for line in shown]
    return len(lines) == len(patterns) and all(map(re.fullmatch, patterns, lines))


class Reader:
    """Somebody who copies the blocks."""

    def __init__(self, folder: Path, okta: Okta) -> None:
        self.folder = folder
        self.okta = okta
        (folder / "api-token").write_text(okta.api_token + "\n")
        (folder / "bin").mkdir()
        (folder / "bin" / "python3").symlink_to(sys.executable)

    def environment(self) -> Dict[str, str]:
        # No compiler, and no library but that of the wheel.
        return {"PATH": os.fspath(self.folder / "bin"), "PIP_DISABLE_PIP_VERSION_CHECK": "1", "HOME": "/nonexistent"}

    def run(self, command: str) -> str:
        command = command.replace("https://acme.okta.com", self.okta.url)
        command = command.replace("--database", f"--ca-file {self.okta.ca_file} --database")
        done = subprocess.run(
            command,
            shell=True,
            cwd=self.folder,
            env=self.environment(),
            input=PASSWORD + "\n",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, (command, done.stdout)
        return done.stdout.replace(self.okta.url, "https://acme.okta.com")

    def python(self, code: str) -> str:
        code = code.replace("https://acme.okta.com", self.okta.url)
        code = code.replace('Client("okta.db"', f'Client("okta.db", ca_file={self.okta.ca_file!r}')
        (self.folder / "blocks.py").write_text(f"password, api_token = {PASSWORD!r}, {self.okta.api_token!r}\n{code}")
        return self.run("venv/bin/python blocks.py")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the reader is, with the wheel that he makes first."""
    folder = tmp_path_factory.mktemp("reader")
    wheel = [os.fspath(part) for part in (ROOT / "tools/wheel", LIBRARY, sys.executable, folder / "target/wheel")]
    subprocess.run(wheel, check=True, stdout=subprocess.DEVNULL)
    return folder


def test_the_wheel_says_which_systems_can_load_it(folder: Path) -> None:
    (wheel,) = (folder / "target" / "wheel").iterdir()
    version = re.search(r'^version = "(.+)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)
    assert version
    assert re.fullmatch(rf"okta_auth-{re.escape(version[1])}-py3-none-(many)?linux_.*\.whl", wheel.name)


def test_every_block_does_what_it_shows(folder: Path, okta: Okta) -> None:
    number = {"type": "push", "name": "Fred's phone", "pushes": [{"waiting": 1, "number": 42}]}
    okta.user("fred@acme.com", number, groups=["Engineers"])
    reader = Reader(folder, okta)
    install, terminal = blocks("console")
    assert commands(install)[0] == ("make wheel", [])
    for command, _ in commands(install)[1:]:
        reader.run(command)
    for command, shown in commands(terminal):
        output = reader.run(command)
        assert fits(shown, output), (command, output)
    said = reader.python("\n".join(blocks("python")))
    shown = [
        '… "GET /v1/auth/okta/groups?list=true HTTP/1.1" 200 …',
        "INFO answered list_groups 200",
        "['fred']",
        "On Fred's phone, tap 42",
        "['default', 'dev', 'ops'] 3600",
        "['default', 'dev', 'ops']",
        "600 ['default', 'dev']",
        "no: invalid_credentials",
        "['push']",
        "42",
        "On Fred's phone, tap 42",
        "fred@acme.com",
        "403 …",
        "['on-call']",
        "['request', 'response'] 2",
        "status -12: the handle is closed (code closed)",
        okta_auth.__version__,
    ]
    assert fits(shown, said), said
    assert len(re.findall("^```[a-z]", CHAPTER, re.MULTILINE)) == len(blocks("console") + blocks("python"))


def test_the_page_on_policies_asks_as_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    (block,) = re.findall("^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    policy = re.search(r'    path "printers/\+".*?\n\n', page, re.DOTALL)
    assert policy
    told: Dict[str, Any] = {"okta_auth": okta_auth}
    exec(block, told)
    with okta_auth.Client() as client:
        client.create_or_update_acl_policy("printing", policy[0])
        token = client.create_token(policies=["printing"]).auth.client_token
        assert told["may_print"](client, token, "3", "192.0.2.7")
        assert capsys.readouterr().out == ""
        assert not told["may_print"](client, token, "secret", "192.0.2.7")
    (shown,) = re.findall(r"print\(why\)  # (.*)", block)
    assert fits([shown], capsys.readouterr().out)


def test_the_audit_log_shows_what_a_token_was_used_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chapter = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", chapter, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(code, {})
    assert f"prints `{capsys.readouterr().out.strip()}`." in chapter


def test_the_readme_shows_a_login_that_works(folder: Path, okta: Okta, tmp_path: Path) -> None:
    okta.user("fred@acme.com", {"type": "push", "name": "Fred's phone", "pushes": [{"waiting": 1, "number": 42}]})
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    reader = Reader(tmp_path, okta)
    reader.run(
        "python3 -m venv venv && venv/bin/pip install --no-index " + " ".join(map(str, folder.glob("target/wheel/*")))
    )
    assert reader.python(code + "print(auth.policies)\n").splitlines() == [
        code.partition("# ")[2].strip(),
        "['default', 'dev']",
    ]
