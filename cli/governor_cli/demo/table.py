"""The table at the end of the demo: a row a batch, read from the ledger."""

from rich.table import Table

from governor.domain.decided import deciding_line
from governor.domain.upload import Upload
from governor.domain.verdict import Metrics
from governor.ports import BatchRecord, VerdictRecord
from governor_cli.demo.stage import Scene


def print_table(scene: Scene) -> None:
    """Print what every turn did and why."""
    table = Table(title=f"\nFlywheel {scene.flywheel}: what every turn did", title_justify="left", show_lines=True)
    for column in ("Turn", "Uploads", "Documents", "Candidate", "Active model before", "Verdict", "Active model after"):
        table.add_column(column, overflow="fold")
    uploads = scene.ports.uploads.all(scene.flywheel)
    names: dict[str, str] = {}
    active = "none"
    for batch, verdicts in scene.ports.batches.history(scene.flywheel):
        for verdict in verdicts:
            if verdict.candidate is not None:
                names.setdefault(verdict.candidate, f"model {len(names) + 1}")
            if batch.outcome == "PROMOTED":
                active = names.get(verdict.candidate or "", active)
            table.add_row(*_row(batch, verdict, uploads, names, active))
    scene.console.print(table)
    for arn, name in names.items():
        scene.console.print(f"{name}: {arn}", soft_wrap=True)


def _row(
    batch: BatchRecord, verdict: VerdictRecord, uploads: list[Upload], names: dict[str, str], active: str
) -> tuple[str, ...]:
    files = [upload.key.split("/", 1)[1] for upload in uploads if upload.batch == batch.id]
    documents = [f"{count} {kind.upper()}" for kind, count in sorted(batch.documents.items(), reverse=True)]
    exam, word = verdict.exam, verdict.verdict.word
    color = {"PASS": "green", "FAIL": "red"}.get(word, "yellow")
    ending = {"PROMOTED": "promoted", "KEPT": "not promoted", "NO_CHANGE": "no new model"}.get(
        batch.outcome or "", "in work"
    )
    return (
        str(batch.id),
        "\n".join(sorted(files, reverse=True)),
        "\n".join(documents),
        _metrics(names.get(verdict.candidate or "", "none"), exam.candidate_metrics),
        _metrics(names.get(verdict.baseline, "none"), exam.baseline_metrics),
        f"[{color}]{word}[/{color}], {ending}\n{deciding_line(verdict.verdict)}",
        active,
    )


def _metrics(name: str, metrics: Metrics | None) -> str:
    if metrics is None:
        return name
    values = (
        ("F1", metrics.f1),
        ("precision", metrics.precision),
        ("recall", metrics.recall),
        ("accuracy", metrics.accuracy),
    )
    return "\n".join([name, *(f"{label:<9} {value:.4f}" for label, value in values if value is not None)])
