"""What is said when the library is missing, older, or of another header."""

import os
import subprocess
import sys
from pathlib import Path
from typing import List, Tuple

import pytest

from okta_auth._generated import abi

PACKAGE = Path(__file__).resolve().parents[1]

NUMBERS = """
#include <stdint.h>
const char *okta_auth_version(void) {{ return "0.0.9"; }}
uint32_t okta_auth_abi_version(void) {{ return {abi}; }}
uint64_t okta_auth_header_checksum(void) {{ return {checksum}u; }}
"""


def imported(libraries: Path) -> Tuple[int, str]:
    """Imports the package with this folder of libraries: the exit code and what is printed last."""
    environment = {**os.environ, "LD_LIBRARY_PATH": os.fspath(libraries), "PYTHONPATH": os.fspath(PACKAGE)}
    command = [sys.executable, "-c", "import okta_auth"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr.strip().split("\n")[-1]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("int x;", ["lacks okta_auth_version", "version unknown"]),
        (NUMBERS.format(abi=0, checksum=1), ["is too old", "version 0.0.9 and ABI 0"]),
        (NUMBERS.format(abi=abi.OKTA_AUTH_ABI_VERSION, checksum=1), ["a header with other declarations"]),
        (NUMBERS.format(abi=abi.OKTA_AUTH_ABI_VERSION, checksum=abi.HEADER_CHECKSUM), ["lacks okta_auth_open"]),
        (NUMBERS.format(abi=abi.OKTA_AUTH_ABI_VERSION + 1, checksum=1), ["lacks okta_auth_open"]),
    ],
)
def test_another_library_is_refused_with_both_versions(tmp_path: Path, source: str, expected: List[str]) -> None:
    code = tmp_path / "library.c"
    code.write_text(source)
    subprocess.run(["cc", "-shared", "-fPIC", code, "-o", tmp_path / "libokta_auth.so.1"], check=True)
    status, said = imported(tmp_path)
    assert status == 1
    versions = f"header of version {abi.OKTA_AUTH_VERSION} and ABI {abi.OKTA_AUTH_ABI_VERSION}"
    for text in ["ImportError", *expected, versions]:
        assert text in said


def test_a_missing_or_broken_library_is_an_import_error_that_says_what_to_do(tmp_path: Path) -> None:
    known = subprocess.run(["/sbin/ldconfig", "-p"], check=True, capture_output=True, text=True).stdout
    if "libokta_auth.so.1" not in known:
        status, said = imported(tmp_path)
        assert status == 1
        assert "ImportError: libokta_auth cannot be loaded: libokta_auth.so.1: cannot open" in said
        assert "install" in said
    # The folder comes before the system's.
    (tmp_path / "libokta_auth.so.1").write_bytes(b"")
    status, said = imported(tmp_path)
    assert status == 1
    assert "ImportError: libokta_auth cannot be loaded: " in said
    assert "file too short" in said
