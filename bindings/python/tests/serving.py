"""Servers for the applications, on 127.0.0.1, for the time of a test."""

import asyncio
import socket
import threading
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any, AsyncContextManager, Callable, Dict, Iterator, Tuple
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import uvicorn

Address = Tuple[str, int]


class _Threading(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    # What a test leaves open must not keep it from ending.
    block_on_close = False


class _Quiet(WSGIRequestHandler):
    def get_environ(self) -> Dict[str, Any]:
        environ = super().get_environ()
        if self.headers.get("Content-Type") is None:
            # It says text/plain where nothing was said.
            environ["CONTENT_TYPE"] = ""
        return environ

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def wsgi(application: Callable[..., Any]) -> Iterator[Address]:
    """Serves a WSGI application, each request in a thread of its own."""
    server = _Threading(("127.0.0.1", 0), _Quiet)
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield "127.0.0.1", server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def asgi(opened: Callable[[], AsyncContextManager[Callable[..., Any]]]) -> Iterator[Address]:
    """Serves the ASGI application that is opened in the event loop of the server."""
    listener = socket.create_server(("127.0.0.1", 0))
    ready = threading.Event()
    servers = []

    async def main() -> None:
        async with opened() as application:
            config = uvicorn.Config(
                application,
                http="h11",
                ws="none",
                log_level="critical",
                proxy_headers=False,
                timeout_graceful_shutdown=1,
            )
            servers.append(uvicorn.Server(config))
            ready.set()
            await servers[0].serve(sockets=[listener])

    def run() -> None:
        try:
            asyncio.run(main())
        finally:
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(30)
    try:
        yield "127.0.0.1", listener.getsockname()[1]
    finally:
        for server in servers:
            server.should_exit = True
        thread.join()
        listener.close()
