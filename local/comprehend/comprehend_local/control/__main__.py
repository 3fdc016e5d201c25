"""`python -m comprehend_local.control`: the control API for a terminal."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from typing import Any, NoReturn

from comprehend_local.control.client import ENDINGS, Control, ControlRefused
from comprehend_local.control.rules import KINDS

DESCRIPTION = """\
Makes a running comprehend_local misbehave, so that you can see what your application does about it.

Rules last until they are spent (once, unless you say --times N or --always), until `clear`, or until the server ends.
"""
EXAMPLES = """\
examples (set COMPREHEND_LOCAL_URL, or AWS_ENDPOINT_URL_COMPREHEND, or give --url):
  %(prog)s throttle StartFlywheelIteration --times 3     the next three are throttled
  %(prog)s fail --every 10 --always                      every tenth call of any operation fails
  %(prog)s fail CreateDataset --code ResourceLimitExceededException
  %(prog)s lose-reply CreateDataset                      it takes effect, but the answer is lost
  %(prog)s hang DescribeFlywheel --seconds 90            no answer for 90 seconds
  %(prog)s end iteration FAILED --message "INTERNAL_SERVER_ERROR: There was not enough capacity."
  %(prog)s end dataset FAILED --key '*/dataset/day-2'    this one, when it is created
  %(prog)s hold endpoint                                 the next one stays CREATING or UPDATING until `clear`
  %(prog)s activate FLYWHEEL_ARN MODEL_ARN               change the active model behind the application's back
  %(prog)s clock --advance 2h                            what is due in the next two hours happens now
  %(prog)s rules                                         what is going on, and what was counted
  %(prog)s calls --operation CreateDataset               who called, when, and what came of it
  %(prog)s clear                                         all is well again
"""
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def main(arguments: list[str] | None = None) -> int:
    """Do one thing; its answer goes to standard output as JSON. Returns 0, or 1 when the server says no."""
    chosen = _parser().parse_args(arguments)
    try:
        print(json.dumps(_do(Control(chosen.url), chosen), indent=1))
    except ControlRefused as error:
        print(f"comprehend_local.control: {error}", file=sys.stderr)
        return 1
    return 0


def _do(control: Control, chosen: argparse.Namespace) -> Any:
    if chosen.command in _LISTS:
        return _LISTS[chosen.command](control, chosen)
    times = None if getattr(chosen, "always", False) else getattr(chosen, "times", 1)
    if chosen.command in ("end", "hold"):
        do = "hold" if chosen.command == "hold" else ENDINGS[chosen.status]
        rule = {"kind": chosen.kind, "do": do, "key": chosen.key, "message": getattr(chosen, "message", None)}
    else:
        wanted = ("operation", "code", "status", "message", "seconds")
        rule = {name: getattr(chosen, name, None) for name in wanted} | {"do": chosen.command.replace("-", "_")}
    given = {name: value for name, value in rule.items() if value is not None}
    return control.rule(control.make(**given, every=getattr(chosen, "every", 1), times=times))


def _clear(control: Control, chosen: argparse.Namespace) -> dict[str, Any]:
    if not chosen.rules:
        control.clear()
    for rule in chosen.rules:
        control.release(rule)
    return {"rules": control.rules()}


def _clock(control: Control, chosen: argparse.Namespace) -> dict[str, Any]:
    return {"now": control.now() if chosen.advance is None else control.advance(chosen.advance)}


def _activate(control: Control, chosen: argparse.Namespace) -> dict[str, Any]:
    control.activate(chosen.flywheel, chosen.model)
    return {"FlywheelArn": chosen.flywheel, "ActiveModelArn": chosen.model}


_LISTS = {
    "rules": lambda control, _: {"rules": control.rules()},
    "calls": lambda control, chosen: {"calls": control.calls(after=chosen.after, operation=chosen.operation)},
    "describe": lambda control, _: control.describe(),
    "clear": _clear,
    "clock": _clock,
    "activate": _activate,
}


def _parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="python -m comprehend_local.control",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    url = os.environ.get("COMPREHEND_LOCAL_URL") or os.environ.get("AWS_ENDPOINT_URL_COMPREHEND")
    result.add_argument("--url", default=url, required=url is None, help="the server (default: %(default)s)")
    commands = result.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _calls(commands)
    _work(commands)
    commands.add_parser("rules", help="list the rules and what they have counted")
    clear = commands.add_parser("clear", help="take rules away: those named, or all")
    clear.add_argument("rules", nargs="*", metavar="ID")
    clock = commands.add_parser("clock", help="tell the server's time, or move it forward")
    clock.add_argument("--advance", type=_seconds, metavar="TIME", help="90, 90s, 15m, 2h or 1d")
    activate = commands.add_parser("activate", help="change a flywheel's active model, as somebody else")
    activate.add_argument("flywheel", metavar="FLYWHEEL_ARN")
    activate.add_argument("model", metavar="MODEL_ARN")
    calls = commands.add_parser("calls", help="list the calls that the server saw")
    calls.add_argument("--after", type=int, default=0, metavar="NUMBER", help="only later ones")
    calls.add_argument("--operation", help="only those of one operation")
    commands.add_parser("describe", help="print what the control API says of itself")
    return result


def _calls(commands: Any) -> None:
    for name, help_text in (
        ("throttle", "have calls throttled"),
        ("fail", "have calls fail with an error code"),
        ("lose-reply", "have calls take effect, but close the connection without an answer"),
        ("hang", "have calls get no answer for a while"),
    ):
        command = commands.add_parser(name, help=help_text)
        command.add_argument("operation", nargs="?", default="*", help="an operation's name (default: all)")
        _how_often(command)
        if name in ("throttle", "fail"):
            command.add_argument("--code", help="the error's code")
            command.add_argument("--message", help="the error's message")
        if name == "fail":
            command.add_argument("--status", type=int, help="the HTTP status (default: 500 or 400, by the code)")
        if name == "hang":
            command.add_argument("--seconds", type=float, help="how long (default: 30)")


def _work(commands: Any) -> None:
    end = commands.add_parser("end", help="have a dataset, an iteration ... end FAILED or STOPPED")
    hold = commands.add_parser("hold", help="have an endpoint, an iteration ... stay as it is until `clear`")
    for command in (end, hold):
        command.add_argument("kind", choices=KINDS)
    end.add_argument("status", choices=tuple(ENDINGS))
    end.add_argument("--message", help="what Describe tells")
    for command in (end, hold):
        command.add_argument("--key", default="*", help="an ARN or a pattern with * (default: whichever comes next)")
        _how_often(command)


def _how_often(command: argparse.ArgumentParser) -> None:
    command.add_argument("--times", type=int, default=1, metavar="N", help="so many times (default: 1)")
    command.add_argument("--always", action="store_true", help="without an end")
    command.add_argument("--every", type=int, default=1, metavar="N", help="only every nth (default: 1)")


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text} is not a time; write 90, 90s, 15m, 2h or 1d")
    return float(found[1]) * _UNITS[found[2]]


def run() -> NoReturn:
    """The program."""
    sys.exit(main())


if __name__ == "__main__":
    run()
