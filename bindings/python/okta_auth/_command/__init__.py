"""The commands of `python -m okta_auth`."""

import argparse
import sys
from pathlib import Path
from typing import List, Optional

from .._client import Client
from .._errors import Error
from .._library import LIBRARY
from . import doctor, login, stored
from .output import Output

# What a shell expects of a program that Ctrl-C has ended.
INTERRUPTED = 130


def main(arguments: Optional[List[str]] = None) -> int:
    """Carries out a command line and returns its exit code: 0, 1 for what failed, 2 for a wrong command line."""
    chosen = parser().parse_args(arguments)
    output = Output(chosen.json)
    try:
        # A name that was mistyped must not leave a new database and its key behind.
        if not (stored.makes_a_database(chosen) or Path(chosen.database).exists()):
            raise FileNotFoundError(f"there is no database {chosen.database}; config NAME=VALUE makes one")
        files = {"key_file": chosen.key_file, "ca_file": chosen.ca_file, "audit": chosen.audit}
        with Client(chosen.database, **files) as client:
            return int(chosen.work(client, chosen, output))
    except Error as problem:
        output.failed(problem)
        return 1
    except (OSError, EOFError, ValueError) as problem:
        output.failed(problem)
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED


def called() -> str:
    """What this program was called as."""
    name = Path(sys.argv[0]).name
    return f"{Path(sys.executable).name} -m okta_auth" if name == "__main__.py" else name


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog=called(), description="Vault's Okta auth method on a database of its own.")
    top.add_argument("--version", action="version", version=f"okta_auth {LIBRARY.version}")
    top.add_argument("--database", metavar="FILE", required=True, help="the SQLite database; what writes makes it")
    top.add_argument("--key-file", metavar="FILE", help="the file with the barrier key; default FILE.key")
    top.add_argument("--ca-file", metavar="FILE", help="trust these certificates instead of the system's")
    top.add_argument("--audit", metavar="FILE", help="add what is done to this audit log, and do nothing without it")
    top.add_argument("--mount", metavar="PATH", help="the mount of the method; default okta")
    top.add_argument("--json", action="store_true", help="answer in JSON, as the library does")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    top.set_defaults(called=top.prog)
    for part in (login, stored, doctor):
        part.add_to(commands)
    return top
