"""`config`, `users`, `groups` and `token`: what is in the database."""

import argparse
from pathlib import Path
from typing import Any, Dict, List

from .._client import Client
from .._errors import Error
from .._generated.errors import NotFound
from .login import secret
from .output import Output


def add_to(commands: Any) -> None:
    """Adds the commands to the command line."""
    config = commands.add_parser("config", help="show the configuration, or change it: config org_url=https://...")
    config.add_argument(
        "settings",
        nargs="*",
        metavar="NAME=VALUE",
        help="a member of the configuration; @FILE is the content of a file, - is asked for without echo",
    )
    config.set_defaults(work=configure)
    for kind, singular, parts in (("users", "user", ["policies", "groups"]), ("groups", "group", ["policies"])):
        group = commands.add_parser(kind, help=f"list, show, set or delete {kind}")
        group.set_defaults(work=list_names, singular=singular)
        actions = group.add_subparsers(metavar="ACTION")
        actions.add_parser("list", help=f"list {kind}; the same without an action").set_defaults(work=list_names)
        show = actions.add_parser("show", help=f"show a {singular}")
        change = actions.add_parser("set", help=f"write a {singular}")
        delete = actions.add_parser("delete", help=f"forget a {singular}")
        named = [(show, show_name), (change, set_name), (delete, delete_name)]
        if kind == "users":
            named.append((actions.add_parser("unlock", help="let a locked user in again"), unlock_name))
        for action, work in named:
            action.add_argument("name")
            action.set_defaults(work=work)
        change.set_defaults(parts=parts)
        for part in parts:
            change.add_argument(f"--{part}", metavar="NAMES", default="", help="split at commas; default none")
    token = commands.add_parser("token", help="look a token up, renew or revoke it")
    token.add_argument("action", choices=["lookup", "renew", "revoke"])
    token.add_argument("token", nargs="?", help="asked for without echo when it is left out")
    token.set_defaults(work=work_on_token)


def makes_a_database(chosen: argparse.Namespace) -> bool:
    """Whether the command has something to write where there is no database yet."""
    return chosen.work is set_name or (chosen.work is configure and bool(chosen.settings))


def configure(client: Client, chosen: argparse.Namespace, output: Output) -> int:
    """Writes what is named, and shows the configuration that is there then."""
    settings: Dict[str, Any] = dict(map(setting, chosen.settings))
    if settings:
        try:
            client.configure(mount_point=chosen.mount, **settings)
        except TypeError:
            raise ValueError(f"no such member of the configuration among: {', '.join(settings)}") from None
    output.answer(client.read_config(mount_point=chosen.mount))
    return 0


def setting(text: str) -> List[str]:
    """Name and value."""
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"{name}: a value is missing; write {name}=VALUE")
    if value == "-":
        value = secret(f"{name}: ")
    elif value.startswith("@"):
        value = Path(value[1:]).read_text(encoding="utf-8").rstrip("\n")
    return [name, value]


def list_names(client: Client, chosen: argparse.Namespace, output: Output) -> int:
    """Lists all; none is no error."""
    operation = client.list_users if chosen.singular == "user" else client.list_groups
    try:
        output.lines(operation(mount_point=chosen.mount))
    except NotFound as nothing:
        if output.as_json:
            output.failed(nothing)
    return 0


def show_name(client: Client, chosen: argparse.Namespace, output: Output) -> int:
    """What a user or group is mapped to."""
    operation = client.read_user if chosen.singular == "user" else client.read_group
    output.answer(operation(chosen.name, mount_point=chosen.mount))
    return 0


def set_name(client: Client, chosen: argparse.Namespace, output: Output) -> int:
    """Writes, and shows what is there then."""
    if chosen.singular == "user":
        client.register_user(chosen.name, policies=chosen.policies, groups=chosen.groups, mount_point=chosen.mount)
    else:
        client.register_group(chosen.name, policies=chosen.policies, mount_point=chosen.mount)
    return show_name(client, chosen, output)


def delete_name(client: Client, chosen: argparse.Namespace, output: Output) -> int:
    """Forgets it, known or not."""
    operation = client.delete_user if chosen.singular == "user" else client.delete_group
    output.answer(operation(chosen.name, mount_point=chosen.mount))
    return 0


def unlock_name(client: Client, chosen: argparse.Namespace, output: Output) -> int:
    """Ends the lock of a user, locked or not."""
    mount = f"{(chosen.mount or 'okta').strip('/')}/"
    accessor = client.list_auth_methods().data[mount]["accessor"]
    output.answer(client.unlock_user(accessor, chosen.name))
    return 0


def work_on_token(client: Client, chosen: argparse.Namespace, output: Output) -> int:
    """Looks it up; renewed, it is looked up afterwards; revoked, it is gone."""
    token = secret("Token: ") if chosen.token is None else chosen.token
    if chosen.action == "revoke":
        try:
            client.lookup_token(token)
        except Error as unknown:
            output.failed(unknown)
            return 1
        output.answer(client.revoke_token(token))
        return 0
    if chosen.action == "renew":
        output.warn(client.renew_token(token).warnings)
    shown = ("accessor", "display_name", "policies", "ttl", "expire_time", "renewable", "meta")
    output.answer(client.lookup_token(token), *shown)
    return 0
