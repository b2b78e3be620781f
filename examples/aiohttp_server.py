"""An aiohttp application that logs users in, and serves those who bring the token that they got."""

from contextvars import ContextVar

import okta_auth
from aiohttp import web
from aiohttp.typedefs import Handler

CLIENT = web.AppKey("client", okta_auth.AsyncClient)
USER: ContextVar[str] = ContextVar("user")


async def login(request: web.Request) -> web.Response:
    sent = await request.json()
    try:
        answer = await request.app[CLIENT].login(sent["username"], sent["password"])
    except okta_auth.LoginFailed as refused:
        return web.json_response({"code": refused.code}, status=401)
    return web.json_response({"token": answer.auth.client_token})


@web.middleware
async def token_required(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.path != "/login":
        token = request.headers.get("Authorization", "")[len("Bearer ") :]
        looked_up = await request.app[CLIENT].request("GET", "auth/token/lookup-self", token=token)
        if looked_up.status != 200:
            raise web.HTTPUnauthorized
        USER.set(looked_up.data["meta"]["okta_login"])
    return await handler(request)


def application(client: okta_auth.AsyncClient) -> web.Application:
    app = web.Application(middlewares=[token_required])
    app[CLIENT] = client
    app.on_cleanup.append(lambda app: client.aclose())
    app.router.add_post("/login", login)
    return app
