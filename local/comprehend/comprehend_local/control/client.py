"""The control API from Python: of a server elsewhere, by its URL, or of one in this process."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

if TYPE_CHECKING:
    from comprehend_local.service.api import Comprehend

ENDINGS = {"FAILED": "fail", "IN_ERROR": "fail", "STOPPED": "stop"}


class ControlRefused(Exception):
    """The control API said no; the message says why."""


class Control:
    """Every method that makes a rule returns its id, for `release` and `rule`.

    `times` None: without an end. `every`: only every nth. See `GET /control`, or `describe`, for what the rules do.
    """

    def __init__(self, server: str | Comprehend) -> None:
        """Of the server at a URL (`http://127.0.0.1:4580`), or of one in this process."""
        self._server = server

    def describe(self) -> dict[str, Any]:
        """What the control API says of itself."""
        return self._ask("GET", "")

    # Calls

    def throttle(
        self, operation: str = "*", *, times: int | None = 1, every: int = 1, code: str = "ThrottlingException"
    ) -> str:
        """Have calls throttled; another `code` is TooManyRequestsException."""
        return self.make(operation=operation, do="throttle", times=times, every=every, code=code)

    def fail(
        self,
        operation: str = "*",
        code: str = "InternalServerException",
        *,
        status: int | None = None,
        message: str | None = None,
        times: int | None = 1,
        every: int = 1,
    ) -> str:
        """Have calls fail, without an effect."""
        more = {"status": status, "message": message}
        given = {name: value for name, value in more.items() if value is not None}
        return self.make(operation=operation, do="fail", code=code, times=times, every=every, **given)

    def lose_reply(self, operation: str = "*", *, times: int | None = 1, every: int = 1) -> str:
        """Have calls take effect and get no answer."""
        return self.make(operation=operation, do="lose_reply", times=times, every=every)

    def hang(self, operation: str = "*", *, seconds: float = 30.0, times: int | None = 1, every: int = 1) -> str:
        """Have calls hang for a while, or until the rule is released, and get no answer; they take no effect."""
        return self.make(operation=operation, do="hang", seconds=seconds, times=times, every=every)

    # Work

    def end(
        self,
        kind: str,
        status: str = "FAILED",
        *,
        key: str = "*",
        message: str | None = None,
        times: int | None = 1,
        every: int = 1,
    ) -> str:
        """Have a dataset, an iteration, a model ... end as FAILED, IN_ERROR or STOPPED."""
        if status not in ENDINGS:
            raise ControlRefused(f"status: one of {', '.join(ENDINGS)}.")
        more = {} if message is None else {"message": message}
        return self.make(kind=kind, do=ENDINGS[status], key=key, times=times, every=every, **more)

    def hold(self, kind: str, *, key: str = "*", times: int | None = 1) -> str:
        """Have an endpoint, an iteration ... stay as it is, UPDATING, TRAINING ..., until the rule is released."""
        return self.make(kind=kind, do="hold", key=key, times=times)

    # Rules

    def make(self, **rule: Any) -> str:
        """Make a rule, in the control API's own words."""
        made: str = self._ask("POST", "/rules", rule)["id"]
        return made

    def rules(self) -> list[dict[str, Any]]:
        """All rules, with what they have counted."""
        found: list[dict[str, Any]] = self._ask("GET", "/rules")["rules"]
        return found

    def rule(self, rule_id: str) -> dict[str, Any]:
        """One rule. Raises KeyError."""
        for rule in self.rules():
            if rule["id"] == rule_id:
                return rule
        raise KeyError(rule_id)

    def release(self, rule_id: str) -> None:
        """Take one rule away; what it held goes on."""
        self._ask("DELETE", f"/rules/{quote(rule_id, safe='')}")

    def clear(self) -> None:
        """Take all rules away."""
        self._ask("DELETE", "/rules")

    # The rest

    def now(self) -> float:
        """The server's time, in seconds since 1970."""
        return float(self._ask("GET", "/clock")["now"])

    def advance(self, seconds: float) -> float:
        """Move the server's clock forward; returns its time."""
        return float(self._ask("POST", "/clock", {"advance": seconds})["now"])

    def act(self, operation: str, region: str | None = None, **request: Any) -> dict[str, Any]:
        """Do an operation as somebody else, past all rules and permissions."""
        asked = {"operation": operation, "request": request, "region": region}
        done: dict[str, Any] = self._ask("POST", "/act", asked)["answer"]
        return done

    def activate(self, flywheel: str, model: str) -> None:
        """Change a flywheel's active model behind the application's back; both are ARNs."""
        self.act("UpdateFlywheel", FlywheelArn=flywheel, ActiveModelArn=model)

    def calls(self, *, after: int = 0, operation: str | None = None) -> list[dict[str, Any]]:
        """The calls that the server saw: number, time, operation, caller, region, outcome, rule."""
        query = {"after": str(after)} | ({"operation": operation} if operation else {})
        found: list[dict[str, Any]] = self._ask("GET", f"/calls?{urlencode(query)}")["calls"]
        return found

    def _ask(self, method: str, path: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
        body = b"" if content is None else json.dumps(content).encode()
        target = f"/control{path}"
        if isinstance(self._server, str):
            status, found = _send(self._server, method, target, body)
        else:
            reply = self._server.control.answer(method, target, body)
            status, found = reply.status, json.loads(json.dumps(reply.content))
        if status != 200:
            raise ControlRefused(str(found.get("error", found)))
        return found


def _send(url: str, method: str, target: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """One request, on a connection of its own. Raises ControlRefused when nothing answers that talks JSON."""
    if urlsplit(url).scheme != "http":
        raise ControlRefused(f"{url} is not the URL of a comprehend_local; it looks like http://127.0.0.1:4580")
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        connection.request(method, target, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        found = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ControlRefused(f"no control API answers at {url}: {error}") from error
    finally:
        connection.close()
    if not isinstance(found, dict):
        raise ControlRefused(f"no control API answers at {url}")
    return answer.status, found
