"""Logs users in, and greets who brings a token: aiohttp_server.py okta.db /etc/ssl/certs/ca-certificates.crt 8080"""

import sys
from urllib.parse import parse_qsl

import okta_auth
from aiohttp import web
from aiohttp.typedefs import Handler

client = okta_auth.AsyncClient(sys.argv[1], ca_file=sys.argv[2])


async def login(request: web.Request) -> web.Response:
    sent = dict(parse_qsl((await request.read()).decode(errors="replace")))
    answer = await client.login(sent.get("username", ""), sent.get("password", ""))
    return web.json_response({"token": answer.auth.client_token})


async def user(request: web.Request) -> str:  # For handlers to await first: without a token nobody gets past it.
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return str((await client.lookup_token(token)).data["display_name"])


async def hello(request: web.Request) -> web.Response:
    return web.Response(text=f"Hello, {await user(request)}")


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except okta_auth.Error as refused:
        return web.json_response({"code": refused.code}, status=refused.status if refused.status > 0 else 503)


if __name__ == "__main__":
    app = web.Application(middlewares=[refusals])
    app.add_routes([web.post("/login", login), web.get("/", hello)])
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[3]))
