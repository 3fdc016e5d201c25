"""Documents under whatever people, AWS and crashes do, in any order: each is answered once, or refused with a reason.

Hypothesis chooses what happens, as in test_invariants.py, which does the same for turns. At the end everything must
heal, by time, sweeps and at most what notices ask of people.

GOVERNOR_LONG_TESTS=<number of examples> searches at random and for longer.
"""

import contextlib
import csv
import json
import os
from collections import Counter
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from comprehend_local import Settings
from governor.domain.errors import ServiceBusyError
from governor.usecases.resume_flywheel import resume_flywheel
from tests.doubles.asl import Execution
from tests.doubles.data import FLYWHEEL, WORDS
from tests.doubles.faults import FunctionDied, Kind
from tests.doubles.people import ADA
from tests.doubles.scenes import promoted
from tests.doubles.search import search
from tests.doubles.stack import ACCOUNT, Stack, deployed

EXAMPLES = int(os.environ.get("GOVERNOR_LONG_TESTS") or 0)
QUICK = Settings.instant(account=ACCOUNT, job_seconds=8)
LINES = [" ".join(words) for words in WORDS.values()]
TERMINAL = {"ANALYSED", "REFUSED", "SUPERSEDED", "WITHDRAWN"}
FAULTS: st.SearchStrategy[Kind | None] = st.sampled_from([None, "die before", "die after", "lose reply", "busy"])


class Documents(RuleBasedStateMachine):
    """What may happen."""

    def __init__(self) -> None:
        super().__init__()
        self._open = contextlib.ExitStack()
        self.files = 0
        self.stack: Stack

    @initialize()
    def a_flywheel_with_a_model(self) -> None:
        # Hypothesis runs it in one process for all examples, so what a test's fixture would set is set here.
        self.stack = self._open.enter_context(deployed(QUICK))
        promoted(self.stack, analysis={"quiet_seconds": 0}, backoff_base_seconds=60)

    @rule(
        what=st.sampled_from(["lines", "lines", "file", "bad", "again"]),
        times=st.sampled_from([0, 1, 1, 1, 2]),
        lines=st.integers(1, 3),
    )
    def drop(self, what: str, times: int, lines: int) -> None:
        """`times`: how often the event comes."""
        self.files += what != "again"
        name = f"{'letters/' if what == 'file' else ''}{self.files or 1}.txt"
        content = b"\xff" if what == "bad" else "\n".join(LINES[:lines]).encode()
        event = self.stack.drop(f"{FLYWHEEL}/documents/{name}", content)
        for _ in range(times):
            self.stack.deliver(event)

    @rule(fault=FAULTS, call=st.integers(1, 9))
    def inspect(self, fault: Kind | None, call: int) -> None:
        self._spoil(fault, call)
        with contextlib.suppress(FunctionDied, BatchProcessingError):
            self.stack.inspect()
        self.stack.faults.clear()

    @rule(which=st.integers(0, 3), states=st.integers(1, 8), fault=FAULTS, call=st.integers(1, 12))
    def go_on(self, which: int, states: int, fault: Kind | None, call: int) -> None:
        running = self._running()
        if running:
            for _ in range(states):
                self._spoil(fault, call)
                running[which % len(running)].step()
                self.stack.faults.clear()

    @rule(which=st.integers(0, 3), aborted=st.booleans())
    def die(self, which: int, aborted: bool) -> None:
        running = self._running()
        if running:
            execution = running[which % len(running)]
            execution.abort() if aborted else execution.die()

    @rule()
    def start_by_hand(self) -> None:
        name = f"by-hand-{len(self.stack.analysis_machine.executions)}"
        self.stack.analysis_machine.start(name, json.dumps({"flywheel": FLYWHEEL}))

    @rule(seconds=st.sampled_from([5, 61, 400, 4000]))
    def wait(self, seconds: int) -> None:
        self.stack.clock.advance(seconds)

    @rule(fault=FAULTS, call=st.integers(1, 25))
    def sweep(self, fault: Kind | None, call: int) -> None:
        self._spoil(fault, call)
        with contextlib.suppress(FunctionDied, ServiceBusyError):
            self.stack.sweep()
        self.stack.faults.clear()

    @rule(refused=st.booleans())
    def refuse_access(self, refused: bool) -> None:
        self.stack.roles.refused = "jobs/" if refused else None

    @rule()
    def resume(self) -> None:
        resume_flywheel(self.stack.ports, FLYWHEEL, by=ADA)

    @invariant()
    def an_attempt_is_one_job(self) -> None:
        if hasattr(self, "stack"):
            names = Counter(job["JobName"] for job in self._jobs())
            assert [name for name, count in names.items() if count > 1] == []

    def teardown(self) -> None:
        try:
            if hasattr(self, "stack"):
                self._heal()
                self._look()
        finally:
            self._open.close()

    def _heal(self) -> None:
        self.stack.roles.refused = None
        for _ in range(12):
            self.stack.clock.advance(3700)
            self.stack.sweep()
            assert self.stack.inspect() == []
            resume_flywheel(self.stack.ports, FLYWHEEL, by=ADA)
            self.stack.sweep(look_closely=False)
            self.stack.run()
            if {row["state"] for row in self._rows()} <= TERMINAL and not self._running():
                break
        self.stack.sweep(look_closely=False)

    def _rows(self) -> list[dict[str, Any]]:
        return [row for row in self.stack.rows() if row["pk"] == f"D#{FLYWHEEL}"]

    def _look(self) -> None:
        rows = self._rows()
        assert {row["state"] for row in rows} <= TERMINAL
        listed = self.stack.s3.list_object_versions(Bucket="inbox", Prefix=f"{FLYWHEEL}/documents/")
        dropped = {(item["Key"], item["VersionId"]) for item in listed.get("Versions", [])}
        assert {(row["key"], row["version"]) for row in rows} == dropped
        assert [row["sk"] for row in self.stack.rows() if row["sk"].startswith("NOTICE#") and "pending" in row] == []
        answered = Counter(row["reason"] for row in rows if row["state"] == "ANALYSED")
        closed = [row for row in self.stack.rows() if row["sk"].startswith("ANALYSIS#")]
        assert {row["results"] for row in closed if row["outcome"] == "ANALYSED"} == answered.keys()
        assert all("reason" in row for row in rows)
        for where, files in answered.items():
            inputs = {row["key"]: int(row["documents"]) for row in rows if row.get("reason") == where}
            assert len(inputs) == files
            assert Counter(row["input"] for row in self._table(where)) == inputs

    def _table(self, where: str) -> list[dict[str, Any]]:
        key = f"{where.removeprefix('s3://lake/')}predictions.csv"
        content: bytes = self.stack.s3.get_object(Bucket="lake", Key=key)["Body"].read()
        return list(csv.DictReader(content.decode().splitlines()))

    def _jobs(self) -> list[dict[str, Any]]:
        pages: list[dict[str, Any]] = []
        token: dict[str, str] = {}
        while True:
            reply = self.stack.comprehend.list_document_classification_jobs(**token)
            pages += reply["DocumentClassificationJobPropertiesList"]
            if "NextToken" not in reply:
                return pages
            token = {"NextToken": reply["NextToken"]}

    def _running(self) -> list[Execution]:
        return self.stack.analysis_machine.running()

    def _spoil(self, fault: Kind | None, call: int) -> None:
        if fault is not None:
            self.stack.faults.clear()
            self.stack.faults.at(call, fault)


@pytest.mark.timeout(3600)
def test_every_document_is_answered_once_or_refused_whatever_happens() -> None:
    boto3.setup_default_session(region_name="us-east-1")
    run_state_machine_as_test(
        Documents,
        settings=search(EXAMPLES, examples=5, steps=18, long_steps=25),
    )
