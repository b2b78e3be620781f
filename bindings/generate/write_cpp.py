"""Writes include/okta_auth.hpp: bindings/cpp/okta_auth.hpp.in with two methods for each operation."""

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
    template = TEMPLATE.read_text(encoding="utf-8")
    return {"okta_auth.hpp": BANNER + template.replace("@OPERATIONS@\n", "\n".join(lines) + "\n")}


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
