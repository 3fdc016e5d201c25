"""`governor report`: the report of a verdict, in a browser, in a file, or as JSON."""

import json
import tempfile
import webbrowser
from pathlib import Path

import click

from governor.usecases.read_report import StoredReport, newest_verdict, read_report
from governor.usecases.report_files import report_uris
from governor_cli.complaint import Complaint
from governor_cli.deployment import DeployedStack
from governor_cli.known_flywheel import require_known
from governor_cli.stack_option import with_stack

_REPORT = """Show the report of a verdict: both models' metrics side by side, gates, labels, mistakes, the documents
that changed sides, what data was added, cost, and where everything came from. Without BATCH it is the newest verdict's.

It is one page that needs nothing else: no script, nothing fetched. It is written when a verdict is reached; of verdicts
that are older than reports it is made from the decision record. Texts of documents are not in it. You need to read the
ledger table, and s3:GetObject on the records bucket.

\b
examples:
  governor report reviews --open                         the newest one, in your browser
  governor report reviews 12 --out batch-12.html
  governor report reviews 12 --json | jq '.gates[] | select(.word != "met") | .words'
"""


@click.command(help=_REPORT, short_help="the report of a verdict: in a browser, a file, or as JSON")
@click.argument("flywheel")
@click.argument("batch", type=click.IntRange(min=1), required=False)
@click.option("--open", "opened", is_flag=True, help="show the page in a browser")
@click.option(
    "--out", "file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="write it into FILE"
)
@click.option("--json", "as_json", is_flag=True, help="the JSON instead of the page (docs/report.schema.json)")
@with_stack
def report(
    stack: DeployedStack, flywheel: str, batch: int | None, opened: bool, file: Path | None, as_json: bool
) -> None:
    """Read it, and give it in the way that is asked for."""
    if opened and as_json:
        raise click.UsageError("--open shows the page and --json gives the JSON: leave one of them out.")
    require_known(stack.ports, flywheel)
    verdict = newest_verdict(stack.ports, flywheel, batch)
    if verdict is None:
        raise Complaint(
            f"No batch of flywheel {flywheel} has been judged yet. `governor status` says what it waits for."
            if batch is None
            else f"Batch {batch} of flywheel {flywheel} has no verdict. `governor history {flywheel}` shows them all."
        )
    found = read_report(stack.ports, verdict)
    if file is not None:
        file.write_bytes(found.document if as_json else found.page)
        click.echo(f"The report of batch {verdict.batch} is in {file}.", err=True)
    if opened:
        _open(found.page, flywheel, verdict.batch, file)
    elif as_json and file is None:
        click.echo(found.document.decode(), nl=False)
    elif file is None:
        _, document = report_uris(verdict.decision_uri, verdict.decision_sha256)
        _tell(found, flywheel, verdict.batch, document)


def _open(page: bytes, flywheel: str, batch: int, file: Path | None) -> None:
    if file is None:
        # A folder that only its owner may enter; the browser reads it after this command has ended, so it stays.
        file = Path(tempfile.mkdtemp(prefix="governor-report-")) / f"{flywheel}-{batch}.html"
        file.write_bytes(page)
    if webbrowser.open(file.absolute().as_uri()):
        click.echo(f"The report of batch {batch} is shown in your browser, from {file}.", err=True)
    else:
        click.echo(f"No browser was found; the report of batch {batch} is in {file}.", err=True)


def _tell(found: StoredReport, flywheel: str, batch: int, document: str) -> None:
    decision = json.loads(found.document)["decision"]
    for words in (decision["headline"], decision["follows"], decision["because"], *decision["remarks"]):
        click.echo(words)
    click.echo()
    if found.uri is None:
        click.echo("It was reached before reports were written; this one is made from the decision record.")
    else:
        click.echo(f"Page: {found.uri}\nJSON: {document}")
    click.echo(f"To see it: governor report {flywheel} {batch} --open")
