"""A server in a process of its own whose callers are authorised, and clients that measure it.

`python -m benchmarks.live FOLDER` serves FOLDER/state and FOLDER/buckets until its standard input ends.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3

from comprehend_local.clock import SystemClock
from comprehend_local.iam.authorization import IamAuthorizer
from comprehend_local.iam.identities import FunctionKeys, function_access_key
from comprehend_local.iam.policies import Policies
from comprehend_local.server import start_server
from comprehend_local.service.folders import DirectoryObjects
from comprehend_local.settings import Settings

ROLE = "arn:aws:iam::000000000000:role/caller"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:caller"
KEY = function_access_key(FUNCTION, ROLE)
TARGET = "Comprehend_20171127"


class Lambda:
    """An account with one function, whose keys sign the calls."""

    def get_paginator(self, name: str) -> Lambda:
        self.name = name
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        function = {"FunctionName": "caller", "FunctionArn": FUNCTION, "Role": ROLE}
        return [{"Functions": [function]} if self.name == "list_functions" else {"Versions": []}]


class Iam:
    """Allows everything; what it allows is remembered by the server for a few seconds."""

    def simulate_principal_policy(self, **_: Any) -> dict[str, Any]:
        return {"EvaluationResults": [{"EvalDecision": "allowed"}]}


def serve(folder: str) -> None:
    """Print the URL, serve until standard input ends."""
    clock, settings = SystemClock(), Settings(time_factor=0)
    policies = Policies(Iam(), clock, settings.authorization_seconds)
    objects = DirectoryObjects(Path(folder, "buckets"))
    authorizer = IamAuthorizer(FunctionKeys(Lambda()), policies)
    with start_server(settings, objects, state=Path(folder, "state"), authorizer=authorizer) as running:
        print(running.url, flush=True)
        sys.stdin.read()


@contextmanager
def running(folder: str) -> Iterator[str]:
    """The URL of a server in another process, for as long as the block takes."""
    command = [sys.executable, "-m", "benchmarks.live", folder]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.communicate()


class Wire:
    """One kept connection that sends what any SDK sends, without an SDK's own work."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._connection = http.client.HTTPConnection(place.hostname or "", place.port)
        scope = f"Credential={KEY}/20260101/us-east-1/comprehend/aws4_request"
        self._headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host;x-amz-date, Signature=0",
        }

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """One call. Raises RuntimeError for an error."""
        headers = {**self._headers, "X-Amz-Target": f"{TARGET}.{operation}"}
        self._connection.request("POST", "/", json.dumps(request).encode(), headers)
        answer = self._connection.getresponse()
        content: dict[str, Any] = json.loads(answer.read())
        if answer.status != 200:
            raise RuntimeError(f"{operation}: {content}")
        return content


def boto3_client(url: str, key: str = KEY) -> Any:
    """A boto3 client, with the function's keys or with others ("test" may do anything)."""
    session = boto3.Session(key, "never-checked", region_name="us-east-1")
    return session.client("comprehend", endpoint_url=url)


def timed(act: Callable[[str], object], texts: Sequence[str], count: int) -> list[float]:
    """Milliseconds of each of `count` calls, one after the other, after some to get warm."""
    for text in texts[:50]:
        act(text)
    taken = []
    for number in range(count):
        started = time.perf_counter()
        act(texts[number % len(texts)])
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def together(url: str, endpoint: str, texts: Sequence[str], clients: int, seconds: float) -> tuple[float, list[float]]:
    """(requests a second, milliseconds of each) of so many clients that each ask again as soon as they are answered."""
    taken: list[list[float]] = [[] for _ in range(clients)]
    until = time.perf_counter() + seconds

    def ask(mine: list[float]) -> None:
        wire = Wire(url)
        while time.perf_counter() < until:
            started = time.perf_counter()
            wire.call("ClassifyDocument", EndpointArn=endpoint, Text=texts[len(mine) % len(texts)])
            mine.append((time.perf_counter() - started) * 1000)

    threads = [threading.Thread(target=ask, args=(mine,)) for mine in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    every = [each for mine in taken for each in mine]
    return len(every) / seconds, every


def percentiles(taken: Sequence[float]) -> tuple[float, float]:
    """(p50, p99)."""
    ordered = sorted(taken)
    return ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]


if __name__ == "__main__":
    serve(sys.argv[1])
