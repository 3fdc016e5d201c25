"""`python -m tests.mutation [MODULE ...]`: mutate the rules, run their tests, say what nobody noticed.

Without a module all of `governor.domain` is mutated and docs/mutation.md gets the figures; with some (`batch`,
`judgement/rules`) only they, and the page stays.
"""

import subprocess
import sys

from tests.mutation.page import PAGE, told, with_figures
from tests.mutation.results import read
from tests.mutation.scratch import ROOT, laid_out


def main(modules: list[str]) -> int:
    """Return the exit code: 0 also if mutants survive, because that is a finding and not an accident."""
    runner, results = ROOT / "tests" / "mutation" / "without_prose.py", "results.json"
    with laid_out(modules) as scratch:
        ended = subprocess.run([sys.executable, runner, results, *modules], cwd=scratch, check=False)
        if ended.returncode:
            return ended.returncode
        mutants = read(scratch / results)
    if not modules:
        PAGE.write_text(with_figures(PAGE.read_text(encoding="utf-8"), mutants), encoding="utf-8")
    sys.stdout.write(told(mutants))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
