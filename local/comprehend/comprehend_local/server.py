"""The HTTP server, for processes of any language; and `start_server`, for tests."""

from __future__ import annotations

import ipaddress
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from comprehend_local.clock import Clock
from comprehend_local.service import wire
from comprehend_local.service.api import Comprehend
from comprehend_local.service.callers import Authorizer
from comprehend_local.service.data_access import RoleAccess
from comprehend_local.service.errors import ServiceError
from comprehend_local.service.storage import Objects
from comprehend_local.settings import Settings

logger = logging.getLogger(__name__)


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 120
    server: HttpServer

    def do_POST(self) -> None:
        size = self.headers.get("Content-Length", "0")
        if not size.isdigit() or int(size) > wire.LARGEST_REQUEST:
            self.close_connection = True
            self._send(wire.failure(ServiceError("RequestEntityTooLargeException", "The request is too large.", 413)))
            return
        body = self.rfile.read(int(size))
        self._send(wire.answer(self.server.comprehend, dict(self.headers.items()), body))

    def do_GET(self) -> None:
        body = json.dumps({"service": "comprehend_local", "operations": self.server.comprehend.operations()}).encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        self._send(wire.HttpAnswer(200, headers, body))

    def _send(self, reply: wire.HttpAnswer) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class names it)
        logger.debug(format, *args)


class HttpServer(ThreadingHTTPServer):
    """Serves one Comprehend. Raises ValueError for an address that other machines could reach."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, comprehend: Comprehend, host: str = "127.0.0.1", port: int = 0) -> None:
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"{host} is not a loopback address; comprehend_local serves this machine only")
        self.comprehend = comprehend
        super().__init__((host, port), _Requests)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"


@dataclass(frozen=True, slots=True)
class Running:
    """A server that runs in this process."""

    url: str
    comprehend: Comprehend


@contextmanager
def start_server(
    settings: Settings,
    objects: Objects,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    clock: Clock | None = None,
    state: Path | None = None,
    roles: RoleAccess | None = None,
    authorizer: Authorizer | None = None,
    background: bool = True,
) -> Iterator[Running]:
    """Serve from a thread of this process until the block ends."""
    comprehend = Comprehend(
        settings, objects, clock=clock, state=state, roles=roles, authorizer=authorizer, background=background
    )
    try:
        with HttpServer(comprehend, host, port) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="comprehend-http", daemon=True)
            thread.start()
            try:
                yield Running(server.url, comprehend)
            finally:
                server.shutdown()
                thread.join()
    finally:
        comprehend.close()
