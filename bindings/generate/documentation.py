"""Reads the parts of the header's comments that have a fixed form.

Operations' comments are written by tools/generate from the table of operations; the chapters on common members and
codes are lists. Each is read strictly: a line that does not fit is an error, not a text to skip.
"""

import re
from dataclasses import dataclass, field
from typing import Dict, List, Optional

from problem import Problem

# Types of request members, as the table of operations names them.
SHAPES = {
    "text",
    "number",
    "boolean",
    "object",
    "object of texts",
    "list of texts",
    "seconds or duration",
    "milliseconds",
    "as in Vault",
}
COMMON = "Members that every operation takes, all optional:"
CODES = "CODES of error bodies. Names are only added."
MOUNT_POINT = '"mount_point" (text, default okta)'


@dataclass
class Member:
    """A member of a request."""

    name: str
    shape: str
    required: bool
    meaning: str


@dataclass
class Operation:
    """A named operation, as its comment describes it."""

    name: str
    summary: str
    vault: Optional[str]
    mounted: bool
    answer: str
    example: str
    members: List[Member] = field(default_factory=list)
    refusals: List[str] = field(default_factory=list)


def common_members(manual: str) -> Dict[str, str]:
    """Name and meaning of the members that every operation takes."""
    members: Dict[str, str] = {}
    for line in chapter(manual, COMMON):
        match = re.fullmatch(r'  "(\w+)" +(\S.*)', line)
        if not match:
            raise Problem(line, "is no common member")
        members[match[1]] = match[2]
    return members


def error_codes(manual: str) -> Dict[str, str]:
    """Name and meaning of the codes of error bodies."""
    codes: Dict[str, str] = {}
    for line in chapter(manual, CODES):
        match = re.fullmatch(r"  ([a-z0-9_]+) +(\S.*)", line)
        if match:
            codes[match[1]] = match[2]
        elif codes and line.startswith(" " * 20):
            codes[list(codes)[-1]] += " " + line.strip()
        else:
            raise Problem(line, "is no code with a meaning")
    return codes


def chapter(manual: str, title: str) -> List[str]:
    """The lines after a title, up to an empty one."""
    lines = [line[3:] for line in manual.split("\n")]
    if title not in lines:
        raise Problem(title, "is not in the header")
    rest = lines[lines.index(title) + 1 :]
    end = next((number for number, line in enumerate(rest) if not line.strip()), len(rest))
    if end == 0:
        raise Problem(title, "is an empty chapter")
    return rest[:end]


def operation(function: str, comment: str) -> Operation:
    """Takes the comment of an operation's function apart."""
    name = function[len("okta_auth_") :]
    paragraphs = comment.split("\n\n")
    summary = joined(paragraphs.pop(0))
    vault = None
    if paragraphs[0].startswith("Vault: "):
        vault = paragraphs.pop(0)[len("Vault: ") :]
    members: List[Member] = []
    head = joined(paragraphs.pop(0))
    if head.startswith("Request members, beside the common ones") and head.endswith(":"):
        members = [member for line in bullets(name, paragraphs.pop(0)) for member in parse_members(name, line)]
    elif not head.startswith("Request members: the common ones"):
        raise Problem(name, f"{head!r} does not say what a request has")
    answer = joined(paragraphs.pop(0))
    if not answer.startswith("Answers "):
        raise Problem(name, f"{answer!r} does not say what it answers")
    refusals: List[str] = []
    if paragraphs[0] == "Refusals beside the common ones:":
        refusals = bullets(name, paragraphs[1])
        del paragraphs[:2]
    if len(paragraphs) != 1 or not paragraphs[0].startswith("`"):
        raise Problem(name, "does not end with one example")
    return Operation(name, summary, vault, MOUNT_POINT in head, answer, paragraphs[0], members, refusals)


def joined(paragraph: str) -> str:
    return " ".join(paragraph.split())


def bullets(name: str, paragraph: str) -> List[str]:
    """The items of a list, each in one line."""
    items: List[str] = []
    for line in paragraph.split("\n"):
        if line.startswith("- "):
            items.append(line[2:])
        elif items and line.startswith("  "):
            items[-1] += " " + line.strip()
        else:
            raise Problem(name, f"{line!r} is no item of a list")
    return items


def parse_members(name: str, line: str) -> List[Member]:
    """`name[, name...] (shape[, required]): meaning.`"""
    match = re.fullmatch(r"([a-z_]+(?:, [a-z_]+)*) \(([^,)]+)(, required)?\): (.+)\.", line)
    if not match or match[2] not in SHAPES:
        raise Problem(name, f"{line!r} is no member of a known shape")
    return [Member(member, match[2], bool(match[3]), match[4]) for member in match[1].split(", ")]
