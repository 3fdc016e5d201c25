"""What a report says of a decision: every number from the judgement, and nothing that was not recorded."""

import json
import math

import pytest

from governor.domain.decision import DecisionRecord, UploadFacts, from_bytes, to_bytes
from governor.domain.errors import UnexpectedReplyError
from governor.domain.judgement import scores_of
from governor.domain.outcome import Outcome
from governor.domain.report import Report, document_of, flips_from_bytes
from governor.domain.report.content import ConfusionLine, Estimate
from governor.domain.report.flips import fetching
from governor.domain.sheet import Row, sheet_of
from governor.domain.verdict import GateResult, MustPass, Verdict
from tests.unit.report.records import KEY, NEW, OLD, a_policy, a_record, a_report, a_sheet, some_flips


def _numbers(report: Report) -> dict[str, tuple[float | None, float | None]]:
    def value(estimate: Estimate | None) -> float | None:
        return None if estimate is None else estimate.value

    return {
        f"{line.over} {line.metric}": (value(line.numbers.candidate), value(line.numbers.baseline))
        for line in report.metrics
    }


# ---- numbers ---------------------------------------------------------------------------------------------------------


def test_numbers_are_those_of_the_judgement() -> None:
    sheet = a_sheet()
    report, scores = a_report(a_record(sheet)), scores_of(sheet)

    assert scores.baseline is not None
    assert _numbers(report)["macro f1"] == (scores.candidate.macro.f1, scores.baseline.macro.f1)
    assert _numbers(report)["documents accuracy"] == (0.95, 0.8)
    for line in report.labels:
        (label,) = (each for each in scores.labels if each.label == line.label)
        assert label.gain is not None
        assert label.baseline is not None
        assert line.support == label.support
        for metric in ("f1", "precision", "recall"):
            numbers = getattr(line, metric)
            new, old = getattr(label.candidate, metric), getattr(label.baseline, metric)
            assert (numbers.candidate.value, numbers.baseline.value) == (new, old)
            assert math.isclose(numbers.difference.value, new - old)
        assert line.f1.difference is not None
        assert (line.f1.difference.low, line.f1.difference.high) == (label.gain.low, label.gain.high)


def test_what_lost_most_comes_first_and_what_was_not_tested_last() -> None:
    sheet = a_sheet()
    wider = sheet_of("MULTI_CLASS", ["untested", *sheet.labels], [
        row._replace(truth=_up(row.truth), candidate=_up(row.candidate), baseline=_up(row.baseline))
        for row in sheet.rows
    ], has_baseline=True)  # fmt: skip
    labels = a_report(a_record(wider, a_policy(labels=("untested", "a", "b")))).labels
    gains = [each.f1.difference.value for each in labels if each.f1.difference is not None]
    assert gains == sorted(gains)
    assert [each.label for each in labels][-1] == "untested"
    assert labels[-1].f1.candidate is None


def _up(places: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(place + 1 for place in places)


def test_mistakes_are_counted_by_what_came_and_what_went() -> None:
    sheet = a_sheet()
    rows = [*sheet.rows, Row(9, (1,), (), ())]
    report = a_report(a_record(sheet_of("MULTI_CLASS", sheet.labels, rows, has_baseline=True)))
    assert report.confusions_gained == (ConfusionLine("b", "a", 5, 0),)
    assert report.confusions_lost == (ConfusionLine("a", "b", 0, 20),)


def test_a_first_model_has_nothing_beside_it() -> None:
    report = a_report(a_record(a_sheet(first=True)), flips=some_flips())
    assert {baseline for _, baseline in _numbers(report).values()} == {None}
    assert report.confusions_gained == (ConfusionLine("b", "a", 5),)
    assert report.confusions_lost == ()
    assert (report.right_to_wrong, report.wrong_to_right) == (None, None)
    assert report.lineage.baseline is None
    assert [line.label for line in report.labels] == ["b", "a"], "the worst first"


def test_averages_alone_have_no_labels_no_mistakes_and_honest_intervals() -> None:
    report = a_report(a_record())
    assert _numbers(report)["macro f1"] == (0.8, 0.7)
    assert (report.labels, report.confusions_gained, report.confusions_lost) == ((), (), ())
    assert report.metrics[0].numbers.difference is not None
    assert report.metrics[0].numbers.difference.low is not None
    unknown = a_report(a_record(exam={"documents": None, "support": {}}))
    assert unknown.metrics[0].numbers.candidate is not None
    assert unknown.metrics[0].numbers.candidate.low is None
    assert unknown.exam.documents is None


def test_numbers_of_a_model_that_is_not_the_active_one_are_not_shown_beside_the_candidate() -> None:
    report = a_report(a_record(exam={"scored_baseline": "arn:another"}))
    assert report.decision.verdict == "INCONCLUSIVE"
    assert _numbers(report)["macro f1"] == (0.8, None)


def test_without_a_candidate_the_active_model_s_numbers_are_on_record() -> None:
    report = a_report(a_record(trained=False))
    assert _numbers(report)["macro f1"] == (None, 0.7)
    assert report.decision.verdict == "NO_CHANGE"


@pytest.mark.parametrize("mode", ["MULTI_LABEL", "ENTITIES"])
def test_other_kinds_of_data_have_micro_averages_too(mode: str) -> None:
    report = a_report(a_record(a_sheet(mode), a_policy(mode)))  # type: ignore[arg-type]
    assert {"micro f1", "macro f1"} <= set(_numbers(report))
    assert ("documents accuracy" in _numbers(report)) == (mode == "MULTI_LABEL")


# ---- words -----------------------------------------------------------------------------------------------------------


def test_every_gate_is_a_line_with_its_rule_in_words() -> None:
    record = a_record(a_sheet())
    lines = a_report(record).gates
    assert [line.words for line in lines] == [gate.words for gate in record.verdict.gates]
    assert [line.asks for line in lines] == [
        "Macro F1: better than the active model, 95 % sure",
        "Recall of every label: a drop of at most 5 %, 95 % sure",
        "Macro F1: at least 0.5000, 95 % sure",
    ]
    assert [line.mode for line in lines] == ["enforce", "shadow", "enforce"]


@pytest.mark.parametrize(
    ("gate", "asks"),
    [
        ({"metric": "accuracy", "at_least": 0.9, "confidence": 0.5}, "Accuracy: at least 0.9000, as the numbers stand"),
        ({"metric": "f1", "label": "worst", "at_least": 0.9}, "Worst F1: at least 0.9000, 95 % sure"),
        ({"metric": "recall", "label": "micro", "gain_at_least": -0.01, "confidence": 0.975},
         "Micro recall: a gain of at least \N{MINUS SIGN}0.0100, 97.5 % sure"),
        ({"metric": "precision", "label": "b", "drop_at_most": 0},
         "Precision of b: no worse than the active model, 95 % sure"),
        ({"metric": "f1", "label": "macro", "gain_at_least": 0, "confidence": 0.5},
         "Macro F1: at least as good as the active model, as the numbers stand"),
        ({"metric": "f1", "label": "macro", "gain_at_least": "2.5%"}, "Macro F1: a gain of at least 2.5 %, 95 % sure"),
    ],
)  # fmt: skip
def test_rules_are_said_in_words(gate: dict[str, object], asks: str) -> None:
    assert a_report(a_record(a_sheet(), a_policy(gates=[gate]))).gates[0].asks == asks


ASK, KEEP, PROMOTE = Outcome("ASK"), Outcome("KEEP"), Outcome("PROMOTE")


@pytest.mark.parametrize(
    ("record", "outcome", "headline", "follows"),
    [
        (a_record(a_sheet()), ASK, "Batch 7 passes: its model waits for approval.",
         "People are asked for approval and have 3 days to answer. If nobody does: the active model stays."),
        (a_record(a_sheet()), KEEP, "Batch 7 passes: its model is not used.",
         "The active model stays. What the batch added stays in the flywheel."),
        (a_record(a_sheet()), PROMOTE, "Batch 7 passes: its model becomes active.",
         "The candidate takes the place of the active model now."),
        (a_record(a_sheet(first=True)), PROMOTE, "Batch 7 passes: its model becomes the first active one.",
         "The candidate becomes the flywheel's first active model now."),
        (a_record(exam={"has_test_data": False}), ASK, "Batch 7 cannot be judged for sure: people decide.",
         "People are asked for approval and have 3 days to answer. If nobody does: the active model stays."),
        (a_record(a_sheet(), exam={"must_pass": MustPass(9, ("a.csv:1", "a.csv:2"), 2)}), KEEP,
         "Batch 7 fails: its model gets 2 documents wrong that must be right.",
         "The active model stays. What the batch added stays in the flywheel."),
        (a_record(a_sheet(first=True), a_policy(gates=[{"metric": "f1", "at_least": 0.99}])), KEEP,
         "Batch 7 fails: its model misses 1 of 1 gate.",
         "The flywheel still has no active model. What the batch added stays in the flywheel."),
        (a_record(trained=False), KEEP, "Batch 7 trained no new model.", "The active model stays."),
    ],
)  # fmt: skip
def test_the_decision_is_one_sentence_and_what_follows_another(
    record: DecisionRecord, outcome: Outcome, headline: str, follows: str
) -> None:
    decision = a_report(record, outcome).decision
    assert (decision.headline, decision.follows) == (headline, follows)
    assert decision.reason == record.verdict.reason


def test_of_many_gates_the_first_that_decided_is_named_and_the_others_are_counted() -> None:
    def because(word: str, reason: str, *gates: str) -> str:
        results = tuple(GateResult("f1", 0.5, None, "missed", regression=False, words=each) for each in gates)
        verdict = Verdict(word, reason, gates=results)  # type: ignore[arg-type]
        return a_report(a_record(a_sheet(), verdict=verdict)).decision.because

    assert a_report(a_record(a_sheet())).decision.because == "All 2 gates are met."
    assert because("FAIL", "One. Two.", "One.", "Two.") == "One. Two."
    assert (
        because("FAIL", "Wrong. One. Two. Three.", "One.", "Two.", "Three.") == "Wrong. One. 2 more gates are missed."
    )
    assert because("INCONCLUSIVE", "No TEST data.", "One.", "Two.", "Three.") == "No TEST data."


# ---- documents -------------------------------------------------------------------------------------------------------


def test_flips_are_grouped_by_file_with_a_command_that_fetches_it() -> None:
    report = a_report(a_record(a_sheet()), flips=some_flips(5, 20))
    assert report.right_to_wrong is not None
    assert report.wrong_to_right is not None
    assert (report.right_to_wrong.count, report.wrong_to_right.count, report.wrong_to_right.listed) == (5, 20, 20)
    (file,) = report.right_to_wrong.files
    assert (file.key, file.version) == (KEY, "v9")
    assert [each.line for each in file.documents] == [2, 5, 8, 11, 14]
    assert (file.documents[0].truth, file.documents[0].baseline) == (("a",), ())
    assert file.command == (
        f"aws s3api get-object --bucket inbox --key {KEY} --version-id v9 exam.csv && sed -n 2p exam.csv"
    )


def test_a_command_is_safe_to_paste_whatever_a_key_says() -> None:
    assert fetching("inbox", "t/test/$(rm -rf ~)'.csv", "v", 1) == (
        "aws s3api get-object --bucket inbox --key 't/test/$(rm -rf ~)'\"'\"'.csv' --version-id v "
        "'$(rm -rf ~)'\"'\"'.csv' && sed -n 1p '$(rm -rf ~)'\"'\"'.csv'"
    )
    assert fetching("inbox", "t/test/-rf.csv", "v", 1).endswith("v ./-rf.csv && sed -n 1p ./-rf.csv")
    assert fetching("inbox", "t/test/all.zip", "v", 4).endswith(" --version-id v all.zip"), "an archive has no lines"


@pytest.mark.parametrize("content", [b"{}", b"no", b'{"schema": 2}', b'{"schema": 1, "right_to_wrong": 3}', b"[]"])
def test_a_flips_file_that_was_changed_is_refused(content: bytes) -> None:
    with pytest.raises(UnexpectedReplyError):
        flips_from_bytes(content, "inbox")


def test_after_a_regression_the_likeliest_cause_comes_first() -> None:
    uploads = (
        UploadFacts("t/test/x.csv", "v", "test", 100),
        UploadFacts("t/train/a.csv", "v", "train", 90, {"other": 90}),
        UploadFacts("t/train/b.csv", "v", "train", 10, {"b": 8, "other": 2}),
    )
    record = a_record(a_sheet(worse=True), uploads=uploads)
    assert record.verdict.regression
    added = a_report(record).added
    assert [each.key for each in added] == ["t/train/b.csv", "t/train/a.csv", "t/test/x.csv"]
    assert added[0].suspect == "80 % of it are labels that got worse: b."
    assert added[1].suspect == "It added 90 documents to what the candidate learned from."
    assert added[2].suspect is None
    calm = a_report(a_record(a_sheet(), uploads=uploads)).added
    assert {each.suspect for each in calm} == {None}
    assert [each.key for each in calm] == ["t/train/a.csv", "t/train/b.csv", "t/test/x.csv"]


def test_a_hold_is_explained_with_what_ends_it() -> None:
    decision = a_report(a_record(a_sheet(worse=True))).decision
    assert decision.hold == "Regression"
    assert "governor resume t" in decision.follows


# ---- the record ------------------------------------------------------------------------------------------------------


def test_lineage_names_all_that_the_verdict_rests_on() -> None:
    lineage = a_report(a_record(a_sheet(), uses=3)).lineage
    assert (lineage.candidate, lineage.baseline, lineage.iteration) == (NEW, OLD, "20261123T084512Z")
    assert lineage.datasets == ("7-train-0123456789ab",)
    assert (lineage.policy_version, lineage.code_version) == (3, "1.2.3")
    assert lineage.decision_uri.startswith("s3://records/decisions/")


def test_the_stored_record_gives_the_same_report() -> None:
    for record in (a_record(a_sheet(), uses=3), a_record(), a_record(a_sheet("ENTITIES"), a_policy("ENTITIES"))):
        assert document_of(a_report(from_bytes(to_bytes(record)))) == document_of(a_report(record))


def test_records_of_the_first_form_have_a_report_too() -> None:
    old = json.loads(to_bytes(a_record()))
    for name in ("sheet", "uses", "reached_at", "uploads", "datasets", "spent", "flips_uri", "code_version"):
        del old[name]
    report = a_report(from_bytes(json.dumps(old | {"schema": 1}).encode()))
    assert report.reached_at is None
    assert report.added == ()
    assert _numbers(report)["macro f1"] == (0.8, 0.7)


def test_the_document_is_json_without_a_number_that_json_lacks() -> None:
    report = a_report(a_record(sheet_of("MULTI_CLASS", ["a", "b"], [Row(1, (0,), (1,), (0,))], has_baseline=True)))
    document = json.loads(document_of(report))
    assert document["schema"] == 1
    assert document["decision"]["verdict"] == report.decision.verdict
    assert document_of(report) == document_of(report)
