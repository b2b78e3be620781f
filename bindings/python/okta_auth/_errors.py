"""What the exceptions of the generated codes have in common."""

import json
import re
from typing import Any, Dict, List, Optional, Tuple


class OktaDetail:
    """What Okta itself said, for its support."""

    __slots__ = ("error_code", "error_id", "status")

    def __init__(self, raw: Dict[str, Any]) -> None:
        self.status: Optional[int] = raw.get("status")
        """Okta's HTTP status."""
        self.error_code: Optional[str] = raw.get("error_code")
        """Such as E0000004."""
        self.error_id: Optional[str] = raw.get("error_id")
        """What Okta's support asks for."""


class Error(Exception):
    """An operation that did not succeed. Holds no password, passcode or token."""

    def __init__(self, status: int, text: bytes) -> None:
        super().__init__(status, text)
        self.status = status
        """The HTTP status, or the negative number where there was no answer."""
        self.text = text
        """The raw JSON."""
        body = parsed(text)
        self.body: Dict[str, Any] = body
        """The whole JSON body."""
        self.code: str = str(body.get("code") or "")
        """The stable name, such as "invalid_credentials"."""
        self.errors: List[str] = [str(line) for line in body.get("errors") or ()]
        """Texts for people."""
        self.retry_after: Optional[int] = body.get("retry_after")
        """Seconds after which another try makes sense, where known."""
        self.okta: Optional[OktaDetail] = OktaDetail(body["okta"]) if body.get("okta") else None
        """What Okta said, where it was asked."""
        self.data: Dict[str, Any] = body.get("data") or {}
        """The member "data", which most errors lack."""

    def __str__(self) -> str:
        """As in Go and C++: "status 403: permission denied (code permission_denied)"."""
        # Vault indents the items of a list on lines of their own, which would break up a log.
        lines = (re.sub("[ \t\r\n]+", " ", text).strip(" ") for text in self.errors)
        said = ["; ".join(filter(None, lines))]
        if self.data.get("reason"):  # Of authorize().
            rule = self.data.get("rule")
            said.append(self.data["reason"] + (f" (rule {rule})" if rule else ""))
        line = ": ".join([f"status {self.status}", *filter(None, said)])
        return f"{line} (code {self.code})" if self.code else line

    def __reduce__(self) -> Tuple[Any, ...]:
        return type(self), (self.status, self.text)


class LoginFailed(Error):
    """The user could not show that he is who he says."""


class MfaRequired(LoginFailed):
    """The password was right, and a second factor is needed that this call cannot ask for."""


class Unavailable(Error):
    """It could not be done now; later it may be."""


class NoAnswer(Error):
    """The library did not carry the operation out, or its answer was not waited for."""


def parsed(text: bytes) -> Dict[str, Any]:
    """The body as an object, empty where it is none."""
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
