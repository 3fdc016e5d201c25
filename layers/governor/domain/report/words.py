"""What a report says in sentences: the decision, what follows it, and each rule of the policy."""

from datetime import datetime

from governor.domain.gates import EVERY_LABEL, MetricName, Overall, share_or_points
from governor.domain.outcome import Outcome
from governor.domain.policy import Policy
from governor.domain.suspects import Suspect
from governor.domain.verdict import SHOWN, Exam, GateResult, Verdict

_DECIDING = {"PASS": ("met",), "FAIL": ("missed",), "INCONCLUSIVE": ("undecided", "unknown")}
_MANY = 3
"""From so many gates on, a summary names the first and counts the others."""
MINUS = "\N{MINUS SIGN}"


def headline(batch: int, verdict: Verdict, exam: Exam, outcome: Outcome, *, has_baseline: bool) -> str:
    """Return the decision in one sentence."""
    match verdict.word:
        case "PASS":
            ends = {
                "PROMOTE": "its model becomes active" if has_baseline else "its model becomes the first active one",
                "ASK": "its model waits for approval",
                "KEEP": "its model is not used",
            }
            return f"Batch {batch} passes: {ends[outcome.action]}."
        case "FAIL":
            return f"Batch {batch} fails: {_fault(verdict, exam)}."
        case "INCONCLUSIVE":
            ends_open = {"ASK": "people decide", "KEEP": "its model is not used", "PROMOTE": "its model becomes active"}
            return f"Batch {batch} cannot be judged for sure: {ends_open[outcome.action]}."
    return f"Batch {batch} trained no new model."


def _fault(verdict: Verdict, exam: Exam) -> str:
    if verdict.regression:
        return "its model is worse than the active one"
    missed = [gate for gate in verdict.gates if gate.word == "missed" and gate.mode == "enforce"]
    if missed:
        rules = len([gate for gate in verdict.gates if gate.mode == "enforce"])
        return f"its model misses {len(missed)} of {counted(rules, 'gate')}"
    if exam.must_pass is not None and exam.must_pass.failures:
        wrong = counted(exam.must_pass.failures, "document")
        return f"its model gets {wrong} wrong that must be right"
    return "its model is not good enough"


def what_follows(flywheel: str, verdict: Verdict, policy: Policy, outcome: Outcome, *, has_baseline: bool) -> str:
    """Return what happens next, for people who were not there."""
    stays = "The active model stays." if has_baseline else "The flywheel still has no active model."
    match outcome.action:
        case "PROMOTE" if has_baseline:
            return "The candidate takes the place of the active model now."
        case "PROMOTE":
            return "The candidate becomes the flywheel's first active model now."
        case "ASK":
            return (
                f"People are asked for approval and have {_span(policy.approval_expires_seconds)} to answer. "
                f"If nobody does: {stays[0].lower()}{stays[1:]}"
            )
    if outcome.hold == "Regression":
        return (
            f"{stays} The flywheel rests, because Comprehend cannot take a dataset back and every later candidate "
            f"would contain this one. A person ends that with: governor resume {flywheel}"
        )
    return f"{stays} What the batch added stays in the flywheel." if verdict.word != "NO_CHANGE" else stays


def because(verdict: Verdict) -> str:
    """Return the reason of a verdict in short: of many gates the first that decided."""
    words = _DECIDING.get(verdict.word, ())
    deciding = [gate for gate in verdict.gates if gate.mode == "enforce" and gate.word in words]
    if verdict.word == "PASS" and len(deciding) > 1:
        return f"All {counted(len(deciding), 'gate')} are met."
    before, first, _ = verdict.reason.partition(deciding[0].words) if deciding else (verdict.reason, "", "")
    if not first or len(deciding) < _MANY:
        return verdict.reason
    open_ones = "missed" if verdict.word == "FAIL" else "open"
    return f"{before}{first} {len(deciding) - 1} more gates are {open_ones}."


def rule_in_words(gate: GateResult, overall: Overall) -> str:
    """Return what a gate asks, like `F1 of every label: at least 0.8000, 95 % sure`.

    `overall`: what a gate without a label is about.
    """
    of, nothing = amount(gate.threshold), share_or_points(gate.threshold)[0] == 0
    # Where the bare numbers decide, equal ones pass.
    better = "at least as good as the active model" if gate.confidence == 0.5 else "better than the active model"
    asked = {
        "at_least": f"at least {of}",
        "gain_at_least": better if nothing else f"a gain of at least {of}",
        "drop_at_most": "no worse than the active model" if nothing else f"a drop of at most {of}",
    }[gate.rule]
    sure = "as the numbers stand" if gate.confidence == 0.5 else f"{percent(gate.confidence)} sure"
    return f"{metric_in_words(gate.metric, gate.label or overall)}: {asked}, {sure}"


def metric_in_words(metric: MetricName, label: str) -> str:
    """Return the name of a metric with what it is taken over: `Macro F1`, `Recall of complaint`."""
    name = SHOWN[metric]
    if metric == "accuracy":
        return name
    match label:
        case "macro" | "micro" | "worst":
            return f"{label.capitalize()} {name if metric == 'f1' else name.lower()}"
        case _ if label == EVERY_LABEL:
            return f"{name} of every label"
    return f"{name} of {label}"


def suspicion(suspect: Suspect) -> str:
    """Return why a file may be the cause of a regression."""
    there = list(suspect.affected)
    if not there:
        return f"It added {counted(suspect.documents, 'document')} to what the candidate learned from."
    named = ", ".join(there[:3]) + (f" and {len(there) - 3} more" if len(there) > 3 else "")
    return f"{percent(round(suspect.share, 2))} of it are labels that got worse: {named}."


# ---- numbers and times -----------------------------------------------------------------------------------------------


def number(value: float | None, *, signed: bool = False, digits: int = 4) -> str:
    """Return a fraction with so many decimals; a dash if there is none. What rounds to nothing has no sign."""
    if value is None:
        return "\N{EN DASH}"
    shown = f"{value:{'+' if signed else ''}.{digits}f}"
    return shown.replace("-", MINUS) if float(shown) else shown.lstrip("+-")


def amount(threshold: float | str) -> str:
    """Return a threshold as the policy has it."""
    return number(threshold) if isinstance(threshold, float | int) else threshold.replace("%", " %")


def percent(share: float) -> str:
    """Return a share like `95 %` or `97.5 %`."""
    return f"{share * 100:.6g} %"


def counted(count: int, noun: str) -> str:
    """Return `1 file` or `3,200 files`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def moment(at: datetime) -> str:
    """Return `26 November 2026, 03:46 UTC`."""
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def seconds(duration: float | None) -> str:
    """Return a duration like `2 h 23 min`, `14 min`, `40 s`."""
    if duration is None:
        return "not known"
    whole = round(duration)
    if whole < 60:
        return f"{whole} s"
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _span(duration: int) -> str:
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if duration >= 2 * size or (duration >= size and duration % size == 0):
            return counted(duration // size, unit)
    return counted(duration, "second")
