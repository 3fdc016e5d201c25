"""Draws docs/status.svg, an example of what `governor status` prints on a terminal: `make picture`."""

import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from governor.domain.moments import OPEN_END
from governor.domain.next_step import Waiting, next_step
from governor.domain.turn import Head, Hold, OpenBatch
from governor.domain.verdict import Metrics
from governor.ports import BatchRecord, Serving
from governor.usecases.flywheel_status import Documents, FlywheelStatus
from governor_cli.commands.watching import picture

PICTURE = Path(__file__).parent / "status.svg"
_NOW = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)
_WIDTH = 160
_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def example() -> list[FlywheelStatus]:
    """Return four invented flywheels: one that trains, one that asks, one that is held, one that rests."""
    trains = OpenBatch(12, "REGISTERED", 1, _model("reviews", 9), 4)
    asks = OpenBatch(7, "JUDGED", 1, _model("tickets", 6), 2)
    began, until = _NOW - timedelta(minutes=34), _NOW + timedelta(days=3)
    held = Hold("Regression", OPEN_END)
    return [
        _status("intents", 3, 0.8940, Head(turn=3), batch=(3, "PASS", "PROMOTED"), spent=4.37),
        _status(
            "names", 5, 0.7127, Head(turn=8, hold=held), batch=(8, "FAIL", "KEPT"), pending=2, spent=7.92, budget=50
        ),
        _status(
            "reviews", 9, 0.8301, Head(turn=12, state="RUNNING", since=began, batch=trains), pending=1, spent=12.48
        ),
        _status("tickets", 6, 0.7645, Head(turn=7, state="RUNNING", since=began, batch=asks), asked=until, spent=3.06),
    ]


def _status(
    name: str,
    version: int,
    f1: float,
    head: Head,
    *,
    batch: tuple[int, str, str] | None = None,
    pending: int = 0,
    asked: datetime | None = None,
    spent: float = 0.0,
    budget: float | None = None,
) -> FlywheelStatus:
    waiting = Waiting(pending=pending, asked_until=asked)
    last = None
    if batch is not None:
        number, verdict, outcome = batch
        last = BatchRecord(name, number, "", "", 1, _NOW, verdict=verdict, outcome=outcome)  # type: ignore[arg-type]
    return FlywheelStatus(
        name=name,
        policy_version=1,
        serving=Serving("SETTLED", _model(name, version)),
        last_change=None,
        metrics=Metrics(f1=f1),
        head=head,
        waiting=waiting,
        last_batch=last,
        next_step=next_step(name, head, waiting, policy="SOUND", now=_NOW),
        documents=Documents(files=0, at_work=False, hold=None),
        spent_this_month=spent,
        budget=budget,
    )


def _model(name: str, version: int) -> str:
    prefix = "arn:aws:comprehend:eu-west-1:123456789012:document-classifier"
    return f"{prefix}/{name}/version/Comprehend-Generated-v1-{version:08x}"


def status_svg() -> str:
    """Return the picture of a terminal: no font is fetched, every system has a fixed one of its own."""
    console = Console(record=True, width=_WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(picture(example(), _WIDTH))
    return _FONT.sub("", console.export_svg(title="governor status", unique_id="status")) + "\n"


if __name__ == "__main__":
    PICTURE.write_text(status_svg(), encoding="utf-8")
    print(PICTURE)
