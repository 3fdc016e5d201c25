"""docs/mutation.md: its figures, from those that are kept, and the same for the terminal."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.mutation.results import Figures, Survivor, reasons, why_it_may_live

PAGE = Path(__file__).parents[2] / "docs" / "mutation.md"
BEGIN, END = "<!-- figures: written by `make mutate` -->\n", "<!-- end of figures -->"


def told(figures: Mapping[str, Figures]) -> str:
    """Return what a terminal shows: survivors that nobody explained with their lines, then the table."""
    lines: list[str] = []
    known = reasons()
    for module, found in figures.items():
        for survivor in found.survivors:
            if why_it_may_live(module, survivor, known) is None:
                lines += ["", f"{module}: {survivor.function}{'' if survivor.tested else ' (no test reaches it)'}"]
                lines += [f"  - {line}" for line in survivor.removed] + [f"  + {line}" for line in survivor.added]
    return "\n".join([*lines, "", *_table(figures)]) + "\n"


def with_figures(page: str, figures: Mapping[str, Figures]) -> str:
    """Return the page with these figures."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n" + "\n".join([*_table(figures), "", *_listed(figures)]) + f"\n\n{END}{after}"


def _table(figures: Mapping[str, Figures]) -> list[str]:
    rows = [_row(f"`{module}`", found.mutants, found.killed) for module, found in figures.items()]
    total = _row(
        "**all**", sum(each.mutants for each in figures.values()), sum(each.killed for each in figures.values())
    )
    return ["| module | mutants | killed | survived | score |", "|---|--:|--:|--:|--:|", *rows, total]


def _row(name: str, mutants: int, killed: int) -> str:
    score = f"{100 * killed / mutants:.1f} %" if mutants else "-"
    return f"| {name} | {mutants:,} | {killed:,} | {mutants - killed:,} | {score} |"


def _listed(figures: Mapping[str, Figures]) -> list[str]:
    """One row a function and reason, with the lines as they were left alive."""
    known = reasons()
    rows: dict[tuple[str, str, str], list[Survivor]] = defaultdict(list)
    for module, found in figures.items():
        for survivor in found.survivors:
            why = why_it_may_live(module, survivor, known) or "not explained yet"
            rows[module, survivor.function, why].append(survivor)
    return [
        "| where | it lives | why |",
        "|---|---|---|",
        *(f"| `{module}`: `{function}` | {_few(alive)} | {why} |" for (module, function, why), alive in rows.items()),
    ]


def _few(survivors: list[Survivor]) -> str:
    codes = [_code(each.added) if each.added else f"without {_code(each.removed)}" for each in survivors[:3]]
    return "<br>".join([*codes, f"and {len(survivors) - 3} more"] if len(survivors) > 3 else codes)


def _code(lines: Iterable[str]) -> str:
    text = " ".join(lines).replace("|", "\\|")
    return f"`` {text} ``" if "`" in text else f"`{text}`"
