"""`governor analyse`: have documents answered by the active model, and fetch the answers."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from governor.bootstrap import AwsPorts
from governor.domain.upload import Upload, is_flywheel_name, place_of, upload_id
from governor.usecases.collect_results import CSV, JSON_LINES, SUMMARY
from governor_cli.complaint import Complaint
from governor_cli.deployment import DeployedStack
from governor_cli.stack_option import with_stack

_ANALYSE = """Have documents answered by a flywheel's active model, and fetch the answers.

The files are put into the flywheel's documents/ in the inbox, where they take the same way as files that are dropped
there: checked, answered by one asynchronous job for all that wait, unpacked, told of. A file has one document a line;
with --per-file it is one. Minutes pass on AWS; Ctrl-C leaves the files to be answered, and the mail says where the
results are.

The folder (results-FLYWHEEL unless --to names another) gets predictions.csv (input, line, label, score,
model_version), predictions.jsonl and summary.json, with all files that the job answered. You need s3:PutObject on the
inbox bucket, to read the policy and ledger tables, and s3:GetObject on the lake bucket's results/.

\b
examples:
  governor analyse reviews monday.txt tuesday.txt
  governor analyse reviews letters/*.txt --per-file --to results
  governor analyse reviews monday.txt --json | jq .results[0].labels
"""
_PAUSE_SECONDS = 3.0
_STAGES = {"ADMITTED": 1, "PENDING": 2, "ANALYSED": 4}
"""How far an upload is, of 4: uploaded, recorded, checked, answered."""
_WAITS_FOR_PEOPLE = {
    "NoActiveModel": "The flywheel has no active model yet. The documents wait and are answered by themselves when "
    "its first model was promoted; the mail says where the answers are.",
    "NeedsYou": "Three runs in a row failed, and mails say of what. Correct it, then: governor resume {flywheel}",
    "Aborted": "Somebody stopped the execution. To go on: governor resume {flywheel}",
}
pause: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class _Sent:
    """A file in the inbox."""

    path: Path
    id: str


@click.command(help=_ANALYSE, short_help="have documents answered by the active model, and fetch the answers")
@click.argument("flywheel")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--to", "folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help="where to put them"
)
@click.option("--per-file", is_flag=True, help="every file is one document, not every line")
@click.option("--json", "as_json", is_flag=True, help="print the summaries as JSON")
@with_stack
def analyse(
    stack: DeployedStack, flywheel: str, files: tuple[Path, ...], folder: Path | None, per_file: bool, as_json: bool
) -> int:
    """Upload, wait, download."""
    ports = stack.ports
    _check(ports, flywheel, files)
    sent = _send(ports, flywheel, files, per_file=per_file)
    ended = _wait(ports, flywheel, sent)
    refused = [(each.path, upload.reason or "") for each, upload in ended if upload.state != "ANALYSED"]
    places = dict.fromkeys(upload.reason or "" for _, upload in ended if upload.state == "ANALYSED")
    target = folder or Path(f"results-{flywheel}")
    results = [
        _fetch(ports, place, target if len(places) == 1 else target / place.rstrip("/").rpartition("/")[2])
        for place in places
    ]
    if as_json:
        listed = [{"file": str(path), "reason": reason} for path, reason in refused]
        click.echo(json.dumps({"results": results, "refused": listed}, indent=1, ensure_ascii=False))
    else:
        for summary in results:
            _show(summary)
    for path, reason in refused:
        click.echo(f"governor: {path} was not answered: {reason}", err=True)
    return 1 if refused else 0


def _check(ports: AwsPorts, flywheel: str, files: tuple[Path, ...]) -> None:
    if not is_flywheel_name(flywheel) or not (
        ports.policies.version(flywheel) or ports.heads.read(flywheel) or ports.documents.anything_known(flywheel)
    ):
        raise Complaint(
            f"Nothing is known of a flywheel named {flywheel}. `governor status` shows those that there are."
        )
    for path in files:
        if place_of(f"{flywheel}/documents/{path.name}") is None:
            raise Complaint(f"{path} is no text file by its name: documents are .txt files.")
    names = [path.name for path in files]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Complaint(f"Two files are named {twice}; the second would take the place of the first.")


def _send(ports: AwsPorts, flywheel: str, files: tuple[Path, ...], *, per_file: bool) -> list[_Sent]:
    """Put the files into the inbox. Documents of one call stand in a folder of their own if each is a file."""
    prefix = f"{flywheel}/documents/" + (f"{uuid.uuid4().hex[:12]}/" if per_file else "")
    sent = []
    for path in files:
        with path.open("rb") as content:
            version = ports.dropping.put(f"{prefix}{path.name}", content)
        sent.append(_Sent(path, upload_id(ports.inbox.bucket, f"{prefix}{path.name}", version)))
    return sent


def _wait(ports: AwsPorts, flywheel: str, sent: list[_Sent]) -> list[tuple[_Sent, Upload]]:
    """Return each file with its row when all are answered, refused or withdrawn."""
    with _progress(len(sent) * 4) as show:
        while True:
            found = [(each, ports.documents.get(flywheel, each.id)) for each in sent]
            rows = [row for _, row in found if row is not None]
            show(sum(_STAGES.get(row.state, 4) for row in rows), _said(ports, flywheel, len(sent), rows))
            if len(rows) == len(sent) and all(row.state not in {"ADMITTED", "PENDING"} for row in rows):
                return [(each, row) for each, row in found if row is not None]
            pause(_PAUSE_SECONDS)


def _said(ports: AwsPorts, flywheel: str, files: int, rows: list[Upload]) -> str:
    """Return what is going on in a few words; raises Complaint if only people can end the waiting."""
    if len(rows) < files:
        return "uploaded, waiting to be recorded"
    if any(row.state == "ADMITTED" for row in rows):
        return "being checked"
    if all(row.state != "PENDING" for row in rows):
        return _outcome(sum(row.state == "ANALYSED" for row in rows), len(rows))
    head = ports.analyses.read(flywheel)
    hold = head.hold if head is not None and head.state == "IDLE" else None
    if hold is not None and hold.reason in _WAITS_FOR_PEOPLE and hold.binds(ports.clock.now()):
        raise Complaint(_WAITS_FOR_PEOPLE[hold.reason].format(flywheel=flywheel))
    if hold is not None and hold.binds(ports.clock.now()):
        return f"resting after a failure until {hold.until:%H:%M} UTC"
    if head is None or head.open is None:
        return "checked, waiting for quiet"
    return "the job runs in Comprehend" if head.open.job is not None else "the job is being started"


def _outcome(answered: int, files: int) -> str:
    if answered == files:
        return "answered"
    return f"{answered} of {files} answered" if answered else "not answered"


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int, str], None]]:
    """Show a bar on a terminal, a line whenever something else goes on otherwise; both on the error stream."""
    console = Console(stderr=True)
    if not console.is_terminal:
        last = ""

        def tell(_: int, text: str) -> None:
            nonlocal last
            if text != last:
                click.echo(text, err=True)
                last = text

        yield tell
        return
    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("uploaded", total=total)
        yield lambda done, text: bar.update(task, completed=done, description=text)


def _fetch(ports: AwsPorts, place: str, folder: Path) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for name in (CSV, JSON_LINES, SUMMARY):
            with (folder / name).open("wb") as file:
                for chunk in ports.lake.chunks(f"{place}{name}"):
                    file.write(chunk)
    except LookupError as gone:
        raise Complaint(f"The documents were answered, but the results are gone: {gone}") from gone
    summary: dict[str, Any] = json.loads((folder / SUMMARY).read_text("utf-8"))
    return summary | {"folder": str(folder)}


def _show(summary: dict[str, Any]) -> None:
    recognizer = "entities" in summary
    table = Table(header_style="bold")
    table.add_column("Entity type" if recognizer else "Label")
    table.add_column("Found" if recognizer else "Documents", justify="right")
    table.add_column("Share", justify="right")
    for name, each in summary["entities" if recognizer else "labels"].items():
        table.add_row(name, f"{each['count']:,}", f"{each['share']:.1%}")
    Console().print(table)
    low = summary["low_confidence"]
    click.echo(f"{summary['documents']:,} documents, answered by {summary['model']}")
    click.echo(f"Low confidence (below {low['below']}): {low['count']:,} {low['of']} ({low['share']:.1%})")
    if summary["errors"]:
        click.echo(f"Not answered, each with its error in {JSON_LINES}: {summary['errors']:,}")
    click.echo(f"Results: {summary['folder']}")
