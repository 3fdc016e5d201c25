"""`python -m tests.mutation [MODULE ...]`: mutate the rules, run their tests, say what nobody noticed.

Without a module all of `governor.domain` is mutated; with some (`batch`, `judgement/rules`) only they. Their figures
are kept, and docs/mutation.md is written anew.
"""

import subprocess
import sys

from tests.mutation.page import PAGE, told, with_figures
from tests.mutation.results import keep, kept, read
from tests.mutation.scratch import ROOT, laid_out


def main(modules: list[str]) -> int:
    """Return the exit code: 0 also if mutants survive, because that is a finding and not an accident."""
    runner, results = ROOT / "tests" / "mutation" / "without_prose.py", "results.json"
    with laid_out(modules) as scratch:
        ended = subprocess.run([sys.executable, runner, results, *modules], cwd=scratch, check=False)
        if ended.returncode:
            return ended.returncode
        found = read(scratch / results)
    figures = kept() | found if modules else found
    figures = dict(sorted(figures.items()))
    keep(figures)
    PAGE.write_text(with_figures(PAGE.read_text(encoding="utf-8"), figures), encoding="utf-8")
    sys.stdout.write(told(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
