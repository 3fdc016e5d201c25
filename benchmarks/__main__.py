"""Measures and writes docs/comprehend-benchmarks.md, or the page that a part names. `make bench` runs it.

It has an environment of its own, .venv-bench.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import platform
import re
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil

from benchmarks import parts
from benchmarks.tables import Options

PAGE = Path(__file__).parents[1] / "docs" / "comprehend-benchmarks.md"
_HEAD = """# Benchmarks of comprehend_local

Written by `make bench` (`make bench BENCH="--help"` tells the options). Every variant ran in a fresh process, side by
side in one run; compare inside one table. Wall and CPU seconds are those of the task alone (input already in memory,
libraries imported unless a table says otherwise); memory is the resident size of all the variant's processes.
"""
_SECTION = re.compile(r"^<!-- part: (\w+) -->\n(.*?)^<!-- end of \1 -->\n", re.MULTILINE | re.DOTALL)


def main(arguments: list[str]) -> int:
    """Run the parts asked for. Returns 1 when a bar was missed in a full run, else 0."""
    names = sorted(module.name for module in pkgutil.iter_modules(parts.__path__))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"which: {', '.join(names)} (all)")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="folder that has banking77/, goemotions/, btc/, wnut17/"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, to try that everything runs; writes no page")
    parser.add_argument("--print-only", action="store_true", help="do not touch the page")
    chosen = parser.parse_args(arguments)
    unknown = sorted({*chosen.parts} - {*names})
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}; there are {', '.join(names)}")
    sections: dict[Path, dict[str, str]] = {}
    missed = 0
    for name in chosen.parts or names:
        module = importlib.import_module(f"benchmarks.parts.{name}")
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as scratch:
            tables = module.run(Options(chosen.data, chosen.quick, Path(scratch)))
        text = "\n".join(table.markdown() for table in tables)
        print(text, flush=True)
        missed += sum(not bar.met for table in tables for bar in table.bars)
        stamp = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {_machine()}, {time.monotonic() - started:.0f} s."
        page = getattr(module, "PAGE", PAGE)
        sections.setdefault(page, {})[name] = f"## {module.TITLE}\n\n{stamp}\n\n{text}"
    if not (chosen.quick or chosen.print_only):
        for page, parts_of_it in sections.items():
            _write(page, parts_of_it)
            print(f"Written to {os.path.relpath(page)}.")
    if missed:
        print(f"{missed} bar(s) missed.", file=sys.stderr)
    return int(missed > 0 and not chosen.quick)


def _machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GB, {system}"


def _processor() -> str:
    """The processor's name, where the system tells."""
    told = Path("/proc/cpuinfo")
    if told.exists():
        name = re.search(r"^model name\s*: (.*)$", told.read_text(), re.MULTILINE)
        if name:
            return name[1]
    return platform.processor() or platform.machine()


def _write(page: Path, sections: dict[str, str]) -> None:
    """Replace the sections of the parts that ran and keep all else; new ones come last."""
    text = page.read_text() if page.exists() else _HEAD
    for name in sorted(sections):
        section = f"<!-- part: {name} -->\n{sections[name].rstrip()}\n<!-- end of {name} -->\n"
        found = next((match for match in _SECTION.finditer(text) if match[1] == name), None)
        start, end = (len(text), len(text)) if found is None else found.span()
        text = f"{text[:start]}{chr(10) if found is None else ''}{section}{text[end:]}"
    page.write_text(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
