"""`python -m comprehend_local`: starts the server and stops it on TERM or INT."""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any, Literal, NoReturn

import boto3
from botocore.config import Config

from comprehend_local.clock import SystemClock
from comprehend_local.flags import parser, settings_of
from comprehend_local.iam.authorization import IamAuthorizer, IamRoles
from comprehend_local.iam.identities import FunctionKeys
from comprehend_local.iam.policies import Policies
from comprehend_local.server import start_server
from comprehend_local.service.folders import DirectoryObjects
from comprehend_local.service.storage import Objects, S3Objects
from comprehend_local.settings import Settings
from comprehend_local.store.database import StateInUse

REMOTE_WARNING = "other machines may call it, and it believes whatever access key they name; trust your network"


def main(arguments: list[str] | None = None) -> int:
    """Run until told to stop. Returns the exit code: 0, or 2 when it cannot start."""
    flags = parser()
    chosen = flags.parse_args(arguments)
    logging.basicConfig(level=chosen.log.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = settings_of(chosen)
    except ValueError as error:
        name, _, rule = str(error).partition(":")
        flags.error(f"argument --{name.replace('_', '-')}:{rule}")
    if chosen.authorize == "on" and not chosen.aws:
        flags.error("--authorize on needs --aws: the IAM that knows callers and roles")
    stop = threading.Event()

    def ask_to_stop(signal_number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    try:
        objects = _objects(flags, chosen, settings)
        authorizer, roles = _iam(chosen.aws, settings) if chosen.authorize == "on" else (None, None)
        with start_server(
            settings,
            objects,
            host=chosen.host,
            port=chosen.port,
            state=chosen.state,
            roles=roles,
            authorizer=authorizer,
            remote=chosen.allow_remote,
            control=chosen.control == "on",
        ) as running:
            if chosen.allow_remote:
                print(f"comprehend_local: {REMOTE_WARNING}", file=sys.stderr, flush=True)
            print(json.dumps({"url": running.url}), flush=True)
            threading.Thread(target=_prepare_to_learn, daemon=True).start()
            stop.wait()
    except (OSError, ValueError, StateInUse) as error:
        print(f"comprehend_local: {error}", file=sys.stderr)
        return 2
    return 0


def _objects(flags: argparse.ArgumentParser, chosen: argparse.Namespace, settings: Settings) -> Objects:
    place = chosen.s3 or chosen.aws
    if not place:
        flags.error("say where s3:// URIs are: --aws URL or --s3 URL|dir:PATH")
    if place.startswith("dir:"):
        folder = Path(place.removeprefix("dir:"))
        folder.mkdir(parents=True, exist_ok=True)
        return DirectoryObjects(folder)
    return S3Objects(client("s3", place, settings.region))


def client(service: Literal["s3", "iam", "lambda"], url: str, region: str) -> Any:
    """A boto3 client of an emulator, as its root: the key `test`, never one from the environment."""
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106  (what every emulator takes)
        config=Config(s3={"addressing_style": "path"}, connect_timeout=5, read_timeout=60),
    )


def _iam(url: str, settings: Settings) -> tuple[IamAuthorizer, IamRoles]:
    iam = client("iam", url, settings.region)
    policies = Policies(iam, SystemClock(), settings.authorization_seconds)
    keys = FunctionKeys(client("lambda", url, settings.region))
    return IamAuthorizer(keys, policies), IamRoles(iam, policies)


def _prepare_to_learn() -> None:
    """Import what learns now, so that the first training does not wait for it."""
    for module in ("classifying", "recognizing"):
        importlib.import_module(f"comprehend_local.engine.{module}")


def run() -> NoReturn:
    """The program. It ends at once: Python itself would wait for a training that was given up."""
    code = main()
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    run()
