"""For programs that speak to Vault through hvac: the same without a server. Needs hvac: pip install okta_auth[hvac].

vault = hvac.Client(adapter=InProcessAdapter.of(client), token=token)
vault.sys.list_auth_methods()
Okta(vault.adapter).login("fred", password, on_challenge=lambda number: print("tap", number))
"""

import io
import secrets
import threading
from functools import partial
from typing import Any, Callable, Dict, Mapping, Optional, Tuple, Union

import hvac
import requests
from hvac import utils

from ._client import Client
from ._http import MAX_BODY, WITH_BODY, Proxies, Refused, Reply, request, text, too_large

__all__ = ["InProcessAdapter", "Okta"]

# How often verify/ is asked for the number, in seconds.
PAUSE = 1.0
# How long an answer to a login may take, in seconds: a little more than the server waits for a phone.
PATIENCE = 310.0


class InProcessAdapter(hvac.adapters.JSONAdapter):  # type: ignore[misc]
    """Carries out hvac's requests in this process, without a socket, with the authority of hvac's token. They come from
    no address unless one is given, so that nothing that is bound to addresses lets them in; X-Forwarded-For is dropped.
    """

    def __init__(self, client: Client, *, remote_address: Optional[str] = None, **options: Any) -> None:
        """client: carries out the requests, and stays the caller's. remote_address: where they come from, for
        token_bound_cidrs and for Okta. options: hvac's; those about connections are of no meaning."""
        session = requests.Session()
        session.trust_env = False
        for scheme in ("http://", "https://"):
            session.mount(scheme, _Door(client, remote_address))
        super().__init__(**{**options, "session": session})

    @classmethod
    def of(cls, client: Client, *, remote_address: Optional[str] = None) -> Callable[..., "InProcessAdapter"]:
        """What hvac.Client takes as its `adapter`."""
        return partial(cls, client, remote_address=remote_address)


class Okta(hvac.api.auth_methods.Okta):  # type: ignore[misc]
    """hvac's Okta auth method, with the second factor. Works with every adapter, and with a Vault server as well."""

    def login(
        self,
        username: str,
        password: str,
        use_token: bool = True,
        mount_point: str = "okta",
        *,
        totp: Optional[str] = None,
        provider: Optional[str] = None,
        nonce: Optional[str] = None,
        on_challenge: Optional[Callable[[int], object]] = None,
    ) -> Any:
        """Logs in with the user's name and password.

        totp: passcode of a TOTP factor; without it a push is sent. provider: OKTA or GOOGLE, whose TOTP factor.
        nonce: 16 characters or more, random: where verify() tells the number of a push.
        on_challenge: is told the number that the user has to tap, once, while this waits for him. What it raises goes
            to the caller; the login then ends by itself.
        """
        given = {"password": password, "totp": totp, "provider": provider, "nonce": nonce}
        if on_challenge is not None and nonce is None:
            given["nonce"] = nonce = secrets.token_urlsafe(24)
        login = partial(
            self._adapter.post,
            url=utils.format_url("/v1/auth/{mount}/login/{name}", mount=mount_point, name=username),
            json={name: value for name, value in given.items() if value is not None},
            timeout=PATIENCE,
        )
        answer = login() if on_challenge is None else self._watched(login, nonce, mount_point, on_challenge)
        if use_token:
            self._adapter.token = self._adapter.get_login_token(answer)
        return answer

    def _watched(
        self,
        login: Callable[[], Any],
        nonce: Optional[str],
        mount_point: str,
        on_challenge: Callable[[int], object],
    ) -> Any:
        running = _Running(login)
        while not running.ended(PAUSE):
            number = self.verify(nonce, mount_point)
            if number is not None:
                on_challenge(number)
                break
        return running.result()

    def verify(self, nonce: Optional[str], mount_point: str = "okta") -> Optional[int]:
        """The number that the user of the login with this nonce has to tap; None while there is none."""
        path = utils.format_url("/v1/auth/{mount}/verify/{nonce}", mount=mount_point, nonce=nonce)
        try:
            answer = self._adapter.get(url=path)
        except hvac.exceptions.InvalidPath:
            return None
        body = answer if isinstance(answer, dict) else answer.json()
        return int(body["data"]["correct_answer"])


class _Running:
    """A call in a thread of its own, which does not keep the program from ending."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call
        self._result: Any = None
        self._problem: Optional[BaseException] = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result = self._call()
        except BaseException as problem:
            self._problem = problem

    def ended(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def result(self) -> Any:
        self._thread.join()
        if self._problem is not None:
            raise self._problem
        return self._result


class _Door(requests.adapters.BaseAdapter):
    """Where requests sends what goes to Vault."""

    def __init__(self, client: Client, remote_address: Optional[str]) -> None:
        super().__init__()
        self._client = client
        self._remote_address = remote_address

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Union[float, Tuple[float, float], Tuple[float, None], None] = None,
        verify: Union[bool, str] = True,
        cert: Union[bytes, str, Tuple[Union[bytes, str], Union[bytes, str]], None] = None,
        proxies: Optional[Mapping[str, str]] = None,
    ) -> requests.Response:
        seconds = timeout[1] if isinstance(timeout, tuple) else timeout
        try:
            reply = Reply.of(self._client.request(**_members(request, self._remote_address, seconds)))
        except Refused as refused:
            reply = refused.reply.to(request.method)
        response = requests.Response()
        response.status_code = reply.status
        response.reason = reply.status_line.partition(" ")[2]
        response.headers.update(reply.headers)
        response.encoding = "utf-8"
        response.raw = io.BytesIO(reply.body)
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        pass


def _members(
    prepared: requests.PreparedRequest, remote_address: Optional[str], seconds: Optional[float]
) -> Dict[str, Any]:
    method = prepared.method or "GET"
    path, _, query = prepared.path_url.partition("?")
    headers = [(name.lower(), value) for name, value in prepared.headers.items()]
    members = request(method, path, query, headers, remote_address, _NOBODY)
    if method in WITH_BODY:
        body = prepared.body or b""
        if not isinstance(body, (bytes, str)):
            raise TypeError("a body that is streamed needs a server")
        if len(body) > MAX_BODY:
            raise too_large()
        members["body"] = text(body) if isinstance(body, bytes) else body
    if seconds is not None:
        members["timeout_ms"] = int(seconds * 1000)
    return members


_NOBODY = Proxies(())
