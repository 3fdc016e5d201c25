"""The control API: JSON over HTTP below `/control`, or asked directly in the same process."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from comprehend_local.control.rules import WrongRule
from comprehend_local.service.errors import ServiceError

if TYPE_CHECKING:
    from comprehend_local.service.api import Comprehend

logger = logging.getLogger(__name__)
PATH = "/control"
LARGEST_BODY = 1024 * 1024
FURTHEST = 10**9
"""Seconds that the clock is moved at once: 30 years."""
DESCRIPTION = {
    "control": "Makes things go wrong on request, and tells what calls were seen. Bodies are JSON objects.",
    "paths": {
        "GET /control": "this",
        "GET /control/rules": "all rules, with what they have counted: seen, done, spent",
        "POST /control/rules": "make a rule of one of the two kinds below",
        "DELETE /control/rules": "take all rules away; what they hold or let hang goes on",
        "DELETE /control/rules/ID": "take one rule away",
        "GET /control/clock": "the server's time and how far it was moved",
        "POST /control/clock": 'move it forward: {"advance": seconds}; what is due then is done',
        "POST /control/act": (
            "do an operation as somebody else, past all rules and permissions, for instance to change the active model "
            'behind an application\'s back: {"operation": "UpdateFlywheel", "request": {...}, "region": optional}'
        ),
        "GET /control/calls": "the calls seen, the oldest first; ?after=NUMBER for later ones, ?operation=NAME",
    },
    "rules about calls": {
        "operation": "an operation's name, or * for all (default)",
        "do": {
            "throttle": "ThrottlingException, or the given code; nothing takes effect",
            "fail": "code (default InternalServerException), message, status; nothing takes effect",
            "lose_reply": "the operation takes effect, then the connection is closed without an answer",
            "hang": "no effect and no answer for `seconds` (default 30), or until the rule is taken away; then closed",
        },
        "every": "only every nth call (default 1)",
        "times": "so many times, then the rule is spent (default 1); null: without an end",
    },
    "rules about work": {
        "kind": "flywheel, dataset, iteration, model, endpoint or job",
        "do": {
            "fail": "it ends FAILED (a model: IN_ERROR) with `message` when it would have ended well",
            "stop": "an iteration or a model ends STOPPED",
            "hold": "it stays as it is (TRAINING, UPDATING ...) until the rule is taken away",
        },
        "key": "an ARN or a pattern with *; for iterations a flywheel's ARN (default *: whichever ends next)",
        "every": "only every nth (default 1)",
        "times": "so many (default 1); null: without an end",
    },
    "examples": [
        {"operation": "StartFlywheelIteration", "do": "throttle", "times": 3},
        {"operation": "*", "do": "fail", "every": 10, "times": None},
        {"operation": "CreateDataset", "do": "lose_reply"},
        {"kind": "iteration", "do": "fail", "message": "INTERNAL_SERVER_ERROR: There was not enough capacity."},
        {"kind": "endpoint", "do": "hold"},
    ],
}


class Reply(NamedTuple):
    """An HTTP status and a JSON body."""

    status: int
    content: dict[str, Any]


class Interface:
    """Answers requests to the control API of one server."""

    def __init__(self, comprehend: Comprehend) -> None:
        self._comprehend = comprehend
        self._paths: dict[tuple[str, str], Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            ("GET", ""): lambda _: DESCRIPTION,
            ("GET", "/rules"): lambda _: {"rules": comprehend.faults.rules.listed()},
            ("POST", "/rules"): self._make_rule,
            ("DELETE", "/rules"): self._clear,
            ("GET", "/clock"): lambda _: self._time(),
            ("POST", "/clock"): self._advance,
            ("POST", "/act"): self._act,
            ("GET", "/calls"): self._calls,
        }

    def answer(self, method: str, target: str, body: bytes = b"") -> Reply:
        """The answer to a request; `target` is a path below `/control`, with its query. Never raises."""
        parts = urlsplit(target)
        path = parts.path.removeprefix(PATH).rstrip("/")
        try:
            if method == "DELETE" and path.startswith("/rules/"):
                return self._remove(unquote(path.removeprefix("/rules/")))
            act = self._paths.get((method, path))
            if act is None:
                return Reply(404, {"error": f"There is no {method} {PATH}{path}; GET {PATH} tells what there is."})
            return Reply(200, act(_asked(method, parts.query, body)))
        except ServiceError as error:
            return Reply(error.status, {"error": str(error)})
        except ValueError as error:
            return Reply(400, {"error": str(error)})
        except Exception:
            logger.exception("a request to the control API broke down")
            return Reply(500, {"error": "comprehend_local broke down; its log says how."})

    def _make_rule(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        operation = asked.get("operation", "*")
        if operation != "*" and operation not in self._comprehend.operations():
            raise WrongRule(f"operation: * or one of {', '.join(self._comprehend.operations())}.")
        return self._comprehend.faults.rules.add(asked)

    def _clear(self, _: Mapping[str, Any]) -> dict[str, Any]:
        self._comprehend.faults.rules.clear()
        self._comprehend.look_again()
        return {}

    def _remove(self, rule_id: str) -> Reply:
        if not self._comprehend.faults.rules.remove(rule_id):
            return Reply(404, {"error": f"There is no rule {rule_id}."})
        self._comprehend.look_again()
        return Reply(200, {})

    def _time(self) -> dict[str, Any]:
        clock = self._comprehend.clock
        return {"now": clock.now(), "offset": clock.offset}

    def _advance(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        seconds = asked.get("advance")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= FURTHEST:
            raise WrongRule(f"advance: seconds, from 0 to {FURTHEST}.")
        self._comprehend.advance(float(seconds))
        return self._time()

    def _act(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        operation, request = asked.get("operation"), asked.get("request", {})
        if not isinstance(operation, str) or not isinstance(request, dict):
            raise WrongRule('{"operation": an operation\'s name, "request": what it takes}.')
        return {"answer": self._comprehend.act(operation, request, str(asked.get("region") or ""))}

    def _calls(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        after = str(asked.get("after", "0"))
        if not (after.isascii() and after.isdigit()):
            raise WrongRule("after: the number of a call.")
        return {"calls": self._comprehend.faults.audit.calls(int(after), asked.get("operation"))}


def _asked(method: str, query: str, body: bytes) -> dict[str, Any]:
    if method != "POST":
        return {name: values[-1] for name, values in parse_qs(query).items()}
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise WrongRule("The body must be JSON.") from error
    if not isinstance(found, dict):
        raise WrongRule("The body must be a JSON object.")
    return found
