"""`python bindings/generate`: renews what is generated from include/okta_auth.h; with --check, only compares.

A binding, or a chapter of docs, is added by a module with `files(header)`, and its row in BINDINGS.
"""

import sys
from pathlib import Path
from typing import Iterator, Tuple

import write_cpp
import write_go
import write_names
import write_python
from header import read
from problem import Problem

ROOT = Path(__file__).resolve().parents[2]
BINDINGS = {
    "bindings/python/okta_auth": write_python,
    "bindings/go": write_go,
    "include": write_cpp,
    "docs": write_names,
}


def generated() -> Iterator[Tuple[Path, str]]:
    """Each file with the text it should have."""
    header = read((ROOT / "include/okta_auth.h").read_text(encoding="utf-8"))
    for folder, writer in BINDINGS.items():
        for name, text in writer.files(header).items():
            yield ROOT / folder / name, text


def main() -> int:
    stale = []
    for path, text in generated():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path.relative_to(ROOT))
        if "--check" not in sys.argv[1:]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv[1:]:
        print(*(f"{path} is stale: run `make generate`" for path in stale), sep="\n", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Problem as problem:
        sys.exit(f"include/okta_auth.h: {problem}")
