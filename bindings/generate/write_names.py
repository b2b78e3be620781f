"""Writes docs/names.md: what each operation and each code is called in each language."""

import re
from typing import Dict, List, Sequence

import write_go
import write_python
from header import Header
from problem import Problem

BANNER = "<!-- Written by `make generate` from include/okta_auth.h. Do not edit. -->"
# What is written by hand in the bindings, and has names of their own.
BESIDE = [
    ("`okta_auth_open()`", "`Client(…)`, `AsyncClient(…)`", "`Open`", "`client(…)`, `client::open`"),
    ("`okta_auth_close()`", "`close()`, `aclose()`", "`Close`", "`close()`, the end of the object"),
    ("`okta_auth_request()`", "`request()`", "`Request`", "`request()`"),
    (
        "`okta_auth_submit()`, `okta_auth_wait()`",
        "every method of `AsyncClient`",
        "every method",
        "`submit()`, `ticket::wait()`",
    ),
    ("`okta_auth_cancel()`", "the end of a task, Ctrl-C", "the end of the context", "`ticket::cancel()`"),
    ("`okta_auth_completion_fd()`", "the event loop of `AsyncClient`", "every method", "`completion_fd()`"),
    ("`okta_auth_next_completed()`", "the event loop of `AsyncClient`", "every method", "`next_completed()`"),
    ("`okta_auth_set_logger()`", "`set_logger()`", "`SetLogger`", "`set_logger()`"),
    ("`okta_auth_set_audit()`", "`set_audit()`", "`SetAudit`", "`set_audit()`"),
    ("`okta_auth_version()`", "`okta_auth.__version__`", "`Version`", "-"),
    (
        "`okta_auth_abi_version()`, `okta_auth_header_checksum()`",
        "compared when it is imported",
        "compared by `Open`",
        "compared by `client(…)`",
    ),
    ("`okta_auth_buffer_free()`", "inside", "inside", "the end of a `buffer`"),
    ("-", "`login(…, on_challenge=…)`", "`LoginWithPush`", "`login_with_push()`"),
]


def files(header: Header) -> Dict[str, str]:
    """The text of each file by its name in docs/."""
    compared(header)
    operations = [
        (
            f"`okta_auth_{operation.name}()`",
            f"`{operation.name}()`",
            f"`{write_go.exported(operation.name)}`",
            f"`{operation.vault}`" if operation.vault else "-",
        )
        for operation in header.operations
    ]
    codes = [
        (f"`{code}`", f"`{write_python.class_name(code)}`", f"`Err{write_go.exported(code)}`")
        for code in header.meanings()
    ]
    lines = [
        BANNER,
        "",
        "# One thing, four languages",
        "",
        "Methods are those of a client; `-` stands for nothing of its own.",
        "",
        "## Operations",
        "",
        "C++ has a second form of each, `try_…`, that returns the error in place of throwing it.",
        "",
        *table(("C", "Python and C++", "Go", "Vault"), operations),
        "",
        "## Around them",
        "",
        *table(("C", "Python", "Go", "C++"), BESIDE),
        "",
        "## Codes of errors",
        "",
        "In C a code is a member of the body, in C++ `error::code()`; in Python it is an exception, in Go an error for",
        "`errors.Is`.",
        "",
        *table(("code", "Python", "Go"), codes),
        "",
    ]
    return {"names.md": "\n".join(lines)}


def compared(header: Header) -> None:
    """Raises Problem for a function of the header that is in neither table, and for one of BESIDE that is not there."""
    declared = {function.name for function in header.functions} - {
        f"okta_auth_{operation.name}" for operation in header.operations
    }
    named = {name for row in BESIDE for name in re.findall(r"okta_auth_\w+", row[0])}
    for name in sorted(declared ^ named):
        raise Problem(name, "is not among the names beside the operations" if name in declared else "is not declared")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> List[str]:
    ruled = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(row) + " |" for row in ruled]
