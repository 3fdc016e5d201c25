"""The sentences of a verdict, for reviewers: what was measured, what is asked for, how sure that is."""

from collections.abc import Sequence

from governor.domain.gates import MetricName, share_or_points
from governor.domain.judgement.evidence import Statistic
from governor.domain.judgement.intervals import MOST_NEEDED
from governor.domain.judgement.rules import BARE, ROUNDING, Finding, Rule
from governor.domain.verdict import SHOWN, Interval

_LONGEST = 60
_TOLD = 5


def sentence(
    rule: Rule, finding: Finding, label: str, decided_by: str | None, margin: float, left_out: Sequence[str]
) -> str:
    """Return what a rule came to.

    `label`: what it is about; `decided_by`: the label that decided, of `*` and `worst`; `margin`: how much worse is a
    regression; `left_out`: labels without enough test documents.
    """
    name, statistic = name_of(rule.gate.metric, label, decided_by), finding.statistic
    if statistic is None or statistic.candidate is None or finding.word == "unknown":
        return f"{name}: {_nothing(rule, finding)}."
    told = f"{name} {number(statistic.candidate)}"
    if statistic.baseline is not None:
        told += f" against {number(statistic.baseline)}"
    parts = [_asked(rule, statistic, finding), *_certainty(rule, finding, statistic)]
    if finding.regression:
        parts.append(f"worse than the active model by more than the margin of {number(margin)}")
    if left_out:
        parts.append(f"not judged for want of test documents: {listed(left_out)}")
    return f"{told}: {finding.word}, {'; '.join(parts)}."


def name_of(metric: MetricName, label: str, decided_by: str | None) -> str:
    """Return what is measured: `Macro F1`, `Recall of complaint`, `Worst F1 (of complaint)`."""
    shown = SHOWN[metric]
    if metric == "accuracy":
        return shown
    match label:
        case "macro" | "micro" | "worst":
            lowered = shown if metric == "f1" else shown.lower()
            return f"{label.capitalize()} {lowered}" + (f" (of {short(decided_by)})" if decided_by else "")
        case "*":
            return f"{shown} of {short(decided_by)}" if decided_by else f"{shown} of every label"
    return f"{shown} of {short(label)}"


def short(label: str) -> str:
    """Return a label's name, cut where a line would be too long."""
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 3]}..."


def listed(labels: Sequence[str]) -> str:
    """Return the first of some labels, and how many more there are."""
    told = ", ".join(short(label) for label in labels[:_TOLD])
    return told if len(labels) <= _TOLD else f"{told} and {len(labels) - _TOLD} more"


def number(value: float, *, signed: bool = False) -> str:
    """Return a fraction with four decimals; a difference that rounds to nothing has no sign."""
    text = f"{value:+.4f}" if signed else f"{value:.4f}"
    return "0.0000" if text in {"+0.0000", "-0.0000"} else text


def counted(documents: int) -> str:
    """Return `1 test document` or `3,200 test documents`."""
    return f"{documents:,} test document{'' if documents == 1 else 's'}"


def amount(threshold: float | str) -> str:
    """Return a threshold: points with four decimals, or a share of the active model's value."""
    value, relative = share_or_points(threshold)
    return f"{100 * abs(value):g} % of the active model's value" if relative else number(abs(value))


def percent(share: float) -> str:
    """Return `95 %` or `97.5 %`."""
    return f"{100 * share:.10g} %"


def between(confidence: float, interval: Interval, *, signed: bool) -> str:
    """Return both ends. Each is a bound of its own: what lies between them holds with twice the doubt."""
    inside = percent(round(2 * confidence - 1, 12))
    return f"{inside} sure between {number(interval.low, signed=signed)} and {number(interval.high, signed=signed)}"


def _nothing(rule: Rule, finding: Finding) -> str:
    if finding.too_few:
        return f"no label has the {counted(rule.gate.min_support)} of min_support"
    statistic = finding.statistic
    if statistic is None:
        return "this exam has nothing to tell it by"
    whose = "the candidate" if statistic.candidate is None else "the active model"
    return f"there is no usable number for {whose}"


def _asked(rule: Rule, statistic: Statistic, finding: Finding) -> str:
    """Return what was found and what is asked for: `a gain of +0.0285 (90 % sure between ...) where ...`."""
    confidence, interval = rule.gate.confidence, finding.interval
    sure = ""
    if interval is not None and confidence > BARE:
        sure = f" ({between(confidence, interval, signed=rule.compares)})"
    if not rule.compares or statistic.baseline is None or statistic.candidate is None:
        where = "not under" if finding.slack >= -ROUNDING else "under"
        return f"{where} the floor of {number(rule.asked)}{sure}"
    gain = statistic.candidate - statistic.baseline
    found = f"a {'gain' if gain > 0 else 'difference'} of {number(gain, signed=True)}"
    if number(gain) == "0.0000":
        found = "no difference"
    if rule.any_gain:
        sharp = rule.name == "gain_at_least" and confidence > BARE
        wanted = "any gain is asked for" if sharp else "no loss is allowed"
    elif rule.asked > 0:
        wanted = f"a gain of {amount(rule.threshold)} is asked for"
    else:
        wanted = f"a loss of {amount(rule.threshold)} is allowed"
    return f"{found}{sure} where {wanted}"


def _certainty(rule: Rule, finding: Finding, statistic: Statistic) -> list[str]:
    parts = []
    if (
        finding.chance is not None
        and statistic.candidate is not None
        and statistic.candidate > (statistic.baseline or 0.0)
    ):
        chance = "less than 0.1 %" if finding.chance < 0.001 else f"{100 * finding.chance:.1f} %"
        parts.append(f"chance alone gives as much in {chance} of such exams")
    if finding.too_few:
        rests = "an unknown number of test documents" if statistic.support is None else counted(statistic.support)
        parts.append(f"it rests on {rests}, min_support is {rule.gate.min_support:,}")
    elif finding.word == "undecided" and finding.interval is None:
        parts.append("how sure that is cannot be told, because the number of test documents is not known")
    if finding.word == "undecided" and finding.needed is not None:
        parts.append(_needs(finding.needed))
    return parts


def _needs(documents: int) -> str:
    if documents >= MOST_NEEDED:
        return f"too close to call, as the numbers stand not even {MOST_NEEDED:,} more test documents would settle it"
    return f"about {documents:,} more test document{'' if documents == 1 else 's'} would settle it"
