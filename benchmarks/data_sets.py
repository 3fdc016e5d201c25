"""Readers of public data sets that the user may have (`--data`)."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path
from typing import NamedTuple

from benchmarks.corpus import Corpus, Row


class Labelled(NamedTuple):
    """A text with several labels."""

    text: str
    labels: tuple[str, ...]


def banking77(folder: Path) -> Corpus:
    """train.csv and test.csv with the columns text and category (PolyAI-LDN/task-specific-datasets)."""

    def part(name: str) -> list[Row]:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as source:
            return [Row(row["category"], row["text"]) for row in csv.DictReader(source)]

    return Corpus(part("train"), part("test"))


def goemotions(folder: str, part: str) -> list[Labelled]:
    """<part>.tsv.gz with text, comma-joined label numbers and an id; labels.txt (google-research/goemotions)."""
    names = Path(folder, "labels.txt").read_text().split()
    with gzip.open(Path(folder, f"{part}.tsv.gz"), "rt", encoding="utf-8") as source:
        rows = [line.rstrip("\n").split("\t") for line in source]
    return [Labelled(text, tuple(names[int(number)] for number in numbers.split(","))) for text, numbers, _ in rows]
