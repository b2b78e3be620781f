"""Logs users in, and greets whose policies let them read web/: aiohttp_server.py okta.db CA_FILE 8080"""

import sys
from urllib.parse import parse_qsl

import okta_auth
from aiohttp import web
from aiohttp.typedefs import Handler

client = okta_auth.AsyncClient(sys.argv[1], ca_file=sys.argv[2])


async def login(request: web.Request) -> web.Response:
    got = {"username": "", "password": "", **dict(parse_qsl((await request.read()).decode(errors="replace")))}
    done = await client.login(got["username"], got["password"], nonce=got.get("nonce"), remote_address=request.remote)
    return web.json_response({"token": done.auth.client_token})


async def number(request: web.Request) -> web.Response:  # To tap; asked for by the nonce while the login waits
    return web.json_response({"number": (await client.verify(request.match_info["nonce"])).data["correct_answer"]})


async def hello(request: web.Request) -> web.Response:  # Wants a policy: path "web/*" { capabilities = ["read"] }
    found = (await client.lookup_token(request.headers.get("Authorization", "").removeprefix("Bearer "))).data
    await client.authorize(found["id"], "web" + request.path, "read", remote_address=request.remote)
    return web.Response(text=f"Hello, {found['display_name']}")


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except okta_auth.Error as refused:
        return web.json_response({"code": refused.code}, status=refused.status if refused.status > 0 else 503)


app = web.Application(middlewares=[refusals])
app.add_routes([web.post("/login", login), web.get("/number/{nonce}", number), web.get("/", hello)])
web.run_app(app, host="127.0.0.1", port=int(sys.argv[3]))
