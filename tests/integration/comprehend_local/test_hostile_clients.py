"""Clients that are broken, slow or hostile lose their connection, and nobody else notices."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from comprehend_local import DirectoryObjects, Settings, requests, server, start_server
from comprehend_local.server import HttpServer, Running

TARGET = "X-Amz-Target: Comprehend_20171127.ListFlywheels"
GOOD = f"POST / HTTP/1.1\r\nHost: localhost\r\n{TARGET}\r\nContent-Length: 2\r\n\r\n{{}}"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    (tmp_path / "lake").mkdir()
    with start_server(Settings.instant(), DirectoryObjects(tmp_path)) as started:
        yield started
        assert talk(started, GOOD).startswith(b"HTTP/1.1 200 "), "the server serves others as before"


def connect(running: Running) -> socket.socket:
    parts = urlsplit(running.url)
    return socket.create_connection((parts.hostname, parts.port), timeout=20)


def talk(running: Running, text: str) -> bytes:
    """Send something as it is, and end; everything that comes back."""
    with connect(running) as connection:
        connection.sendall(text.encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)
        found = b""
        while block := connection.recv(65536):
            found += block
        return found


def status_and_code(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["__type"]


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ("Content-Length: -1", 400, "BadRequestException"),
        ("Content-Length: \xb2", 400, "BadRequestException"),
        ("Content-Length: 0x10", 400, "BadRequestException"),
        ("Content-Length: 2 2", 400, "BadRequestException"),
        ("Content-Length: 99999999999999999999", 400, "BadRequestException"),
        ("Content-Length: 2\r\nContent-Length: 3", 400, "BadRequestException"),
        ("Content-Length: 5242881", 413, "RequestEntityTooLargeException"),
        ("Transfer-Encoding: chunked", 411, "LengthRequiredException"),
        ("Content-Length: 2\r\nTransfer-Encoding: chunked", 411, "LengthRequiredException"),
        ("\r\n".join(f"X-{number}: x" for number in range(200)), 431, "BadRequestException"),
        (f"X-Long: {'x' * 70_000}", 431, "BadRequestException"),
    ],
)
def test_headers_that_make_no_sense_are_answered_and_the_connection_is_closed(
    running: Running, headers: str, status: int, code: str
) -> None:
    found = talk(running, f"POST / HTTP/1.1\r\n{TARGET}\r\n{headers}\r\n\r\n{{}}{GOOD}")

    assert status_and_code(found) == (status, code), "one answer: what follows cannot be understood"


@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "DELETE", "FETCH"])
def test_other_methods_are_not_implemented(running: Running, method: str) -> None:
    found = talk(running, f"{method} / HTTP/1.1\r\nHost: x\r\n\r\n")

    assert status_and_code(found) == (501, "BadRequestException")


@pytest.mark.parametrize(
    "text", ["", "\r\n", "POST", "\x16\x03\x01\x02\x00\x01\x00", "POST / HTTP/9.9\r\n\r\n", "x" * 70_000]
)
def test_what_is_no_http_is_not_understood(running: Running, text: str) -> None:
    assert not talk(running, text).startswith(b"HTTP/1.1 200")


def test_two_requests_at_once_on_one_connection_are_answered_in_turn(running: Running) -> None:
    assert talk(running, GOOD + GOOD).count(b"HTTP/1.1 200 ") == 2


def test_a_body_that_ends_early_is_never_taken_for_a_request(running: Running) -> None:
    assert talk(running, GOOD.replace("Content-Length: 2", "Content-Length: 200")) == b""
    assert running.comprehend.faults.audit.calls() == []


def test_a_client_that_sends_too_much_can_read_why(running: Running) -> None:
    with connect(running) as connection:
        connection.sendall(GOOD.replace("Content-Length: 2", "Content-Length: 6000000").encode())
        connection.sendall(b"x" * 5_999_998)
        found = b""
        while block := connection.recv(65536):
            found += block
    assert status_and_code(found) == (413, "RequestEntityTooLargeException")


def test_slow_requests_are_given_up(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "REQUEST_SECONDS", 0.2)
    with connect(running) as slow_head, connect(running) as slow_body:
        slow_body.sendall(GOOD[:-1].encode())
        slow_body.settimeout(20)
        assert slow_body.recv(100).startswith(b"HTTP/1.1 408 ")
        received, sent = b"", 0
        while not received and sent < 1000:  # a byte now and then keeps no connection open
            try:
                slow_head.sendall(GOOD[sent : sent + 1].encode())
                sent += 1
                slow_head.settimeout(0.05)
                received = slow_head.recv(100) or b"closed"
            except TimeoutError:
                continue
            except OSError:
                received = b"closed"
        assert received == b"closed"
        assert sent < len(GOOD)


def test_idle_connections_are_closed(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "IDLE_SECONDS", 0.2)
    with connect(running) as connection:
        connection.sendall(GOOD.encode())
        found = b""
        while block := connection.recv(1000):
            found += block
    assert found.count(b"HTTP/1.1 200 ") == 1


def test_connections_beyond_the_limit_are_turned_away(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 3)
    held = [connect(running) for _ in range(3)]
    for connection in held:
        connection.sendall(GOOD.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 200 ")

    assert status_and_code(talk(running, "")) == (503, "ServiceUnavailableException")

    for connection in held:
        connection.close()
    deadline = time.monotonic() + 20
    answer = b""
    while not answer.startswith(b"HTTP/1.1 200 "):
        assert time.monotonic() < deadline, "closed connections make room"
        time.sleep(0.02)
        with suppress(OSError):  # who sends while being turned away may see a reset before the answer
            answer = talk(running, GOOD)


def test_other_machines_are_served_only_when_told_to(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HttpServer, "server_bind", lambda _: None)
    monkeypatch.setattr(HttpServer, "server_activate", lambda _: None)
    for host in ("0.0.0.0", "192.0.2.1", "::"):
        with pytest.raises(ValueError, match="other machines are served with --allow-remote only"):
            HttpServer(running.comprehend, host)
    with HttpServer(running.comprehend, "0.0.0.0", 80, remote=True) as remote:
        assert remote.url == "http://0.0.0.0:80"


def test_it_listens_on_the_newer_loopback_too(running: Running) -> None:
    try:
        listening = HttpServer(running.comprehend, "::1")
    except OSError:
        pytest.skip("this machine has no IPv6")
    with listening:
        assert listening.url.startswith("http://[::1]:")


def test_calls_that_are_being_answered_end_before_the_server_does(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    with start_server(Settings.instant(), DirectoryObjects(tmp_path)) as started:
        control = started.comprehend.faults.rules
        control.add({"do": "hang", "seconds": 600})
        waiting = connect(started)
        waiting.sendall(GOOD.encode())
        deadline = time.monotonic() + 20
        while not started.comprehend.faults.audit.calls():
            assert time.monotonic() < deadline
            time.sleep(0.01)
    with waiting:
        assert waiting.recv(100) == b"", "what hung was let go"


@pytest.mark.parametrize("host", ["evil.example.com", "evil.example.com:80", "10.0.0.1:4580", ""])
def test_the_control_api_answers_to_names_of_this_machine_only(running: Running, host: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=20)
    connection.request("GET", "/control/rules", headers={"Host": host})
    answer = connection.getresponse()
    assert (answer.status, json.load(answer)) == (403, {"error": "The control API is for this machine only."})
    connection.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/json", "Origin": "https://evil.example.com"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({}, 415),
        ({"Content-Type": "application/json; charset=utf-8"}, 200),
    ],
)
def test_pages_in_a_browser_cannot_use_the_control_api(running: Running, headers: dict[str, str], status: int) -> None:
    connection = http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=20)
    connection.request("POST", "/control/rules", b'{"operation": "ListDatasets"}', headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == status
    assert len(running.comprehend.faults.rules.listed()) == (status == 200)
    connection.close()


def test_pages_in_a_browser_cannot_call_operations(running: Running) -> None:
    """A page whose name was made to mean this machine may send any header, but the browser adds Origin."""
    headers = {"X-Amz-Target": "Comprehend_20171127.ListFlywheels", "Origin": "http://evil.example.com"}
    connection = http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=20)
    connection.request("POST", "/", b"{}", headers)
    answer = connection.getresponse()
    assert (answer.status, json.load(answer)["__type"]) == (403, "AccessDeniedException")
    connection.close()


def test_the_control_api_can_be_off(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    with start_server(Settings.instant(), DirectoryObjects(tmp_path), control=False) as started:
        connection = http.client.HTTPConnection(urlsplit(started.url).netloc, timeout=20)
        connection.request("GET", "/control/rules")
        assert connection.getresponse().status == 404
        connection.close()
