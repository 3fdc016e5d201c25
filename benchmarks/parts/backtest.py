"""`governor backtest`: how long it takes to judge many stored exams under another policy."""

from __future__ import annotations

from pathlib import Path

from benchmarks.decisions import write
from benchmarks.measuring import measure
from benchmarks.tables import Bar, Cell, Options, Table

TITLE = "Measured"
PAGE = Path(__file__).parents[2] / "docs" / "ledger.md"
"""The section goes here instead of the page about comprehend_local."""
_ANSWER_MS = 40
_MOST_SECONDS = 10.0


def run(options: Options) -> list[Table]:
    """Measure. Everything is simulated, so there is no data to have."""
    decisions = 40 if options.quick else 1000
    rows: list[list[Cell]] = []
    bars = []
    for labels in (12, 100):
        folder = options.scratch / f"{labels}"
        write(folder, decisions, 1000, labels)
        size = sum(path.stat().st_size for path in folder.iterdir()) / decisions / 1024
        for cores in (1, 2):
            found = measure(
                "benchmarks.decisions:judged",
                folder=str(folder), labels=labels, cores=cores, answer_ms=_ANSWER_MS,
            )  # fmt: skip
            told = found.result
            rows.append([
                told["decisions"], labels, size, cores, found.wall_s, found.cpu_s, found.peak_mb, told["differing"]
            ])  # fmt: skip
            if cores == 2 and labels == 12:
                bars.append(Bar(f"{labels} labels, two cores, seconds", found.wall_s, "at most", _MOST_SECONDS))
    note = (
        "Exams of 1,000 documents each, both models' answers in the record, judged under a policy with McNemar's test, "
        f"the bootstrap and a gate on every label. Each record takes {_ANSWER_MS} ms to arrive, as from S3, ten at a "
        "time. Wall time is that of reading, checking and judging, the start of the processes included. A gate on "
        "every one of 100 labels is what takes longest: each is tested for itself, at a hundredth of the doubt."
    )
    columns = ("decisions", "labels", "KB a record", "cores", "wall s", "CPU s", "peak MB", "would differ")
    return [Table("Judging stored decisions again", columns, rows, note, bars)]
