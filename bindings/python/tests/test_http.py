"""Vault's HTTP API as a WSGI and as an ASGI application, through servers and by hand."""

import asyncio
import gc
import http.client
import io
import json
import socket
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Callable, Dict, Iterator, List, Optional, Tuple

import pytest

import okta_auth
from loopback import PASSWORD, Okta
from okta_auth._http import MAX_BODY, Proxies, Refused
from serving import Address, asgi, wsgi

USERS = "/v1/auth/okta/users"
PROXIES = ["127.0.0.0/8", "::ffff:10.0.0.0/104"]


class Served:
    """A server of a configured client, with a token that may do everything."""

    def __init__(self, kind: str, address: Address, token: str) -> None:
        self.kind = kind
        self.address = address
        self.token = token

    def raw(self, text: bytes) -> Tuple[int, Dict[str, str], str]:
        """Sends what is given; returns status, headers and body of the answer."""
        with socket.create_connection(self.address, timeout=30) as connection:
            connection.sendall(text)
            response = http.client.HTTPResponse(connection, method=text.split(b" ")[0].decode())
            response.begin()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return response.status, headers, response.read().decode()

    def ask(
        self, method: str, path: str, body: str = "", *lines: str, token: Optional[str] = None
    ) -> Tuple[int, Dict[str, str], str]:
        head = [f"{method} {path} HTTP/1.1", "Host: vault", "Connection: close", *lines]
        head.append(f"X-Vault-Token: {self.token if token is None else token}")
        if body:
            head.append(f"Content-Length: {len(body)}")
        return self.raw("\r\n".join([*head, "", body]).encode("latin-1"))


def root(client: okta_auth.Client) -> str:
    return client.create_token(policies=["root"]).auth.client_token


@pytest.fixture(params=["wsgi", "asgi"])
def served(request: Any, okta: Okta, database: str) -> Iterator[Served]:
    # The ASGI application's client opens the same database.
    with okta_auth.Client(database, ca_file=okta.ca_file) as client:
        client.configure(org_url=okta.url, api_token=okta.api_token)
        if request.param == "wsgi":
            with wsgi(okta_auth.WsgiApplication(client, trusted_proxies=PROXIES)) as address:
                yield Served("wsgi", address, root(client))
        else:

            @asynccontextmanager
            async def opened() -> AsyncIterator[okta_auth.AsgiApplication]:
                async with okta_auth.AsyncClient(database, ca_file=okta.ca_file) as other:
                    yield okta_auth.AsgiApplication(other, trusted_proxies=PROXIES)

            with asgi(opened) as address:
                yield Served("asgi", address, root(client))


def test_verbs_statuses_and_headers_are_vaults(served: Served) -> None:
    form = "Content-Type: application/x-www-form-urlencoded"
    patch = "Content-Type: application/merge-patch+json"
    for method, path, body, lines, status, part in [
        ("POST", f"{USERS}/fred", '{"policies":"dev"}', [], 204, ""),
        ("PUT", f"{USERS}/wilma%20f", '{"policies":"ops"}', [], 204, ""),
        ("POST", f"{USERS}/form", "policies=a", [form], 204, ""),
        ("GET", f"{USERS}/FRED", "", [], 200, '"policies":["dev"]'),
        ("LIST", USERS, "", [], 200, '"keys":["form","fred","wilma f"]'),
        ("GET", f"{USERS}?list=true", "", [], 200, '"keys":["form","fred","wilma f"]'),
        ("GET", f"{USERS}?list=maybe", "", [], 400, '"errors":[]'),
        ("DELETE", f"{USERS}/fred", "", [], 204, ""),
        ("GET", f"{USERS}/fred", "", [], 404, '"errors":[]'),
        ("HEAD", f"{USERS}/fred", "", [], 405, ""),
        ("HEAD", "/v1/sys/health", "", [], 200, ""),
        ("HEAD", f"{USERS}/%00", "", [], 400, ""),
        ("HEAD", "/ui/", "", [], 404, ""),
        ("TRACE", "/v1/auth/okta/config", "", [], 405, '"errors":[]'),
        ("GET", "/v1/sys/health?standbyok=true", "", [], 200, '"initialized":true'),
        ("GET", f"{USERS}?list=true&list=true", "", [], 400, '"errors":[]'),
        ("GET", f"{USERS}/form?list=false", "", [], 200, '"policies":["a"]'),
        ("GET", f"{USERS}/form?help=1", "", [], 200, '"help":"Request:'),
        ("OPTIONS", "/v1/auth/okta/config", "", [], 405, "unsupported operation"),
        ("SCAN", "/v1/auth/okta/config", "", [], 405, '"errors":[]'),
        ("PATCH", "/v1/auth/okta/config", "{}", [], 400, "mime: no media type"),
        ("PATCH", "/v1/auth/okta/config", "{}", [patch], 405, "unsupported operation"),
        ("POST", f"{USERS}/x", "{", [], 400, "error parsing JSON"),
        ("GET", "/v1/nosuch/path", "", [], 404, "no handler for route"),
        ("GET", "/v1/", "", [], 404, "no handler for route"),
        ("GET", "/v1", "", [], 404, '"errors": []'),
        ("GET", "/ui/", "", [], 404, '"errors": []'),
        ("GET", "/auth/okta/config", "", [], 404, '"errors": []'),
    ]:
        got, headers, answer = served.ask(method, path, body, *lines)
        assert (got, part in answer, bool(part)) == (status, True, bool(answer)), (method, path, got, answer)
        assert headers["content-type"] == "application/json"
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{USERS}/a%2fb", 200),
        (f"{USERS}/a/b", 200),
        (f"{USERS}/../config", 400),
        (f"{USERS}/%2e%2e/config", 400),
        (f"{USERS}/..%2fconfig", 400),
        ("/v1/auth//okta/config", 400),
        (f"{USERS}/%00", 400),
        (f"{USERS}/%0a", 400),
        (f"{USERS}/%ff", 400),
        (f"{USERS}/%252e%252e/config", 404),
        ("/v1/v1/auth/okta/config", 404),
        ("/v1/../v1/auth/okta/config", 400),
        ("/v1/auth/okta/config;x", 404),
        (f"/v1/{'x' * 30_000}", 400),
        (f"{USERS}/fred?a=%ff", 400),
        (f"{USERS}/a/b?list=0", 200),
    ],
)
def test_a_path_that_smuggles_is_refused(served: Served, path: str, status: int) -> None:
    served.ask("POST", f"{USERS}/a/b", "{}")
    assert served.ask("GET", path)[0] == status


def test_things_said_twice_and_differently_are_refused(served: Served) -> None:
    served.ask("POST", f"{USERS}/fred", "{}")
    own = served.token
    # A WSGI server makes one line of two, which is no token.
    twice = 403 if served.kind == "wsgi" else 400
    for lines, status in [
        ([f"Authorization: Bearer {own}"], 200),
        (["Authorization: Bearer hvs.other"], 400),
        (["X-Vault-Token: hvs.other"], twice),
        (["Cookie: a\tb", "User-Agent: \xfc"], 200),
        (["Authorization: Bearer \xff"], 400),
        (["X-Vault-Wrap-TTL: 60", "X-Vault-Wrap-TTL: 61"], 400),
        (["X-Vault-Namespace: a/b"], 200),
        # A WSGI server makes one name of both.
        (["X_Vault_Token: hvs.other"], 403 if served.kind == "wsgi" else 200),
    ]:
        assert served.ask("GET", f"{USERS}/fred", "", *lines)[0] == status, lines
    assert served.ask("POST", f"{USERS}/fred", "\xff")[0] == 400


def test_a_body_has_a_bound(served: Served) -> None:
    connection = http.client.HTTPConnection(*served.address, timeout=60)
    headers = {"X-Vault-Token": served.token}
    connection.request("POST", f"{USERS}/fred", b"{}" + b" " * (MAX_BODY - 2), headers)
    assert connection.getresponse().status == 204
    connection.close()
    connection = http.client.HTTPConnection(*served.address, timeout=60)
    connection.putrequest("POST", f"{USERS}/fred")
    connection.putheader("Content-Length", str(MAX_BODY + 1))
    connection.endheaders()
    # It is not waited for.
    response = connection.getresponse()
    assert (response.status, json.load(response)["code"]) == (413, "too_large")
    connection.close()


def test_a_body_in_chunks_is_read_or_refused(served: Served) -> None:
    status, _, body = served.raw(
        f"POST {USERS}/fred HTTP/1.1\r\nHost: vault\r\nConnection: close\r\nX-Vault-Token: {served.token}\r\n"
        'Transfer-Encoding: chunked\r\n\r\n12\r\n{"policies":"dev"}\r\n0\r\n\r\n'.encode()
    )
    assert status == (411 if served.kind == "wsgi" else 204), body
    # Never is it taken for none.
    status, _, body = served.ask("GET", f"{USERS}/fred")
    assert (status, '"policies":["dev"]' in body) == ((404, False) if served.kind == "wsgi" else (200, True)), body


def test_a_rate_limit_says_when_to_come_back(served: Served, okta: Okta) -> None:
    okta.control("/faults", [{"path": "/api/v1/authn", "kind": {"rate_limited": "normal"}}])
    status, headers, body = served.ask("POST", "/v1/auth/okta/login/fred", '{"password":"x"}')
    assert (status, headers["retry-after"]) == (429, str(json.loads(body)["retry_after"]))


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [("203.0.113.9", 200), ("203.0.113.9, 198.51.100.1", 403), ("203.0.113.9, 10.0.0.1", 200), ("no", 400), ("", 403)],
)
def test_a_bound_login_sees_the_clients_address(served: Served, okta: Okta, forwarded: str, status: int) -> None:
    okta.user("fred@acme.com")
    served.ask("POST", "/v1/auth/okta/config", '{"token_bound_cidrs":"203.0.113.0/24"}')
    login = json.dumps({"password": PASSWORD})
    got = served.ask("POST", "/v1/auth/okta/login/fred", login, f"X-Forwarded-For: {forwarded}")
    assert got[0] == status, got


def test_okta_is_told_of_the_clients_program(served: Served, okta: Okta) -> None:
    okta.user("fred@acme.com")
    login = json.dumps({"password": PASSWORD})
    for agent, told in [("browser/1.0 (X11)", True), ("x" * 1_024, True), ("x" * 1_025, False), ("\xfc", False)]:
        okta.control("/calls/take")
        status, _, body = served.ask("POST", "/v1/auth/okta/login/fred", login, f"User-Agent: {agent}")
        assert status == 200, body
        (seen,) = {call["user_agent"] for call in okta.control("/calls") if call["path"] == "/api/v1/authn"}
        assert (seen == agent) is told, seen


def test_audit_lines_name_the_clients_program(client: okta_auth.Client) -> None:
    lines: List[bytes] = []
    client.set_audit(lines.append)
    by_hand(okta_auth.WsgiApplication(client), REQUEST_METHOD="GET", HTTP_USER_AGENT="browser/1.0")
    assert [json.loads(line)["request"]["headers"]["user-agent"] for line in lines] == [["browser/1.0"]] * 2


@pytest.mark.parametrize(
    ("peer", "forwarded", "origin"),
    [
        ("192.0.2.1", "", ("192.0.2.1", None)),
        ("192.0.2.1", "203.0.113.9", ("192.0.2.1", None)),
        ("10.0.0.1", "", ("10.0.0.1", None)),
        ("10.0.0.1", "203.0.113.9", ("203.0.113.9", "203.0.113.9")),
        ("10.0.0.1", "1.2.3.4, 203.0.113.9 ,10.0.0.2", ("203.0.113.9", "203.0.113.9, 10.0.0.2")),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", ("10.0.0.3", "10.0.0.3, 10.0.0.2")),
        ("10.0.0.1", "unknown, 203.0.113.9:99", ("203.0.113.9", "203.0.113.9:99")),
        ("::ffff:10.0.0.1", "[2001:db8::1]:99", ("2001:db8::1", "[2001:db8::1]:99")),
        ("10.0.0.1", "[2001:db8::1]", ("2001:db8::1", "[2001:db8::1]")),
        ("fe80::1%eth0", "", ("fe80::1", None)),
        (None, "203.0.113.9", (None, None)),
        ("", "203.0.113.9", (None, None)),
        ("10.0.0.1", "203.0.113.9, unknown", None),
        ("10.0.0.1", "203.0.113.9,", None),
        ("10.0.0.1", "203.0.113.9:99", ("203.0.113.9", "203.0.113.9:99")),
        ("10.0.0.1", "fe80::1%eth0", ("fe80::1", "fe80::1%eth0")),
        ("10.0.0.1", "203.0.113.9:http", None),
        ("10.0.0.1", "203.0.113.9:70000", None),
        ("10.0.0.1", "203.0.113.9:\u0669", None),
        ("10.0.0.1", "203.0.113.9:", None),
        ("10.0.0.1", "[203.0.113.9", None),
        ("10.0.0.1", "203.0.113.9]", None),
        ("10.0.0.1", "[203.0.113.9]", None),
        ("10.0.0.1", "[[2001:db8::1]]", None),
        ("10.0.0.1", "[2001:db8::1]99", None),
        ("10.0.0.1", "203.0.113.9%eth0", None),
        ("10.0.0.1", "fe80::1%", None),
        ("10.0.0.1", "203.0.113.09", None),
        ("10.0.0.1", "203.0.113.0/24", None),
        ("10.0.0.1", "for=203.0.113.9", None),
    ],
)
def test_the_clients_address(peer: Optional[str], forwarded: str, origin: Optional[Tuple[str, str]]) -> None:
    proxies = Proxies(PROXIES)
    if origin is None:
        with pytest.raises(Refused):
            proxies.origin(peer, forwarded)
    else:
        assert proxies.origin(peer, forwarded) == origin
        assert Proxies(()).origin(peer, forwarded) == (proxies.origin(peer, "")[0], None)


@pytest.mark.parametrize("wrong", ["10.0.0.0/8", ["10.0.0.1/8"], ["proxy.example.ca"]])
def test_proxies_are_networks(client: okta_auth.Client, wrong: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        okta_auth.WsgiApplication(client, trusted_proxies=wrong)


def by_hand(application: okta_auth.WsgiApplication, **environ: object) -> Tuple[str, bytes]:
    """Calls a WSGI application as a server would."""
    statuses: List[str] = []
    start: Callable[..., None] = lambda status, headers: statuses.append(status)  # noqa: E731
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": f"{USERS}/fred", "wsgi.input": io.BytesIO(), **environ}
    body = b"".join(application(environ, start))
    return statuses[0], body


def test_bodies_as_wsgi_servers_bring_them(client: okta_auth.Client) -> None:
    application = okta_auth.WsgiApplication(client)
    token = root(client)
    cases: List[Tuple[bytes, Dict[str, object], int]] = [
        (b"{}", {"CONTENT_LENGTH": "2"}, 204),
        (b"{}", {"CONTENT_LENGTH": ""}, 204),
        (b"{}", {}, 204),
        (b"{", {"CONTENT_LENGTH": "2"}, 400),
        (b"{}", {"CONTENT_LENGTH": "-2"}, 400),
        (b"{}", {"CONTENT_LENGTH": "two"}, 400),
        (b"{}", {"CONTENT_LENGTH": "+2"}, 400),
        (b"{}", {"CONTENT_LENGTH": "2,2"}, 400),
        (b"{}", {"CONTENT_LENGTH": "\u0662"}, 400),
        (b"{}", {"CONTENT_LENGTH": "0" * 5000 + "2"}, 204),
        (b"{}", {"CONTENT_LENGTH": "9" * 5000}, 413),
        (b"{}", {"HTTP_TRANSFER_ENCODING": "chunked"}, 411),
        (b"{}", {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "2"}, 411),
        (b"{}", {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}, 204),
        (b"{", {"wsgi.input_terminated": True}, 400),
        (b"{}", {"wsgi.input_terminated": True}, 204),
        (b" " * (MAX_BODY + 1), {"wsgi.input_terminated": True}, 413),
    ]
    for body, environ, status in cases:
        more = {"wsgi.input": io.BytesIO(body), "HTTP_X_VAULT_TOKEN": token, **environ}
        got = int(by_hand(application, **more)[0].split()[0])
        assert got == status, (body[:9], environ, got)


def test_a_closed_client_is_unavailable(client: okta_auth.Client) -> None:
    application = okta_auth.WsgiApplication(client)
    client.close()
    status, body = by_hand(application, REQUEST_METHOD="GET")
    assert (status, json.loads(body)["code"]) == ("503 Service Unavailable", "closed")


def test_an_asgi_client_that_goes_away_ends_its_login(okta: Okta) -> None:
    okta.user("fred@acme.com", {"type": "push", "pushes": [{"waiting": None}]})
    sent: List[Any] = []

    async def main() -> None:
        async with okta_auth.AsyncClient(ca_file=okta.ca_file) as client:
            await client.configure(org_url=okta.url, api_token=okta.api_token)
            gone = asyncio.Event()
            body = iter([json.dumps({"password": PASSWORD}).encode()])

            async def receive() -> Dict[str, Any]:
                part = next(body, None)
                if part is not None:
                    return {"type": "http.request", "body": part}
                await gone.wait()
                return {"type": "http.disconnect"}

            async def send(message: Any) -> None:
                sent.append(message)

            scope = {"type": "http", "method": "POST", "path": "/v1/auth/okta/login/fred", "query_string": b""}
            application = okta_auth.AsgiApplication(client)
            running = asyncio.ensure_future(application({**scope, "headers": []}, receive, send))
            await asyncio.get_running_loop().run_in_executor(None, okta.wait_for_push)
            gone.set()
            # By itself it would wait for five minutes.
            await asyncio.wait_for(running, 30)
            assert sent == []

    asyncio.run(main())


@pytest.mark.parametrize("broken_first", [True, False])
def test_a_connection_that_breaks_is_told_to_the_asgi_server_alone(okta: Okta, broken_first: bool) -> None:
    okta.user("fred@acme.com", {"type": "push", "pushes": [{"waiting": None}]})
    complaints: List[Dict[str, Any]] = []
    sent: List[Any] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, complaint: complaints.append(complaint))
        async with okta_auth.AsyncClient(ca_file=okta.ca_file) as client:
            await client.configure(org_url=okta.url, api_token=okta.api_token)
            body = iter([json.dumps({"password": PASSWORD if broken_first else "wrong"}).encode()])

            async def receive() -> Dict[str, Any]:
                part = next(body, None)
                if part is not None:
                    return {"type": "http.request", "body": part}
                if broken_first:
                    await loop.run_in_executor(None, okta.wait_for_push)
                    raise ConnectionResetError("by the peer")
                never: asyncio.Future[Dict[str, Any]] = loop.create_future()
                try:
                    return await never
                except asyncio.CancelledError:
                    raise ConnectionResetError("by the peer") from None

            async def send(message: Any) -> None:
                sent.append(message)

            scope = {"type": "http", "method": "POST", "path": "/v1/auth/okta/login/fred", "query_string": b""}
            running = okta_auth.AsgiApplication(client)({**scope, "headers": []}, receive, send)
            if broken_first:
                with pytest.raises(ConnectionResetError):
                    await asyncio.wait_for(running, 30)
            else:
                await asyncio.wait_for(running, 30)
            gc.collect()

    asyncio.run(main())
    assert complaints == []
    assert [message.get("status") for message in sent] == ([] if broken_first else [400, None])


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        ({"path": f"{USERS}/a b"}, 200),
        ({"path": f"{USERS}/x", "raw_path": f"{USERS}/a%20b".encode()}, 200),
        ({"path": f"{USERS}/x", "raw_path": f"{USERS}/a%20b?list=true".encode()}, 200),
        ({"path": f"/in%side{USERS}/a b", "root_path": "/in%side"}, 200),
        ({"path": f"{USERS}/a b", "raw_path": f"/in%25side{USERS}/a%20b".encode(), "root_path": "/in%side"}, 200),
        ({"path": f"{USERS}/a b", "root_path": "/inside"}, 200),
        ({"path": f"{USERS}/\udcff"}, 400),
        ({"path": f"{USERS}/x", "raw_path": f"{USERS}/".encode() + b"\xff"}, 400),
    ],
)
def test_where_an_asgi_server_says_the_path(okta: Okta, scope: Dict[str, Any], status: int) -> None:
    async def main() -> List[Any]:
        async with okta_auth.AsyncClient(ca_file=okta.ca_file) as client:
            await client.register_user("a b")
            token = (await client.create_token(policies=["root"])).auth.client_token
            sent: List[Any] = []

            async def receive() -> Dict[str, Any]:
                await asyncio.Event().wait()
                return {}

            async def send(message: Any) -> None:
                sent.append(message)

            headers = [(b"x-vault-token", token.encode())]
            whole = {"type": "http", "method": "GET", "query_string": b"", "headers": headers, "client": None, **scope}
            await okta_auth.AsgiApplication(client)(whole, receive, send)
            return sent

    sent = asyncio.run(main())
    assert sent[0]["status"] == status


@pytest.mark.parametrize(
    ("kind", "received", "expected"),
    [
        (
            "lifespan",
            ["lifespan.startup", "lifespan.shutdown"],
            ["lifespan.startup.complete", "lifespan.shutdown.complete"],
        ),
        ("websocket", ["websocket.connect"], ["websocket.close"]),
    ],
)
def test_an_asgi_server_may_ask_other_things(kind: str, received: List[str], expected: List[str]) -> None:
    async def main() -> List[str]:
        async with okta_auth.AsyncClient() as client:
            events, sent = iter(received), []

            async def receive() -> Dict[str, Any]:
                return {"type": next(events)}

            async def send(message: Any) -> None:
                sent.append(message["type"])

            await okta_auth.AsgiApplication(client)({"type": kind}, receive, send)
            return sent

    assert asyncio.run(main()) == expected


def test_a_client_of_the_other_kind_is_refused_at_once() -> None:
    asynchronous: Any = okta_auth.AsyncClient()
    with pytest.raises(TypeError, match="takes a Client, not AsyncClient"):
        okta_auth.WsgiApplication(asynchronous)
    with okta_auth.Client() as client:
        blocking: Any = client
        with pytest.raises(TypeError, match="takes an AsyncClient, not Client"):
            okta_auth.AsgiApplication(blocking)
