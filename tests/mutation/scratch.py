"""The scratch directory: the rules and their pure tests, laid out as mutmut wants them, and nothing else.

mutmut derives a module's name from its path, so `governor.domain` has to lie in `src/governor/domain`. That little
else is there also proves that these tests need nothing else.
"""

import ast
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRATCH = ROOT / ".mutation"
"""Git ignores it. Each run has a directory of its own in it, so that two at once do not take each other's files."""
RULES = "governor.domain."
DOMAIN = ROOT / "layers" / "governor" / "domain"
UNIT = ROOT / "tests" / "unit"
FIRST_PARTY = {"benchmarks", "comprehend_local", "functions", "governor", "governor_cli", "governor_local"}


@contextmanager
def laid_out(modules: Sequence[str] = ()) -> Iterator[Path]:
    """Yield a directory with fresh copies: a score that an earlier run had a part in would be no figure.

    With `modules` only the tests that import one of them, or a package above it, are copied, and all if none does:
    quick, if anything too strict.
    """
    SCRATCH.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as name:
        scratch = Path(name)
        shutil.copy2(ROOT / "pyproject.toml", scratch)
        files = {Path("src") / path.relative_to(ROOT / "layers"): path for path in _sources()}
        files |= {path.relative_to(ROOT): path for path in _tests(modules)}
        for copy, path in files.items():
            (scratch / copy).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, scratch / copy)
        yield scratch


def _sources() -> list[Path]:
    """The domain, and the ports, which are types alone: tests of rules make rows of the ledger with them."""
    return [DOMAIN.parent / "__init__.py", *DOMAIN.rglob("*.py"), *(DOMAIN.parent / "ports").rglob("*.py")]


def _tests(modules: Sequence[str]) -> set[Path]:
    """The tests that use nothing of this repository but rules and ports, with what they import from each other."""
    tests = [used for path in UNIT.rglob("test_*.py") if (used := _used(path))]
    about = [used for used in tests if any(_is_about(path, modules) for path in used if path.suffix == ".py")]
    return set().union(*(about or tests))


def _is_about(path: Path, modules: Sequence[str]) -> bool:
    names = {f"{RULES}{module.replace('/', '.')}." for module in modules}
    return any(name.startswith(f"{imported}.") for imported in _imports(path) for name in names)


def _used(path: Path) -> set[Path]:
    """The files that this test needs, itself among them; none if anything needs more than the rules.

    A module of docs/ that writes a page comes with the page.
    """
    files = {path} | ({path.with_suffix(".html")} if path.with_suffix(".html").is_file() else set())
    for name in _imports(path):
        if name.startswith(("tests.", "docs.")):
            file = _file(name)
            below = _used(file) if file is not None else set()
            if not below:
                return set()
            files |= below
        elif name.partition(".")[0] in FIRST_PARTY and not f"{name}.".startswith((RULES, "governor.ports.")):
            return set()
    return files


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name for name in modules if _file(name) is not None} or {node.module}
    return names


def _file(module: str) -> Path | None:
    files = [base / Path(*module.split(".")).with_suffix(".py") for base in (ROOT, ROOT / "layers")]
    return next((file for file in files if file.is_file()), None)
