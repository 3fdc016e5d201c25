"""The sentences of a verdict, for reviewers: what was measured, what is asked for, how sure that is."""

from governor.domain.gates import MetricName, share_or_points
from governor.domain.verdict import SHOWN, Interval

_LONGEST = 60
_TOLD = 5


def name_of(metric: MetricName, label: str | None, decided_by: str | None) -> str:
    """Return what is measured: `Macro F1`, `Recall of complaint`, `Worst F1 (of complaint)`."""
    shown = SHOWN[metric]
    match label:
        case None:
            return shown
        case "macro" | "micro" | "worst":
            lowered = shown if metric == "f1" else shown.lower()
            return f"{label.capitalize()} {lowered}" + (f" (of {short(decided_by)})" if decided_by else "")
        case "*":
            return f"{shown} of {short(decided_by)}" if decided_by else f"{shown} of every label"
    return f"{shown} of {short(label)}"


def short(label: str) -> str:
    """Return a label's name, cut where a line would be too long."""
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 3]}..."


def listed(labels: list[str]) -> str:
    """Return the first of some labels, and how many more there are."""
    told = ", ".join(short(label) for label in labels[:_TOLD])
    return told if len(labels) <= _TOLD else f"{told} and {len(labels) - _TOLD} more"


def amount(value: float | str, *, signed: bool = True) -> str:
    """Return a threshold as the policy has it: points with four decimals, or a share of the active model's value."""
    number, relative = share_or_points(value)
    if relative:
        return f"{100 * number:+g} %" if signed else f"{100 * number:g} %"
    return f"{number:+.4f}" if signed else f"{number:.4f}"


def sure(confidence: float) -> str:
    """Return `95 % sure`."""
    return f"{100 * confidence:g} % sure"


def between(confidence: float, interval: Interval, *, signed: bool) -> str:
    """Return both ends. Each is a bound of its own: what lies between them holds with twice the doubt."""
    inside = round(2 * confidence - 1, 12)
    return f"{sure(inside)} between {number(interval.low, signed=signed)} and {number(interval.high, signed=signed)}"


def number(value: float, *, signed: bool = False) -> str:
    """Return a fraction with four decimals; a difference that rounds to nothing has no sign."""
    text = f"{value:+.4f}" if signed else f"{value:.4f}"
    return "0.0000" if text in {"+0.0000", "-0.0000"} else text


def needs(documents: int, most: int) -> str:
    """Return about how many more test documents would settle it."""
    if documents >= most:
        return f"not even {most:,} more test documents would settle it as the numbers stand"
    return f"about {documents:,} more test document{'' if documents == 1 else 's'} would settle it"
