"""docs/comprehend-coverage.md is what the generator writes, and the hand-written tables behind it are complete."""

from __future__ import annotations

import re
from dataclasses import fields
from fnmatch import fnmatch
from itertools import chain

from comprehend_local import Settings
from docs.coverage.choices import CHOICES, OTHERS
from docs.coverage.page import PAGE, imitated, members, write
from docs.coverage.remarks import EFFECTS, GROUPS, MEMBERS, OPERATIONS
from tests.conformance.script import operations
from tests.conformance.shapes import document

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_is_what_the_generator_writes() -> None:
    assert write() == TEXT, "`make pages` writes it anew"


def test_every_operation_of_comprehend_has_one_row() -> None:
    rows = re.findall(r"^\| (\w+) \| ", TEXT, re.MULTILINE)

    assert sorted(name for name in rows if name in document()["operations"]) == sorted(document()["operations"])
    assert len(document()["operations"]) == 85


def test_the_totals_add_up() -> None:
    figures = [int(number) for number in re.findall(r"imitated[^|]*\| (\d+) \| \d+% \|", TEXT)]

    assert sum(figures) == len(document()["operations"])
    assert sum(figures[:2]) == len(operations())
    assert figures[1] == TEXT.count("| with remarks |")
    assert figures[0] == TEXT.count("| yes |")


def test_what_is_imitated_is_in_a_group_and_has_its_remarks() -> None:
    grouped = list(chain.from_iterable(GROUPS.values()))

    assert imitated() <= set(grouped)
    assert len(grouped) == len(set(grouped))
    assert set(OPERATIONS) <= imitated()
    assert set(MEMBERS.values()) == set(EFFECTS)


def test_remarks_are_about_members_that_there_are() -> None:
    every = set().union(*(members(operation) for operation in imitated()))

    assert set(MEMBERS) <= every


def test_every_setting_is_a_choice_that_is_explained_or_a_time_limit_or_quota() -> None:
    names = {item.name for item in fields(Settings)}
    others = {name for name in names if any(fnmatch(name, pattern) for pattern in OTHERS)}

    assert names - others == set(CHOICES)
