"""The demo's documents: "which AWS service is this sentence about?".

They are real English that an installed dependency carries: botocore ships the API documentation of every AWS service.
Twelve services are the labels, their sentences the documents; the services' own names stay in the text, because the
task is not trivial with them either. Measured over five seeds with the local engine (macro F1 on `test`): `first`
alone 0.74 to 0.76, with `more` 0.84, with `slipped` on top 0.64 to 0.68, with `repaired` instead 0.86 to 0.87.
Building takes about a second.
"""

import csv
import html
import io
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.loaders import Loader

_SERVICES = {
    "cognito": "cognito-idp",
    "dynamodb": "dynamodb",
    "ec2": "ec2",
    "ecs": "ecs",
    "elasticache": "elasticache",
    "iam": "iam",
    "kms": "kms",
    "lambda": "lambda",
    "rds": "rds",
    "rekognition": "rekognition",
    "route53": "route53",
    "s3": "s3",
}
LABELS = tuple(_SERVICES)
"""The twelve labels, in alphabetical order."""

TEST_EACH, FIRST_EACH, MORE_EACH, LAST_EACH = 80, 50, 120, 150
"""Documents a label: enough for the exam to tell models apart, few enough to leave the second one room to be better."""

_SHORTEST, _LONGEST, _FEWEST_WORDS = 60, 400, 8
_TAG = re.compile(r"<[^>]+>")
_SPACES = re.compile(r"\s+")
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?]) (?=[A-Z])")
_SENTENCE = re.compile(r"[A-Z].*[.!?]")
_WORD = re.compile(r"[a-z]{2,}")
_NO_LETTER = re.compile(r"[^a-z]")


@dataclass(frozen=True)
class Document:
    """A sentence and the service it is about."""

    label: str
    text: str


@dataclass(frozen=True)
class Corpus:
    """The demo's files, each in random order. No sentence is in two of them, but for `slipped` and `repaired`."""

    test: tuple[Document, ...]
    """The exam."""
    first: tuple[Document, ...]
    """The first training file, small."""
    more: tuple[Document, ...]
    """More good training data: the next model is clearly better."""
    slipped: tuple[Document, ...]
    """Training data whose label column slipped by one row, as it happens in spreadsheets: the next model is worse."""
    repaired: tuple[Document, ...]
    """The sentences of `slipped` with their own labels."""


def build(seed: int = 1) -> Corpus:
    """Return the corpus; the same for the same seed and the same version of botocore."""
    chance = random.Random(seed)
    drawn = {label: _draw(chance, pool) for label, pool in _pools().items()}
    starts = [0, TEST_EACH, FIRST_EACH, MORE_EACH, LAST_EACH]
    parts = []
    for index in range(1, len(starts)):
        start, end = sum(starts[:index]), sum(starts[: index + 1])
        part = [Document(label, text) for label, texts in drawn.items() for text in texts[start:end]]
        chance.shuffle(part)
        parts.append(tuple(part))
    test, first, more, repaired = parts
    return Corpus(test, first, more, slipped_by_one(repaired), repaired)


def slipped_by_one(documents: Sequence[Document]) -> tuple[Document, ...]:
    """Return `documents` with every label moved to the row below, and the last one to the top."""
    return tuple(Document(documents[index - 1].label, document.text) for index, document in enumerate(documents))


def as_csv(documents: Sequence[Document]) -> bytes:
    """Return a file as Comprehend wants it: UTF-8, no header, label and text, rows ended by LF.

    Source: https://docs.aws.amazon.com/comprehend/latest/dg/prep-class-data-format.html
    """
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows((document.label, document.text) for document in documents)
    return buffer.getvalue().encode()


def _draw(chance: random.Random, pool: Sequence[str]) -> list[str]:
    return chance.sample(pool, TEST_EACH + FIRST_EACH + MORE_EACH + LAST_EACH)


def _pools() -> dict[str, list[str]]:
    """Return each label's sentences: no two that differ only in case or punctuation, none that is in two services."""
    loader = Loader()
    found = {
        label: {_essence(sentence): sentence for sentence in _sentences(loader, service)}
        for label, service in _SERVICES.items()
    }
    owners = Counter(essence for sentences in found.values() for essence in sentences)
    return {
        label: [text for essence, text in sentences.items() if owners[essence] == 1]
        for label, sentences in found.items()
    }


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
