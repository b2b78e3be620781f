"""The chapter on Python is carried out: the wheel, in an empty environment without a compiler, then block by block."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Dict, List, Tuple

import pytest

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


def fits(shown: str, output: str) -> bool:
    """Whether a line of the output is as shown; … stands for anything."""
    pattern = ".*".join(re.escape(part) for part in shown.split("…"))
    return any(re.fullmatch(pattern, line.rstrip()) for line in output.splitlines())


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
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

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
        for line in shown:
            assert fits(line, output), (line, output)
    said = reader.python("\n".join(blocks("python")))
    for line in [
        "['fred']",
        "On Fred's phone, tap 42",
        "['default', 'dev', 'ops'] 3600",
        "no: invalid_credentials",
        "['push']",
        "42",
        "fred@acme.com",
        "403 …",
        "['on-call']",
        "the handle is closed (-12 closed)",
    ]:
        assert fits(line, said), (line, said)
    assert len(re.findall("^```[a-z]", CHAPTER, re.MULTILINE)) == len(blocks("console") + blocks("python"))
