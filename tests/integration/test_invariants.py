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
from typing import Any, cast

import boto3
import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from governor.domain.batch import NO_BASELINE
from governor.domain.errors import ServiceBusyError, UnknownFlywheelError
from governor.domain.turn import Head
from governor.usecases.resume_flywheel import resume_flywheel
from tests.doubles.asl import Execution
from tests.doubles.data import FLYWHEEL, labelled, policy
from tests.doubles.exams import golden, sat
from tests.doubles.faults import FunctionDied, Kind, Meanwhile
from tests.doubles.oracle import (
    Observed,
    check_everything_is_known,
    check_no_document_is_registered_twice,
    texts_of,
)
from tests.doubles.people import answer, promote_in_console
from tests.doubles.scenes import SOON
from tests.doubles.search import search
from tests.doubles.stack import Stack, deployed

EXAMPLES = int(os.environ.get("GOVERNOR_LONG_TESTS") or 0)
POLICIES = {
    "promotes": policy(),
    "strict": policy(gates=[{"metric": "f1", "at_least": 0.99, "gain_at_least": 0.0}]),
    "continues": policy(on_regression="continue"),
    "asks": policy(approval="replacement", approval_expires_seconds=3600),
    "waits": policy(batch={"quiet_seconds": 30, "quiet_max_seconds": 60}),
    "golden": golden(on_regression="continue"),
    "golden asks": golden(approval="always", approval_expires_seconds=3600),
}
QUALITIES = ["good", "good", "good", "wrong", "few", "small", "broken", "copy", "overwrite"]
MOST_TEST_FILES = 6
"""A flywheel has ten TEST slots for its lifetime."""
WAITS_FOR_PEOPLE = {"NeedsYou", "Aborted", "PolicyMissing", "Regression", "Rejected"}
TERMINAL = {"REGISTERED", "REFUSED", "SUPERSEDED", "WITHDRAWN"}

ACTS = [
    *["upload_smoothly"] * 5,
    *["upload", "deliver", "inspect"] * 2,
    *["step", "run"] * 5,
    *["sweep", "time_passes"] * 3,
    *["end_execution", "answer"] * 2,
    *["delete", "edit_policy", "trainings_fail", "promote_in_console", "resume", "start_by_hand", "redrive"],
]
"""One list, so that no example does without uploads or without executions that go on."""
FAULTS = ["die before", "die after", "lose reply", "busy", "busy after", "inspect", "sweep", "other"]
SECONDS = [1, 30, 200, 400, 700, 2000, 4000]
Fault = tuple[int, str, bool] | None
_index = st.integers(0, 20)
_fault = st.one_of(st.none(), st.tuples(st.integers(1, 140), st.sampled_from(FAULTS), st.booleans()))
"""At which of the calls that follow, what, and whether a death takes the execution along."""


class Machine(RuleBasedStateMachine):
    """A flywheel's people, its AWS, and the application between them."""

    def __init__(self) -> None:
        super().__init__()
        self._exit = contextlib.ExitStack()
        self.stack: Stack = self._exit.enter_context(deployed(SOON))
        self.stack.clock.tick = 0.001
        self.stack.apply_policy(FLYWHEEL, policy())
        self.events: list[dict[str, Any]] = []
        self.delivered: list[dict[str, Any]] = []
        self.contents: dict[tuple[str, str], bytes] = {}
        """What each object version holds, by key and version."""
        self.files = 0
        self.by_hand = 0
        self.all_die = False
        self.test_files = 0
        self.turn = 0
        self.active: str | None = None
        self.broken_iterations = 0
        self._seen: dict[str, list[str]] = {}
        self._healthy = True

    @initialize(how=st.sampled_from(["nothing", "uploads", "a model", "a model"]), all_die=st.booleans())
    def begin(self, how: str, all_die: bool) -> None:
        """Begin with nothing, waiting uploads, or a model; `all_die`: what still runs at the end dies first."""
        self.all_die = all_die
        if how == "nothing":
            return
        for kind in ("train", "test"):
            self._upload(kind, "good", 0)
        self._deliver_all()
        if how == "a model":
            self.stack.run()
            self.active = Observed(self.stack).active

    @rule(what=st.sampled_from(ACTS), one=_index, other=_index, fault=_fault)
    def act(self, what: str, one: int, other: int, fault: Fault) -> None:
        """Do it, or let an execution go on where it cannot be done now."""
        if not getattr(self, f"_{what}")(one, other, fault) and self._going():
            self._run(one, other, fault)

    # ---- people and AWS ----------------------------------------------------------------------------------------------

    def _upload_smoothly(self, one: int, other: int, fault: Fault) -> bool:
        self._upload(["train", "train", "test"][one % 3], QUALITIES[other % len(QUALITIES)], one)
        self._deliver(len(self.events) - 1, other, None)
        self._do(self.stack.inspect, fault)
        return True

    def _upload(self, one: int | str, other: int | str, fault: object = None) -> bool:
        """Upload a file whose event is not delivered yet."""
        kind = one if isinstance(one, str) else ["train", "train", "test"][one % 3]
        quality = other if isinstance(other, str) else QUALITIES[other % len(QUALITIES)]
        old = self.files
        if kind == "test":
            if self.test_files >= MOST_TEST_FILES:
                return False
            self.test_files += 1
        self.files += 1
        key, content = f"{FLYWHEEL}/{kind}/f{self.files}.csv", self._content(quality, old)
        if quality == "overwrite" and self.contents:
            key = sorted(self.contents)[old % len(self.contents)][0]
        event = self.stack.drop(key, content)
        self.contents[key, event["detail"]["object"]["version-id"]] = content
        self.events.append(event)
        return True

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

    def _delete(self, one: int, other: int, fault: Fault) -> bool:
        if self.contents:
            key = sorted(self.contents)[one % len(self.contents)][0]
            self.stack.s3.delete_object(Bucket="inbox", Key=key)
        return bool(self.contents)

    def _deliver(self, one: int, other: int, fault: Fault) -> bool:
        """Deliver an event, in any order, or one that was delivered before; now and then one is lost."""
        if self.events and other == 0:
            self.events.pop(one % len(self.events))
            return True
        events = self.events or self.delivered
        if not events:
            return False
        event = events[one % len(events)]
        if self._do(lambda: self.stack.deliver(event), fault) == [] and event in self.events:
            self.events.remove(event)
            self.delivered.append(event)
        return True

    def _inspect(self, one: int, other: int, fault: Fault) -> bool:
        """Let the queue deliver; now and then a message comes once more."""
        rows = sorted(row["sk"] for row in self.stack.rows() if row["pk"] == f"U#{FLYWHEEL}")
        if rows and other % 3 == 0:
            self.stack.ports.inspect_queue.send(FLYWHEEL, rows[one % len(rows)])
        self._do(self.stack.inspect, fault)
        return True

    def _time_passes(self, one: int, other: int, fault: Fault) -> bool:
        self.stack.clock.advance(SECONDS[one % len(SECONDS)])
        return True

    def _sweep(self, one: int, other: int, fault: Fault) -> bool:
        self._do(lambda: self.stack.sweep(look_closely=one % 2 == 0), fault)
        return True

    def _edit_policy(self, one: int, other: int, fault: Fault) -> bool:
        name = [*sorted(POLICIES), "none"][one % (len(POLICIES) + 1)]
        if name in POLICIES:
            self.stack.apply_policy(FLYWHEEL, POLICIES[name])
        else:
            table = boto3.client("dynamodb", region_name="us-east-1")
            table.delete_item(TableName="PolicyTable", Key={"pk": {"S": f"P#{FLYWHEEL}"}, "sk": {"S": "CURRENT"}})
        return True

    def _trainings_fail(self, one: int, other: int, fault: Fault) -> bool:
        self.stack.roles.refused = "ModelStats" if one % 2 else None
        return True

    def _promote_in_console(self, one: int, other: int, fault: Fault) -> bool:
        if models := self._models():
            with contextlib.suppress(self.stack.comprehend.exceptions.ClientError):
                promote_in_console(self.stack, models[one % len(models)])
            self.active = Observed(self.stack).active
        return bool(models)

    def _answer(self, one: int, other: int, fault: Fault) -> bool:
        if self.stack.approvals.mails:
            self._do(lambda: answer(self.stack, "reject" if one % 4 == 0 else "approve"), fault)
        return bool(self.stack.approvals.mails)

    def _resume(self, one: int, other: int, fault: Fault) -> bool:
        with contextlib.suppress(UnknownFlywheelError):
            resume_flywheel(self.stack.ports, FLYWHEEL, by="ada")
        return True

    # ---- executions --------------------------------------------------------------------------------------------------

    def _start_by_hand(self, one: int, other: int, fault: Fault) -> bool:
        self.by_hand += 1
        payload = f'{{"flywheel": "{FLYWHEEL}", "iterate": {"true" if one % 3 == 0 else "false"}}}'
        assert self.stack.machine.start(f"by-hand-{self.by_hand}", payload)
        return True

    def _step(self, one: int, other: int, fault: Fault) -> bool:
        """Let one of the executions go on by a few states."""
        going = self._going()
        if going:
            execution = going[one % len(going)]
            for _ in range(1 + other % 12):
                self._do(lambda: self._one_state(execution), fault)
                fault = None
        return bool(going)

    def _run(self, one: int, other: int, fault: Fault) -> bool:
        """Let one of the executions run to its end, or to the fault."""
        going = self._going()
        if not going:
            return False
        execution = going[one % len(going)]
        for _ in range(400):
            if not execution.can_go_on:
                return True
            self._do(lambda: self._one_state(execution), fault, keep=True)
            fault = None
        raise AssertionError(f"no end: {execution.visited[-20:]}")

    def _end_execution(self, one: int, other: int, fault: Fault) -> bool:
        running = self.stack.machine.running()
        if running:
            execution = running[one % len(running)]
            execution.abort() if other % 3 == 0 else execution.die()
        return bool(running)

    def _redrive(self, one: int, other: int, fault: Fault) -> bool:
        ended = self._ended_badly()
        if ended:
            ended[one % len(ended)].redrive()
        return bool(ended)

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

    def _one_state(self, execution: Execution) -> None:
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
        for execution in stack.machine.running() if self.all_die else ():
            execution.die()
        self._until_quiet("by itself")
        head = self._head()
        if self._is_unfinished(head):
            reason = head.hold.reason if head.hold is not None else None
            assert reason in WAITS_FOR_PEOPLE | {"TooFewDocuments", "QuotaFull"}, f"stuck, and held by {reason}: {head}"
            if reason in WAITS_FOR_PEOPLE:
                assert f"[{FLYWHEEL}] Held: {reason}" in stack.notices.subjects(), "people were not told"
        stack.apply_policy(FLYWHEEL, policy(on_regression="continue"))
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
                    self._one_state(execution)
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
            if row["state"] == "REGISTERED" and not self._is_kept_for_an_exam(row)
            for text in texts_of(self.contents[row["key"], row["version"]])
        )
        assert registered == observed.in_how_many(), "what is called registered is what Comprehend has"
        check_everything_is_known(stack, observed)
        names = Counter(job["JobName"] for job in sat(stack))
        assert [name for name, count in names.items() if count > 1] == [], "a job was started twice"
        self._check_copies(uploads)
        failed = sum(each["Status"] != "COMPLETED" for each in observed.iterations)
        batches = sum("manifest_uri" in row for row in stack.rows())
        assert len(observed.iterations) <= batches + failed
        assert list(stack.ports.notices.unsent(FLYWHEEL)) == []

    def _is_kept_for_an_exam(self, row: dict[str, Any]) -> bool:
        """Tell whether it is a TEST file that a golden exam has, and no dataset."""
        batch = self.stack.ports.batches.read(FLYWHEEL, int(row["batch"]))
        pinned = self.stack.ports.policies.pinned(FLYWHEEL, batch.policy_version).policy
        return row["kind"] == "test" and pinned.exam.kind == "golden"

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

    def _do(self, act: Callable[[], Any], fault: Fault = None, *, keep: bool = False) -> Any:
        """Act, with a fault at one of its calls; return what it returns, None if its process died."""
        if not keep or fault is not None:
            self.stack.faults.clear()
        if fault is not None:
            number, kind, with_execution = fault
            number = number if keep else 1 + number % 30
            others: dict[str, Meanwhile] = {
                "inspect": self.stack.inspect,
                "sweep": self.stack.sweep,
                "other": self._another_execution,
            }
            self.stack.faults.with_execution = with_execution
            self.stack.faults.at(number, others[kind] if kind in others else cast(Kind, kind))
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
        settings=search(EXAMPLES, examples=14, steps=25, long_steps=40),
    )
