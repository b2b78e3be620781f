"""Reads include/okta_auth.h: what it declares, and what its comments say in a fixed form.

The header is the only input of the generated bindings. Whatever is outside the profile of types and comments that the
ABI uses is refused by name, so that a binding is never made from a declaration that nobody thought of.
"""

import re
from dataclasses import dataclass, field
from typing import Dict, List, Tuple, Union

from pycparser import c_ast, c_parser

from documentation import Operation, common_members, error_codes, operation
from problem import Problem

# Conditions of the preprocessor, as a C compiler of before C23 sees them.
CONDITIONS = {
    "#ifndef OKTA_AUTH_H": True,
    "#ifdef __cplusplus": False,
    "#ifndef __cplusplus": True,
    "#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L": False,
    "#if __STDC_VERSION__ >= 202311L": False,
}

# What the included headers declare, for the parser.
PRELUDE = (
    "typedef unsigned long size_t; typedef int int32_t; typedef unsigned uint32_t; typedef unsigned long uint64_t;"
)

# The types of parameters and results; a binding knows how to pass each of them.
PARAMETERS = {
    "const char *",
    "size_t",
    "int32_t",
    "uint32_t",
    "void *",
    "int32_t *",
    "okta_auth_handle",
    "okta_auth_handle *",
    "okta_auth_ticket",
    "okta_auth_ticket *",
    "struct okta_auth_buffer *",
    "okta_auth_log_fn",
    "okta_auth_audit_fn",
}
# The types of functions of the host's.
CALLBACKS = {"okta_auth_log_fn", "okta_auth_audit_fn"}
RESULTS = {"void", "int32_t", "uint32_t", "uint64_t", "const char *"}
FIELDS = {"char *", "size_t"}
NUMBERS = {"okta_auth_handle": "uint64_t", "okta_auth_ticket": "uint64_t", "okta_auth_code": "int32_t"}

# The one shape of an operation: handle, request with its length, response.
OPERATION = ["okta_auth_handle", "const char *", "size_t", "struct okta_auth_buffer *"]
# Has the shape of an operation and is none: it carries requests of others.
DOOR = "okta_auth_request"


@dataclass
class Constant:
    """A macro with a value, or a member of the enum of codes."""

    name: str
    value: Union[int, str]
    comment: str


@dataclass
class Function:
    """An exported function; types are spelled as in PARAMETERS and RESULTS."""

    name: str
    result: str
    parameters: List[Tuple[str, str]]
    comment: str


@dataclass
class Header:
    """All of it, in the order of the file."""

    constants: List[Constant] = field(default_factory=list)
    codes: List[Constant] = field(default_factory=list)
    fields: List[Tuple[str, str]] = field(default_factory=list)
    callbacks: List[Function] = field(default_factory=list)
    functions: List[Function] = field(default_factory=list)
    operations: List[Operation] = field(default_factory=list)
    common: Dict[str, str] = field(default_factory=dict)
    errors: Dict[str, str] = field(default_factory=dict)
    checksum: int = 0

    def constant(self, name: str) -> Union[int, str]:
        """The value of a macro."""
        for constant in self.constants:
            if constant.name == name:
                return constant.value
        raise Problem(name, "is not defined")

    def meanings(self) -> Dict[str, str]:
        """What each code of an error body means, those of calls without an answer included."""
        meanings = dict(self.errors)
        for constant in self.codes:
            meanings.setdefault(constant.name[len("OKTA_AUTH_") :].lower(), " ".join(constant.comment.split()))
        return meanings


def read(text: str) -> Header:
    """Takes a header apart, or raises Problem."""
    header = Header(checksum=checksum(text))
    manual = text.partition("#ifndef OKTA_AUTH_H")[0]
    header.common = common_members(manual)
    header.errors = error_codes(manual)
    comments, code = split_comments(text)
    code = preprocess(code, comments, header)
    for node in c_parser.CParser().parse(PRELUDE + code).ext[PRELUDE.count(";") :]:
        declaration(node, comments, header)
    for function in header.functions:
        if [kind for _, kind in function.parameters] == OPERATION and function.name != DOOR:
            header.operations.append(operation(function.name, function.comment))
    return header


def checksum(text: str) -> int:
    """FNV-1a of what is declared, as build.rs counts it: comments, white space and the version do not matter."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    lines = [line.partition("//")[0] for line in text.split("\n")]
    value = 0xCBF29CE484222325
    for line in lines:
        if not line.startswith("#define OKTA_AUTH_VERSION"):
            for byte in "".join(line.split()).encode():
                value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def split_comments(text: str) -> Tuple[Dict[int, str], str]:
    """The documentation comments by the number of the line after them, and the text without any comment."""
    comments: Dict[int, str] = {}

    def blank(match: "re.Match[str]") -> str:
        comment = match.group()
        if comment.startswith("/**"):
            lines = [re.sub(r"^\s*\* ?", "", line) for line in comment[3:-2].split("\n")]
            comments[text.count("\n", 0, match.end()) + 2] = "\n".join(lines).strip()
        return "\n" * comment.count("\n")

    return comments, re.sub(r"/\*.*?\*/|//[^\n]*", blank, text, flags=re.DOTALL)


def preprocess(text: str, comments: Dict[int, str], header: Header) -> str:
    """What is left when the conditions are decided; macros go to the header's constants."""
    kept: List[str] = []
    decided: List[bool] = []
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        word = line.partition(" ")[0]
        if word in ("#if", "#ifdef", "#ifndef"):
            if line not in CONDITIONS:
                raise Problem(line, "is no condition the generator knows")
            decided.append(CONDITIONS[line])
        elif line == "#else":
            decided[-1] = not decided[-1]
        elif line == "#endif":
            decided.pop()
        elif word == "#define" and all(decided):
            if line != "#define OKTA_AUTH_H":
                header.constants.append(macro(line, comments.get(number, "")))
        elif word.startswith("#") and word != "#include" and all(decided):
            raise Problem(line, "is no directive the generator knows")
        elif not word.startswith("#") and all(decided):
            kept.append(line)
            continue
        kept.append("")
    return "\n".join(kept)


def macro(line: str, comment: str) -> Constant:
    match = re.fullmatch(r'#define (OKTA_AUTH_\w+) (?:(-?\d+)|"([\w.+-]+)")', line)
    if not match:
        raise Problem(line, "is neither a whole number nor a text")
    name, number, text = match.groups()
    return Constant(name, text if number is None else int(number), documented(name, comment))


def documented(name: str, comment: str) -> str:
    if not comment:
        raise Problem(name, "has no documentation")
    return comment


def declaration(node: c_ast.Node, comments: Dict[int, str], header: Header) -> None:
    """One declaration at the top level of the file."""
    name = node.name
    comment = comments.get(node.coord.line, "")
    if isinstance(node, c_ast.Typedef):
        kind = node.type
        if name == "okta_auth_buffer" and isinstance(kind.type, c_ast.Struct):
            header.fields = [member(name, part) for part in kind.type.decls]
        elif name in CALLBACKS and isinstance(kind, c_ast.PtrDecl):
            header.callbacks.append(function(name, kind.type, documented(name, comment)))
        elif NUMBERS.get(name) != spelled(name, kind):
            raise Problem(name, "is a type the generator does not know")
    elif isinstance(node.type, c_ast.Enum) and node.type.name == "okta_auth_code":
        header.codes = [code(part, comments) for part in node.type.values.enumerators]
    elif isinstance(node.type, c_ast.FuncDecl):
        header.functions.append(function(name, node.type, documented(name, comment)))
    else:
        raise Problem(name or type(node.type).__name__, "is a declaration the generator does not know")


def member(struct: str, part: c_ast.Decl) -> Tuple[str, str]:
    kind = spelled(struct, part.type)
    if kind not in FIELDS:
        raise Problem(f"{struct}.{part.name}", f"has the type {kind!r}, which no binding passes")
    return part.name, kind


def code(part: c_ast.Enumerator, comments: Dict[int, str]) -> Constant:
    match = isinstance(part.value, c_ast.UnaryOp) and part.value.op == "-"
    if not match or not re.fullmatch(r"OKTA_AUTH_[A-Z0-9_]+", part.name):
        raise Problem(part.name, "is no code with a negative number")
    return Constant(part.name, -int(part.value.expr.value), documented(part.name, comments.get(part.coord.line, "")))


def function(name: str, node: c_ast.FuncDecl, comment: str) -> Function:
    parameters = []
    for parameter in node.args.params if node.args else []:
        if isinstance(parameter, c_ast.EllipsisParam):
            raise Problem(name, "takes more parameters than it names")
        kind = spelled(name, parameter.type)
        if kind == "void" and parameter.name is None:
            continue
        if kind not in PARAMETERS or parameter.name is None:
            raise Problem(f"{name}, parameter {parameter.name}", f"has the type {kind!r}, which no binding passes")
        parameters.append((parameter.name, kind))
    result = spelled(name, node.type)
    if result not in RESULTS:
        raise Problem(name, f"returns {result!r}, which no binding passes")
    if not re.fullmatch(r"okta_auth_[a-z0-9_]+", name):
        raise Problem(name, "is no name of this library")
    return Function(name, result, parameters, comment)


def spelled(name: str, node: c_ast.Node) -> str:
    """A type in C's spelling; only pointers to named types are known."""
    if isinstance(node, c_ast.PtrDecl) and not node.quals:
        return spelled(name, node.type).rstrip() + " *"
    if isinstance(node, c_ast.TypeDecl):
        quals = " ".join(node.quals)
        if isinstance(node.type, c_ast.IdentifierType):
            return " ".join(filter(None, [quals, *node.type.names]))
        if isinstance(node.type, c_ast.Struct) and not node.type.decls:
            return " ".join(filter(None, [quals, "struct", node.type.name]))
    raise Problem(name, f"uses {type(node).__name__}, which no binding passes")
