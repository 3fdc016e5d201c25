"""Makes the report of a decision record: works out every number and sentence, and draws nothing."""

from dataclasses import dataclass, replace

from governor.domain.decision import DecisionRecord, UploadFacts
from governor.domain.gates import MetricName, Overall
from governor.domain.judgement import LabelScores, Scores, averages_of, scores_of
from governor.domain.judgement.averages import worse_labels
from governor.domain.moments import to_text
from governor.domain.outcome import Outcome
from governor.domain.report import words
from governor.domain.report.content import (
    SCHEMA,
    AddedFile,
    Comparison,
    ConfusionLine,
    Cost,
    Decision,
    Estimate,
    ExamPart,
    Flips,
    GateLine,
    LabelLine,
    Lineage,
    MetricLine,
    MustPassPart,
    Report,
)
from governor.domain.suspects import suspects
from governor.domain.verdict import Exam, GateResult, Interval

_CONFIDENCE = 0.95
_PER_LABEL: tuple[MetricName, ...] = ("f1", "precision", "recall")


@dataclass(frozen=True)
class Source:
    """The decision record's place."""

    uri: str
    sha256: str


def report_of(
    record: DecisionRecord, outcome: Outcome, source: Source, flips: tuple[Flips, Flips] | None = None
) -> Report:
    """Return the report. `outcome`: what follows the verdict. `flips`: right to wrong, and wrong to right.

    Pure: the same arguments give the same report.
    """
    judged = record.sheet is not None and record.exam.candidate is not None
    scores = scores_of(record.sheet, confidence=_CONFIDENCE) if judged and record.sheet is not None else None
    labels = _labels(scores)
    gained, lost = _mistakes(scores)
    has_baseline = record.judged_against is not None
    wrong, right = flips if flips is not None and has_baseline else (None, None)
    must_pass = record.exam.must_pass
    return Report(
        schema=SCHEMA,
        flywheel=record.flywheel,
        batch=record.batch,
        reached_at=None if record.reached_at is None else to_text(record.reached_at),
        data_mode=record.policy.flywheel.data_mode,
        decision=_decision(record, outcome, has_baseline=has_baseline),
        exam=_exam(record),
        metrics=_metrics(record, scores),
        gates=tuple(_gate(gate, record.policy.overall) for gate in record.verdict.gates),
        labels=labels,
        confusions_gained=gained,
        confusions_lost=lost,
        right_to_wrong=wrong,
        wrong_to_right=right,
        added=_added(record),
        must_pass=None
        if must_pass is None
        else MustPassPart(must_pass.documents, must_pass.failures, tuple(must_pass.failed)),
        cost=Cost(
            record.spent.training_usd,
            record.spent.exam_usd,
            record.spent.training_seconds,
            record.spent.exam_seconds,
        ),
        lineage=Lineage(
            candidate=record.exam.candidate,
            baseline=record.judged_against,
            iteration=record.iteration,
            datasets=record.datasets,
            manifest_uri=record.manifest_uri,
            manifest_sha256=record.manifest_sha256,
            decision_uri=source.uri,
            decision_sha256=source.sha256,
            policy_version=record.policy_version,
            code_version=record.code_version,
        ),
    )


def _decision(record: DecisionRecord, outcome: Outcome, *, has_baseline: bool) -> Decision:
    verdict, policy = record.verdict, record.policy
    return Decision(
        verdict=verdict.word,
        regression=verdict.regression,
        action=outcome.action,
        hold=outcome.hold,
        headline=words.headline(record.batch, verdict, record.exam, outcome, has_baseline=has_baseline),
        follows=words.what_follows(record.flywheel, verdict, policy, outcome, has_baseline=has_baseline),
        because=words.because(verdict),
        reason=verdict.reason,
        remarks=tuple(verdict.remarks),
    )


def _exam(record: DecisionRecord) -> ExamPart:
    exam, sheet = record.exam, record.sheet
    return ExamPart(
        kind=exam.kind,
        documents=exam.documents if sheet is None else sheet.documents,
        digest=exam.candidate_digest,
        uses=record.uses,
        confidence=_CONFIDENCE,
        unanswered_candidate=0 if sheet is None else sheet.unanswered_candidate,
        unanswered_baseline=0 if sheet is None else sheet.unanswered_baseline,
    )


# ---- numbers ---------------------------------------------------------------------------------------------------------


def _metrics(record: DecisionRecord, scores: Scores | None) -> tuple[MetricLine, ...]:
    overall = averages_of(_of_one_exam(record), record.policy.overall, confidence=_CONFIDENCE)
    if scores is not None:
        overall = scores.overall
    return tuple(
        MetricLine(
            each.metric,
            each.over,
            Comparison(
                _estimate(each.candidate, each.candidate_bounds),
                _estimate(each.baseline, each.baseline_bounds),
                _estimate(_less(each.candidate, each.baseline), each.gain),
            ),
        )
        for each in overall
    )


def _of_one_exam(record: DecisionRecord) -> Exam:
    """Return the exam without the numbers of a model that is not the one that is compared with."""
    exam = record.exam
    same = record.judged_against is not None and exam.scored_baseline == record.judged_against
    return exam if same else replace(exam, baseline_metrics=None)


def _labels(scores: Scores | None) -> tuple[LabelLine, ...]:
    if scores is None:
        return ()
    lines = [
        LabelLine(each.label, each.support, *(_compared(each, metric) for metric in _PER_LABEL))
        for each in scores.labels
    ]
    return tuple(sorted(lines, key=_what_lost_most))


def _what_lost_most(line: LabelLine) -> tuple[bool, float, float, str]:
    """Order: what lost most first; of a first model, what is worst first; what was not tested last."""
    gain, value = line.f1.difference, line.f1.candidate
    return (
        not line.support,
        0.0 if gain is None else gain.value,
        0.0 if value is None or gain is not None else value.value,
        line.label,
    )


def _compared(label: LabelScores, metric: MetricName) -> Comparison:
    """Return a metric of a label. Intervals are known of differences of F1 alone."""
    if not label.support:
        return Comparison()
    new = label.candidate.value(metric)
    old = None if label.baseline is None else label.baseline.value(metric)
    gain = label.gain if metric == "f1" else None
    return Comparison(_estimate(new), _estimate(old), _estimate(_less(new, old), gain))


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _estimate(value: float | None, bounds: Interval | None = None) -> Estimate | None:
    if value is None:
        return None
    return Estimate(value) if bounds is None else Estimate(value, bounds.low, bounds.high)


def _mistakes(scores: Scores | None) -> tuple[tuple[ConfusionLine, ...], tuple[ConfusionLine, ...]]:
    """Return the mistakes that the candidate makes more often, and those that it makes less often.

    The largest change comes first; what is as frequent as before is in neither.
    """
    if scores is None:
        return (), ()
    new = scores.candidate.confusions
    old = {} if scores.baseline is None else scores.baseline.confusions
    changes = {each: new.get(each, 0) - old.get(each, 0) for each in {*new, *old}}
    order = sorted(changes, key=lambda each: (-abs(changes[each]), -new.get(each, 0), each[0] or "", each[1] or ""))
    lines = [
        (changes[each], ConfusionLine(*each, new.get(each, 0), None if scores.baseline is None else old.get(each, 0)))
        for each in order
    ]
    gained = tuple(line for change, line in lines if change > 0)
    return gained, tuple(line for change, line in lines if change < 0)


def _gate(gate: GateResult, overall: Overall) -> GateLine:
    return GateLine(
        metric=gate.metric,
        label=gate.label,
        rule=gate.rule,
        threshold=gate.threshold,
        confidence=gate.confidence,
        mode=gate.mode,
        word=gate.word,
        regression=gate.regression,
        asks=words.rule_in_words(gate, overall),
        words=gate.words,
        candidate=gate.candidate,
        baseline=gate.baseline,
        decided_by=gate.decided_by,
        low=None if gate.interval is None else gate.interval.low,
        high=None if gate.interval is None else gate.interval.high,
        support=gate.support,
        needed=gate.needed,
    )


# ---- what was added --------------------------------------------------------------------------------------------------


def _added(record: DecisionRecord) -> tuple[AddedFile, ...]:
    """Return the batch's files; after a regression those that may be its cause come first, the likeliest at the top."""
    suspected: dict[tuple[str, str], str] = {}
    if record.verdict.regression:
        worse = worse_labels(record.sheet) if record.sheet is not None else []
        suspected = {(each.key, each.version): words.suspicion(each) for each in suspects(record.uploads, worse)}
    ranks = {file: rank for rank, file in enumerate(suspected)}

    def order(upload: UploadFacts) -> tuple[bool, int, str, str]:
        return upload.kind != "train", ranks.get((upload.key, upload.version), 0), upload.key, upload.version

    return tuple(
        AddedFile(
            key=each.key,
            version=each.version,
            kind=each.kind,
            documents=each.documents,
            labels=dict(sorted(each.labels.items())),
            suspect=suspected.get((each.key, each.version)),
        )
        for each in sorted(record.uploads, key=order)
    )
