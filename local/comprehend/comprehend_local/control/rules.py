"""What is to go wrong: rules about calls and about work, counted, in memory, the same result every time."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any, ClassVar

MOST_RULES = 1000
LONGEST_HANG = 600.0
KINDS = ("flywheel", "dataset", "iteration", "model", "endpoint", "job")
STOPPABLE = ("iteration", "model")


class WrongRule(ValueError):
    """A rule that makes no sense; the message says what would."""


@dataclass(slots=True)
class Counter:
    """Every nth occurrence, and so many of them. `times` None: without an end."""

    every: int = 1
    times: int | None = 1
    seen: int = 0
    done: int = 0

    @property
    def spent(self) -> bool:
        """Whether it has done all that it was to do."""
        return self.times is not None and self.done >= self.times

    def count(self) -> bool:
        """Count one occurrence; whether it is one that the rule is for."""
        self.seen += 1
        due = self.seen % self.every == 0 and not self.spent
        self.done += due
        return due


@dataclass(slots=True)
class CallRule(Counter):
    """What happens to calls of an operation. What each of `ACTS` does is told by `GET /control`."""

    ACTS: ClassVar = ("throttle", "fail", "lose_reply", "hang")
    id: str = ""
    operation: str = "*"
    do: str = "fail"
    code: str = ""
    message: str = ""
    status: int = 0
    seconds: float = 30.0

    def __post_init__(self) -> None:
        throttled = self.do == "throttle"
        self.code = self.code or ("ThrottlingException" if throttled else "InternalServerException")
        self.message = self.message or ("Rate exceeded" if throttled else "Failed by a rule of the control API.")
        self.status = self.status or (500 if self.code == "InternalServerException" else 400)
        if not 400 <= self.status <= 599:
            raise WrongRule("status: an HTTP status from 400 to 599.")
        if not 0 <= self.seconds <= LONGEST_HANG:
            raise WrongRule(f"seconds: from 0 to {LONGEST_HANG:g}.")

    def concerns(self, operation: str) -> bool:
        """Whether a call is counted."""
        return self.operation in ("*", operation)


@dataclass(slots=True)
class WorkRule(Counter):
    """How work ends that a call has begun; `hold`: that it does not end until the rule is taken away.

    `key` is an ARN, a pattern with `*`, or for iterations a flywheel's ARN, which means every one of its iterations.
    """

    ACTS: ClassVar = ("fail", "stop", "hold")
    id: str = ""
    kind: str = ""
    do: str = "fail"
    key: str = "*"
    message: str = ""
    held: list[str] = field(default_factory=list)
    passed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise WrongRule(f"kind: one of {', '.join(KINDS)}.")
        if self.do == "stop" and self.kind not in STOPPABLE:
            raise WrongRule(f"do: only {' and '.join(STOPPABLE)} can end STOPPED.")
        if self.message and self.do != "fail":
            raise WrongRule("message: only of what fails.")
        self.message = self.message or "INTERNAL_SERVER_ERROR: Ended by a rule of the control API."

    def concerns(self, kind: str, key: str) -> bool:
        """Whether it is about this resource."""
        return kind == self.kind and (fnmatchcase(key, self.key) or key.startswith(f"{self.key}#"))

    def decide(self, key: str) -> bool:
        """Whether the rule is for this resource; it may be asked again and again, and each one counts once."""
        if key in self.held:
            return True
        if key in self.passed:
            return False
        due = self.count()
        if not due:
            self.passed.add(key)
        elif self.do == "hold":
            self.held.append(key)
        return due


Rule = CallRule | WorkRule
_COUNTED = ("seen", "done", "id", "held", "passed")


class Rules:
    """The rules, in the order in which they were made. Every rule counts; the first one that is due is obeyed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: dict[str, Rule] = {}
        self._made = 0

    def add(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Make a rule of what `GET /control` describes. Returns it as listed. Raises WrongRule."""
        shape: type[Rule] = WorkRule if "kind" in wanted else CallRule
        rule = shape(**_checked(shape, wanted))
        with self._lock:
            if len(self._rules) >= MOST_RULES:
                raise WrongRule(f"There are {MOST_RULES} rules; clear those that are spent.")
            self._made += 1
            rule.id = str(self._made)
            self._rules[rule.id] = rule
            return _listed(rule)

    def remove(self, rule_id: str) -> bool:
        """Take a rule away; what it holds goes on. Whether there was one."""
        with self._lock:
            return self._rules.pop(rule_id, None) is not None

    def clear(self) -> None:
        """Take all rules away."""
        with self._lock:
            self._rules.clear()

    def listed(self) -> list[dict[str, Any]]:
        """All rules with what they have counted."""
        with self._lock:
            return [_listed(rule) for rule in self._rules.values()]

    def has(self, rule_id: str) -> bool:
        """Whether the rule is there."""
        with self._lock:
            return rule_id in self._rules

    def of_call(self, operation: str) -> CallRule | None:
        """Count a call; the rule that it is to obey."""
        with self._lock:
            found = [rule for rule in self._rules.values() if isinstance(rule, CallRule) and rule.concerns(operation)]
            due = [rule for rule in found if rule.count()]
            for outranked in due[1:]:
                outranked.done -= 1
            return due[0] if due else None

    def ending(self, kind: str, key: str) -> WorkRule | None:
        """Count work that is about to end well; the rule that it is to obey."""
        return self._work(kind, key, holds=False)

    def holds(self, kind: str, key: str) -> bool:
        """Whether work is not to end now."""
        return self._work(kind, key, holds=True) is not None

    def _work(self, kind: str, key: str, *, holds: bool) -> WorkRule | None:
        with self._lock:
            for rule in self._rules.values():
                if isinstance(rule, WorkRule) and (rule.do == "hold") is holds and rule.concerns(kind, key):  # noqa: SIM102
                    if rule.decide(key):
                        return rule
        return None


def _checked(shape: type[Rule], wanted: Mapping[str, Any]) -> dict[str, Any]:
    known = {item.name: item.type for item in fields(shape) if item.name not in _COUNTED}
    for name, value in wanted.items():
        if name not in known:
            raise WrongRule(f"{name}: not a part of a rule; those are {', '.join(sorted(known))}.")
        allowed = (int, float) if known[name] == "float" else (int,) if "int" in str(known[name]) else (str,)
        if (value is None and name == "times") or (isinstance(value, allowed) and not isinstance(value, bool)):
            continue
        raise WrongRule(f"{name}: {known[name]}.")
    if wanted.get("do", "fail") not in shape.ACTS:
        raise WrongRule(f"do: one of {', '.join(shape.ACTS)}.")
    for name in ("every", "times"):
        if (wanted.get(name) or 1) < 1 or wanted.get(name) == 0:
            raise WrongRule(f"{name}: from 1 up.")
    return dict(wanted)


def _listed(rule: Rule) -> dict[str, Any]:
    shown = {name: value for name, value in asdict(rule).items() if name != "passed"}
    if isinstance(rule, CallRule) and rule.do in ("lose_reply", "hang"):
        for name in ("code", "message", "status"):
            del shown[name]
    if isinstance(rule, CallRule) and rule.do != "hang":
        del shown["seconds"]
    if isinstance(rule, WorkRule) and rule.do != "fail":
        del shown["message"]
    return {"id": shown.pop("id"), **shown, "spent": rule.spent}
