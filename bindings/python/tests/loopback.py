"""The Okta that the tests talk to, a program on 127.0.0.1, and its control path."""

import json
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "correct horse"


class Okta:
    """The loopback Okta and its control path."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout
        line: Dict[str, str] = json.loads(process.stdout.readline())
        self.url = line["url"]
        self.ca_file = line["ca_file"]
        self.api_token = line["api_token"]
        self._control_url = line["control_url"]

    def control(self, path: str, body: Optional[object] = None) -> Any:
        request = urllib.request.Request(self._control_url + path)
        if path not in ("/calls", "/counts"):
            request.data = json.dumps({} if body is None else body).encode()
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def user(self, login: str, *factors: Dict[str, Any], groups: Optional[List[str]] = None, **more: object) -> None:
        """Puts a user whose password is PASSWORD."""
        described = {"login": login, "password": PASSWORD, "factors": list(factors), **more}
        described["groups"] = [{"name": name} for name in groups or []]
        self.control("/users", described)

    def counts(self) -> Dict[str, int]:
        counted: Dict[str, int] = self.control("/counts")
        return counted

    def wait_for_push(self) -> None:
        """Until a push is on its way."""
        self._wait_until(lambda: self.counts()["pushes"] > 0)

    def wait_for_call(self, path: str) -> None:
        """Until Okta was asked for this path."""
        self._wait_until(lambda: any(call["path"] == path for call in self.control("/calls")))

    def _wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline, "it never happened"
            time.sleep(0.01)
