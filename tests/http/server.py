"""The servers in Python; README.md says what they are asked. The argument is wsgi or asgi."""

import itertools
import json
import sys
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Awaitable, Callable, Dict, Iterable

import okta_auth
from serving import asgi, wsgi

PROXIES = ["127.0.0.0/8", "10.0.0.0/8"]
numbers = itertools.count()


def opened(path: str, token: okta_auth.Auth) -> bytes:
    return json.dumps({"path": path, "token": token.client_token, "accessor": token.accessor}).encode()


class Wsgi:
    """Clients that are open until the program ends."""

    def __init__(self) -> None:
        self.applications: Dict[str, okta_auth.WsgiApplication] = {}

    def __call__(self, environ: Dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        first, _, rest = environ["PATH_INFO"][1:].partition("/")
        application = self.applications.get(f"/{first}")
        if application is not None:
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = f"/{first}", f"/{rest}"
            return application(environ, start_response)
        options = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        client = okta_auth.Client(**options)
        path = f"/client-{next(numbers)}"
        self.applications[path] = okta_auth.WsgiApplication(client, trusted_proxies=PROXIES)
        start_response("200 OK", [])
        return [opened(path, client.create_token(policies=["root"]).auth)]


class Asgi:
    """The same for an event loop."""

    def __init__(self) -> None:
        self.applications: Dict[str, okta_auth.AsgiApplication] = {}

    async def __call__(
        self,
        scope: Dict[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        if scope["type"] == "lifespan":
            return
        root = "/" + scope["path"][1:].partition("/")[0]
        application = self.applications.get(root)
        if application is not None:
            await application({**scope, "root_path": root}, receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message["body"]
            more = message["more_body"]
        client = okta_auth.AsyncClient(**json.loads(body))
        path = f"/client-{next(numbers)}"
        self.applications[path] = okta_auth.AsgiApplication(client, trusted_proxies=PROXIES)
        token = (await client.create_token(policies=["root"])).auth
        answer = opened(path, token)
        length = [(b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        await send({"type": "http.response.body", "body": answer})


@asynccontextmanager
async def asgi_clients() -> AsyncIterator[Asgi]:
    yield Asgi()


def main() -> None:
    served = wsgi(Wsgi()) if sys.argv[1] == "wsgi" else asgi(asgi_clients)
    with served as (host, port):
        print(f"{host}:{port}", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
