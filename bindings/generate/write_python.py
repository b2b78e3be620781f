"""Writes bindings/python/okta_auth/_generated: the ctypes table, the methods of the operations, the exceptions."""

import keyword
import re
import textwrap
from typing import Dict, List

from documentation import Member, Operation
from header import Function, Header
from problem import Problem

BANNER = "Written by `make generate` from include/okta_auth.h. Do not edit."
WIDTH = 110

CTYPES = {
    "void": "None",
    "void *": "c_void_p",
    "const char *": "c_char_p",
    "char *": "c_void_p",
    "size_t": "c_size_t",
    "int32_t": "c_int32",
    "uint32_t": "c_uint32",
    "uint64_t": "c_uint64",
    "int32_t *": "POINTER(c_int32)",
    "okta_auth_handle": "c_uint64",
    "okta_auth_handle *": "POINTER(c_uint64)",
    "okta_auth_ticket": "c_uint64",
    "okta_auth_ticket *": "POINTER(c_uint64)",
    "struct okta_auth_buffer *": "POINTER(Buffer)",
    "okta_auth_log_fn": "LogFunction",
    "okta_auth_audit_fn": "AuditFunction",
}

TYPES = {
    "text": "str",
    "number": "int",
    "boolean": "bool",
    "object": "Mapping[str, object]",
    "object of texts": "Mapping[str, str]",
    "list of texts": "Texts",
    "seconds or duration": "Duration",
    "milliseconds": "int",
    "as in Vault": "object",
}
COMMON = {
    "mount_point": "str",
    "timeout_ms": "int",
    "remote_address": "str",
    "user_agent": "str",
    "request_id": "str",
    "wrap_ttl": "Duration",
}

# What a caller can do about a code decides which class of okta_auth._errors its exception belongs to.
BASES = {
    "LoginFailed": (
        "invalid_credentials user_locked locked_out password_expired login_refused mfa_enrollment_required "
        "passcode_invalid no_supported_factor push_rejected challenge_timeout transaction_expired too_many_attempts"
    ),
    "MfaRequired": "passcode_required another_passcode_required factor_required nonce_required",
    "Unavailable": (
        "rate_limited okta_unreachable okta_timeout okta_error okta_invalid_answer storage_failed storage_busy "
        "step_in_progress deadline_exceeded limit_reached"
    ),
    "NoAnswer": (
        "null_pointer invalid_utf8 invalid_handle forked reentered panic pending cancelled invalid_ticket "
        "unknown_operation closed"
    ),
}


def files(header: Header) -> Dict[str, str]:
    """The text of each file by its name in the package."""
    return {
        "_generated/__init__.py": f'"""{BANNER}"""\n',
        "_generated/abi.py": abi(header),
        "_generated/errors.py": errors(header),
        "_generated/operations.py": operations(header),
    }


def abi(header: Header) -> str:
    text = [
        f'"""The C ABI: constants, types and functions. {BANNER}"""',
        "",
        "from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int32, c_size_t, c_uint32, c_uint64, c_void_p",
        "from typing import Any, Dict, List, Tuple",
        "",
        "# Of the header's declarations, as the library counts them too.",
        f"HEADER_CHECKSUM = 0x{header.checksum:016X}",
        "",
    ]
    for constant in header.constants + header.codes:
        text += comment(constant.comment)
        text.append(f"{constant.name} = {quoted(constant.value)}")
    text += [
        "",
        "# The member `code` of a negative number's body.",
        "NO_ANSWER: Dict[int, str] = {",
        *(f"    {constant.name}: {quoted(code_name(constant.name))}," for constant in header.codes),
        "}",
        "",
        "",
        "class Buffer(Structure):",
        '    """okta_auth_buffer: the text of an answer."""',
        "",
        "    _fields_ = [",
        *(f"        ({quoted(name)}, {CTYPES[kind]})," for name, kind in header.fields),
        "    ]",
        "",
        "",
    ]
    for callback in header.callbacks:
        kinds = ", ".join(CTYPES[kind] for _, kind in callback.parameters)
        text += comment(callback.comment)
        text += [f"{CTYPES[callback.name]} = CFUNCTYPE({CTYPES[callback.result]}, {kinds})", ""]
    named = {f"okta_auth_{operation.name}" for operation in header.operations}
    text += [
        "# Every function: its name, result and parameters. Those of operations are described at the methods of",
        "# `operations`, the others here.",
        "FUNCTIONS: List[Tuple[str, Any, List[Any]]] = [",
    ]
    for function in header.functions:
        text += table_row(function, function.name not in named)
    return "\n".join([*text, "]", ""])


def table_row(function: Function, described: bool) -> List[str]:
    described_by = [f"    {line}".rstrip() for line in comment(function.comment)] if described else []
    kinds = ", ".join(CTYPES[kind] for _, kind in function.parameters)
    return [*described_by, f"    ({quoted(function.name)}, {CTYPES[function.result]}, [{kinds}]),"]


def errors(header: Header) -> str:
    bases = {code: base for base, codes in BASES.items() for code in codes.split()}
    meanings = header.meanings()
    for code in bases:
        if code not in meanings:
            raise Problem(code, "has a base class but is not in the header")
    used = sorted({bases.get(code, "Error") for code in meanings})
    text = [
        f'"""An exception for each code of an error body. {BANNER}"""',
        "",
        "from typing import Dict, Type",
        "",
        f"from .._errors import {', '.join(sorted({*used, 'Error'}))}",
        "",
    ]
    for code, meaning in meanings.items():
        text += ["", f"class {class_name(code)}({bases.get(code, 'Error')}):"]
        text += [*docstring([meaning], "    "), ""]
    text += ["", "BY_CODE: Dict[str, Type[Error]] = {"]
    text += [f"    {quoted(code)}: {class_name(code)}," for code in meanings]
    text += ["}", "", "__all__ = ["]
    text += [f"    {quoted(class_name(code))}," for code in meanings]
    return "\n".join([*text, "]", ""])


def operations(header: Header) -> str:
    unknown = set(header.common) - set(COMMON)
    if unknown:
        raise Problem(", ".join(sorted(unknown)), "is a common member without a type")
    text = [
        f'"""A method for each named operation. {BANNER}"""',
        "",
        "from typing import Generic, Mapping, Optional, TypeVar",
        "",
        "from .._request import Duration, Members, Texts",
        "",
        'R = TypeVar("R")',
        "",
        "",
        "class Operations(Generic[R]):",
        '    """The named operations; R is what a call gives back.',
        "",
        "    A parameter that is None is left out of the request. Every method takes as well:",
        "",
    ]
    common = {"mount_point": "where the method is mounted; default okta", **header.common}
    for name, meaning in common.items():
        text += filled(f"{name}: {meaning}.", "    ", "        ")
    text += ['    """', "", "    def _perform(self, operation: str, members: Members) -> R:"]
    text += ["        raise NotImplementedError", ""]
    for operation in header.operations:
        text += method(operation, ["mount_point"] * operation.mounted + list(header.common))
    return "\n".join(text)


def method(operation: Operation, common: List[str]) -> List[str]:
    members = [member for member in operation.members if member.required]
    optional = [member for member in operation.members if not member.required]
    for member in operation.members:
        if keyword.iskeyword(member.name) or member.name in [*common, "self"]:
            raise Problem(f"{operation.name}, member {member.name}", "is no name for a parameter")
    names = [member.name for member in operation.members] + common
    return [
        f"    def {operation.name}(",
        "        self,",
        *(f"        {member.name}: {TYPES[member.shape]}," for member in members),
        "        *,",
        *(f"        {member.name}: Optional[{TYPES[member.shape]}] = None," for member in optional),
        *(f"        {name}: Optional[{COMMON[name]}] = None," for name in common),
        "    ) -> R:",
        *docstring(description(operation), "        "),
        "        return self._perform(",
        f"            {quoted(operation.name)},",
        "            {",
        *(f"                {quoted(name)}: {name}," for name in names),
        "            },",
        "        )",
        "",
    ]


def description(operation: Operation) -> List[str]:
    """The paragraphs of a method's documentation; one that starts with white space is kept as it is."""
    paragraphs = [operation.summary]
    if operation.vault:
        paragraphs.append(f"Vault: {operation.vault}")
    if operation.members:
        paragraphs.append("\n".join(item(member) for member in operation.members))
    paragraphs.append(operation.answer)
    if operation.refusals:
        paragraphs.append("\n".join(f"  - {refusal}" for refusal in operation.refusals))
    return [python_names(paragraph) for paragraph in paragraphs]


def item(member: Member) -> str:
    return f"  {member.name} ({member.shape}): {member.meaning}."


def python_names(text: str) -> str:
    return re.sub(r"okta_auth_(\w+\(\))", r"\1", text)


def docstring(paragraphs: List[str], indent: str) -> List[str]:
    lines: List[str] = []
    for number, paragraph in enumerate(paragraphs):
        if number:
            lines.append("")
        if paragraph.startswith(" "):
            for line in paragraph.split("\n"):
                lines += filled(line.strip(), indent + "  ", indent + "      ")
        else:
            lines += filled(paragraph, indent, indent)
    lines[0] = f'{indent}"""{escaped(lines[0].strip())}'
    lines[1:] = [escaped(line) for line in lines[1:]]
    if len(lines) == 1:
        return [lines[0] + '"""']
    return [*lines, f'{indent}"""']


def escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def filled(text: str, first: str, then: str) -> List[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=then, break_on_hyphens=False, break_long_words=False
    )


def comment(text: str) -> List[str]:
    return [f"# {line}".rstrip() for line in text.split("\n")]


def quoted(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def code_name(constant: str) -> str:
    return constant[len("OKTA_AUTH_") :].lower()


def class_name(code: str) -> str:
    return "".join(part.capitalize() for part in code.split("_"))
