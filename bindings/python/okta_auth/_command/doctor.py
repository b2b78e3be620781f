"""`doctor`: what is wrong with an installation."""

import argparse
import json
import socket
import ssl
from typing import Any, Callable, Dict, Iterator, List, Tuple
from urllib.parse import urlsplit

from .._client import Client
from .._errors import Error
from .._generated import abi
from .._generated.errors import NotFound
from .._library import LIBRARY
from .output import Output

# How long Okta may take to accept a connection; seconds.
PATIENCE = 5
MARKS = {"good": "ok     ", "warning": "warning", "bad": "FAILED ", "unknown": "?      "}

Finding = Tuple[str, str, str]


def add_to(commands: Any) -> None:
    """Adds the command to the command line."""
    doctor = commands.add_parser("doctor", help="check library, database, configuration and the way to Okta")
    doctor.set_defaults(work=examine)


def examine(client: Client, chosen: argparse.Namespace, output: Output) -> int:
    """Prints each finding; 1 when one of them keeps users from logging in."""
    findings: List[Finding] = []
    checks: List[Callable[[Client, argparse.Namespace], Iterator[Finding]]] = [library, database, configuration]
    for check in checks:
        findings += check(client, chosen)
    if output.as_json:
        names = ("what", "state", "text")
        print(json.dumps({"findings": [dict(zip(names, finding)) for finding in findings]}))
    else:
        for what, state, text in findings:
            print(f"{MARKS[state]}  {what:13}  {text}")
    return int(any(state == "bad" for _, state, _ in findings))


def library(client: Client, chosen: argparse.Namespace) -> Iterator[Finding]:
    """It was compared with the package when it was loaded."""
    yield "library", "good", f"{LIBRARY.path}, version {LIBRARY.version}, ABI {LIBRARY.abi_version}"
    if LIBRARY.abi_version > abi.OKTA_AUTH_ABI_VERSION:
        yield "library", "warning", f"newer than this package, which knows ABI {abi.OKTA_AUTH_ABI_VERSION}"


def database(client: Client, chosen: argparse.Namespace) -> Iterator[Finding]:
    """It is open, or this would not run: the library refuses a wrong key, and files that others may use."""
    yield "database", "good", f"{chosen.database}, {len(client.list_auth_methods().data)} mounts"


def configuration(client: Client, chosen: argparse.Namespace) -> Iterator[Finding]:
    """Whether there is one, what it lacks, and whether Okta is where it says."""
    try:
        answer = client.read_config(mount_point=chosen.mount)
    except NotFound:
        yield "configuration", "bad", "there is none; write one: config org_url=https://... api_token=-"
        return
    except Error as problem:
        yield "configuration", "bad", str(problem)
        return
    url = address(answer.data)
    yield "configuration", "good", url
    for warning in answer.warnings:
        yield "configuration", "warning", warning
    yield reached(url, chosen)
    # Nobody gets a stored token back, so only a login can try it.
    if not any("api_token" in warning for warning in answer.warnings):
        yield (
            "api token",
            "unknown",
            f"there is one; whether Okta takes it shows at a login: {chosen.called} login USER",
        )


def address(config: Dict[str, Any]) -> str:
    """Where the organisation is."""
    return str(config["org_url"] or f"https://{config['org_name']}.{config['base_url']}")


def reached(url: str, chosen: argparse.Namespace) -> Finding:
    """Connects as the library would, without a proxy, and says nothing to Okta."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443)
    try:
        with socket.create_connection((host, port), PATIENCE) as connection:
            if parts.scheme == "http":
                return "okta", "good", f"{host} port {port} accepts connections"
            trust = ssl.create_default_context(cafile=chosen.ca_file)
            with trust.wrap_socket(connection, server_hostname=host) as secured:
                return "okta", "good", f"{host} port {port} speaks {secured.version()} with a trusted certificate"
    except (OSError, ValueError) as problem:
        return "okta", "bad", f"{host} port {port}: {problem}"
