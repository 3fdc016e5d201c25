"""docs/mutation.md: its figures, written anew by a whole run, and the same for the terminal."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.mutation.results import Mutant, reasons, why_it_may_live

PAGE = Path(__file__).parents[2] / "docs" / "mutation.md"
BEGIN, END = "<!-- figures: written by `make mutate` -->\n", "<!-- end of figures -->"


def told(mutants: Sequence[Mutant]) -> str:
    """Return what a terminal shows: survivors that nobody explained with their lines, then the table."""
    lines: list[str] = []
    known = reasons()
    for mutant in _survivors(mutants):
        if why_it_may_live(mutant, known) is None:
            lines += ["", f"{mutant.name} ({mutant.status})"]
            lines += [f"  - {line}" for line in mutant.removed] + [f"  + {line}" for line in mutant.added]
    return "\n".join([*lines, "", *_table(mutants)]) + "\n"


def with_figures(page: str, mutants: Sequence[Mutant]) -> str:
    """Return the page with the figures of this run."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n" + "\n".join([*_table(mutants), "", *_listed(mutants)]) + f"\n\n{END}{after}"


def _table(mutants: Sequence[Mutant]) -> list[str]:
    modules: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in mutants:
        modules[mutant.module].append(mutant)
    rows = [_row(f"`{module}`", of_it) for module, of_it in sorted(modules.items())]
    return [
        "| module | mutants | killed | survived | score |",
        "|---|--:|--:|--:|--:|",
        *rows,
        _row("**all**", mutants),
    ]


def _row(name: str, mutants: Sequence[Mutant]) -> str:
    killed = sum(mutant.is_killed for mutant in mutants)
    score = f"{100 * killed / len(mutants):.1f} %" if mutants else "-"
    return f"| {name} | {len(mutants)} | {killed} | {len(mutants) - killed} | {score} |"


def _listed(mutants: Sequence[Mutant]) -> list[str]:
    """One row a function and reason, with the lines as they were left alive."""
    known = reasons()
    rows: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for mutant in _survivors(mutants):
        why = why_it_may_live(mutant, known) or "not explained yet"
        rows[mutant.module, mutant.function, why].append(_code(mutant.added))
    return [
        "| where | it lives | why |",
        "|---|---|---|",
        *(f"| `{module}`: `{function}` | {_few(lines)} | {why} |" for (module, function, why), lines in rows.items()),
    ]


def _survivors(mutants: Iterable[Mutant]) -> list[Mutant]:
    return [mutant for mutant in mutants if not mutant.is_killed]


def _few(lines: list[str]) -> str:
    return "<br>".join(lines) if len(lines) <= 4 else "<br>".join(lines[:3]) + f"<br>and {len(lines) - 3} more"


def _code(lines: Iterable[str]) -> str:
    text = " ".join(lines).replace("|", "\\|")
    return f"`` {text} ``" if "`" in text else f"`{text}`"
