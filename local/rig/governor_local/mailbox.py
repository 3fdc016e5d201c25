"""Mail on a laptop: a web server on loopback that both topics send to instead of to e-mail addresses."""

from __future__ import annotations

import html
import json
import re
import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_FUNCTION_URL = re.compile(r"https://([a-z0-9-]+)\.lambda-url\.([a-z0-9-]+)\.on\.aws")
_LINK = re.compile(r"https?://[^\s<>\"']+")
_HEAD = (
    "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<title>Mail</title><style>:root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui;max-width:50rem;margin:2rem auto;padding:0 1rem}"
    "pre{white-space:pre-wrap}td{padding:.2rem 1rem .2rem 0}</style>"
)


@dataclass(frozen=True)
class Mail:
    """One message as its reader gets it.

    number    1, 2, 3 ... in order of arrival
    topic     the topic's ARN
    received  seconds since the epoch
    links     every address in the body; those of the approval page work on this laptop
    """

    number: int
    topic: str
    subject: str
    body: str
    received: float

    @property
    def links(self) -> list[str]:
        """Addresses in the body, in order, without the punctuation of their sentence."""
        return [found.rstrip(".,;:)") for found in _LINK.findall(self.body)]


class Mailbox:
    """Receives, keeps and shows mail. `deliver` tells what to do with a request to confirm a subscription."""

    def __init__(self, folder: Path, cloud_port: int, confirm: Callable[[str, str], None]) -> None:
        """Keep each mail as a text file in `folder`.

        `confirm(topic_arn, token)` is called when a topic asks whether its mail is wanted.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._cloud_port = cloud_port
        self._confirm = confirm
        self._mails: list[Mail] = []
        self._confirmed: set[str] = set()
        self._news = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._request_class())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="mailbox", daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """The page that lists all mail."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    @property
    def mails(self) -> list[Mail]:
        """All mail so far, oldest first."""
        with self._news:
            return list(self._mails)

    def wait_for(self, wanted: Callable[[Mail], bool], seconds: float = 30.0, after: int = 0) -> Mail:
        """The first mail with a number above `after` that is wanted.

        Raise TimeoutError, listing the subjects that came instead, after so many seconds.
        """
        deadline = time.monotonic() + seconds
        with self._news:
            while True:
                for mail in self._mails[after:]:
                    if wanted(mail):
                        return mail
                left = deadline - time.monotonic()
                if left <= 0:
                    subjects = [mail.subject for mail in self._mails[after:]]
                    raise TimeoutError(f"no such mail within {seconds:.0f} s; there are: {subjects}")
                self._news.wait(left)

    def wait_until_subscribed(self, topics: set[str], seconds: float = 10.0) -> None:
        """Return when all these topics had their subscription confirmed; raise TimeoutError otherwise."""
        with self._news:
            if not self._news.wait_for(lambda: topics <= self._confirmed, seconds):
                raise TimeoutError(f"no confirmation from {sorted(topics - self._confirmed)}")

    def stop(self) -> None:
        """Stop listening; what was received stays readable in this object."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def openable(self, text: str) -> str:
        """The text with addresses of function URLs replaced by those that a browser on this laptop can open."""
        return _FUNCTION_URL.sub(rf"http://\1.lambda-url.\2.localhost:{self._cloud_port}", text)

    def _receive(self, message: dict[str, Any]) -> None:
        topic = str(message.get("TopicArn", ""))
        if message.get("Type") == "SubscriptionConfirmation":
            self._confirm(topic, str(message["Token"]))
            with self._news:
                self._confirmed.add(topic)
                self._news.notify_all()
        elif message.get("Type") == "Notification":
            with self._news:
                body = self.openable(str(message.get("Message", "")))
                mail = Mail(len(self._mails) + 1, topic, str(message.get("Subject") or ""), body, time.time())
                name = re.sub(r"[^A-Za-z0-9]+", "-", mail.subject).strip("-")[:60]
                (self._folder / f"{mail.number:03d}-{name}.txt").write_text(
                    f"Subject: {mail.subject}\n\n{mail.body}\n", encoding="utf-8"
                )
                self._mails.append(mail)
                self._news.notify_all()

    def as_json(self) -> str:
        """All mail, oldest first, for `governor local mail`."""
        return json.dumps([asdict(mail) for mail in self.mails])

    def _page(self, path: str) -> str | None:
        mails = self.mails
        if path == "/":
            rows = "".join(
                f"<tr><td>{time.strftime('%H:%M:%S', time.localtime(mail.received))}</td>"
                f"<td><a href='/{mail.number}'>{html.escape(mail.subject)}</a></td></tr>"
                for mail in reversed(mails)
            )
            return (
                f"<h1>Mail</h1><table>{rows}</table>"
                if mails
                else "<h1>Mail</h1><p>None yet. Reload this page after a while.</p>"
            )
        if path[1:].isdecimal() and 0 < int(path[1:]) <= len(mails):
            mail = mails[int(path[1:]) - 1]
            body = re.sub(
                r"https?://[^\s<>\"']+", lambda link: f"<a href='{link[0]}'>{link[0]}</a>", html.escape(mail.body)
            )
            return f"<p><a href='/'>All mail</a></p><h1>{html.escape(mail.subject)}</h1><pre>{body}</pre>"
        return None

    def _request_class(self) -> type[BaseHTTPRequestHandler]:
        mailbox = self

        class Request(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                try:
                    mailbox._receive(json.loads(body))
                except (ValueError, KeyError):
                    self.send_error(400)
                    return
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                path = urllib.parse.urlsplit(self.path).path
                page = mailbox.as_json() if path == "/mails.json" else mailbox._page(path)
                if page is None:
                    self.send_error(404)
                    return
                kind = "application/json" if path == "/mails.json" else "text/html; charset=utf-8"
                content = page.encode() if path == "/mails.json" else f"{_HEAD}{page}".encode()
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Say nothing: the terminal belongs to the progress of the demo."""

        return Request
