"""Vault's HTTP API as an ASGI application."""

import asyncio
from typing import Any, Awaitable, Callable, Dict, Iterable, MutableMapping
from urllib.parse import quote

from ._async_client import AsyncClient
from ._errors import Error
from ._http import MAX_BODY, WITH_BODY, Proxies, Refused, Reply, announced, request, text, too_large

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class AsgiApplication:
    """Serves Vault's HTTP API below /v1/, through the door of AsyncClient.request(): with its verbs (LIST and
    ?list=true among them), headers, statuses and bodies. Everything else is 404. A body may have 32 MiB. A client that
    goes away ends what it asked for.

    The address that token_bound_cidrs are compared with is the peer's (scope["client"]), and X-Forwarded-For is
    dropped, unless the peer is in one of the networks trusted_proxies: then the right-most address there that is in
    none of them is the client's. Take from the server any such rule of its own (uvicorn: proxy_headers=False).
    """

    def __init__(self, client: AsyncClient, *, trusted_proxies: Iterable[str] = ()) -> None:
        if not isinstance(client, AsyncClient):
            raise TypeError(
                f"AsgiApplication takes an AsyncClient, not {type(client).__name__}; WsgiApplication a Client"
            )
        self._client = client
        self._proxies = Proxies(trusted_proxies)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close"})
        else:
            try:
                reply = await self._reply(scope, receive)
            except _Gone:
                return
            reply.to(scope["method"])
            headers = [(name.encode(), value.encode()) for name, value in reply.headers]
            await send({"type": "http.response.start", "status": reply.status, "headers": headers})
            await send({"type": "http.response.body", "body": reply.body})

    async def _reply(self, scope: MutableMapping[str, Any], receive: Receive) -> Reply:
        try:
            method: str = scope["method"]
            members = request(
                method,
                _path(scope),
                text(scope["query_string"]),
                [(text(name).lower(), text(value)) for name, value in scope["headers"]],
                scope["client"][0] if scope.get("client") else None,
                self._proxies,
            )
            if method in WITH_BODY:
                # What is announced to be larger is not waited for.
                for name, value in scope["headers"]:
                    if name.lower() == b"content-length":
                        announced(text(value))
                members["body"] = text(await _body(receive))
            return await self._answered(members, receive)
        except Refused as refused:
            return refused.reply
        except Error as problem:
            return Reply.of_no_answer(problem)

    async def _answered(self, members: Dict[str, Any], receive: Receive) -> Reply:
        call = asyncio.ensure_future(self._client.request(**members))
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait({call, gone}, return_when=asyncio.FIRST_COMPLETED)
            if call.done():
                return Reply.of(call.result())
            # What goes wrong with the connection is for the server to hear of.
            gone.result()
            raise _Gone
        finally:
            call.cancel()
            gone.cancel()
            # Else what they end with is never retrieved, which asyncio complains of.
            await asyncio.gather(call, gone, return_exceptions=True)


class _Gone(Exception):
    """The client has gone away."""


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            raise too_large()
        if not message.get("more_body"):
            return bytes(body)


def _path(scope: MutableMapping[str, Any]) -> str:
    """The path as on the wire, below the one that the application is mounted at."""
    raw = scope.get("raw_path")
    path = quote(scope["path"], errors="surrogatepass") if raw is None else text(raw.partition(b"?")[0])
    root = quote(scope.get("root_path") or "")
    return path[len(root) :] if path.startswith(root) else path


async def _live(receive: Receive, send: Send) -> None:
    while True:
        event: str = (await receive())["type"]
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return
