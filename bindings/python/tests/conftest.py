"""What tests are given: the Okta, clients of it, a place for a database."""

import os
import subprocess
from pathlib import Path
from typing import Iterator

import pytest

import okta_auth
from loopback import ROOT, Okta


@pytest.fixture(scope="session")
def okta_program() -> Iterator[Okta]:
    program = ROOT / "target" / "debug" / "okta_loopback"
    process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield Okta(process)
    # It ends when its standard input closes.
    process.communicate(timeout=10)


@pytest.fixture
def okta(okta_program: Okta) -> Okta:
    okta_program.control("/reset")
    return okta_program


@pytest.fixture
def client(okta: Okta) -> Iterator[okta_auth.Client]:
    """A client with a storage in memory and a configuration."""
    with okta_auth.Client(ca_file=okta.ca_file) as client:
        client.configure(org_url=okta.url, api_token=okta.api_token)
        yield client


@pytest.fixture
def database(tmp_path: Path) -> str:
    return os.fspath(tmp_path / "okta.db")
