from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from comprehend_local import Comprehend, DirectoryObjects, ManualClock, Settings
from tests.conformance.drivers import InProcess
from tests.conformance.files import write_files


@pytest.fixture
def buckets(tmp_path: Path) -> Path:
    """A folder of buckets with the files that the requests name."""
    folder = tmp_path / "buckets"
    write_files(folder)
    return folder


@pytest.fixture
def build(buckets: Path) -> Iterator[Callable[..., InProcess]]:
    """Makes servers in this process, with settings of one's own."""
    with ExitStack() as stack:

        def make(settings: Settings | None = None, **options: Any) -> InProcess:
            options.setdefault("clock", ManualClock())
            comprehend = Comprehend(settings or Settings.instant(), DirectoryObjects(buckets), **options)
            stack.callback(comprehend.close)
            return InProcess(comprehend)

        yield make


@pytest.fixture
def server(build: Callable[..., InProcess]) -> InProcess:
    """A server in this process on which nothing takes time."""
    return build()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server as people start it: a program of its own on a loopback port, with a folder of buckets."""
    folder = tmp_path_factory.mktemp("served")
    write_files(folder / "buckets")
    command = [sys.executable, "-m", "comprehend_local", "--port", "0", "--time-factor", "0"]
    command += ["--s3", f"dir:{folder / 'buckets'}", "--state", str(folder / "state")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            yield str(json.loads(running.stdout.readline())["url"])
        finally:
            running.terminate()
            _, said = running.communicate(timeout=30)
        assert running.returncode == 0, said
        assert said == ""
