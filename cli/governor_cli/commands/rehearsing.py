"""`governor rehearse`: one's own files and policy, on this machine, before a cent is spent."""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from governor.domain.labelled_data import wanted_by
from governor.domain.policy import Policy
from governor.usecases.policy_faults import read_policy_file, resolved
from governor.usecases.read_report import read_report
from governor_cli.complaint import Complaint
from governor_cli.policy_file import load
from governor_cli.rehearsal.files import companions_of, drops_of
from governor_cli.rehearsal.place import Place, local_place
from governor_cli.rehearsal.play import Answer, Rehearsal, play
from governor_cli.rehearsal.table import as_document, show

_REHEARSE = """Play your own files and policy through on this machine: what would have happened, batch by batch.

Each --train is dropped for itself and becomes a batch; the first --test goes with the first of them, a second one with
the second. --split N cuts one TRAIN file into N batches, each with some of everything. Everything else is the whole
application: the files are inspected, a Comprehend that really trains scores both models, the policy judges, and a model
is promoted or not. The numbers are those of the local Comprehend, whose models are not AWS's: look at what the policy
does with them.

It runs on the local stack that is up, or starts one of its own and ends it again; nothing is left running, and on the
one that is up only the ledger stays, as `governor history` shows it. Where the policy asks people, a question stays
unanswered, which keeps the active model, unless --approve says otherwise. What a person would have to end (a hold after
a regression) is said and ended. Files that the policy names (exam.must_pass, exam.set, serving.smoke) lie beside the
policy, in folders as in the inbox: must-pass/, exam/<set>/, smoke/.

Reports are put into rehearsal-NAME unless --out names another folder. Exit code 1 if a file was refused or something
failed; a verdict, whatever it is, is no failure.

\b
examples:
  governor rehearse --train may.csv --test exam.csv --policy reviews.yaml
  governor rehearse --train may.csv --train june.csv --test exam.csv --policy reviews.yaml --approve always
  governor rehearse --train all.csv --split 5 --test exam.csv --policy reviews.yaml --json
"""
_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_train = click.option(
    "--train", "trains", metavar="FILE", type=_file, multiple=True, required=True, help="TRAIN data; again: next batch"
)
_test = click.option("--test", "tests", metavar="FILE", type=_file, multiple=True, help="TEST data; again: next batch")
_policy = click.option("--policy", "file", metavar="FILE", type=_file, required=True, help="the policy")
_split = click.option("--split", type=click.IntRange(min=2), metavar="N", help="cut one TRAIN file into N batches")
_approve = click.option(
    "--approve", "answer", type=click.Choice(["always", "never"]), help="how people answer where the policy asks them"
)
_out = click.option(
    "--out", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help="where reports are put"
)
_LONGEST = 40
"""Of the policy's name in that of the rehearsal's flywheel, which may have 63 signs."""


@click.command(help=_REHEARSE, short_help="your own files and policy on this machine: what would have happened")
@_train
@_test
@_policy
@_split
@_approve
@_out
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def rehearse(
    trains: tuple[Path, ...],
    tests: tuple[Path, ...],
    file: Path,
    split: int | None,
    answer: Answer | None,
    out: Path | None,
    as_json: bool,
) -> int:
    """Check the files, play, fetch the reports, show."""
    name, policy = _read_policy(file)
    drops = drops_of(trains, tests, wanted_by(policy), split=split)
    companions = companions_of(policy, file.parent)
    flywheel = f"rehearsal-{name[:_LONGEST].rstrip('-')}-{secrets.token_hex(3)}"
    console = Console(stderr=True)
    with local_place(console) as place, _telling(console) as tell, _cleared(place, flywheel):
        rehearsal = play(place, flywheel, policy, drops, companions, answer=answer, tell=tell)
        reports = _fetch(place, rehearsal, out or Path(f"rehearsal-{name}"))
    if as_json:
        click.echo(json.dumps(as_document(rehearsal, reports), indent=1))
    else:
        show(Console(), rehearsal, reports, answer)
    return 1 if rehearsal.refused else 0


def _read_policy(file: Path) -> tuple[str, Policy]:
    wanted = read_policy_file(load(file))
    if wanted.for_all:
        raise Complaint(f"{file} has the defaults of all flywheels; a rehearsal needs the policy of one.")
    policy = resolved(wanted, {})
    if policy.flywheel.active_model_arn is not None:
        raise Complaint(
            f"{file} begins with an existing model, which is in AWS and not on this machine. For a rehearsal say "
            "language, mode and labels (or entity_types) in its place."
        )
    return wanted.name, policy


@contextmanager
def _cleared(place: Place, flywheel: str) -> Iterator[None]:
    """Take the flywheel apart afterwards, also if the rehearsal broke off: what broke it off is told then."""
    try:
        yield
    except Exception as fault:
        try:
            place.clear(flywheel)
        except Complaint as left:
            raise Complaint(f"{fault}\n{left}") from fault
        raise
    place.clear(flywheel)


@contextmanager
def _telling(console: Console) -> Iterator[Callable[[str], None]]:
    """Show what goes on: a line each; on a terminal the last one is live."""
    with console.status("Beginning") as live:

        def tell(words: str) -> None:
            if console.is_terminal and words.startswith(" "):
                live.update(words.strip())
            else:
                console.print(Text(words), soft_wrap=True)

        yield tell


def _fetch(place: Place, rehearsal: Rehearsal, folder: Path) -> dict[int, Path]:
    """Write the reports of all verdicts into the folder, and return them by batch."""
    found: dict[int, Path] = {}
    for record, verdicts in place.ports.batches.history(rehearsal.flywheel):
        if verdicts:
            found[record.id] = folder / f"batch-{record.id}.html"
            folder.mkdir(parents=True, exist_ok=True)
            found[record.id].write_bytes(read_report(place.ports, verdicts[-1]).page)
    return found
