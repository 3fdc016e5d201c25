"""One rule of one gate, held against the evidence: met, missed, undecided or unknown, with its sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from governor.domain.gates import EVERY_LABEL, Gate, share_or_points
from governor.domain.judgement import words
from governor.domain.judgement.evidence import Evidence, Statistic
from governor.domain.judgement.intervals import MOST_NEEDED, needed_for_gap
from governor.domain.policy import Policy
from governor.domain.verdict import GateResult, Interval

RuleName = Literal["at_least", "gain_at_least", "drop_at_most"]
Word = Literal["met", "missed", "undecided", "unknown"]

ROUNDING = 1e-9
"""0.87 - 0.85 is a hair under 0.02 in binary; a threshold is met when only that hair is missing."""
_BARE = 0.5
"""At this confidence the bare numbers decide."""
_REGRESSION = 0.95
"""So sure a regression is at least, if there are answers to be sure by."""


@dataclass(frozen=True)
class Rule:
    """A gate asks for up to three things; each is a rule."""

    gate: Gate
    name: RuleName
    threshold: float | str

    @property
    def compares(self) -> bool:
        """Whether it needs the active model's value."""
        return self.name != "at_least"

    @property
    def asked(self) -> float:
        """The least value, or the least gain; negative for a loss that is allowed. In points or as a share."""
        amount = share_or_points(self.threshold)[0]
        return -amount if self.name == "drop_at_most" else amount

    @property
    def times(self) -> float:
        """The active model's value times this is what the candidate must reach, besides points."""
        return 1 + self.asked if self.compares and share_or_points(self.threshold)[1] else 1.0

    def slack(self, candidate: float, baseline: float | None) -> float:
        """Return by how much the bare numbers meet the rule; negative: by how much they do not."""
        if not self.compares or baseline is None:
            return candidate - self.asked
        return candidate - self.times * baseline - (self.asked if self.times == 1 else 0.0)


def rules_of(gate: Gate, *, first: bool) -> list[Rule]:
    """Return the rules of a gate; of a first model, which has nothing to be compared with, the floor alone."""
    names: Sequence[RuleName] = ("at_least",) if first else ("at_least", "gain_at_least", "drop_at_most")
    return [Rule(gate, name, getattr(gate, name)) for name in names if getattr(gate, name) is not None]


@dataclass(frozen=True)
class _Finding:
    """What a rule comes to for one label (or one overall metric)."""

    word: Word
    statistic: Statistic | None
    slack: float = 0.0
    interval: Interval | None = None
    needed: int | None = None
    regression: bool = False
    too_few: int = 0


def judge_rule(rule: Rule, evidence: Evidence, policy: Policy, *, first: bool) -> GateResult:
    """Return how `rule` is met."""
    gate = rule.gate
    if gate.label == EVERY_LABEL:
        return _of_every_label(rule, evidence, policy, first=first)
    label = gate.label or policy.overall
    finding = _try(rule, evidence.statistic(gate.metric, label, gate.min_support), policy, first=first, of=1)
    return _result(rule, finding, policy)


def _of_every_label(rule: Rule, evidence: Evidence, policy: Policy, *, first: bool) -> GateResult:
    """Each label must meet the rule: met needs no correction for their number, a certain miss does.

    Source: Berger (1982), Multiparameter hypothesis testing and acceptance sampling (intersection-union tests).
    """
    gate, parts = rule.gate, evidence.labels(rule.gate.min_support)
    judged, left_out = parts or ([], [])
    if not judged:
        return _result(rule, _Finding("unknown", None), policy)
    found = [
        _try(rule, evidence.statistic(gate.metric, label, gate.min_support), policy, first=first, of=len(judged))
        for label in judged
    ]
    order: tuple[Word, ...] = ("missed", "unknown", "undecided", "met")
    word = next(word for word in order if any(finding.word == word for finding in found))
    deciding = min((finding for finding in found if finding.word == word), key=lambda finding: finding.slack)
    needs = [finding.needed for finding in found if finding.word == "undecided" and finding.needed is not None]
    deciding = _Finding(
        word,
        deciding.statistic,
        deciding.slack,
        deciding.interval,
        max(needs) if word == "undecided" and needs else None,
        any(finding.regression for finding in found),
    )
    return _result(rule, deciding, policy, left_out)


def _try(rule: Rule, statistic: Statistic | None, policy: Policy, *, first: bool, of: int) -> _Finding:
    """Judge one label; `of`: how many are judged together."""
    if statistic is None or statistic.candidate is None or (not first and statistic.baseline is None):
        return _Finding("unknown", statistic)
    gate, baseline = rule.gate, statistic.baseline
    regression = baseline is not None and _is_regression(statistic, baseline, rule, policy, of)
    slack = rule.slack(statistic.candidate, baseline)
    word, interval, needed = _decide(rule, statistic, slack, of)
    missing = gate.min_support - statistic.support if statistic.support is not None else None
    if gate.min_support and (missing is None or missing > 0) and gate.label != "worst":
        needed = None if missing is None else max(missing, needed or 0)
        word = "undecided"
    return _Finding(
        "missed" if regression else word,
        statistic,
        slack,
        interval,
        None if regression or word != "undecided" else needed,
        regression,
        missing if missing is not None and missing > 0 else 0,
    )


def _decide(rule: Rule, statistic: Statistic, slack: float, of: int) -> tuple[Word, Interval | None, int | None]:
    """Return the word, the interval to show, and what is needed if the word is `undecided`."""
    confidence = rule.gate.confidence
    reached = slack >= -ROUNDING
    if confidence <= _BARE:
        return "met" if reached else "missed", None, None
    bounds = _bounds(rule, statistic, confidence, slack, of)
    if bounds is None:
        return "undecided", None, None
    shown, surely, hardly = bounds
    if reached and _is_met(rule, statistic, surely):
        return "met", shown, None
    if not reached and _is_missed(rule, statistic, hardly, of):
        return "missed", shown, None
    needed = statistic.needed_for_any_gain(confidence) if rule.asked == 0 and rule.compares else None
    if needed is None and statistic.documents is not None:
        reach = slack - surely if reached else hardly - slack
        needed = needed_for_gap(statistic.documents, reach, slack, confidence)
    return "undecided", shown, needed


def _is_met(rule: Rule, statistic: Statistic, surely: float) -> bool:
    """Tell whether a rule that the bare numbers meet is met for certain.

    Any gain at all is a question for a test, which is sharper than an interval. Whoever asks for more cannot be content
    with less, and whoever asks for less is content with it.
    """
    inside, confidence = surely >= -ROUNDING, rule.gate.confidence
    if not rule.compares:
        return inside
    if rule.asked < 0:
        return inside or statistic.surely_higher(confidence)
    return (inside or rule.asked == 0) and statistic.surely_higher(confidence)


def _is_missed(rule: Rule, statistic: Statistic, hardly: float, of: int) -> bool:
    outside, strict = hardly < -ROUNDING, 1 - (1 - rule.gate.confidence) / of
    if not rule.compares:
        return outside
    if rule.asked > 0:
        return outside or statistic.surely_lower(strict)
    return (outside or rule.asked == 0) and statistic.surely_lower(strict)


def _bounds(
    rule: Rule, statistic: Statistic, confidence: float, slack: float, of: int
) -> tuple[Interval, float, float] | None:
    """Return the interval to show, and two bounds of the slack: surely above, hardly above. None: it is not known."""
    strict = 1 - (1 - confidence) / of
    if rule.compares:
        shown, wide = statistic.gain_bounds(confidence, rule.times), statistic.gain_bounds(strict, rule.times)
        centre = (statistic.candidate or 0.0) - rule.times * (statistic.baseline or 0.0)
    else:
        shown, wide = statistic.value_bounds(confidence), statistic.value_bounds(strict)
        centre = statistic.candidate or 0.0
    if shown is None or wide is None:
        return None
    surely, hardly = slack + shown.low - centre, slack + wide.high - centre
    if rule.compares:
        gain = (statistic.candidate or 0.0) - (statistic.baseline or 0.0)
        shown = Interval(gain + shown.low - centre, gain + shown.high - centre)
    return shown, surely, hardly


def _is_regression(statistic: Statistic, baseline: float, rule: Rule, policy: Policy, of: int) -> bool:
    """Tell whether the candidate is worse by more than the margin and, where answers tell, surely worse at all."""
    if statistic.candidate is None or baseline - statistic.candidate <= policy.regression_margin + ROUNDING:
        return False
    confidence = 1 - (1 - max(rule.gate.confidence, _REGRESSION)) / of
    return not statistic.by_answers or statistic.surely_lower(confidence)


# ---- the result, in numbers and words --------------------------------------------------------------------------------


def _result(rule: Rule, finding: _Finding, policy: Policy, left_out: Sequence[str] = ()) -> GateResult:
    gate, statistic = rule.gate, finding.statistic
    decided_by = statistic.label if statistic is not None and gate.label in {EVERY_LABEL, "worst"} else None
    return GateResult(
        metric=gate.metric,
        candidate=statistic.candidate if statistic else None,
        baseline=statistic.baseline if statistic else None,
        word=finding.word,
        regression=finding.regression,
        words=_sentence(rule, finding, policy, decided_by, left_out),
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


def _sentence(rule: Rule, finding: _Finding, policy: Policy, decided_by: str | None, left_out: Sequence[str]) -> str:
    gate, statistic = rule.gate, finding.statistic
    name = words.name_of(gate.metric, gate.label, decided_by)
    if statistic is None or finding.word == "unknown":
        return f"{name}: {_unknown(statistic)}."
    assert statistic.candidate is not None
    told = f"{name} {words.number(statistic.candidate)}"
    if statistic.baseline is not None:
        told += f" against {words.number(statistic.baseline)}"
    parts = [_asked(rule, statistic, finding), *_certainty(rule, finding)]
    if finding.regression:
        parts.append(f"worse than the active model by more than the margin of {words.number(policy.regression_margin)}")
    if left_out:
        parts.append(f"not judged for want of test documents: {words.listed(list(left_out))}")
    return f"{told}: {'; '.join(parts)}."


def _unknown(statistic: Statistic | None) -> str:
    if statistic is None:
        return "there are no test documents to tell it by"
    whose = "the candidate" if statistic.candidate is None else "the active model"
    return f"there is no usable number for {whose}"


def _asked(rule: Rule, statistic: Statistic, finding: _Finding) -> str:
    assert statistic.candidate is not None
    reached = finding.slack >= -ROUNDING
    if not rule.compares or statistic.baseline is None:
        floor = words.amount(rule.threshold, signed=False)
        return f"not under the floor of {floor}" if reached else f"under the floor of {floor}"
    gain = statistic.candidate - statistic.baseline
    if rule.name == "drop_at_most":
        allowed = words.amount(rule.threshold, signed=False)
        if gain >= 0:
            return f"no loss, where {allowed} is allowed"
        return f"a loss of {words.number(-gain)} where {allowed} is allowed"
    asked = words.amount(rule.threshold)
    return f"a gain of {words.number(gain, signed=True)} where {asked} is asked for"


def _certainty(rule: Rule, finding: _Finding) -> list[str]:
    confidence, interval = rule.gate.confidence, finding.interval
    parts = []
    if finding.too_few:
        parts.append(f"resting on {finding.too_few:,} test documents fewer than min_support wants")
    if confidence > _BARE:
        if interval is None:
            parts.append("how sure that is cannot be told, because the number of test documents is not known")
        else:
            parts.append(words.between(confidence, interval, signed=rule.compares))
    if finding.word == "undecided" and finding.needed is not None:
        parts.append(f"too close to call, {words.needs(finding.needed, MOST_NEEDED)}")
    return parts
