"""The constructor that both kinds of clients have."""

import os
from typing import Dict, Mapping, Optional, TypedDict, Union

from ._handle import Handle
from ._host_functions import AuditFunction, AuditRegistration, LogFunction, LogRegistration
from ._request import Duration, Texts, encode

Path = Union[str, "os.PathLike[str]"]

Storage = Union[Path, Mapping[str, object]]
"""The path of an SQLite database, or a description such as {"type": "memory"}."""


class AuditFile(TypedDict, total=False):
    """A file of audit lines, and whether they have to be written."""

    file: Path
    """Where lines are added; made with mode 0600. Without one they go to the function of set_audit() alone."""
    required: bool
    """Whether nothing is done and nothing answered without its line; default True."""


Audit = Union[Path, AuditFile]
"""The path of an audit file, or a description such as {"file": "audit.log", "required": False}."""


class Opened:
    """An open handle and the options it was opened with."""

    def __init__(
        self,
        storage: Optional[Storage] = None,
        *,
        key: Optional[str] = None,
        key_file: Optional[Path] = None,
        mounts: Optional[Texts] = None,
        ca_file: Optional[Path] = None,
        ca_pem: Optional[str] = None,
        proxy: Optional[str] = None,
        use_env_proxy: Optional[bool] = None,
        connect_timeout_ms: Optional[int] = None,
        request_timeout_ms: Optional[int] = None,
        login_timeout_ms: Optional[int] = None,
        default_lease_ttl: Optional[Duration] = None,
        max_lease_ttl: Optional[Duration] = None,
        audit: Optional[Audit] = None,
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
        audit: the path of an audit file without whose lines nothing is done, or a description; default none.
        """
        if isinstance(storage, (str, os.PathLike)):
            storage = {"type": "sqlite", "path": os.fspath(storage)}
        if isinstance(audit, (str, os.PathLike)):
            audit = {"file": audit}
        options: Dict[str, Optional[object]] = {
            "storage": storage,
            "key": key,
            "key_file": None if key_file is None else os.fspath(key_file),
            "mounts": mounts,
            "ca_file": None if ca_file is None else os.fspath(ca_file),
            "ca_pem": ca_pem,
            "proxy": proxy,
            "use_env_proxy": use_env_proxy,
            "connect_timeout_ms": connect_timeout_ms,
            "request_timeout_ms": request_timeout_ms,
            "login_timeout_ms": login_timeout_ms,
            "default_lease_ttl": default_lease_ttl,
            "max_lease_ttl": max_lease_ttl,
            "audit": None if audit is None else _written(audit),
        }
        in_memory = storage is None or storage.get("type") == "memory"
        self._handle = Handle(encode(options), in_memory)

    def set_audit(self, function: Optional[AuditFunction]) -> None:
        """Hands every audit line that is made from now on to a function, too, or to none.

        function: is called with one line, a JSON object without its newline, as bytes; from several threads at once,
            those of the library among them, while operations wait for it. What it raises says that it does not have
            the line. A client that it calls raises Reentered.

        When this returns, the function before is not running and never runs again. A forked child goes on with it.
        Raises Closed, Forked or Reentered.
        """
        self._handle.register(AuditRegistration(function))

    def set_logger(self, level: int, function: Optional[LogFunction] = None) -> None:
        """Hands log records up to a level (a LogLevel) to a function from now on, or to none.

        function: is called with the LogLevel and one record, a JSON object without its newline, as bytes; from several
            threads at once, those of the library among them, while operations wait for it. What it raises is dropped. A
            client that it calls raises Reentered.

        The first function is told what went wrong while the client was opened. No record holds a password, passcode,
        token or key. When this returns, the function before is not running and never runs again. A forked child goes
        on with it. Raises Closed, Forked or Reentered.
        """
        self._handle.register(LogRegistration(level, function))


def _written(audit: AuditFile) -> Dict[str, object]:
    # What is no member stays in, so that the library refuses it by name.
    return {name: os.fspath(value) if isinstance(value, os.PathLike) else value for name, value in audit.items()}
