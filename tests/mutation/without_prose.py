"""mutmut as it is, but what is written for people is left alone: `without_prose.py RESULTS [MODULE ...]`.

A string with a blank in it is a sentence, a style or markup, and a test that repeats it word by word is a second copy
of it, not a check. Strings without one are names, states, keys and metrics, which programs read: they are mutated.
(mutmut never mutates the text of an f-string, only what is put into it.) Runs in the scratch directory, because mutmut
reads its settings there when it is imported. Properties are tried with 20 examples instead of 100, the same in every
run: a survivor is tested by all tests that reach it. Writes one object a mutant to RESULTS: module, function, status,
removed and added lines.
"""

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import libcst
from hypothesis import settings
from mutmut.__main__ import _run
from mutmut.configuration import config
from mutmut.mutation import mutators
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.utils.format_utils import orig_function_and_class_names_from_key

LEFT_ALONE = ("killed", "timeout", "not checked")


def _words_that_programs_read(node: libcst.BaseString) -> Iterator[libcst.BaseString]:
    if not (
        isinstance(node, libcst.SimpleString) and any(character.isspace() for character in str(node.evaluated_value))
    ):
        # The first is the word with something round it; the same in capitals would be noticed no better.
        yield from islice(mutators.operator_string(node), 1)


def _told() -> Iterator[dict[str, object]]:
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        for name, code in data.exit_code_by_key.items():
            status = status_by_exit_code[code]
            function, owner = orig_function_and_class_names_from_key(name)
            lines = [] if status in LEFT_ALONE else get_diff_for_mutant(name, path=path).splitlines()[2:]
            yield {
                "name": name,
                "module": path.relative_to("src/governor/domain").with_suffix("").as_posix(),
                "function": f"{owner}.{function}" if owner else function,
                "status": status,
                "removed": [line[1:].strip() for line in lines if line.startswith("-")],
                "added": [line[1:].strip() for line in lines if line.startswith("+")],
            }


if __name__ == "__main__":
    results, *modules = sys.argv[1:]
    operators = mutators.mutation_operators
    assert isinstance(operators, list)
    operators[operators.index((libcst.BaseString, mutators.operator_string))] = (
        libcst.BaseString,
        _words_that_programs_read,
    )
    settings.register_profile("mutation", settings.get_profile("ci"), max_examples=20)
    if modules:
        config().only_mutate = [f"src/governor/domain/{module}.py" for module in modules]
    _run([], max_children=1)
    Path(results).write_text(json.dumps(list(_told()), indent=1), encoding="utf-8")
