"""The generator takes the real header, and refuses by name what it does not know."""

import re
from pathlib import Path
from typing import Tuple

import pytest

import write_cpp
import write_go
import write_names
import write_python
from header import checksum, read
from problem import Problem

HEADER = (Path(__file__).resolve().parents[2] / "include/okta_auth.h").read_text(encoding="utf-8")


def test_reads_every_function_constant_and_code() -> None:
    header = read(HEADER)
    declared = set(re.findall(r"^[a-z].*?(okta_auth_\w+)\(", HEADER, re.MULTILINE))
    assert {function.name for function in header.functions} == declared
    assert {constant.name for constant in header.constants} == set(
        re.findall(r"^#define (OKTA_AUTH_(?!H\b)\w+)", HEADER, re.M)
    )
    assert {code.name for code in header.codes} == set(re.findall(r"^    (OKTA_AUTH_\w+) = -\d+,", HEADER, re.M))


def test_the_same_header_gives_the_same_text() -> None:
    for writer in (write_python, write_go, write_cpp, write_names):
        assert writer.files(read(HEADER)) == writer.files(read(HEADER))


def test_the_checksum_counts_declarations_only() -> None:
    commented = HEADER.replace("/**", "/** More words.").replace('VERSION "', 'VERSION "9').replace("\n\n", "\n\n\n")
    assert checksum(commented) == checksum(HEADER)
    assert checksum(HEADER.replace("OKTA_AUTH_CLOSED = -12", "OKTA_AUTH_CLOSED = -13")) != checksum(HEADER)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("size_t request_len,", "double request_len,"), "request_len"),
        (("const char *okta_auth_version", "const char **okta_auth_version"), "okta_auth_version"),
        (("uint32_t okta_auth_abi_version", "double okta_auth_abi_version"), "okta_auth_abi_version"),
        (("int32_t okta_auth_close(", "int32_t auth_close("), "auth_close"),
        (("okta_auth_handle handle);", "okta_auth_handle handle, ...);"), "okta_auth_close"),
        (("    size_t len;", "    float len;"), "okta_auth_buffer.len"),
        (("typedef uint64_t okta_auth_handle;", "typedef double okta_auth_handle;"), "okta_auth_handle"),
        (("typedef uint64_t okta_auth_handle;", "extern int counter;\ntypedef uint64_t okta_auth_handle;"), "counter"),
        (("OKTA_AUTH_CLOSED = -12", "OKTA_AUTH_CLOSED = 12"), "OKTA_AUTH_CLOSED"),
        (("#define OKTA_AUTH_LOG_OFF 0", "#define OKTA_AUTH_LOG_OFF (1 << 2)"), "OKTA_AUTH_LOG_OFF"),
        (("#include <stdint.h>", "#pragma once"), "#pragma once"),
        (("#ifdef __cplusplus", "#ifdef __GNUC__"), "#ifdef __GNUC__"),
        (("- username (text, required)", "- username (letters, required)"), "username (letters"),
        (('"timeout_ms"      ', '"timeout_s"       '), "timeout_s"),
        (("  push_rejected  ", "  push-rejected  "), "push-rejected"),
        (("Answers 200", "Gives 200"), "does not say what it answers"),
    ],
)
def test_what_it_does_not_know_is_refused_by_name(change: Tuple[str, str], named: str) -> None:
    assert change[0] in HEADER
    with pytest.raises(Problem, match=re.escape(named)):
        write_python.files(read(HEADER.replace(*change)))


def test_a_function_without_a_name_in_each_language_is_refused_by_name() -> None:
    more = HEADER.replace(
        "uint32_t okta_auth_abi_version(void);",
        "uint32_t okta_auth_abi_version(void);\n/** New. */\nuint32_t okta_auth_new(void);",
    )
    with pytest.raises(Problem, match="okta_auth_new"):
        write_names.files(read(more))
    with pytest.raises(Problem, match="okta_auth_set_audit"):
        write_names.files(read(HEADER.replace("int32_t okta_auth_set_audit(", "int32_t okta_auth_set_line(")))
