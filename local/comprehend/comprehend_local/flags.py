"""The command line: flags for where, and one flag for every setting."""

from __future__ import annotations

import argparse
import typing
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, Literal

from comprehend_local.settings import Settings

DESCRIPTION = """\
A local Amazon Comprehend whose flywheels really train.

It answers the service's own wire protocol, so boto3, the AWS CLI and every SDK can use it: start it, and set
AWS_ENDPOINT_URL_COMPREHEND to the URL that it prints. It needs a place for the s3:// URIs of your requests: an AWS
emulator (--aws URL) or a folder of this machine whose sub-folders are buckets (--s3 dir:PATH).
"""
EXAMPLES = """\
examples:
  python -m comprehend_local --port 4580 --s3 dir:./buckets --state ./comprehend-state
  python -m comprehend_local --port 0 --aws http://127.0.0.1:4566 --authorize on
  AWS_ENDPOINT_URL_COMPREHEND=http://127.0.0.1:4580 aws comprehend list-flywheels

The first line on standard output is JSON with the URL: {"url": "http://127.0.0.1:4580"}. TERM or INT stops it cleanly;
with --state everything is there again at the next start, and what was running goes on.
"""


def parser() -> argparse.ArgumentParser:
    """The parser; its values are named as the settings are."""
    result = argparse.ArgumentParser(
        prog="python -m comprehend_local",
        usage="%(prog)s --port PORT (--s3 dir:PATH | --aws URL) [--state DIR] [settings]; --help explains all",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    where = result.add_argument_group("where")
    where.add_argument("--port", type=_port, required=True, help="port to listen on; 0 = a free one")
    where.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    where.add_argument("--allow-remote", action="store_true", help=REMOTE_HELP)
    where.add_argument("--control", choices=("on", "off"), default="on", help=CONTROL_HELP)
    where.add_argument("--aws", metavar="URL", help="AWS emulator: S3, and IAM and Lambda with --authorize on")
    where.add_argument("--s3", metavar="URL|dir:PATH", help="where s3:// URIs are, if not at --aws")
    where.add_argument("--authorize", choices=("on", "off"), default="off", help=AUTHORIZE_HELP)
    where.add_argument("--state", metavar="DIR", type=Path, help="keep everything here; without it, in memory only")
    where.add_argument("--log", default="warning", choices=("debug", "info", "warning", "error"), help="what to log")
    group = result.add_argument_group("settings", "What the service's documents leave open, times, limits and quotas.")
    hints = typing.get_type_hints(Settings)
    for item in fields(Settings):
        group.add_argument(
            f"--{item.name.replace('_', '-')}",
            default=item.default if item.default is not MISSING else None,
            help=f"{item.metadata['help']} (default: %(default)s)",
            **_kind(hints[item.name]),
        )
    return result


REMOTE_HELP = "let --host be an address that other machines reach; signatures are not verified, so trust your network"
CONTROL_HELP = (
    "on: programs on this machine can make things go wrong on request, see `python -m comprehend_local.control --help` "
    "(default: %(default)s)"
)
AUTHORIZE_HELP = (
    "on: callers are known by their access keys at --aws and allowed or refused by their role's policies, and "
    "data-access roles by theirs; off: everybody may do anything (default: %(default)s)"
)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError("from 0 to 65535")
    return int(text)


def settings_of(chosen: argparse.Namespace) -> Settings:
    """The settings that the flags ask for. Raises ValueError for those that no server can work with."""
    return Settings(**{item.name: getattr(chosen, item.name) for item in fields(Settings)})


def _kind(hint: Any) -> dict[str, Any]:
    if hint is bool:
        return {"action": argparse.BooleanOptionalAction}
    if typing.get_origin(hint) is Literal:
        return {"choices": typing.get_args(hint)}
    if hint is float:
        return {"type": _not_negative, "metavar": "NUMBER"}
    return {"type": hint, "metavar": hint.__name__.upper()}


def _not_negative(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 up")
    return value
