"""What became of every mutant, and why those may live that are known."""

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

KNOWN = Path(__file__).with_name("survivors.toml")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one function of the rules: `removed` and `added` are its lines, empty once it is killed."""

    name: str
    module: str
    function: str
    status: str
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @property
    def is_killed(self) -> bool:
        """A test failed, or never ended, as a loop without its exit does not."""
        return self.status in {"killed", "timeout"}

    @property
    def is_checked(self) -> bool:
        return self.status != "not checked"


def read(results: Path) -> list[Mutant]:
    """Return the mutants of the last run, in the order of the source."""
    rows = json.loads(results.read_text(encoding="utf-8"))
    mutants = [Mutant(**row | {key: tuple(row[key]) for key in ("removed", "added")}) for row in rows]
    return sorted((mutant for mutant in mutants if mutant.is_checked), key=lambda mutant: mutant.module)


def why_it_may_live(mutant: Mutant, known: Iterable[dict[str, str]]) -> str | None:
    """Return the reason that people gave for this survivor, None if nobody did.

    A reason is for one module and, where it says so, one function and one added line: the numbers of mutants change
    with every edit.
    """
    for entry in known:
        if entry["module"] != mutant.module or entry.get("function", mutant.function) != mutant.function:
            continue
        if "added" not in entry or entry["added"] in mutant.added:
            return entry["why"]
    return None


def reasons() -> list[dict[str, str]]:
    """Return the entries of survivors.toml."""
    entries: list[dict[str, str]] = tomllib.loads(KNOWN.read_text(encoding="utf-8"))["survivor"]
    return entries
