"""Vault's HTTP API as a WSGI application."""

from typing import Any, Callable, Dict, Iterable, Iterator, List, Tuple
from urllib.parse import quote

from ._client import Client
from ._errors import Error
from ._http import (
    MAX_BODY,
    WITH_BODY,
    Proxies,
    Refused,
    Reply,
    announced,
    incomplete,
    refusal,
    request,
    text,
    too_large,
)


class WsgiApplication:
    """Serves Vault's HTTP API below /v1/, through the door of Client.request(): with its verbs (LIST and ?list=true
    among them), headers, statuses and bodies. Everything else is 404. A body may have 32 MiB.

    The address that token_bound_cidrs are compared with is the peer's (REMOTE_ADDR), and X-Forwarded-For is dropped,
    unless the peer is in one of the networks trusted_proxies: then the right-most address there that is in none of them
    is the client's. Take a server that does not mistake X_Forwarded_For for that header, and one that ends
    a body that comes in chunks (wsgi.input_terminated), if clients send such: others' are refused.
    """

    def __init__(self, client: Client, *, trusted_proxies: Iterable[str] = ()) -> None:
        if not isinstance(client, Client):
            raise TypeError(
                f"WsgiApplication takes a Client, not {type(client).__name__}; AsgiApplication an AsyncClient"
            )
        self._client = client
        self._proxies = Proxies(trusted_proxies)

    def __call__(self, environ: Dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        reply = self._reply(environ).to(environ["REQUEST_METHOD"])
        start_response(reply.status_line, reply.headers)
        return [reply.body]

    def _reply(self, environ: Dict[str, Any]) -> Reply:
        try:
            method: str = environ["REQUEST_METHOD"]
            members = request(
                method,
                # The server has decoded it.
                quote(_octets(environ.get("PATH_INFO", ""))),
                text(_octets(environ.get("QUERY_STRING", ""))),
                _headers(environ),
                environ.get("REMOTE_ADDR"),
                self._proxies,
            )
            if method in WITH_BODY:
                members["body"] = text(_body(environ))
            return Reply.of(self._client.request(**members))
        except Refused as refused:
            return refused.reply
        except Error as problem:
            return Reply.of_no_answer(problem)


def _octets(text: str) -> bytes:
    """A text of the environment as it came over the wire (PEP 3333)."""
    return text.encode("latin-1")


def _headers(environ: Dict[str, Any]) -> Iterator[Tuple[str, str]]:
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            yield name[len("HTTP_") :].replace("_", "-").lower(), text(_octets(value))
        elif name == "CONTENT_TYPE" and value:
            yield "content-type", text(_octets(value))


def _body(environ: Dict[str, Any]) -> bytes:
    length: str = environ.get("CONTENT_LENGTH") or ""
    is_terminated = bool(environ.get("wsgi.input_terminated"))
    if environ.get("HTTP_TRANSFER_ENCODING") and not is_terminated:
        # The server leaves it as it is, and a request without its members is another one.
        raise Refused(refusal(411, "invalid_request", "the body must come with a Content-Length"))
    if not length and not is_terminated:
        return b""
    expected = announced(length) if length else MAX_BODY + 1
    parts: List[bytes] = []
    left = expected
    while left:
        part: bytes = environ["wsgi.input"].read(left)
        if not part:
            break
        parts.append(part)
        left -= len(part)
    if not length and not left:
        raise too_large()
    if length and left:
        raise incomplete()
    return b"".join(parts)
