"""The embedded cloud (MiniStack) and the Comprehend server beside it, each a process of its own on loopback."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from governor_local.processes import Child, ChildFailed, answers, free_port

REGION = "us-east-1"
ACCOUNT_ID = "000000000000"
# MiniStack's root keys: they may do anything, as a deploying administrator. Functions get keys of their own that may
# not.
ROOT_KEY = "test"

_START_SECONDS = 60.0
_ATTEMPTS = 3


def without_aws_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without anything that could lead to a real account, a real profile or another emulator."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(("AWS_", "MINISTACK_", "LOCALSTACK_", "LAMBDA_"))
    }


def client_environment(endpoint_url: str) -> dict[str, str]:
    """What a program such as the SAM CLI needs in its environment to use the embedded cloud as its administrator."""
    return without_aws_settings(os.environ) | {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ROOT_KEY,
        "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def administrator_client(service: str, endpoint_url: str) -> Any:
    """A boto3 client that may do anything."""
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id=ROOT_KEY,
        aws_secret_access_key=ROOT_KEY,
        config=Config(retries={"total_max_attempts": 3}, s3={"addressing_style": "path"}, max_pool_connections=50),
    )


class Cloud:
    """MiniStack and comprehend_local, started together because each must know the other's address."""

    def __init__(self, folder: Path, comprehend_options: Sequence[str] = ()) -> None:
        """Keep all state and logs under `folder`; pass `comprehend_options` on to `python -m comprehend_local`."""
        self._folder = folder
        self._comprehend_options = tuple(comprehend_options)
        self._children: list[Child] = []
        self.port = 0
        self.comprehend_port = 0

    @property
    def endpoint_url(self) -> str:
        """Where all AWS services but Comprehend are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def comprehend_url(self) -> str:
        """Where Comprehend is."""
        return f"http://127.0.0.1:{self.comprehend_port}"

    @property
    def pids(self) -> list[int]:
        """The process groups of this cloud."""
        return [child.pid for child in self._children]

    def start(self) -> None:
        """Return when both answer. Another program may take a free port first, so the choice is repeated."""
        for attempt in range(1, _ATTEMPTS + 1):
            self.port, self.comprehend_port = free_port(), free_port()
            try:
                self._start_once()
            except ChildFailed:
                self.stop()
                if attempt == _ATTEMPTS:
                    raise
            else:
                return

    def _start_once(self) -> None:
        for name in ("state", "objects", "temporary", "comprehend"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        inherited = without_aws_settings(os.environ)
        ministack = Child(
            "the embedded cloud",
            [sys.executable, "-m", "governor_local.corrections"],
            inherited
            | {
                "AUTH": "true",
                "BIND_HOST": "127.0.0.1",
                "GATEWAY_PORT": str(self.port),
                "MINISTACK_REGION": REGION,
                "STATE_DIR": str(self._folder / "state"),
                "S3_DATA_DIR": str(self._folder / "objects"),
                "TMPDIR": str(self._folder / "temporary"),
                "LOG_LEVEL": "INFO",
                # These listen on every interface otherwise.
                "IOT_MTLS_ENABLED": "0",
                "SFTP_ENABLED": "0",
                # It tidies up containers when it starts; none of them are ours.
                "DOCKER_HOST": f"unix://{self._folder}/no-docker",
                # Workers of functions inherit this: their Comprehend calls go to the other server, signed with their
                # role's keys.
                "AWS_ENDPOINT_URL_COMPREHEND": self.comprehend_url,
                "AWS_EC2_METADATA_DISABLED": "true",
            },
            self._folder / "cloud.log",
        )
        self._children.append(ministack)
        comprehend = Child(
            "comprehend_local",
            [
                *(sys.executable, "-m", "comprehend_local", "--port", str(self.comprehend_port)),
                *("--aws", self.endpoint_url, "--authorize", "on", "--state", str(self._folder / "comprehend")),
                *self._comprehend_options,
            ],
            client_environment(self.endpoint_url),
            self._folder / "comprehend.log",
        )
        self._children.append(comprehend)
        ministack.wait_until(lambda: answers(self.port), _START_SECONDS)
        comprehend.wait_until(lambda: answers(self.comprehend_port), _START_SECONDS)

    def stop(self) -> None:
        """End both, the last started first."""
        while self._children:
            self._children.pop().stop()
