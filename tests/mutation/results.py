"""What became of every mutant, by module: kept in results.json, so that a run of one module renews its figures."""

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

KEPT = Path(__file__).with_name("results.json")
KNOWN = Path(__file__).with_name("survivors.toml")
DOMAIN = Path(__file__).parents[2] / "layers" / "governor" / "domain"


@dataclass(frozen=True, slots=True)
class Survivor:
    """A change of one function that no test noticed: its lines before and after, without indentation."""

    function: str
    removed: tuple[str, ...]
    added: tuple[str, ...]
    tested: bool = True
    """Whether any test reaches the function."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One module's."""

    mutants: int
    survivors: tuple[Survivor, ...]

    @property
    def killed(self) -> int:
        """A test failed, or never ended, as a loop without its exit does not."""
        return self.mutants - len(self.survivors)


def read(results: Path) -> dict[str, Figures]:
    """Return the figures of a run, by module."""
    rows: list[dict[str, Any]] = json.loads(results.read_text(encoding="utf-8"))
    found = {}
    for module in sorted({row["module"] for row in rows}):
        own = [row for row in rows if row["module"] == module]
        alive = [row for row in own if row["status"] not in {"killed", "timeout"}]
        found[module] = Figures(len(own), tuple(_survivor(row) for row in alive))
    return found


def _survivor(row: Mapping[str, Any]) -> Survivor:
    return Survivor(row["function"], tuple(row["removed"]), tuple(row["added"]), row["status"] != "no tests")


def kept() -> dict[str, Figures]:
    """Return the figures of the last runs, of modules that are still there."""
    found: dict[str, Figures] = {}
    for module, row in json.loads(KEPT.read_text(encoding="utf-8")).items():
        if (DOMAIN / f"{module}.py").is_file():
            survivors = (
                Survivor(**each | {"removed": tuple(each["removed"]), "added": tuple(each["added"])})
                for each in row["survivors"]
            )
            found[module] = Figures(row["mutants"], tuple(survivors))
    return found


def keep(figures: Mapping[str, Figures]) -> None:
    """Write the figures."""
    rows = {module: asdict(found) for module, found in sorted(figures.items())}
    KEPT.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def why_it_may_live(module: str, survivor: Survivor, known: Iterable[Mapping[str, str]]) -> str | None:
    """Return the reason that people gave for this survivor, None if nobody did.

    A reason is for one module and, where it says so, one function and a part of an added or of a removed line.
    """
    for entry in known:
        if entry["module"] != module or entry.get("function", survivor.function) != survivor.function:
            continue
        if all(
            any(entry.get(side, "") in line for line in lines or ("",))
            for side, lines in (("added", survivor.added), ("removed", survivor.removed))
        ):
            return entry["why"]
    return None


def reasons() -> Sequence[Mapping[str, str]]:
    """Return the entries of survivors.toml."""
    entries: list[dict[str, str]] = tomllib.loads(KNOWN.read_text(encoding="utf-8"))["survivor"]
    return entries
