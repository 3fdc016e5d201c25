"""What `governor backtest` does: reads the policy, judges on all cores, and shows what would differ."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from governor.domain.decided import deciding_line
from governor.domain.moments import to_text
from governor.domain.outcome import Action
from governor.domain.policy import Policy
from governor.domain.policy_document import DEFAULTS, PolicyFile
from governor.domain.replay import Caveat, Ending, Trial
from governor.ports import PolicyWriter, Ports
from governor.usecases.apply_policy import fields_of_defaults
from governor.usecases.backtest import Judged, Unread, backtest
from governor.usecases.decisions import verdicts_of
from governor.usecases.policy_faults import read_policy_file, resolved
from governor_cli.complaint import Complaint
from governor_cli.rows import Cell, Column, print_rows
from governor_cli.spreading import spread_for

_TOLD: dict[Action, str] = {"PROMOTE": "promoted", "ASK": "people asked", "KEEP": "not promoted"}
_COLORS = {"PASS": "green", "FAIL": "red", "INCONCLUSIVE": "yellow"}
_CAVEATS: dict[Caveat, str] = {
    "averages": "judged by Comprehend's averages, because there are no answers of single documents",
    "must-pass": "without the policy's must-pass documents, because they were not asked then",
    "documents": "judged by the documents that both models sat, which are not the set that the policy names",
}


@dataclass(frozen=True)
class Tried:
    """The policy that is tried. `name`: what its file calls it, a flywheel or the defaults."""

    name: str
    policy: Policy


@dataclass(frozen=True)
class Result:
    """All decisions under that policy, oldest first."""

    trials: tuple[Trial, ...]
    unread: tuple[Unread, ...]

    @cached_property
    def differing(self) -> list[Trial]:
        """Those that would be decided otherwise."""
        return [trial for trial in self.trials if trial.differs]

    @cached_property
    def caveats(self) -> dict[Caveat, int]:
        """How many decisions have each caveat."""
        return dict(Counter(caveat for trial in self.trials for caveat in trial.caveats))


def read_policy(writer: PolicyWriter, flywheel: str, document: object) -> Tried:
    """Return what comes of a policy file for this flywheel; raises InvalidInputError that lists every fault."""
    file = read_policy_file(document)
    if file.for_all:
        row = writer.current(flywheel)
        if row is None:
            raise Complaint(f"Flywheel {flywheel} has no policy that these defaults could be merged with.")
        return Tried(file.name, resolved(PolicyFile(flywheel, json.loads(row.overrides)), file.fields))
    defaults = fields_of_defaults(writer.current(DEFAULTS))
    if file.name != flywheel:
        click.echo(f"governor: the file is for flywheel {file.name}; it is tried on the exams of {flywheel}", err=True)
    return Tried(file.name, resolved(file, defaults))


def judged(ports: Ports, flywheel: str, tried: Tried) -> Result:
    """Judge everything, with a bar on a terminal."""
    verdicts = [verdict for _, verdict in verdicts_of(ports, flywheel)]
    spread = spread_for(verdicts)
    found = list(_with_bar(backtest(ports.records, verdicts, tried.policy, spread=spread), len(verdicts)))
    return Result(
        tuple(each for each in found if isinstance(each, Trial)),
        tuple(each for each in found if isinstance(each, Unread)),
    )


def _with_bar(found: Iterator[Judged], total: int) -> Iterator[Judged]:
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from found
        return
    columns = (TextColumn("judging"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        yield from bar.track(found, total=total)


# ---- the table -------------------------------------------------------------------------------------------------------


def print_table(result: Result, *, only_differing: bool) -> None:
    """Print decision by decision, then what they come to."""
    shown = result.differing if only_differing else result.trials
    if shown:
        print_rows(Console(), _COLUMNS, [_row(trial) for trial in shown])
    click.echo(summary(result))
    for caveat, count in result.caveats.items():
        click.echo(f"{count:,} of them {'was' if count == 1 else 'were'} {_CAVEATS[caveat]}.")
    if result.differing:
        click.echo("Each for itself: what would have come after another decision is not known.")


def summary(result: Result) -> str:
    """Return `3 of 41 decisions would differ`, and how many candidates would go which way."""
    total, differ = len(result.trials), len(result.differing)
    if not total:
        return "No decision is on record yet."
    noun = "decision" if total == 1 else "decisions"
    then, now = (Counter(getattr(trial, which).action for trial in result.trials) for which in ("then", "now"))
    moved = [
        f"{_TOLD[action]} {now[action]:,} (was {then[action]:,})" for action in _TOLD if now[action] or then[action]
    ]
    return f"{differ:,} of {total:,} {noun} would differ. Candidates: {', '.join(moved)}."


_COLUMNS = (
    Column("Batch", right=True),
    Column("When (UTC)"),
    Column("Policy", right=True),
    Column("Decided", least=len("INCONCLUSIVE,")),
    Column("Would decide", least=len("INCONCLUSIVE,")),
    Column("Because", least=30),
)


def _row(trial: Trial) -> tuple[Cell, ...]:
    return (
        str(trial.batch),
        "" if trial.reached_at is None else f"{trial.reached_at:%Y-%m-%d %H:%M}",
        str(trial.policy_version),
        _ending(trial.then),
        _ending(trial.now) if trial.differs else Text("the same", style="dim"),
        _because(trial) if trial.differs else "",
    )


def _ending(ending: Ending) -> Text:
    word = ending.verdict.word
    told = Text.assemble((word, _COLORS.get(word, "")), f", {_TOLD[ending.action]}")
    return told.append(", held") if ending.hold else told


def _because(trial: Trial) -> str:
    """Return the line that decides now; if the verdict is the same, what else the policy says otherwise."""
    if trial.then.verdict.word != trial.now.verdict.word:
        return deciding_line(trial.now.verdict)
    if trial.then.action != trial.now.action:
        return "The same verdict; what follows it is another thing in this policy (approval, first_model)."
    return "The same verdict; whether the flywheel rests afterwards is another thing in this policy (on_regression)."


# ---- JSON ------------------------------------------------------------------------------------------------------------


def print_json(flywheel: str, tried: Tried, result: Result) -> None:
    """Print it all as one object. Times are UTC; what is not there is null."""
    click.echo(
        json.dumps(
            {
                "flywheel": flywheel,
                "policy": tried.name,
                "judged": len(result.trials),
                "differing": len(result.differing),
                "caveats": result.caveats,
                "decisions": [_document(trial) for trial in result.trials],
                "unread": [
                    {"batch": each.batch, "reached_at": to_text(each.reached_at), "fault": each.fault}
                    for each in result.unread
                ],
            },
            indent=1,
        )
    )


def _document(trial: Trial) -> dict[str, Any]:
    return {
        "batch": trial.batch,
        "reached_at": to_text(trial.reached_at) if trial.reached_at is not None else None,
        "policy_version": trial.policy_version,
        "candidate": trial.candidate,
        "baseline": trial.baseline,
        "differs": trial.differs,
        "then": _ending_document(trial.then),
        "now": _ending_document(trial.now),
        "because": _because(trial) if trial.differs else None,
        "caveats": list(trial.caveats),
    }


def _ending_document(ending: Ending) -> dict[str, Any]:
    verdict = ending.verdict
    return {
        "verdict": verdict.word,
        "regression": verdict.regression,
        "action": ending.action,
        "hold": ending.hold,
        "reason": verdict.reason,
        "line": deciding_line(verdict),
    }
