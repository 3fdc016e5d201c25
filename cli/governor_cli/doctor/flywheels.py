"""The flywheels: policies, what Comprehend has, turns, holds, people who are asked, models that are old, endpoints."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from governor.bootstrap import AwsPorts
from governor.domain.batch import NO_BASELINE
from governor.domain.errors import PolicyMissingError
from governor.domain.moments import OPEN_END
from governor.domain.next_step import CURES
from governor.domain.policy import Policy
from governor.domain.policy_document import DEFAULTS
from governor.domain.pricing import dollars, endpoint_month
from governor.domain.turn import Head, Hold, may_free
from governor.usecases.apply_policy import follows_defaults
from governor.usecases.approval_question import approval_of
from governor.usecases.flywheel_status import flywheels, was_torn_down
from governor.usecases.held_because import held_because
from governor.usecases.last_failure import last_failure
from governor.usecases.prepare_flywheel import differences_from
from governor_cli.doctor.finding import Finding, Severity, looked

_AS_IT_SHOULD = frozenset({"Failure", "Budget", "QuotaFull", "TooFewDocuments", "NoActiveModel", "TornDown"})
"""Holds that end by themselves, or that somebody wanted."""
_OF_FAILURES = frozenset({"Failure", "NeedsYou", "Aborted"})
"""Holds that follow a failed turn; they are told with its cause."""
_UNSENT_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class Limits:
    """From when on something is old. As the parameters of the alarms, but for whoever asks."""

    stuck: timedelta
    waiting: timedelta
    stale: timedelta


def examine_flywheels(ports: AwsPorts, limits: Limits) -> Iterator[Finding]:
    """Yield what is wrong with flywheels and endpoints."""
    names: list[str] = []
    gone: set[str] = set()
    yield from looked("flywheels", lambda: _names(ports, names, gone))
    yield from looked("defaults", lambda: _defaults(ports))
    for name in names:
        # What was torn down waits for nobody, rehearsals least of all; but people may not have been told of it yet.
        looks = (_notices,) if name in gone else (_policy, _flywheel, _turn, _failure, _hold, _model, _notices)
        for look in looks:
            yield from looked(name, lambda look=look, name=name: look(ports, name, limits))  # type: ignore[misc]
    yield from looked("endpoints", lambda: _endpoints(ports, names))


def _names(ports: AwsPorts, names: list[str], gone: set[str]) -> Iterator[Finding]:
    names += flywheels(ports)
    gone |= {name for name in names if was_torn_down(ports, name)}
    if not names:
        yield Finding("note", "flywheels", "There are none yet.", "governor policy apply FILE begins one.")


def _wanted(ports: AwsPorts, name: str) -> Policy | None:
    try:
        return ports.policies.current(name).policy
    except PolicyMissingError:
        return None


def _policy(ports: AwsPorts, name: str, _: Limits) -> Iterator[Finding]:
    apply = f"governor policy apply FILE, with name: {name}"
    try:
        ports.policies.current(name)
    except PolicyMissingError as error:
        head = ports.heads.read(name)
        if head is not None and head.hold is not None and head.hold.reason == "TornDown":
            return
        missing = ports.policies.version(name) == 0
        what = "It has no policy, so its files wait." if missing else f"Its policy cannot be used: {error}"
        yield Finding("error", name, what, apply)
        return
    yield from _policy_row(ports, name)


def _policy_row(ports: AwsPorts, name: str) -> Iterator[Finding]:
    row, defaults = ports.policy_writer.current(name), ports.policy_writer.current(DEFAULTS)
    if row is not None and row.edited:
        what = "What its policy's file says was edited past the command line; the policy in force was not."
        yield Finding("error", name, what, f"governor policy apply FILE, with name: {name}")
    elif row is not None and not (defaults is not None and defaults.edited) and not follows_defaults(row, defaults):
        what = "Its policy is not what comes of its file and the defaults: applying these broke off."
        yield Finding("warning", name, what, "governor policy apply the file of the defaults again: it goes on.")


def _defaults(ports: AwsPorts) -> Iterator[Finding]:
    row = ports.policy_writer.current(DEFAULTS)
    if row is not None and row.edited:
        what = "The defaults of all flywheels were edited past the command line; no policy counts on them any more."
        see = f"governor policy show '{DEFAULTS}' shows them; apply what you want of it."
        yield Finding("error", "defaults", what, see)


def _flywheel(ports: AwsPorts, name: str, _: Limits) -> Iterator[Finding]:
    head, policy = ports.heads.read(name), _wanted(ports, name)
    if head is None or head.flywheel_arn is None:
        return
    facts = ports.comprehend.describe_flywheel(head.flywheel_arn)
    if facts is None:
        if head.hold is None or head.hold.reason != "TornDown":
            what = "Comprehend does not have it (any more)."
            yield Finding(
                "error", name, what, "The next turn makes it anew, without what was learned. See who deleted it."
            )
        return
    if facts.status == "FAILED":
        yield Finding("error", name, f"It FAILED in Comprehend: {facts.message}", "Cure what the message says.")
    if policy is not None and (found := differences_from(facts, policy.flywheel)):
        what = f"Comprehend has it with another {', '.join(found)} than its policy defines."
        yield Finding("error", name, what, "Write the policy as the flywheel is, or give it another name.")
    serving = ports.serving.read(name)
    active = facts.active_model or NO_BASELINE
    if serving is not None and serving.phase == "SETTLED" and serving.active != active:
        what = f"Comprehend's active model is {active}, the ledger's {serving.active}: somebody changed it."
        yield Finding("warning", name, what, "Sweep records it within a quarter of an hour. Find out who, and why.")
    if serving is not None and serving.frozen:
        what = "Automatic promotion is off since a rollback: candidates that pass ask for approval."
        yield Finding("note", name, what, f"governor resume {name} switches it on again.")


def _turn(ports: AwsPorts, name: str, limits: Limits) -> Iterator[Finding]:
    head, now = ports.heads.read(name), ports.clock.now()
    if head is None or head.state != "RUNNING" or head.since is None:
        return
    approval = approval_of(ports, name, head)
    if approval is not None and approval.state == "OPEN":
        if approval.mailed_at is not None and now - approval.mailed_at > limits.waiting:
            what = f"People have been asked about batch {approval.batch} for {_long(now - approval.mailed_at)}."
            answer = (
                f"governor approve {name} --because TEXT, or governor reject; it expires {_moment(approval.expires)}."
            )
            yield Finding("warning", name, what, answer)
        return
    execution = ports.machine.describe(head.holder or "")
    status, stopped = (None, None) if execution is None else (execution.status, execution.stopped)
    if status != "RUNNING":
        freed = may_free(head, status=status, stopped=stopped, now=now)
        what = (
            f"The execution of turn {head.turn} is {status or 'not known to Step Functions'}, and has not released it."
        )
        sweep = "Sweep ought to have freed it: look into its log." if freed else "Sweep frees it in some minutes."
        yield Finding("error" if freed else "note", name, what, sweep)
    elif now - head.since > limits.stuck:
        what = f"Turn {head.turn} has been at work for {_long(now - head.since)}."
        yield Finding("warning", name, what, f"Look which state it is in: {head.holder}")


def _failure(ports: AwsPorts, name: str, _: Limits) -> Iterator[Finding]:
    """Between two tries, too: whoever looks has not always got the mail that told it."""
    head = ports.heads.read(name)
    failure = last_failure(ports, name, head)
    if head is None or failure is None:
        return
    hold = head.hold if head.hold is not None and head.hold.binds(ports.clock.now()) else None
    if hold is not None and hold.reason not in _OF_FAILURES:
        hold = None
    often = f", {failure.in_a_row} in a row" if failure.in_a_row > 1 else ""
    what = f"Turn {failure.turn} failed with {failure.error}{often}: {failure.cause.strip().rstrip('.')}."
    if head.state == "RUNNING":
        then = f"Turn {head.turn} is trying again."
    elif hold is None:
        then = "The next turn tries again."
    elif hold.until >= OPEN_END:
        then = f"Then: governor resume {name}"
    else:
        then = f"It tries again by itself; governor resume {name} does not wait."
    told = what if hold is None else f"{what} {_held(hold)}"
    yield Finding("warning", name, told, f"Correct what that says. {then}")


def _held(hold: Hold) -> str:
    until = "" if hold.until >= OPEN_END else f" until {_moment(hold.until)}"
    return f"It is held{until} ({hold.reason})."


def _hold(ports: AwsPorts, name: str, _: Limits) -> Iterator[Finding]:
    head: Head | None = ports.heads.read(name)
    if head is None or head.hold is None or not head.hold.binds(ports.clock.now()):
        return
    if head.hold.reason in _OF_FAILURES and last_failure(ports, name, head) is not None:
        return
    teardown = ports.teardowns.read(name) if head.hold.reason == "TornDown" else None
    if teardown is not None and teardown.ended is None:
        what = f"It is half torn down, since {_moment(teardown.began)}, by {teardown.by}."
        yield Finding("warning", name, what, f"governor teardown {name} goes on where it was.")
        return
    severity: Severity = "note" if head.hold.reason in _AS_IT_SHOULD else "warning"
    cure = CURES[head.hold.reason].format(name=name)
    # A command is typed as it stands.
    sentence = cure if cure.startswith("`") else f"{cure[0].upper()}{cure[1:]}."
    because = held_because(ports, name, head)
    told = _held(head.hold) if because is None else f"{_held(head.hold)} {because}"
    yield Finding(severity, name, told, sentence.replace("`", ""))


def _model(ports: AwsPorts, name: str, limits: Limits) -> Iterator[Finding]:
    serving, last, now = ports.serving.read(name), ports.serving.last_change(name), ports.clock.now()
    if serving is None or last is None or serving.active == NO_BASELINE or now - last.at <= limits.stale:
        return
    what = f"Its active model has not changed for {_long(now - last.at)}."
    yield Finding("warning", name, what, f"Drop newer data, or see in governor timeline {name} why nothing passes.")


def _notices(ports: AwsPorts, name: str, _: Limits) -> Iterator[Finding]:
    old = [each for each in ports.notices.unsent(name) if ports.clock.now() - each.at > _UNSENT_AFTER]
    if old:
        what = f"{len(old)} notices did not go out, the oldest of {_moment(old[0].at)}."
        yield Finding("error", name, what, "The log of sweep says why.")


def _endpoints(ports: AwsPorts, names: list[str]) -> Iterator[Finding]:
    ours = {head.flywheel_arn: name for name in names if (head := ports.heads.read(name)) is not None}
    kept = set()
    for name in names:
        policy = _wanted(ports, name)
        if policy is not None and policy.serving is not None:
            kept.add(ports.endpoints.arn(policy.serving.endpoint_of(name), policy.flywheel.data_mode))
    for facts in ports.endpoints.every():
        if facts.arn in kept and facts.status == "FAILED":
            yield Finding(
                "error", facts.arn, f"It FAILED: {facts.message}", "Delete it; the next promotion makes it anew."
            )
        if facts.arn in kept or facts.flywheel_arn not in ours:
            continue
        name = ours[facts.flywheel_arn]
        cost = dollars(endpoint_month(facts.units))
        what = f"It follows flywheel {name}, no policy wants it, and it costs {cost} in 30 days."
        cure = "Name it in the policy's serving, or: aws comprehend delete-endpoint --endpoint-arn " + facts.arn
        yield Finding("warning", facts.arn, what, cure)


def _long(time: timedelta) -> str:
    hours = time / timedelta(hours=1)
    return f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.0f} days"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
