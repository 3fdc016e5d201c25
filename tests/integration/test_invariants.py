"""The invariants of the protocol, under whatever people, AWS and crashes do, in any order.

Hypothesis chooses what happens: uploads, lost and repeated events, executions that go on one state at a time and side
by side, crashes between any two calls of AWS, dead executions, sweeps, the passing of time, executions by hand, policy
edits, promotions in the console. After every act the state of Comprehend itself is looked at; at the end everything
must heal, by time, sweeps and at most what notices ask of people.

GOVERNOR_LONG_TESTS=<number of examples> searches at random and for longer.
"""

import contextlib
import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from governor.domain.batch import NO_BASELINE
from governor.domain.errors import ServiceBusyError, UnknownFlywheelError
from governor.domain.turn import Head
from governor.usecases.resume_flywheel import resume_flywheel
from tests.doubles.asl import Execution
from tests.doubles.data import FLYWHEEL, labelled, policy
from tests.doubles.faults import FunctionDied
from tests.doubles.oracle import (
    Observed,
    check_everything_is_known,
    check_no_document_is_registered_twice,
    texts_of,
)
from tests.doubles.people import answer, promote_in_console
from tests.doubles.scenes import SOON
from tests.doubles.stack import Stack, deployed

EXAMPLES = int(os.environ.get("GOVERNOR_LONG_TESTS") or 0)
POLICIES = {
    "promotes": policy(),
    "strict": policy(gates=[{"metric": "f1", "at_least": 0.99, "gain_at_least": 0.0}]),
    "continues": policy(on_regression="continue"),
    "asks": policy(approval="replacement", approval_expires_seconds=3600),
    "waits": policy(batch={"quiet_seconds": 30, "quiet_max_seconds": 60}),
}
QUALITIES = ["good", "good", "good", "wrong", "few", "small", "broken", "copy", "overwrite"]
MOST_TEST_FILES = 6
"""A flywheel has ten TEST slots for its lifetime."""
WAITS_FOR_PEOPLE = {"NeedsYou", "Aborted", "PolicyMissing", "Regression", "Rejected"}
TERMINAL = {"REGISTERED", "REFUSED", "SUPERSEDED", "WITHDRAWN"}

_faults = st.one_of(
    st.none(),
    st.tuples(
        st.integers(1, 30),
        st.sampled_from(["die before", "die after", "lose reply", "busy", "busy after", "inspect", "sweep", "other"]),
        st.booleans(),
    ),
)
_deep_faults = st.tuples(
    st.integers(1, 140), st.sampled_from(["die before", "die after", "busy after", "sweep", "other"]), st.booleans()
)
"""Anywhere in a whole turn."""
_index = st.integers(0, 7)


class Machine(RuleBasedStateMachine):
    """A flywheel's people, its AWS, and the application between them."""

    def __init__(self) -> None:
        super().__init__()
        self._exit = contextlib.ExitStack()
        self.stack: Stack = self._exit.enter_context(deployed(SOON))
        self.stack.clock.tick = 0.001
        self.stack.put_policy(FLYWHEEL, policy())
        self.events: list[dict[str, Any]] = []
        self.delivered: list[dict[str, Any]] = []
        self.contents: dict[tuple[str, str], bytes] = {}
        """What each object version holds, by key and version."""
        self.files = 0
        self.by_hand = 0
        self.test_files = 0
        self.turn = 0
        self.active: str | None = None
        self.broken_iterations = 0
        self._seen: dict[str, list[str]] = {}
        self._healthy = True

    @initialize(how=st.sampled_from(["nothing", "uploads", "a model", "a model"]))
    def begin(self, how: str) -> None:
        if how == "nothing":
            return
        for kind in ("train", "test"):
            self.upload(kind, "good", 0)
        self._deliver_all()
        if how == "a model":
            self.stack.run()
            self.active = Observed(self.stack).active

    @rule(kind=st.sampled_from(["train", "train", "test"]), quality=st.sampled_from(QUALITIES), old=_index)
    def upload_smoothly(self, kind: str, quality: str, old: int) -> None:
        self.upload(kind, quality, old)
        if self.events:
            event = self.events.pop()
            self._do(lambda: self.stack.deliver(event))
            self.delivered.append(event)
        self._do(self.stack.inspect)

    # ---- people and AWS ----------------------------------------------------------------------------------------------

    @rule(kind=st.sampled_from(["train", "train", "test"]), quality=st.sampled_from(QUALITIES), old=_index)
    def upload(self, kind: str, quality: str, old: int) -> None:
        if kind == "test":
            if self.test_files >= MOST_TEST_FILES:
                return
            self.test_files += 1
        self.files += 1
        key, content = f"{FLYWHEEL}/{kind}/f{self.files}.csv", self._content(quality, old)
        if quality == "overwrite" and self.contents:
            key = sorted(self.contents)[old % len(self.contents)][0]
        event = self.stack.drop(key, content)
        self.contents[key, event["detail"]["object"]["version-id"]] = content
        self.events.append(event)

    def _content(self, quality: str, old: int) -> bytes:
        known = [content for _, content in sorted(self.contents.items()) if content != b"\xff"]
        match quality:
            case "copy" if known:
                return known[old % len(known)]
            case "broken":
                return b"\xff"
            case "wrong":
                return labelled(self.files, per_label=30, wrong=True)
            case "few":
                return labelled(self.files, per_label=8)
            case "small":
                return labelled(self.files, per_label=1)
        return labelled(self.files, per_label=12)

    @precondition(lambda self: self.contents)
    @rule(old=_index)
    def delete(self, old: int) -> None:
        key = sorted(self.contents)[old % len(self.contents)][0]
        self.stack.s3.delete_object(Bucket="inbox", Key=key)

    @precondition(lambda self: self.events or self.delivered)
    @rule(which=_index, fault=_faults)
    def deliver(self, which: int, fault: Any) -> None:
        if not self.events:
            self._do(lambda: self.stack.deliver(self.delivered[which % len(self.delivered)]), fault)
            return
        event = self.events[which % len(self.events)]
        if self._do(lambda: self.stack.deliver(event), fault) == []:
            self.events.remove(event)
            self.delivered.append(event)

    @precondition(lambda self: self.contents)
    @rule(fault=_faults, lost=st.integers(0, 5), again=_index)
    def inspect(self, fault: Any, lost: int, again: int) -> None:
        """Let the queue deliver; now and then an event is lost, or a message comes once more."""
        if lost == 0 and self.events:
            self.events.pop()
        rows = sorted(row["sk"] for row in self.stack.rows() if row["pk"] == f"U#{FLYWHEEL}")
        if lost == 1 and rows:
            self.stack.ports.inspect_queue.send(FLYWHEEL, rows[again % len(rows)])
        self._do(self.stack.inspect, fault)

    @rule(seconds=st.sampled_from([1, 30, 200, 400, 700, 2000, 4000]))
    def time_passes(self, seconds: int) -> None:
        self.stack.clock.advance(seconds)

    @rule(closely=st.booleans(), fault=_faults)
    def sweep(self, closely: bool, fault: Any) -> None:
        self._do(lambda: self.stack.sweep(look_closely=closely), fault)

    @rule(name=st.sampled_from([*sorted(POLICIES), "none"]))
    def edit_policy(self, name: str) -> None:
        if name in POLICIES:
            self.stack.put_policy(FLYWHEEL, POLICIES[name])
            return
        table = boto3.client("dynamodb", region_name="us-east-1")
        table.delete_item(TableName="PolicyTable", Key={"pk": {"S": f"P#{FLYWHEEL}"}, "sk": {"S": "CURRENT"}})

    @rule(refused=st.booleans())
    def trainings_fail(self, refused: bool) -> None:
        self.stack.roles.refused = "ModelStats" if refused else None

    @precondition(lambda self: len(self._models()) > 1)
    @rule(which=_index)
    def promote_in_console(self, which: int) -> None:
        models = self._models()
        with contextlib.suppress(self.stack.comprehend.exceptions.ClientError):
            promote_in_console(self.stack, models[which % len(models)])
        self.active = Observed(self.stack).active

    @precondition(lambda self: self.stack.approvals.mails)
    @rule(decision=st.sampled_from(["approve", "reject"]), fault=_faults)
    def answer(self, decision: str, fault: Any) -> None:
        self._do(lambda: answer(self.stack, decision), fault)

    @rule()
    def resume(self) -> None:
        with contextlib.suppress(UnknownFlywheelError):
            resume_flywheel(self.stack.ports, FLYWHEEL, by="ada")

    # ---- executions --------------------------------------------------------------------------------------------------

    @rule(iterate=st.sampled_from([False, False, True]))
    def start_by_hand(self, iterate: bool) -> None:
        self.by_hand += 1
        payload = f'{{"flywheel": "{FLYWHEEL}", "iterate": {str(iterate).lower()}}}'
        assert self.stack.machine.start(f"by-hand-{self.by_hand}", payload)

    @precondition(lambda self: self._going())
    @rule(which=_index, states=st.integers(1, 6), fault=_faults)
    def step(self, which: int, states: int, fault: Any) -> None:
        going = self._going()
        execution = going[which % len(going)]
        for _ in range(states):
            self._do(lambda: self._step(execution), fault)
            fault = None

    @precondition(lambda self: self._going())
    @rule(which=_index, fault=st.one_of(st.none(), _deep_faults))
    def run(self, which: int, fault: Any) -> None:
        going = self._going()
        execution = going[which % len(going)]
        for _ in range(400):
            if not execution.can_go_on:
                return
            self._do(lambda: self._step(execution), fault, keep=True)
            fault = None
        raise AssertionError(f"no end: {execution.visited[-20:]}")

    @precondition(lambda self: self.stack.machine.running())
    @rule(which=_index, how=st.sampled_from(["abort", "die"]))
    def end_execution(self, which: int, how: str) -> None:
        running = self.stack.machine.running()
        execution = running[which % len(running)]
        execution.abort() if how == "abort" else execution.die()

    @precondition(lambda self: self._ended_badly())
    @rule(which=_index)
    def redrive(self, which: int) -> None:
        ended = self._ended_badly()
        ended[which % len(ended)].redrive()

    # ---- after every act ---------------------------------------------------------------------------------------------

    @invariant()
    def is_safe(self) -> None:
        self._healthy = False
        head = self._head()
        assert head.turn >= self.turn, "turn numbers only grow"
        self.turn = head.turn
        assert (head.state == "RUNNING") == (head.holder is not None)
        observed = Observed(self.stack)
        check_no_document_is_registered_twice(observed)
        running = [each for each in observed.iterations if each["Status"] in {"TRAINING", "EVALUATING"}]
        assert len(running) <= 1
        if observed.active != self.active:
            self._check_promotion(self.active or NO_BASELINE, observed.active)
            self.active = observed.active
        self._healthy = True

    def _check_promotion(self, before: str, now: str | None) -> None:
        """Only a PASS, or an approved question about this very pair of models, makes a model active."""
        rows = list(self.stack.rows())
        verdicts = [row for row in rows if "#VERDICT#" in row["sk"] and row["candidate"] == now]
        passed = any('"word": "PASS"' in row["verdict"] and row["baseline"] == before for row in verdicts)
        approved = any(
            row["state"] == "APPROVED" and (row["candidate"], row["baseline"]) == (now, before)
            for row in self.stack.rows("APPROVALS_TABLE_NAME")
        )
        assert passed or approved, f"{now} became active in place of {before} without a PASS or an approval"

    def _step(self, execution: Execution) -> None:
        head = self._head()
        stale = execution.state != "TakeTurn" and head.holder != execution.arn
        before = self._what_a_turn_may_change() if stale else None
        execution.step()
        if stale and not self.stack.faults.others_acted:
            assert self._what_a_turn_may_change() == before, (
                f"a stale holder changed something in {execution.visited[-1]}"
            )

    def _what_a_turn_may_change(self) -> object:
        observed = Observed(self.stack)
        rows = [row for row in self.stack.rows() if row["sk"].startswith(("BATCH#", "ACTIVE")) or row["pk"][0] in "UC"]
        return observed.active, len(observed.datasets), len(observed.iterations), sorted(map(repr, rows))

    # ---- at the end --------------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            if self._healthy:
                self._settle()
        finally:
            self._exit.close()

    def _settle(self) -> None:
        stack = self.stack
        stack.faults.clear()
        stack.roles.refused = None
        self._until_quiet("by itself")
        head = self._head()
        if self._is_unfinished(head):
            reason = head.hold.reason if head.hold is not None else None
            assert reason in WAITS_FOR_PEOPLE | {"TooFewDocuments", "QuotaFull"}, f"stuck, and held by {reason}: {head}"
            if reason in WAITS_FOR_PEOPLE:
                assert f"[{FLYWHEEL}] Held: {reason}" in stack.notices.subjects(), "people were not told"
        stack.put_policy(FLYWHEEL, policy(on_regression="continue"))
        resume_flywheel(stack.ports, FLYWHEEL, by="ada")
        self._until_quiet("after people helped")
        self._check_the_end()

    def _until_quiet(self, how: str) -> None:
        """Let time pass, deliver what queues still have, and sweep, until nothing happens any more."""
        for _ in range(14):
            before = self._progress()
            self._deliver_all()
            self.stack.clock.advance(4000)
            swept = self.stack.sweep()
            assert swept["faults"] == []
            self._deliver_all()
            self._run_all()
            head = self._head()
            rests = not self._is_unfinished(head) or (
                head.hold is not None and head.hold.reason in WAITS_FOR_PEOPLE | {"TooFewDocuments", "QuotaFull"}
            )
            if rests and self._progress() == before:
                return
            if rests and head.hold is not None and head.hold.reason in {"TooFewDocuments", "QuotaFull"}:
                return
        raise AssertionError(f"{how}, it does not come to rest: {self._head()}, {self._progress()}")

    def _deliver_all(self) -> None:
        while self.events:
            assert self.stack.deliver(self.events.pop(0)) == []
        assert self.stack.inspect() == []

    def _run_all(self) -> None:
        for _ in range(20):
            going = self._going()
            if not going:
                return
            for execution in going:
                for _ in range(400):
                    if not execution.can_go_on:
                        break
                    self._step(execution)
            self.is_safe()
        raise AssertionError(f"executions start executions without end: {list(self.stack.machine.executions)[-20:]}")

    def _check_the_end(self) -> None:
        stack, observed, head = self.stack, Observed(self.stack), self._head()
        uploads = [row for row in stack.rows() if row["pk"] == f"U#{FLYWHEEL}"]
        known = {(row["key"], row["version"]) for row in uploads}
        assert known == set(self.contents), "every object version is recorded"
        for row in uploads:
            waits = row["state"] == "PENDING" and head.hold is not None and head.hold.reason == "TooFewDocuments"
            assert row["state"] in TERMINAL or waits, f"{row['key']} is {row['state']}, {head}"
            assert row["state"] in {"REGISTERED", "PENDING"} or row["reason"]
        registered = Counter(
            text
            for row in uploads
            if row["state"] == "REGISTERED"
            for text in texts_of(self.contents[row["key"], row["version"]])
        )
        assert registered == observed.in_how_many(), "what is called registered is what Comprehend has"
        check_everything_is_known(stack, observed)
        self._check_copies(uploads)
        failed = sum(each["Status"] != "COMPLETED" for each in observed.iterations)
        batches = sum("manifest_uri" in row for row in stack.rows())
        assert len(observed.iterations) <= batches + failed
        assert list(stack.ports.notices.unsent(FLYWHEEL)) == []

    def _check_copies(self, uploads: list[dict[str, Any]]) -> None:
        """Whoever is refused as a copy can rely on the first one: it was registered, or Comprehend refused it."""
        for row in uploads:
            if not row.get("reason", "").startswith("DuplicateContent"):
                continue
            content = self.contents[row["key"], row["version"]]
            same = [each for each in uploads if self.contents[each["key"], each["version"]] == content]
            assert any(
                each["state"] == "REGISTERED" or "Comprehend refused" in each.get("reason", "") for each in same
            ), f"{row['key']} was refused as a copy of what was never offered to Comprehend"

    # ---- in short ----------------------------------------------------------------------------------------------------

    def _do(self, act: Callable[[], Any], fault: Any = None, *, keep: bool = False) -> Any:
        """Act, with a fault at one of its calls; return what it returns, None if its process died."""
        if not keep or fault is not None:
            self.stack.faults.clear()
        if fault is not None:
            number, kind, with_execution = fault
            others = {"inspect": self.stack.inspect, "sweep": self.stack.sweep, "other": self._another_execution}
            self.stack.faults.with_execution = with_execution
            self.stack.faults.at(number, others.get(kind, kind))
        self.stack.clock.advance(1)
        try:
            return act()
        except (FunctionDied, ServiceBusyError, BatchProcessingError):
            # A function that fails outside of the machine: the queue or the schedule calls it again.
            return None
        finally:
            if self.stack.faults.came_to_pass and fault is not None:
                note(f"the fault came to pass: {self.stack.faults.calls[-1]}")

    def _another_execution(self) -> None:
        """Let another execution run as far as it comes, in the middle of a call."""
        for execution in self._going()[::-1]:
            if not execution.busy:
                for _ in range(30):
                    execution.step()
                return

    def _head(self) -> Head:
        return self.stack.ports.heads.read(FLYWHEEL) or Head()

    def _going(self) -> list[Execution]:
        return [each for each in self.stack.machine.running() if each.can_go_on]

    def _ended_badly(self) -> list[Execution]:
        ended = self.stack.machine.executions.values()
        return [each for each in ended if each.status in {"FAILED", "ABORTED"} and each.state != "TurnRefused"]

    def _models(self) -> list[str]:
        iterations = Observed(self.stack).iterations
        return sorted(each["TrainedModelArn"] for each in iterations if "TrainedModelArn" in each)

    def _is_unfinished(self, head: Head) -> bool:
        return head.state == "RUNNING" or head.batch is not None or self.stack.ports.uploads.anything_pending(FLYWHEEL)

    def _progress(self) -> object:
        states = Counter(row["state"] for row in self.stack.rows() if row["pk"] == f"U#{FLYWHEEL}")
        return len(self.stack.machine.executions), self._head().turn, states


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_the_invariants_hold_whatever_happens() -> None:
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES or 20,
            stateful_step_count=40 if EXAMPLES else 25,
            deadline=None,
            derandomize=not EXAMPLES,
            database=None,
            phases=[Phase.generate] if not os.environ.get("GOVERNOR_SHRINK") else list(Phase),
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
