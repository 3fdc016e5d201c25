"""Decision records for tests: what a test does not say has a default; `records()` draws any of them."""

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from governor.domain.decision import DecisionRecord, Spent, UploadFacts
from governor.domain.judgement import judge
from governor.domain.outcome import Outcome, outcome_of
from governor.domain.policy import DataMode, Policy
from governor.domain.report import Report, Source, flips_from_bytes, report_of
from governor.domain.sheet import Row, Sheet, sheet_of
from governor.domain.verdict import Exam, Metrics, MustPass

OLD, NEW = "arn:aws:comprehend:eu-west-1:123456789012:document-classifier/t/version/old", "arn:new"
SOURCE = Source("s3://records/decisions/t/000000007-0123456789ab.json", "c" * 64)
KEY = "t/test/exam.csv"
GATES = (
    {"metric": "f1", "gain_at_least": 0.0},
    {"metric": "recall", "label": "*", "drop_at_most": "5%", "mode": "shadow"},
    {"metric": "f1", "at_least": 0.5},
)


def a_sheet(mode: DataMode = "MULTI_CLASS", *, first: bool = False, worse: bool = False) -> Sheet:
    """Sixty documents of a and forty of b; the candidate takes five of them wrongly, the active model twenty.

    `worse`: the other way round.
    """
    rows = [
        Row(40, (0,), (0,), (0,)),
        Row(20, (0,), (0,), (1,)),
        Row(5, (1,), (0,), (1,)),
        Row(35, (1,), (1,), (1,)),
    ]
    if worse:
        rows = [row._replace(candidate=row.baseline, baseline=row.candidate) for row in rows]
    if mode == "ENTITIES":
        rows = [
            Row(r.count, r.truth, r.candidate, r.baseline, _hits(r.truth, r.candidate), _hits(r.truth, r.baseline))
            for r in rows
        ]
    if first:
        rows = [row._replace(baseline=(), baseline_hits=()) for row in rows]
    return sheet_of(mode, ["a", "b"], rows, has_baseline=not first)


def _hits(truth: tuple[int, ...], answer: tuple[int, ...]) -> tuple[int, ...]:
    return truth if truth == answer else ()


def a_policy(mode: DataMode = "MULTI_CLASS", labels: tuple[str, ...] = ("a", "b"), **changes: Any) -> Policy:
    flywheel: dict[str, Any] = {"language": "en", "mode": mode, "labels": labels}
    if mode == "ENTITIES":
        flywheel = {"model_type": "ENTITY_RECOGNIZER", "language": "en", "entity_types": labels}
    blocks: dict[str, Any] = {"gates": GATES, "exam": {"kind": "golden"}, "approval": "never"}
    return Policy.model_validate({"flywheel": flywheel} | blocks | changes)


def a_record(
    sheet: Sheet | None = None,
    policy: Policy | None = None,
    *,
    trained: bool = True,
    exam: dict[str, Any] | None = None,
    **changes: Any,
) -> DecisionRecord:
    """Return a record whose verdict is what the judgement says of all else. `sheet` None: averages alone."""
    wanted = policy or (a_policy() if sheet is not None else a_policy(exam={"kind": "iteration"}, gates=GATES[:1]))
    baseline = None if sheet is not None and not sheet.has_baseline else OLD
    baseline = changes.pop("judged_against", baseline)
    sat = Exam(
        candidate=NEW if trained else None,
        candidate_metrics=Metrics(0.8, 0.8, 0.8, 0.8) if trained else None,
        scored_baseline=baseline,
        baseline_metrics=None if baseline is None else Metrics(0.7, 0.7, 0.7, 0.7),
        has_test_data=True,
        kind="iteration" if sheet is None else "golden",
        candidate_digest="e" * 64,
        baseline_digest="e" * 64,
        documents=100,
        support={"a": 60, "b": 40},
    )
    sat = dataclasses.replace(sat, **(exam or {}))
    record = DecisionRecord(
        flywheel="t",
        batch=7,
        baseline=baseline or "NONE",
        policy_version=3,
        policy=wanted,
        exam=sat,
        verdict=judge(wanted, sat, baseline, sheet, uses=changes.get("uses", 0)),
        reached_at=datetime(2026, 11, 23, 9, 41, tzinfo=UTC),
        sheet=sheet,
        manifest_uri="s3://records/manifests/t/000000007.json",
        manifest_sha256="b" * 64,
        iteration="20261123T084512Z",
        uploads=(UploadFacts("t/train/a.csv", "v1", "train", 12, {"a": 8, "b": 4}),),
        datasets=("7-train-0123456789ab",),
        spent=Spent(2.25, 0.5, 2700.0, 61.0),
        code_version="1.2.3",
    )
    return dataclasses.replace(record, **changes)


def a_report(record: DecisionRecord, outcome: Outcome | None = None, flips: bytes | None = None) -> Report:
    has_baseline = record.judged_against is not None
    follows = outcome or outcome_of(record.verdict, record.policy, has_baseline=has_baseline, frozen=False)
    return report_of(record, follows, SOURCE, None if flips is None else flips_from_bytes(flips, "inbox"))


def some_flips(wrong: int = 1, right: int = 2, key: str = KEY, label: str = "a") -> bytes:
    def documents(count: int) -> dict[str, Any]:
        row = {"key": key, "version": "v9", "truth": [label], "candidate": ["b"], "baseline": []}
        return {"count": count, "documents": [row | {"line": 3 * number + 2} for number in range(count)][::-1]}

    return json.dumps({"schema": 1, "right_to_wrong": documents(wrong), "wrong_to_right": documents(right)}).encode()


# ---- any record ------------------------------------------------------------------------------------------------------

names = st.text(st.characters(blacklist_categories=["C"]), min_size=1, max_size=30)
hostile = st.sampled_from(
    ["<script>alert(1)</script>", "</style><b>", '" onload="x', "a&amp;b", "<!--", "]]>", "\u202eabc", "'", "url(x)"]
)


@st.composite
def records(draw: st.DrawFn) -> DecisionRecord:
    """Draw a record of any mode, with or without answers, an active model or gates."""
    mode: DataMode = draw(st.sampled_from(["MULTI_CLASS", "MULTI_LABEL", "ENTITIES"]))
    labels = tuple(draw(st.lists((names | hostile).filter(_fits), min_size=2, max_size=5, unique=True)))
    sheet = draw(st.none() | _sheets(mode, labels))
    golden = sheet is not None
    gates = draw(st.lists(_gates(labels if golden else (), accuracy=mode != "ENTITIES"), max_size=4))
    must_pass = draw(st.none() | st.builds(MustPass, st.just(9), st.lists(hostile, max_size=2).map(tuple)))
    if must_pass is not None:
        must_pass = dataclasses.replace(must_pass, failures=len(must_pass.failed))
    policy = a_policy(
        mode, labels, gates=gates, exam={"kind": "golden" if golden else "iteration"}, data={"label_delimiter": "~"}
    )
    has_baseline = sheet.has_baseline if sheet is not None else draw(st.booleans())
    upload = st.builds(
        UploadFacts,
        names | hostile,
        names,
        st.sampled_from(["train", "test"]),
        st.integers(0, 999),
        st.dictionaries(st.sampled_from(labels), st.integers(0, 99)),
    )
    return a_record(
        sheet,
        policy,
        trained=draw(st.booleans()) or golden,
        exam={"must_pass": must_pass, "documents": draw(st.none() | st.just(100))},
        judged_against=OLD if has_baseline else None,
        uses=draw(st.integers(0, 9)),
        uploads=tuple(draw(st.lists(upload, max_size=3))),
        spent=draw(st.sampled_from([Spent(), Spent(0.001, None, 12.0, None), Spent(2.25, 1.0, 8580.0, 61.0)])),
    )


def _fits(label: str) -> bool:
    return not set(label) & set("~,\n\r\t") and label not in {"*", "macro", "micro", "worst"} and len(label) <= 64


def _gates(labels: tuple[str, ...], *, accuracy: bool) -> st.SearchStrategy[dict[str, Any]]:
    over = st.sampled_from([None, "*", "worst", *labels]) if labels else st.none()
    rules: st.SearchStrategy[dict[str, Any]]
    rules = st.sampled_from([{"at_least": 0.5}, {"gain_at_least": 0.0}, {"gain_at_least": "2%"}, {"drop_at_most": 0.1}])
    metrics = st.sampled_from(["f1", "precision", "recall"])
    labelled = st.builds(
        lambda metric, label, rule, mode: {"metric": metric, "label": label, "mode": mode} | rule,
        metrics,
        over,
        rules,
        st.sampled_from(["enforce", "shadow"]),
    )
    return labelled | rules.map(lambda rule: {"metric": "accuracy"} | rule) if accuracy else labelled


@st.composite
def _sheets(draw: st.DrawFn, mode: DataMode, labels: tuple[str, ...]) -> Sheet:
    one = st.integers(0, len(labels) - 1)
    answer: st.SearchStrategy[tuple[int, ...]] = one.map(lambda place: (place,))
    if mode != "MULTI_CLASS":
        answer = st.lists(one, max_size=3, unique=mode == "MULTI_LABEL").map(lambda found: tuple(sorted(found)))
    has_baseline = draw(st.booleans())
    rows = []
    for _ in range(draw(st.integers(1, 6))):
        truth, new = draw(answer), draw(answer)
        old = draw(answer) if has_baseline else ()
        hits = (_hits(truth, new), _hits(truth, old)) if mode == "ENTITIES" else ()
        rows.append(Row(draw(st.integers(1, 50)), truth, new, old, *hits))
    return sheet_of(mode, labels, rows, has_baseline=has_baseline)
