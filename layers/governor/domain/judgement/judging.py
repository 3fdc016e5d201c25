"""The judgement of a candidate: policy and exam in, verdict out. Deterministic; every missing number fails closed."""

from dataclasses import replace

from governor.domain.judgement.evidence import Answered, Averages, Evidence
from governor.domain.judgement.findings import judge_rule
from governor.domain.judgement.rules import Rule, rules_of
from governor.domain.policy import Policy
from governor.domain.sheet import Sheet
from governor.domain.verdict import Exam, GateResult, MustPass, Verdict

_NO_TEST_DATA = (
    "There is no TEST dataset, so the model was scored on documents picked at random. "
    "Drop a TEST file together with the next TRAIN file."
)
_OTHER_BASELINE = (
    "The active model changed after the iteration scored it, so the two models have no numbers from the same exam."
)
_OTHER_DOCUMENTS = "The two models did not sit the same test documents, so their numbers cannot be compared."
_NOT_ASKED = "The candidate was not asked the must-pass documents that the policy names."


def judge(policy: Policy, exam: Exam, baseline: str | None, sheet: Sheet | None = None, *, uses: int = 0) -> Verdict:
    """Judge `exam` under `policy`.

    `baseline`: the ARN of the model that is active now, None if there is none: a first model is judged by its
    `at_least` gates alone. `sheet`: both models' answers, if the exam has them; without it Comprehend's averages
    decide. `uses`: how many promotions this exam (its digest) has decided before.
    """
    if exam.candidate is None:
        return Verdict("NO_CHANGE", "The iteration trained no new model.")
    first = baseline is None
    failed = _must_pass_failures(exam.must_pass)
    obstacle = _obstacle(policy, exam, baseline, sheet)
    rules = [rule for gate in policy.gates for rule in rules_of(gate, first=first)]
    results: tuple[GateResult, ...] = ()
    if obstacle is None:
        evidence = _evidence(policy, exam, sheet, first=first)
        results = tuple(judge_rule(rule, evidence, policy, first=first) for rule in rules)
        obstacle = _nothing_to_judge_by(policy, rules, first=first)
    remarks = (*_remarks(policy, sheet, uses), *_shadows(results))
    return _sum_up(failed, obstacle, results, remarks)


def _evidence(policy: Policy, exam: Exam, sheet: Sheet | None, *, first: bool) -> Evidence:
    """Return the exam's numbers; of a first model without those of any other, whatever the exam has."""
    if sheet is not None:
        return Answered(replace(sheet, has_baseline=False) if first else sheet)
    return Averages(replace(exam, baseline_metrics=None) if first else exam, policy.overall)


def _must_pass_failures(must_pass: MustPass | None) -> str | None:
    if must_pass is None or not (must_pass.failures or must_pass.failed):
        return None
    failures = max(must_pass.failures, len(must_pass.failed))
    places = ", ".join(must_pass.failed[:5]) + (f" and {failures - 5:,} more" if failures > 5 else "")
    return (
        f"The candidate answers {failures:,} of {must_pass.documents:,} must-pass "
        f"document{'' if must_pass.documents == 1 else 's'} wrongly: {places}."
    )


def _obstacle(policy: Policy, exam: Exam, baseline: str | None, sheet: Sheet | None) -> str | None:
    """Return why the two models' numbers cannot be compared, with the remedy; None if they can."""
    compared = baseline is not None
    obstacles = (
        (exam.obstacle is not None, exam.obstacle or ""),
        (not exam.has_test_data, _NO_TEST_DATA),
        (compared and exam.scored_baseline is None, "The active model did not sit this exam."),
        (exam.scored_baseline != baseline, _OTHER_BASELINE),
        (compared and not _same_documents(exam), _OTHER_DOCUMENTS),
        (exam.kind == "golden" and sheet is None, "The answers to the golden exam are missing."),
        (compared and sheet is not None and not sheet.has_baseline, "The active model's answers are missing."),
        (bool(policy.exam.must_pass) and not (exam.must_pass and exam.must_pass.documents), _NOT_ASKED),
    )
    return next((words for stands, words in obstacles if stands), None)


def _same_documents(exam: Exam) -> bool:
    """Tell whether both models sat the same documents.

    One iteration scores both on the same datasets, so without digests its averages are still of one exam.
    """
    if exam.candidate_digest is None and exam.baseline_digest is None:
        return exam.kind == "iteration"
    return exam.candidate_digest == exam.baseline_digest


def _nothing_to_judge_by(policy: Policy, rules: list[Rule], *, first: bool) -> str | None:
    if any(rule.gate.mode == "enforce" for rule in rules):
        return None
    if not policy.gates:
        return "The policy has no gate, so nothing can pass: give it one."
    if all(gate.mode == "shadow" for gate in policy.gates):
        return "All gates of the policy are shadow gates, so nothing can pass: let one of them say mode: enforce."
    assert first
    return "No gate of the policy can judge a first model: give one of them an at_least."


def _remarks(policy: Policy, sheet: Sheet | None, uses: int) -> list[str]:
    remarks = []
    if uses >= policy.exam.warn_after:
        remarks.append(
            f"This exam has decided {uses:,} promotion{'' if uses == 1 else 's'}: models come to fit it by chance. "
            "Drop fresh TEST documents."
        )
    if sheet is not None:
        silent = (("candidate", sheet.unanswered_candidate), ("active model", sheet.unanswered_baseline))
        remarks += [f"The {model} gave no answer to {_wrong(number)}." for model, number in silent if number]
    return remarks


def _wrong(documents: int) -> str:
    return "1 document, which counts as wrong" if documents == 1 else f"{documents:,} documents, which count as wrong"


def _shadows(results: tuple[GateResult, ...]) -> list[str]:
    return [
        f"A shadow gate, which decides nothing, would have said {_SHADOW[result.word]}: {result.words}"
        for result in results
        if result.mode == "shadow" and result.word != "met"
    ]


_SHADOW = {"missed": "FAIL", "undecided": "INCONCLUSIVE", "unknown": "INCONCLUSIVE"}


def _sum_up(
    failed: str | None, obstacle: str | None, results: tuple[GateResult, ...], remarks: tuple[str, ...]
) -> Verdict:
    enforced = [result for result in results if result.mode == "enforce"]
    missed = [result for result in enforced if result.word == "missed"]
    open_ones = [result for result in enforced if result.word in {"unknown", "undecided"}]
    if failed is not None or missed:
        reasons = [*([failed] if failed else []), *(result.words for result in missed)]
        return Verdict("FAIL", " ".join(reasons), any(r.regression for r in missed), results, remarks)
    if obstacle is not None or open_ones:
        reason = obstacle or " ".join(result.words for result in open_ones)
        return Verdict("INCONCLUSIVE", reason, gates=results, remarks=remarks)
    return Verdict("PASS", " ".join(result.words for result in enforced), gates=results, remarks=remarks)
