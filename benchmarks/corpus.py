"""A real labelled corpus that comes with botocore, and a generator that enlarges it.

The documents are sentences of the AWS services' API documentation, the labels are twenty services. It is the demo's
task (`governor_local.corpus`) with more labels.
"""

from __future__ import annotations

import csv
import html
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from botocore.loaders import Loader

SERVICES = (
    "batch", "bedrock-agentcore-control", "cloudformation", "cloudfront", "cognito-idp", "connect", "dms", "dynamodb",
    "ec2", "ecs", "glue", "iam", "kms", "lexv2-models", "logs", "quicksight", "rds", "s3", "sagemaker", "ssm",
)  # fmt: skip
TEST_EACH = 200
"""Documents of each label that only score."""
_SHORTEST, _LONGEST, _FEWEST_WORDS = 60, 600, 8
_TAG, _SPACES, _NO_LETTER = re.compile(r"<[^>]+>"), re.compile(r"\s+"), re.compile(r"[^a-z]")
_BETWEEN_SENTENCES, _SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z])"), re.compile(r"[A-Z].*[.!?]")
_WORD = re.compile(r"[a-z]{2,}")


class Row(NamedTuple):
    """A label and a text, as in a COMPREHEND_CSV file."""

    label: str
    text: str


class Corpus(NamedTuple):
    """To learn from and to score on; no text is in both."""

    train: list[Row]
    test: list[Row]


@cache
def real(seed: int = 1) -> Corpus:
    """All there is of the twenty services: 26,000 to learn from and 4,000 to score on (about; botocore grows).

    The same for the same seed and the same botocore.
    """
    chance = random.Random(seed)
    loader = Loader()
    pools = {name: {_essence(text): text for text in _sentences(loader, name)} for name in SERVICES}
    owners = Counter(essence for pool in pools.values() for essence in pool)
    train, test = [], []
    for name, pool in pools.items():
        rows = [Row(name, text) for essence, text in pool.items() if owners[essence] == 1]
        chance.shuffle(rows)
        test += rows[:TEST_EACH]
        train += rows[TEST_EACH:]
    chance.shuffle(train)
    return Corpus(train, test)


class SpliceGenerator:
    """Enlarges a corpus by splicing the beginning of one document and the end of another of the same label.

    Some words are dropped, some replaced by a word from anywhere, some by one that never was. The labels' shares stay,
    the words' frequencies roughly too, and the tail of rare words grows with the corpus as it does in real ones.
    """

    DROPPED, REPLACED, INVENTED = 0.05, 0.08, 0.01

    def __init__(self, rows: Sequence[Row], seed: int = 1) -> None:
        self._rows = rows
        self._words = [row.text.split() for row in rows]
        self._chance = random.Random(seed)
        self._of_label: dict[str, list[int]] = {}
        for place, row in enumerate(rows):
            self._of_label.setdefault(row.label, []).append(place)

    def rows(self, count: int) -> Iterator[Row]:
        """So many generated documents."""
        chance = self._chance
        for _ in range(count):
            one = chance.randrange(len(self._rows))
            label = self._rows[one].label
            head, tail = self._words[one], self._words[chance.choice(self._of_label[label])]
            words = head[: chance.randint(len(head) // 2, len(head))] + tail[chance.randint(0, len(tail) // 2) :]
            yield Row(label, " ".join(self._disturbed(words)))

    def _disturbed(self, words: list[str]) -> Iterator[str]:
        chance = self._chance
        for word in words:
            drawn = chance.random()
            if drawn < self.INVENTED:
                yield f"{word}{chance.randrange(1000)}"
            elif drawn < self.REPLACED:
                yield chance.choice(chance.choice(self._words))
            elif drawn < 1 - self.DROPPED:
                yield word


def enlarged(corpus: Corpus, size: int, seed: int = 1) -> Corpus:
    """The corpus with `size` documents to learn from: the real ones, and generated ones for what is missing."""
    extra = SpliceGenerator(corpus.train, seed).rows(max(0, size - len(corpus.train)))
    train = [*corpus.train[:size], *extra]
    random.Random(seed).shuffle(train)
    return Corpus(train, corpus.test)


def write(rows: Sequence[Row], file: Path) -> str:
    """Write a COMPREHEND_CSV file. Returns its path."""
    with file.open("w", encoding="utf-8", newline="") as sink:
        csv.writer(sink).writerows(rows)
    return str(file)


def read(file: str) -> list[Row]:
    """What `write` wrote."""
    with Path(file).open(encoding="utf-8", newline="") as source:
        return [Row(*row) for row in csv.reader(source)]


def _essence(sentence: str) -> str:
    return _NO_LETTER.sub("", sentence.lower())


def _sentences(loader: Loader, service: str) -> Iterator[str]:
    for text in _documentation(loader.load_service_model(service, "service-2")):
        plain = _SPACES.sub(" ", html.unescape(_TAG.sub(" ", text))).strip()
        for sentence in _BETWEEN_SENTENCES.split(plain):
            whole = _SHORTEST <= len(sentence) <= _LONGEST and _SENTENCE.fullmatch(sentence)
            if whole and len(_WORD.findall(sentence)) >= _FEWEST_WORDS:
                yield sentence


def _documentation(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == "documentation" and isinstance(value, str):
                yield value
            else:
                yield from _documentation(value)
    elif isinstance(node, list):
        for value in node:
            yield from _documentation(value)
