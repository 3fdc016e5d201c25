"""The sentences of a verdict, for reviewers: what was measured, what is asked for, how sure that is."""

from collections.abc import Sequence

from governor.domain.gates import EVERY_LABEL, MetricName, share_or_points
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
    loss = (statistic.baseline or 0.0) - statistic.candidate
    if finding.regression and loss > margin + ROUNDING:
        found = _regression(rule, finding, statistic, loss, margin, one_label=label != EVERY_LABEL)
    else:
        found = _asked(rule, statistic, finding)
    parts = [found, *_certainty(rule, finding, statistic)]
    if finding.regression and loss <= margin + ROUNDING:
        parts.append(
            f"another label is a regression, below the active model by more than the margin of {number(margin)}"
        )
    if finding.unsure_loss:
        parts.insert(
            1,
            f"{number(loss)} below the active model, more than the margin of {number(margin)}, which averages of "
            "so few documents do not tell from chance",
        )
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
    inside = percent(2 * confidence - 1)
    return f"{inside} sure between {number(interval.low, signed=signed)} and {number(interval.high, signed=signed)}"


def _nothing(rule: Rule, finding: Finding) -> str:
    if finding.too_few:
        return f"no label has the {counted(rule.gate.min_support)} of min_support"
    statistic = finding.statistic
    if statistic is None:
        return "this exam has nothing to tell it by"
    whose = "the candidate" if statistic.candidate is None else "the active model"
    return f"there is no usable number for {whose}"


def _regression(
    rule: Rule, finding: Finding, statistic: Statistic, loss: float, margin: float, *, one_label: bool
) -> str:
    """Return what decided, the regression, and then how the rule itself stands.

    `one_label`: the finding is of one label (or overall metric). Of every label, one whose own rule is missed may have
    been chosen for that, while it is another one that is surely worse: then nothing is said of how sure it is.
    """
    kept = finding.slack >= -ROUNDING
    tested = statistic.by_answers or (rule.gate.confidence > BARE and finding.interval is not None)
    certain = ", and surely worse" if tested and (one_label or kept) else ""
    lead = f"a regression: {number(loss)} below the active model, more than the margin of {number(margin)}{certain}"
    sure = _sure(rule, finding)
    if not rule.compares:
        floor = f"under the floor of {number(rule.asked)}{sure}"
        return f"{lead}, though not {floor}" if kept else f"{lead}; also {floor}"
    if rule.asked >= 0:
        return f"{lead}; {_wanted(rule)}{sure}"
    allowed = f"the loss of {amount(rule.threshold)} that is allowed{sure}"
    return f"{lead}, though within {allowed}" if kept else f"{lead}; also more than {allowed}"


def _asked(rule: Rule, statistic: Statistic, finding: Finding) -> str:
    """Return what was found and what is asked for: `a gain of +0.0285 (90 % sure between ...) where ...`."""
    sure = _sure(rule, finding)
    if not rule.compares or statistic.baseline is None or statistic.candidate is None:
        where = "not under" if finding.slack >= -ROUNDING else "under"
        return f"{where} the floor of {number(rule.asked)}{sure}"
    gain = statistic.candidate - statistic.baseline
    found = f"a {'gain' if gain > 0 else 'difference'} of {number(gain, signed=True)}"
    if number(gain) == "0.0000":
        found = "no difference"
    return f"{found}{sure} where {_wanted(rule)}"


def _sure(rule: Rule, finding: Finding) -> str:
    """Return the interval in brackets; nothing where the bare numbers decide, or where it is not known."""
    if finding.interval is None:
        return ""
    told = between(rule.gate.confidence, finding.interval, signed=rule.compares)
    return f" (the difference is {told})" if finding.regression and rule.compares else f" ({told})"


def _wanted(rule: Rule) -> str:
    """Return what a rule that compares the two models asks for."""
    if rule.any_gain:
        sharp = rule.name == "gain_at_least" and rule.gate.confidence > BARE
        return "any gain is asked for" if sharp else "no loss is allowed"
    if rule.asked > 0:
        return f"a gain of {amount(rule.threshold)} is asked for"
    return f"a loss of {amount(rule.threshold)} is allowed"


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
