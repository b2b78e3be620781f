"""Writes include/okta_auth.hpp: bindings/cpp/okta_auth.hpp.in, for one header, with two methods for each operation."""

import textwrap
from pathlib import Path
from typing import Dict, List

from documentation import Operation
from header import Header

BANNER = "// Written by `make generate` from include/okta_auth.h and bindings/cpp/okta_auth.hpp.in. Do not edit.\n\n"
TEMPLATE = Path(__file__).parent.parent / "cpp" / "okta_auth.hpp.in"
WIDTH = 112


def files(header: Header) -> Dict[str, str]:
    """The text of each file by its name in include/."""
    lines = [line for operation in header.operations for line in methods(operation)]
    text = BANNER + TEMPLATE.read_text(encoding="utf-8")
    for place, value in (
        ("@ABI@", header.constant("OKTA_AUTH_ABI_VERSION")),
        ("@VERSION@", header.constant("OKTA_AUTH_VERSION")),
        ("@CHECKSUM@", f"0x{header.checksum:016x}"),
        ("@OPERATIONS@\n", "\n".join(lines) + "\n"),
    ):
        text = text.replace(place, str(value))
    return {"okta_auth.hpp": text}


def methods(operation: Operation) -> List[str]:
    name = operation.name
    summary = textwrap.wrap(f"okta_auth_{name}(). {operation.summary}", WIDTH, break_on_hyphens=False)
    return [
        *(f"    /// {line}" for line in summary),
        f'    answer {name}(std::string_view request = "{{}}") const {{ return call(okta_auth_{name}, request); }}',
        "    /// The form that does not throw.",
        f'    result<answer> try_{name}(std::string_view request = "{{}}") const {{',
        f"        return try_call(okta_auth_{name}, request);",
        "    }",
        "",
    ]
