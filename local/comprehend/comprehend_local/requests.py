"""One HTTP connection: requests in, answers out, and nothing that a client does can cost more than its connection."""

from __future__ import annotations

import http.server
import io
import ipaddress
import json
import logging
import re
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from comprehend_local.control.faults import Unanswered
from comprehend_local.control.interface import LARGEST_BODY, PATH
from comprehend_local.service import wire
from comprehend_local.service.errors import ServiceError

if TYPE_CHECKING:
    from comprehend_local.server import HttpServer

logger = logging.getLogger(__name__)
IDLE_SECONDS = 60.0
"""A connection without a request is closed after this."""
REQUEST_SECONDS = 30.0
"""A request must have arrived as a whole this long after its first byte."""
MOST_DISCARDED = 64 * 1024 * 1024
_SIZE = re.compile(r"[0-9]{1,12}")


class _Incoming(io.RawIOBase):
    """What a client sends. Raises TimeoutError when it is idle for too long, or too slow with a request."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._end: float | None = None

    def between_requests(self) -> None:
        """The next byte begins a request."""
        self._end = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        now = time.monotonic()
        self._connection.settimeout(IDLE_SECONDS if self._end is None else max(self._end - now, 0.001))
        size = self._connection.recv_into(buffer)
        if self._end is None:
            self._end = time.monotonic() + REQUEST_SECONDS
        return size


class Requests(http.server.BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: HttpServer

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self._incoming = _Incoming(self.connection)
        self.rfile = io.BufferedReader(self._incoming, 65536)

    def handle_one_request(self) -> None:
        self._incoming.between_requests()
        super().handle_one_request()

    def do_POST(self) -> None:
        body = self._body(LARGEST_BODY if self._is_control() else wire.LARGEST_REQUEST)
        if body is None:
            return
        with self.server.answering():
            if self._is_control():
                self._control(body)
                return
            if "Origin" in self.headers:
                # A page whose name an attacker has made to mean this machine can send any header but this one at will.
                self._refuse("AccessDeniedException", "Pages in a browser are not served.", 403)
                return
            try:
                reply = wire.answer(self.server.comprehend, dict(self.headers.items()), body)
            except Unanswered as lost:
                self.server.comprehend.faults.hang(lost)
                self.close_connection = True
                return
            self._send(reply)

    def do_GET(self) -> None:
        if self._body(0) is None:
            return
        if self._is_control():
            self._control(b"")
            return
        about = {"service": "comprehend_local", "operations": self.server.comprehend.operations()}
        if self.server.control:
            about["control"] = PATH
        self._send_json(200, about)

    def do_DELETE(self) -> None:
        if self._body(0) is None:
            return
        if not self._is_control():
            self.send_error(501)
            return
        self._control(b"")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the base class refuses (malformed, too many headers ...) is refused as everything is; then it closes."""
        self._refuse("BadRequestException", message or self.responses.get(code, ("Refused",))[0], code)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class names it)
        logger.debug(format, *args)

    def _is_control(self) -> bool:
        return (urlsplit(self.path).path + "/").startswith(f"{PATH}/")

    def _body(self, largest: int) -> bytes | None:
        """The request's body; None when it was refused, or did not come."""
        sizes = set(self.headers.get_all("Content-Length", ["0"]))
        size = sizes.pop().strip()
        if "Transfer-Encoding" in self.headers:
            self._refuse("LengthRequiredException", "Chunked requests are not read: send Content-Length.", 411)
        elif sizes or not _SIZE.fullmatch(size):
            self._refuse("BadRequestException", "Content-Length must be one number.", 400)
        elif int(size) > largest:
            self._refuse("RequestEntityTooLargeException", "The request is too large.", 413)
        else:
            return self._read(int(size))
        return None

    def _read(self, size: int) -> bytes | None:
        try:
            body = self.rfile.read(size)
        except TimeoutError:
            self._refuse("RequestTimeoutException", "The request did not arrive in time.", 408)
            return None
        if len(body) < size:
            self.close_connection = True
            return None
        return body

    def _refuse(self, code: str, message: str, status: int) -> None:
        """Answer, and close: what follows on the connection cannot be understood."""
        self.close_connection = True
        reply = wire.failure(ServiceError(code, message, status))
        self._send(reply._replace(headers={**reply.headers, "Connection": "close"}))
        if status in (411, 413):
            self._discard()

    def _discard(self) -> None:
        """Take what is on its way, for a while: a client that is cut off while it sends cannot read the answer."""
        self.wfile.flush()
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            left = MOST_DISCARDED
            while left > 0 and (block := self.rfile.read1(65536)):
                left -= len(block)

    def _control(self, body: bytes) -> None:
        """The control API is for programs on this machine: not for others, nor for pages in a browser."""
        if not self.server.control:
            self._send_json(404, {"error": "The control API is off (--control on)."})
        elif not _is_local(str(self.client_address[0])) or not _is_local(_host(self.headers.get("Host", ""))):
            self._send_json(403, {"error": "The control API is for this machine only."})
        elif "Origin" in self.headers:
            self._send_json(403, {"error": "The control API is not for pages in a browser."})
        elif body and self.headers.get_content_type() != "application/json":
            self._send_json(415, {"error": "Content-Type must be application/json."})
        else:
            self._send_json(*self.server.comprehend.control.answer(self.command, self.path, body))

    def _send_json(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content, default=str).encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        self._send(wire.HttpAnswer(status, headers, body))

    def _send(self, reply: wire.HttpAnswer) -> None:
        self.connection.settimeout(REQUEST_SECONDS)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)


def _host(header: str) -> str:
    """The name or address in a Host header."""
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.rpartition(":")[0] or header


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
