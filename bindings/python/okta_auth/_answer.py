"""What operations answer."""

import json
from typing import Any, Dict, List, Optional


class Auth:
    """A token and what comes with it. Unlike the raw JSON it does not show the token when it is printed."""

    __slots__ = ("raw",)

    def __init__(self, raw: Dict[str, Any]) -> None:
        self.raw = raw
        """The member "auth" as it came."""

    @property
    def client_token(self) -> str:
        """The token itself; whoever has it may use it."""
        return str(self.raw["client_token"])

    @property
    def accessor(self) -> str:
        """Stands for the token in logs: with it the token can be looked up and revoked, not used."""
        return str(self.raw["accessor"])

    @property
    def policies(self) -> List[str]:
        """Names of the policies that say what the token may do."""
        return list(self.raw["policies"] or ())

    @property
    def metadata(self) -> Dict[str, str]:
        """For a login: username, policies, okta_user_id, okta_login."""
        return dict(self.raw["metadata"] or {})

    @property
    def lease_duration(self) -> int:
        """Seconds from the answer on for which the token lives."""
        return int(self.raw["lease_duration"])

    @property
    def renewable(self) -> bool:
        """Whether renew_token() can stretch its life."""
        return bool(self.raw["renewable"])

    @property
    def entity_id(self) -> str:
        """The same for all logins of one Okta user at one mount; empty for other tokens."""
        return str(self.raw["entity_id"])

    def __repr__(self) -> str:
        return f"<Auth {self.accessor} {self.policies} {self.lease_duration} s>"


class WrapInfo:
    """What an answer is unwrapped with. Unlike the raw JSON it does not show the token when it is printed."""

    __slots__ = ("raw",)

    def __init__(self, raw: Dict[str, Any]) -> None:
        self.raw = raw
        """The member "wrap_info" as it came."""

    @property
    def token(self) -> str:
        """What unwrap() takes, once."""
        return str(self.raw["token"])

    @property
    def accessor(self) -> str:
        """Stands for this token: with it the token can be revoked."""
        return str(self.raw["accessor"])

    @property
    def wrapped_accessor(self) -> str:
        """The accessor of the token inside; empty where there is none."""
        return str(self.raw.get("wrapped_accessor") or "")

    @property
    def ttl(self) -> int:
        """Seconds within which the answer can be unwrapped."""
        return int(self.raw["ttl"])

    @property
    def creation_path(self) -> str:
        """What the answer is to."""
        return str(self.raw["creation_path"])

    def __repr__(self) -> str:
        return f"<WrapInfo {self.accessor} {self.creation_path} {self.ttl} s>"


class Answer:
    """The answer of an operation that succeeded."""

    __slots__ = ("_body", "status", "text")

    def __init__(self, status: int, text: bytes) -> None:
        self.status = status
        """The HTTP status, such as 200; 204 comes without a body."""
        self.text = text
        """The raw JSON."""
        self._body: Optional[Dict[str, Any]] = None

    @property
    def body(self) -> Dict[str, Any]:
        """The whole JSON body; empty for 204."""
        if self._body is None:
            self._body = json.loads(self.text) if self.text else {}
        return self._body

    @property
    def data(self) -> Dict[str, Any]:
        """The member "data", where reads and lists answer. Raises LookupError where it is wrapped: wrap_info
        has what unwraps it."""
        if self.body.get("wrap_info"):
            raise LookupError("this answer holds no data; it is wrapped: see wrap_info")
        return self.body.get("data") or {}

    @property
    def keys(self) -> List[str]:
        """The names that a list operation found."""
        return list(self.data.get("keys") or ())

    @property
    def auth(self) -> Auth:
        """The token. Raises LookupError, and no okta_auth.Error as nothing was refused, for an answer that has none: of
        an open transaction, or asked for with wrap_ttl, when wrap_info has what unwraps it."""
        raw = self.body.get("auth")
        if not raw:
            where = "; it is wrapped: see wrap_info" if self.body.get("wrap_info") else ""
            raise LookupError(f"this answer holds no token{where}")
        return Auth(raw)

    @property
    def wrap_info(self) -> WrapInfo:
        """What to unwrap the answer with. Raises LookupError for an answer that is not wrapped."""
        raw = self.body.get("wrap_info")
        if not raw:
            raise LookupError("this answer is not wrapped")
        return WrapInfo(raw)

    @property
    def warnings(self) -> List[str]:
        """What the library warns of."""
        return list(self.body.get("warnings") or ())

    @property
    def request_id(self) -> str:
        """The id of the request, made up unless it came with one."""
        return str(self.body.get("request_id") or "")

    def __repr__(self) -> str:
        return f"<Answer {self.status}>"
