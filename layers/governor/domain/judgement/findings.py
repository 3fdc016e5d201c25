"""One rule held against the evidence: met, missed, undecided or unknown."""

from dataclasses import replace

from governor.domain.gates import EVERY_LABEL
from governor.domain.judgement.evidence import Evidence, Statistic
from governor.domain.judgement.intervals import needed_for_gap
from governor.domain.judgement.rules import BARE, ROUNDING, Finding, Rule, Word
from governor.domain.judgement.words import sentence
from governor.domain.policy import Policy
from governor.domain.verdict import GateResult, Interval

_REGRESSION = 0.95
"""So sure a regression is at least."""
_WORST_FIRST: tuple[Word, ...] = ("missed", "unknown", "undecided", "met")


def judge_rule(rule: Rule, evidence: Evidence, policy: Policy, *, first: bool) -> GateResult:
    """Return how `rule` is met. `first`: there is no active model to compare with."""
    gate, label = rule.gate, rule.gate.label or policy.overall
    left_out: list[str] = []
    if gate.label == EVERY_LABEL:
        finding, left_out = _of_every_label(rule, evidence, policy, first=first)
    else:
        statistic = evidence.statistic(gate.metric, label, gate.min_support)
        finding = _try(rule, statistic, policy, first=first, of=1)
        if statistic is None and label == "worst":
            finding = _too_few(rule, evidence)
    statistic = finding.statistic
    decided_by = statistic.label if statistic is not None and gate.label in {EVERY_LABEL, "worst"} else None
    return GateResult(
        metric=gate.metric,
        candidate=statistic.candidate if statistic else None,
        baseline=statistic.baseline if statistic else None,
        word=finding.word,
        regression=finding.regression,
        words=sentence(rule, finding, label, decided_by, policy.regression_margin, left_out),
        label=gate.label,
        decided_by=decided_by,
        rule=rule.name,
        threshold=rule.threshold,
        confidence=gate.confidence,
        mode=gate.mode,
        interval=finding.interval,
        support=statistic.support if statistic else None,
        needed=finding.needed,
    )


def _of_every_label(rule: Rule, evidence: Evidence, policy: Policy, *, first: bool) -> tuple[Finding, list[str]]:
    """Each label must meet the rule: met needs no correction for their number, a certain miss does.

    Returns the finding of the label that decides, and the labels with too few test documents.
    Source: Berger (1982), Multiparameter hypothesis testing and acceptance sampling (intersection-union tests).
    """
    judged, left_out = evidence.labels(rule.gate.min_support)
    if not judged:
        return _too_few(rule, evidence), []
    found = [
        _try(rule, evidence.of_label(rule.gate.metric, label), policy, first=first, of=len(judged)) for label in judged
    ]
    word = min((finding.word for finding in found), key=_WORST_FIRST.index)
    deciding = min((finding for finding in found if finding.word == word), key=lambda finding: finding.slack)
    needs = [finding.needed for finding in found if finding.needed is not None]
    most = max(needs) if word == "undecided" and needs else None
    return replace(deciding, needed=most, regression=any(finding.regression for finding in found)), left_out


def _too_few(rule: Rule, evidence: Evidence) -> Finding:
    """Return what to say when no label has enough test documents: undecided if any has some."""
    most = max((evidence.support(label) for label in evidence.labels(0)[0]), default=0)
    if not most or not rule.gate.min_support:
        return Finding("unknown", None)
    return Finding("undecided", None, needed=max(1, rule.gate.min_support - most), too_few=True)


def _try(rule: Rule, statistic: Statistic | None, policy: Policy, *, first: bool, of: int) -> Finding:
    """Judge one label; `of`: how many are judged together."""
    if statistic is None or statistic.candidate is None or (not first and statistic.baseline is None):
        return Finding("unknown", statistic)
    gate = rule.gate
    finding = _decide(rule, statistic, statistic.candidate, of)
    missing = gate.min_support - (statistic.support or 0)
    if missing > 0:
        needed = max(missing, finding.needed or 0) if statistic.support is not None else None
        finding = replace(finding, word="undecided", needed=needed, too_few=True)
    if not _is_loss(statistic, policy):
        return finding
    if _is_sure_loss(statistic, rule, of):
        return replace(finding, word="missed", needed=None, regression=True)
    return _with_unsure_loss(finding, statistic, rule) if not statistic.by_answers else finding


def _decide(rule: Rule, statistic: Statistic, candidate: float, of: int) -> Finding:
    confidence = rule.gate.confidence
    slack = rule.slack(candidate, statistic.baseline)
    reached = slack >= -ROUNDING
    found = Finding("undecided", statistic, slack)
    if confidence <= BARE:
        return replace(found, word="met" if reached else "missed")
    bounds = _bounds(rule, statistic, slack, of)
    if bounds is None:
        return found
    shown, surely, hardly = bounds
    found = replace(found, interval=shown, chance=statistic.chance(confidence) if rule.any_gain else None)
    if reached and _is_met(rule, statistic, surely):
        return replace(found, word="met")
    if not reached and _is_missed(rule, statistic, hardly, of):
        return replace(found, word="missed")
    needed = statistic.needed_for_any_gain(confidence) if rule.any_gain else None
    if needed is None and statistic.documents is not None:
        reach = slack - surely if reached else hardly - slack
        needed = needed_for_gap(statistic.documents, reach, slack, confidence)
    return replace(found, needed=needed)


def _bounds(rule: Rule, statistic: Statistic, slack: float, of: int) -> tuple[Interval, float, float] | None:
    """Return the interval to show, and two bounds of the slack: surely above, hardly above. None: it is not known."""
    confidence = rule.gate.confidence
    strict = 1 - (1 - confidence) / of
    candidate, baseline = statistic.candidate or 0.0, statistic.baseline or 0.0
    if rule.compares:
        shown, wide = statistic.gain_bounds(confidence, rule.times), statistic.gain_bounds(strict, rule.times)
        middle, told = candidate - rule.times * baseline, candidate - baseline
    else:
        shown, wide = statistic.value_bounds(confidence), statistic.value_bounds(strict)
        middle = told = candidate
    if shown is None or wide is None:
        return None
    interval = Interval(told + shown.low - middle, told + shown.high - middle)
    return interval, slack + shown.low - middle, slack + wide.high - middle


def _is_met(rule: Rule, statistic: Statistic, surely: float) -> bool:
    """Tell whether a rule that the bare numbers meet is met for certain.

    Whether there is any gain at all is a question for a test, which is sharper than an interval. Who asks for more
    cannot be content with less than that, and who asks for less is content with it.
    """
    inside, confidence = surely >= -ROUNDING, rule.gate.confidence
    if not rule.compares:
        return inside
    if rule.asked < 0:
        return inside or statistic.surely_higher(confidence)
    return (inside or rule.any_gain) and statistic.surely_higher(confidence)


def _is_missed(rule: Rule, statistic: Statistic, hardly: float, of: int) -> bool:
    """Tell whether a rule that the bare numbers do not meet is missed for certain."""
    outside, strict = hardly < -ROUNDING, 1 - (1 - rule.gate.confidence) / of
    if not rule.compares:
        return outside
    if rule.asked > 0:
        return outside or statistic.surely_lower(strict)
    return (outside or rule.any_gain) and statistic.surely_lower(strict)


def _is_loss(statistic: Statistic, policy: Policy) -> bool:
    """Tell whether the bare numbers are worse by more than the margin."""
    if statistic.candidate is None or statistic.baseline is None:
        return False
    return statistic.baseline - statistic.candidate > policy.regression_margin + ROUNDING


def _is_sure_loss(statistic: Statistic, rule: Rule, of: int) -> bool:
    """Tell whether it is a loss for certain.

    Averages are taken at their word where the gate compares bare numbers, or where nobody knows how sure they are.
    """
    confidence = _sureness(rule, of)
    if not statistic.by_answers and (rule.gate.confidence <= BARE or statistic.gain_bounds(confidence, 1.0) is None):
        return True
    return statistic.surely_lower(confidence)


def _sureness(rule: Rule, of: int) -> float:
    return 1 - (1 - max(rule.gate.confidence, _REGRESSION)) / of


def _with_unsure_loss(finding: Finding, statistic: Statistic, rule: Rule) -> Finding:
    """Return the finding where averages lost more than the margin, and that may be chance: never met.

    Their intervals are wide, as nothing cancels out between two averages: neither is such a model let in for want of
    proof that it is worse, nor does chance hold the flywheel.
    """
    finding = replace(finding, unsure_loss=True)
    if finding.word != "met":
        return finding
    confidence, needed = _sureness(rule, 1), None
    bounds = statistic.gain_bounds(confidence, 1.0)
    if bounds is not None and statistic.documents is not None:
        loss = (statistic.baseline or 0.0) - (statistic.candidate or 0.0)
        needed = needed_for_gap(statistic.documents, bounds.high + loss, loss, confidence)
    return replace(finding, word="undecided", needed=needed)
