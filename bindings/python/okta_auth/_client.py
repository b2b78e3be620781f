"""The client of the blocking kind."""

import os
from types import TracebackType
from typing import Dict, Mapping, Optional, Type, TypeVar, Union

from ._answer import Answer
from ._generated.operations import Operations
from ._handle import Handle, failure
from ._library import LIBRARY
from ._request import Duration, Members, Texts, encode

Storage = Union[str, "os.PathLike[str]", Mapping[str, object]]
"""The path of an SQLite database, or a description such as {"type": "memory"}."""

C = TypeVar("C", bound="Client")


def open_handle(
    storage: Optional[Storage],
    *,
    key: Optional[str],
    key_file: Optional[Union[str, "os.PathLike[str]"]],
    ca_file: Optional[Union[str, "os.PathLike[str]"]],
    more: Mapping[str, Optional[object]],
) -> Handle:
    """Opens what the constructor of a client describes."""
    options: Dict[str, Optional[object]] = dict(more)
    if isinstance(storage, (str, os.PathLike)):
        options["storage"] = {"type": "sqlite", "path": os.fspath(storage)}
    else:
        options["storage"] = storage
    options["key"] = key
    options["key_file"] = None if key_file is None else os.fspath(key_file)
    options["ca_file"] = None if ca_file is None else os.fspath(ca_file)
    in_memory = not isinstance(options["storage"], Mapping) or options["storage"].get("type") == "memory"
    return Handle(encode(options), in_memory)


class Client(Operations[Answer]):
    """Vault's Okta auth method in this process. Use it with `with`, or close() it.

    Any thread may call it at any time. In a forked child it opens its storage again by itself; one in memory cannot be
    opened again and says Forked. An operation that does not succeed raises an Error of the class of its code.
    """

    def __init__(
        self,
        storage: Optional[Storage] = None,
        *,
        key: Optional[str] = None,
        key_file: Optional[Union[str, "os.PathLike[str]"]] = None,
        mounts: Optional[Texts] = None,
        ca_file: Optional[Union[str, "os.PathLike[str]"]] = None,
        ca_pem: Optional[str] = None,
        proxy: Optional[str] = None,
        use_env_proxy: Optional[bool] = None,
        connect_timeout_ms: Optional[int] = None,
        request_timeout_ms: Optional[int] = None,
        login_timeout_ms: Optional[int] = None,
        default_lease_ttl: Optional[Duration] = None,
        max_lease_ttl: Optional[Duration] = None,
    ) -> None:
        """Opens the storage; needs no network.

        storage: the path of an SQLite database, or a description; default {"type": "memory"}.
        key, key_file: the barrier key, 32 bytes in base64, or the file that holds it; default <path>.key.
        mounts: paths of the okta mounts that a new storage starts with; default okta.
        ca_file, ca_pem: trust these certificates instead of the system's.
        proxy: URL of an HTTP proxy. use_env_proxy: take it from HTTPS_PROXY and NO_PROXY; default False.
        connect_timeout_ms, request_timeout_ms, login_timeout_ms: milliseconds for one connection to Okta (5,000), one
            request to it (15,000), and one login with all its waiting (300,000).
        default_lease_ttl, max_lease_ttl: seconds or a duration, the default of both; 768 hours.
        """
        self._handle = open_handle(
            storage,
            key=key,
            key_file=key_file,
            ca_file=ca_file,
            more={
                "mounts": mounts,
                "ca_pem": ca_pem,
                "proxy": proxy,
                "use_env_proxy": use_env_proxy,
                "connect_timeout_ms": connect_timeout_ms,
                "request_timeout_ms": request_timeout_ms,
                "login_timeout_ms": login_timeout_ms,
                "default_lease_ttl": default_lease_ttl,
                "max_lease_ttl": max_lease_ttl,
            },
        )

    def close(self) -> None:
        """Ends what is running, with Cancelled, and closes. Does nothing the second time."""
        self._handle.close()

    def __enter__(self: C) -> C:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        problem: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def _perform(self, operation: str, members: Members) -> Answer:
        status, text = self._handle.call(LIBRARY.functions[operation], encode(members))
        if not 200 <= status < 300:
            raise failure(status, text)
        return Answer(status, text)

    def request(
        self,
        method: str,
        path: str,
        *,
        token: Optional[str] = None,
        data: Optional[Mapping[str, object]] = None,
        body: Optional[str] = None,
        headers: Optional[Mapping[str, object]] = None,
        remote_address: Optional[str] = None,
        timeout_ms: Optional[int] = None,
        request_id: Optional[str] = None,
        wrap_ttl: Optional[Duration] = None,
    ) -> Answer:
        """The door for requests of others: carries out a request as Vault's HTTP server would, with the authority of
        its token. Pass on what a client sent; do not use it with your own wishes.

          method: GET, POST, PUT, DELETE or LIST.
          path: as on the wire: percent-encoded, with or without "/v1/", with its query.
          token: the caller's token; needed on every path but login and verify.
          data, body: the parameters, as an object or as the text that came.
          headers: texts or lists of texts; X-Vault-Token counts like token.
          remote_address: the client's IP address, which token_bound_cidrs are compared with.

        Whatever HTTP status comes is the answer, to be passed on; only a call without an answer raises.
        """
        members = {
            "method": method,
            "path": path,
            "token": token,
            "data": data,
            "body": body,
            "headers": headers,
            "remote_address": remote_address,
            "timeout_ms": timeout_ms,
            "request_id": request_id,
            "wrap_ttl": wrap_ttl,
        }
        status, text = self._handle.call(LIBRARY.functions["request"], encode(members))
        if status < 0:
            raise failure(status, text)
        return Answer(status, text)
