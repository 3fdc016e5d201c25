"""How `governor explain` shows a batch to people: sentences, facts, and a table of gates."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from governor.domain.approval import Approval
from governor.domain.batch import NO_BASELINE
from governor.domain.decided import rule_in_words, turning_points
from governor.domain.decision import Spent
from governor.domain.pricing import dollars
from governor.domain.suspects import sentence
from governor.domain.verdict import Exam, GateResult, Interval
from governor.ports import VerdictRecord
from governor.usecases.batch_history import Ending
from governor.usecases.explain_batch import Check, Explanation

_COLORS = {"PASS": "green", "FAIL": "red", "INCONCLUSIVE": "yellow"}
_WORDS = {"met": "green", "missed": "red", "undecided": "yellow", "unknown": "yellow"}
_BECAME: dict[Ending, str] = {
    "promoted": "promoted",
    "taken back": "promoted, then taken back",
    "kept": "not promoted",
    "rejected": "rejected by a person",
    "expired": "not promoted, because nobody answered in time",
    "no new model": "no new model",
    "asked": "people are asked",
    "in work": "in work",
    "data refused": "no model, because Comprehend refused the data",
    "torn down": "torn down",
}
_DASH = "\N{EN DASH}"


@dataclass(frozen=True)
class Written:
    """Who wrote the policy's version, and when. `edited`: the row was changed past the command line since."""

    author: str
    written_at: str | None
    edited: bool


def show(
    console: Console, flywheel: str, found: Explanation, written: Written | None, checks: Sequence[Check] | None
) -> None:
    """Print it all."""
    line, verdict, before = found.line, found.verdict, found.line.instead_of
    word = f"{line.verdict}, {_BECAME[line.ending]}" if line.verdict else _BECAME[line.ending]
    console.print(Text.assemble((f"Batch {line.batch} of {flywheel}: ", "bold"), (word, _style(line.verdict))))
    if verdict is None or found.decided is None:
        console.print(line.line or "It was not judged (yet).", highlight=False, markup=False)
        return
    decided, _ = found.decided
    if before is not None:
        console.print(
            Text(
                f"It was {before.verdict.word} under policy version {before.policy_version}, and {decided.word} under "
                f"version {line.policy_version}, which is stricter, came before the promotion, and decided."
            )
        )
    for words in (decided.reason, *decided.remarks):
        console.print(Text(words))
    _facts(console, _about(found, written))
    judgements = [(line.policy_version, decided)]
    if before is not None:
        judgements.append((before.policy_version, before.verdict))
    for version, each in judgements:
        if each.gates and before is not None:
            console.print(Text(f"Under policy version {version}: {each.word}", style="bold"))
        if each.gates:
            console.print(_gates(each.gates))
    _list(console, "What would have changed it", turning_points_of(found))
    _list(console, "People", _people(found.approval))
    _list(console, "The active model", _changes(found))
    if look_first := sentence(verdict.suspects):
        _list(console, "Suspects", [look_first])
    _list(console, "Record", list(_records(flywheel, found, verdict)))
    if checks is not None:
        _list(console, "Verified", [f"{'yes' if check.holds else 'NO'}: {check.sentence}" for check in checks])


def turning_points_of(found: Explanation) -> list[str]:
    """Return what would have changed the verdict, people's word included."""
    if found.decided is None:
        return []
    points = list(turning_points(*found.decided))
    if found.line.ending in {"rejected", "expired", "asked"}:
        points.append("A yes of the people who were asked.")
    return points


def _records(flywheel: str, found: Explanation, verdict: VerdictRecord) -> Iterator[str]:
    yield found.fault or f"{verdict.decision_uri}, sha256 {verdict.decision_sha256}"
    if (again := found.rechecked) is not None:
        of = f"Of the judgement under policy version {again.row.policy_version}: "
        yield of + (again.fault or f"{again.row.decision_uri}, sha256 {again.row.decision_sha256}")
    if verdict.report_uri is not None:
        older = f" (as it was under policy version {verdict.policy_version})" if found.line.instead_of else ""
        yield f"To see the report{older}: governor report {flywheel} {found.line.batch} --open"


def _style(verdict: str | None) -> str:
    return f"bold {_COLORS.get(verdict or '', '')}".strip()


def _facts(console: Console, facts: Iterator[tuple[str, str]]) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in facts:
        table.add_row(label, Text(value))
    console.print(table)


def _about(found: Explanation, written: Written | None) -> Iterator[tuple[str, str]]:
    line, verdict, record = found.line, found.verdict, found.record
    assert verdict is not None
    at, by, again = _moment(verdict.reached_at), _by(written), found.rechecked
    if again is not None and line.instead_of is not None:
        judged = verdict.verdict
        yield "first", f"{at}, under policy version {verdict.policy_version}: {judged.word}. {judged.reason}"
        yield "decided", f"after that, under policy version {again.row.policy_version}{by}"
    else:
        yield "decided", f"{at}, under policy version {verdict.policy_version}{by}"
        if again is not None:
            told = f"under policy version {again.row.policy_version}, which is stricter: {again.row.word}."
            yield "judged again", f"{told} {again.row.reason}"
    yield "candidate", verdict.candidate or "none"
    yield "active then", "none: it is a first model" if verdict.baseline == NO_BASELINE else verdict.baseline
    yield "exam", _exam(verdict.exam, record.uses if record is not None else None)
    yield "added", "; ".join(_added(found)) or "nothing"
    if record is not None and record.spent != Spent():
        yield "cost", "; ".join(_costs(record.spent))
    for other in found.earlier:
        against = "no model" if other.baseline == NO_BASELINE else other.baseline
        yield "before that", f"{_moment(other.reached_at)}: {other.verdict.word}, compared with {against}"
    if found.batch.serving_failed is not None:
        yield "taken back", found.batch.serving_failed
    if line.verdicts > 1:
        yield "judged", f"{line.verdicts} times, because another model had become active meanwhile"


def _by(written: Written | None) -> str:
    if written is None:
        return ", which is not in the table any more"
    at = f" at {written.written_at[:19]}Z" if written.written_at else ""
    return f"; {written.author} wrote it{at}" + (
        "; its row was edited past the command line since" if written.edited else ""
    )


def _exam(exam: Exam, uses: int | None) -> str:
    kind = {"golden": "golden: both models' answers", "iteration": "Comprehend's averages on the TEST datasets"}[
        exam.kind
    ]
    parts = [kind if exam.has_test_data else "no TEST dataset: documents that Comprehend held out by chance"]
    if exam.documents is not None:
        parts.append(f"{exam.documents:,} documents")
    if exam.candidate_digest is not None:
        parts.append(f"digest {exam.candidate_digest[:12]}")
    if uses:
        parts.append(f"it had decided {uses:,} promotion{'' if uses == 1 else 's'} before")
    if exam.must_pass is not None:
        right = exam.must_pass.documents - exam.must_pass.failures
        parts.append(f"{right:,} of {exam.must_pass.documents:,} must-pass documents right")
    return ", ".join(parts)


def _added(found: Explanation) -> Iterator[str]:
    if found.record is not None and found.record.uploads:
        for upload in found.record.uploads:
            yield f"{upload.key} ({upload.documents:,} documents)"
        return
    for kind, count in sorted(found.batch.documents.items(), reverse=True):
        files = found.batch.uploads.get(kind, 0)
        yield f"{count:,} {kind.upper()} documents in {files:,} file{'' if files == 1 else 's'}"


def _costs(spent: Spent) -> Iterator[str]:
    for name, usd, seconds in (
        ("training", spent.training_usd, spent.training_seconds),
        ("exam", spent.exam_usd, spent.exam_seconds),
    ):
        if usd is not None or seconds is not None:
            yield ", ".join(
                [name, *([dollars(usd)] if usd is not None else []), *([_span(seconds)] if seconds is not None else [])]
            )


def _gates(gates: Sequence[GateResult]) -> Table:
    table = Table(header_style="bold", expand=False, show_lines=False)
    table.add_column("Gate", overflow="fold", ratio=4)
    for name in ("Candidate", "Active", "Interval", "Support"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Result", no_wrap=True)
    for gate in gates:
        shadow = "  (shadow)" if gate.mode == "shadow" else ""
        of = f"  decided by {gate.decided_by}" if gate.decided_by else ""
        table.add_row(
            Text(f"{rule_in_words(gate)}{of}{shadow}"),
            _number(gate.candidate),
            _number(gate.baseline),
            _interval(gate.interval, signed=gate.rule != "at_least"),
            _DASH if gate.support is None else f"{gate.support:,}",
            Text(gate.word, style=_WORDS[gate.word]),
        )
    return table


def _list(console: Console, title: str, lines: Sequence[str]) -> None:
    if lines:
        console.print(Text(title, style="bold"))
    for line in lines:
        console.print(Text(f"  {line}"))


def _people(row: Approval | None) -> list[str]:
    if row is None:
        return []
    asked = f"They were asked, until {_moment(row.expires)}."
    if row.by is not None:
        at = f" at {_moment(row.decided_at)}" if row.decided_at is not None else ""
        return [asked, f"{row.state} by {row.person}{at}: {row.reason}"]
    return [asked, f"{row.state}: {row.end_reason}" if row.end_reason else f"It is {row.state}."]


def _changes(found: Explanation) -> list[str]:
    return [
        f"{_moment(each.at)}: {_model(each.target)} instead of {_model(each.source)}, by {each.who}: {each.why}"
        for each in found.changes
    ]


def _model(model: str) -> str:
    return "no model" if model == NO_BASELINE else model.rpartition(":")[2]


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _span(seconds: float) -> str:
    whole = round(seconds)
    return (
        f"{whole} s"
        if whole < 60
        else f"{whole // 3600} h {whole // 60 % 60} min"
        if whole >= 3600
        else f"{whole // 60} min"
    )


def _number(value: float | None) -> str:
    return _DASH if value is None else f"{value:.4f}"


def _interval(interval: Interval | None, *, signed: bool) -> str:
    if interval is None:
        return _DASH
    return " to ".join(f"{end:+.4f}" if signed else f"{end:.4f}" for end in (interval.low, interval.high))
