"""Logs users in, and greets whose policies let them read web/: aiohttp_server.py okta.db CA_FILE 8080"""

import sys
from urllib.parse import parse_qsl

import okta_auth
from aiohttp import web
from aiohttp.typedefs import Handler

client = okta_auth.AsyncClient(sys.argv[1], ca_file=sys.argv[2])


async def login(request: web.Request) -> web.Response:
    sent = dict(parse_qsl((await request.read()).decode(errors="replace")))
    answer = await client.login(sent.get("username", ""), sent.get("password", ""), remote_address=request.remote)
    return web.json_response({"token": answer.auth.client_token})


async def user(request: web.Request) -> str:  # It asks for a policy like path "web/*" { capabilities = ["read"] }
    found = (await client.lookup_token(request.headers.get("Authorization", "").removeprefix("Bearer "))).data
    await client.authorize(found["id"], "web" + request.path, "read", remote_address=request.remote)
    return str(found["display_name"])


async def hello(request: web.Request) -> web.Response:
    return web.Response(text=f"Hello, {await user(request)}")


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except okta_auth.Error as refused:
        return web.json_response({"code": refused.code}, status=refused.status if refused.status > 0 else 503)


app = web.Application(middlewares=[refusals])
app.add_routes([web.post("/login", login), web.get("/", hello)])
web.run_app(app, host="127.0.0.1", port=int(sys.argv[3]))
