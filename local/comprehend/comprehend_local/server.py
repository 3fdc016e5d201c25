"""The HTTP server, for processes of any language; and `start_server`, for tests."""

from __future__ import annotations

import ipaddress
import json
import logging
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any

from comprehend_local.clock import Clock
from comprehend_local.requests import Requests
from comprehend_local.service.api import Comprehend
from comprehend_local.service.callers import Authorizer
from comprehend_local.service.data_access import RoleAccess
from comprehend_local.service.storage import Objects
from comprehend_local.settings import Settings

logger = logging.getLogger(__name__)
MOST_CONNECTIONS = 512
"""At once; more are turned away. Each costs a thread and a file descriptor."""
LAST_SECONDS = 3.0
"""For calls that are being answered when the server is told to stop."""
_FULL = json.dumps({"__type": "ServiceUnavailableException", "message": "Too many connections."}).encode()
_TURNED_AWAY = (
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(_FULL) + _FULL
)


class HttpServer(ThreadingHTTPServer):
    """Serves one Comprehend, and its control API to callers on this machine.

    Raises ValueError for an address that other machines could reach, unless `remote` says that they may; OSError when
    it cannot listen there.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        comprehend: Comprehend,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        remote: bool = False,
        control: bool = True,
    ) -> None:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
        if not (address.is_loopback or remote):
            raise ValueError(f"{host} is not a loopback address; other machines are served with --allow-remote only")
        self.comprehend = comprehend
        self.control = control
        self._changed = threading.Condition()
        self._open: set[socket.socket] = set()
        self._answering = 0
        self.address_family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
        try:
            super().__init__((str(address), port), Requests)
        except OSError as error:
            raise OSError(f"cannot listen on {address}, port {port}: {error.strerror}") from error

    def server_bind(self) -> None:
        """Without asking a name server for the machine's name, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    @property
    def url(self) -> str:
        """Where it listens."""
        host = str(self.server_address[0])
        return f"http://{f'[{host}]' if ':' in host else host}:{self.server_address[1]}"

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Around a call that is being answered: the server does not end meanwhile."""
        with self._changed:
            self._answering += 1
        try:
            yield
        finally:
            with self._changed:
                self._answering -= 1
                self._changed.notify_all()

    def drain(self) -> None:
        """Let calls that are being answered end, and those that hang; for a few seconds at most. Then close all."""
        self.comprehend.faults.close()
        with self._changed:
            self._changed.wait_for(lambda: not self._answering, LAST_SECONDS)
            left = list(self._open)
        for connection in left:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changed:
            full = len(self._open) >= MOST_CONNECTIONS
            if not full:
                self._open.add(request)
        if full:
            with suppress(OSError):
                request.settimeout(1)
                request.sendall(_TURNED_AWAY)
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._changed:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection broke: seldom more than a client that went away."""
        error = sys.exception()
        if isinstance(error, OSError):
            logger.debug("connection of %s: %s", client_address, error)
        else:
            logger.error("connection of %s broke down", client_address, exc_info=error)


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
    remote: bool = False,
    control: bool = True,
) -> Iterator[Running]:
    """Serve from a thread of this process until the block ends."""
    comprehend = Comprehend(
        settings, objects, clock=clock, state=state, roles=roles, authorizer=authorizer, background=background
    )
    try:
        with HttpServer(comprehend, host, port, remote=remote, control=control) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="comprehend-http", daemon=True)
            thread.start()
            try:
                yield Running(server.url, comprehend)
            finally:
                server.shutdown()
                thread.join()
                server.drain()
    finally:
        comprehend.close()
