"""Why a verdict came out as it did: the line that decided, and what would have made it another one."""

from collections.abc import Iterator

from governor.domain.gates import EVERY_LABEL, share_or_points
from governor.domain.verdict import SHOWN, Exam, GateResult, Verdict, Word

_BARE = 0.5
_DECIDES: dict[Word, tuple[str, ...]] = {
    "PASS": ("met",),
    "FAIL": ("missed",),
    "INCONCLUSIVE": ("unknown", "undecided"),
    "NO_CHANGE": (),
}
_MOST_NEEDED = 1_000_000


def deciding_line(verdict: Verdict) -> str:
    """Return one of the lines that the verdict rests on, and how many more there are.

    The first one; of a PASS the first that compares the models, which tells more than that a floor is kept.
    """
    words = _DECIDES[verdict.word]
    gates = [gate for gate in verdict.gates if gate.mode == "enforce" and gate.word in words]
    if not gates or not verdict.reason.startswith(gates[0].words):
        return verdict.reason
    more, told = len(gates) - 1, "open" if verdict.word == "INCONCLUSIVE" else words[0]
    comparing = (gate for gate in gates if verdict.word == "PASS" and gate.rule != "at_least")
    line = next(comparing, gates[0]).words
    return line if not more else f"{line} And {more} more gate{'' if more == 1 else 's'} {told}."


def turning_points(verdict: Verdict, exam: Exam) -> tuple[str, ...]:
    """Return, in sentences, what would have changed the verdict."""
    return tuple(_turning_points(verdict, exam))


def _turning_points(verdict: Verdict, exam: Exam) -> Iterator[str]:
    if verdict.word == "NO_CHANGE":
        yield "TRAIN documents: without new ones Comprehend trains no candidate that could be judged."
        return
    decisive = [gate for gate in verdict.gates if gate.mode == "enforce" and gate.word != "met"]
    if exam.must_pass is not None and exam.must_pass.failures:
        yield "A right answer to every must-pass document: one wrong answer fails a candidate, whatever its metrics."
    for gate in decisive:
        yield from _of_gate(gate)
    if verdict.regression:
        yield "A loss within regression_margin, which would not have counted as a regression."
    enforced = [gate for gate in verdict.gates if gate.mode == "enforce"]
    if verdict.word in {"FAIL", "INCONCLUSIVE"} and len(decisive) == 1 and len(enforced) > 1 and not _obstacle(verdict):
        yield "Nothing else stood in the way: all other gates are met."
    if _obstacle(verdict):
        yield verdict.reason
    if verdict.word == "PASS":
        yield from _of_pass(enforced)


def _obstacle(verdict: Verdict) -> bool:
    """Tell whether something else than a gate or a must-pass document decided."""
    return verdict.word == "INCONCLUSIVE" and not any(verdict.reason.startswith(gate.words) for gate in verdict.gates)


def _of_gate(gate: GateResult) -> Iterator[str]:
    asked = rule_in_words(gate)
    if gate.word == "unknown":
        yield f"{asked}: a number to judge by. {gate.words}"
    elif gate.word == "missed":
        short = _shortfall(gate)
        if short is not None and short > 0:
            sure = "" if gate.confidence <= _BARE else ", and enough test documents to be sure of it"
            yield f"{asked}: {short:.4f} more{sure}."
    elif gate.needed is None:
        yield f"{asked}: knowing how many test documents the numbers rest on; a golden exam always does."
    elif gate.needed >= _MOST_NEEDED:
        yield f"{asked}: no number of test documents would settle it; the two models are too close to call."
    else:
        documents = f"{gate.needed:,} more test document{'' if gate.needed == 1 else 's'}"
        yield f"{asked}: about {documents} would settle it, if the numbers stay as they are."


def _of_pass(enforced: list[GateResult]) -> Iterator[str]:
    for gate in enforced:
        short = _shortfall(gate)
        if short is not None:
            yield f"{rule_in_words(gate)}: {max(0.0, -short):.4f} to spare."


def _shortfall(gate: GateResult) -> float | None:
    """Return by how much the bare number misses what is asked; negative: by how much it is better."""
    amount, relative = share_or_points(gate.threshold)
    if gate.candidate is None:
        return None
    if gate.rule == "at_least" or gate.baseline is None:
        return amount - gate.candidate if gate.rule == "at_least" else None
    signed = -amount if gate.rule == "drop_at_most" else amount
    asked = (1 + signed) * gate.baseline if relative else gate.baseline + signed
    return asked - gate.candidate


def rule_in_words(gate: GateResult) -> str:
    """Return what a gate asks: `F1 of complaint: at least 0.8000, 95 % sure`."""
    amount, relative = share_or_points(gate.threshold)
    shown = f"{100 * amount:g} %" if relative else f"{amount:.4f}"
    asked = {
        "at_least": f"at least {shown}",
        "gain_at_least": f"a gain of at least {shown}",
        "drop_at_most": f"a drop of at most {shown}",
    }[gate.rule]
    sure = "as the numbers stand" if gate.confidence <= _BARE else f"{100 * gate.confidence:g} % sure"
    return f"{_name(gate)}: {asked}, {sure}"


def _name(gate: GateResult) -> str:
    shown = SHOWN[gate.metric]
    match gate.label:
        case None:
            return shown
        case "macro" | "micro" | "worst":
            return f"{gate.label.capitalize()} {shown if gate.metric == 'f1' else shown.lower()}"
    return f"{shown} of {'every label' if gate.label == EVERY_LABEL else gate.label}"
