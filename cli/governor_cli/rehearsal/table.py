"""What a rehearsal came to: a table for people, or JSON."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from governor.domain.forecast import Forecast, Span
from governor.usecases.batch_history import Ending
from governor_cli.commands.history import as_document as line_document
from governor_cli.rehearsal.play import Answer, Rehearsal, Scene
from governor_cli.rows import Cell, Column, print_rows

_COLORS = {"PASS": "green", "FAIL": "red", "INCONCLUSIVE": "yellow"}
_WOULD: dict[Ending, str] = {
    "promoted": "promoted",
    "taken back": "promoted, and taken back: wrong smoke answers",
    "kept": "the active model stays",
    "rejected": "people reject it",
    "expired": "people would be asked",
    "no new model": "no new model",
    "asked": "people would be asked",
    "in work": "in work",
    "data refused": "Comprehend refuses the data",
    "torn down": "torn down",
}
_HOLDS = {
    "Regression": "the flywheel would rest until a person resumes it",
    "Rejected": "the flywheel would rest until a person resumes it",
    "ServingFailed": "the flywheel would rest until a person resumes it",
    "Frozen": "nothing would be promoted by itself until a person resumes it",
}


def show(console: Console, rehearsal: Rehearsal, reports: Mapping[int, Path], answer: Answer | None) -> None:
    """Print the table, what it costs on AWS, and where the reports are."""
    if rehearsal.scenes:
        print_rows(console, _COLUMNS, [_row(scene) for scene in rehearsal.scenes], ruled=True)
    for refused in rehearsal.refused:
        console.print(Text(f"{refused.name} was refused: {refused.reason}", style="red"))
    for sentence in [*rehearsal.waiting, *([rehearsal.ended] if rehearsal.ended else [])]:
        console.print(Text(sentence, style="yellow"))
    total = rehearsal.total
    if total != Forecast():
        console.print(
            Text(f"On AWS all of it would take {_time(total.seconds)} and cost {_money(total.usd)}. {_PRICES}")
        )
        budget = rehearsal.policy.budget_usd_per_month
        if budget is not None and total.usd.high > budget:
            console.print(Text(f"That may be more than budget_usd_per_month, which is {budget:,.2f} dollars."))
    if answer is None and any(scene.asked for scene in rehearsal.scenes):
        console.print(Text("Nobody was asked, and the active model stayed: --approve always shows the other way."))
    for batch, path in reports.items():
        console.print(Text(f"Report of batch {batch}: {path}"), soft_wrap=True)


_PRICES = "Times are those of AWS's published examples, prices are estimates for us-east-1."


_COLUMNS = (
    Column("Batch", right=True),
    Column("Files", least=16),
    Column("Candidate F1", right=True),
    Column("Active F1", right=True),
    Column("Verdict"),
    Column("What would have happened", least=14, card="Then"),
    Column("Because", least=30),
    Column("On AWS", least=12, right=True),
)


def _row(scene: Scene) -> tuple[Cell, ...]:
    line, forecast = scene.line, scene.forecast
    return (
        str(line.batch),
        "\n".join(scene.files),
        _number(line.f1),
        _number(line.baseline_f1),
        Text(line.verdict or "-", style=_COLORS.get(line.verdict or "", "")),
        _would(scene),
        line.line,
        "nothing" if forecast == Forecast() else f"{_time(forecast.seconds)}\n{_money(forecast.usd)}",
    )


def _would(scene: Scene) -> str:
    parts = [_WOULD[scene.line.ending]]
    if scene.asked and scene.line.ending == "promoted":
        parts = ["people approve it, and it is promoted"]
    if scene.hold is not None:
        parts.append(_HOLDS.get(scene.hold, f"hold {scene.hold}"))
    return "; ".join(parts)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _time(span: Span) -> str:
    low, high = _minutes(span.low), _minutes(span.high)
    return low if low == high else f"{low} to {high}"


def _minutes(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def _money(span: Span) -> str:
    low, high = f"{span.low:,.2f}", f"{span.high:,.2f}"
    return f"{low} dollars" if low == high else f"{low} to {high} dollars"


# ---- JSON ------------------------------------------------------------------------------------------------------------


def as_document(rehearsal: Rehearsal, reports: Mapping[int, Path]) -> dict[str, Any]:
    """Return it all as JSON. Times are UTC; what is not there is null."""
    return {
        "flywheel": rehearsal.flywheel,
        "batches": [
            line_document(scene.line)
            | {
                "files": list(scene.files),
                "asked": scene.asked,
                "hold": scene.hold,
                "aws": _forecast_document(scene.forecast),
                "report": str(reports[scene.line.batch]) if scene.line.batch in reports else None,
            }
            for scene in rehearsal.scenes
        ],
        "refused": [{"file": refused.name, "reason": refused.reason} for refused in rehearsal.refused],
        "waiting": rehearsal.waiting,
        "ended": rehearsal.ended,
        "aws": _forecast_document(rehearsal.total),
    }


def _forecast_document(forecast: Forecast) -> dict[str, Any]:
    return {
        "seconds": [forecast.seconds.low, forecast.seconds.high],
        "usd": [round(forecast.usd.low, 4), round(forecast.usd.high, 4)],
    }
