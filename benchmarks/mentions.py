"""Corpora with mentions of entities: one that comes with botocore, and public ones that the user may have."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from botocore.loaders import Loader

from benchmarks.corpus import SERVICES, real
from comprehend_local.engine.documents import Document, Span
from comprehend_local.engine.formats.entity_list import Listed, match

TEST = 2_000
"""Documents of botocore's corpus that only score."""
_SEVERAL_WORDS = re.compile(r"[A-Z]\w*[a-z][A-Z]\w+")


class Mentions(NamedTuple):
    """To learn from and to score on."""

    train: list[Document]
    test: list[Document]


@cache
def documented(seed: int = 1) -> Mentions:
    """Sentences of AWS's documentation with the names of services, operations and parameters in it.

    The names are an entity list, made from the services' models. A third of the operations and parameters is never seen
    in training: sentences with such a name are kept to score on.
    """
    items, unseen = _listed(seed)
    corpus = real()
    texts = sorted({row.text for row in [*corpus.train, *corpus.test]})
    random.Random(seed).shuffle(texts)
    train: list[Document] = []
    test: list[Document] = []
    for document in match(texts, items):
        fresh = any(document.text[span.begin : span.end] in unseen for span in document.spans)
        (test if fresh or len(test) < TEST // 2 else train).append(document)
    return Mentions(train, test[: TEST // 2] + random.Random(seed).sample(test[TEST // 2 :], TEST // 2))


def _listed(seed: int) -> tuple[list[Listed], set[str]]:
    """(the entity list, the names in it that only the test has)."""
    names: dict[str, set[str]] = {"SERVICE": set(), "OPERATION": set(), "PARAMETER": set()}
    loader = Loader()
    for service in SERVICES:
        model = loader.load_service_model(service, "service-2")
        about = model["metadata"]
        names["SERVICE"] |= {about[key] for key in ("serviceFullName", "serviceAbbreviation") if key in about}
        # One word that could be any other is no good name.
        names["OPERATION"] |= {name for name in model["operations"] if _SEVERAL_WORDS.fullmatch(name)}
        for shape in model["shapes"].values():
            names["PARAMETER"] |= {name for name in shape.get("members", ()) if _SEVERAL_WORDS.fullmatch(name)}
    items = [Listed(name, type_) for type_, some in names.items() for name in sorted(some)]
    fresh = [item.text for item in items if item.type != "SERVICE"]
    random.Random(seed).shuffle(fresh)
    return items, set(fresh[: len(fresh) // 3])


def broad_twitter(folder: Path) -> Mentions:
    """btc.train and btc.test (GateNLP/broad_twitter_corpus): PER, LOC, ORG in tweets."""
    return Mentions(list(_conll(folder / "btc.train")), list(_conll(folder / "btc.test")))


def emerging(folder: Path) -> Mentions:
    """wnut17train.conll and emerging.test.annotated (leondz/emerging_entities_17): six types, rare and new names."""
    return Mentions(list(_conll(folder / "wnut17train.conll")), list(_conll(folder / "emerging.test.annotated")))


def _conll(file: Path) -> Iterator[Document]:
    """One token and its BIO tag a line, parted by a tab; the texts are the tokens joined by blanks."""
    for block in re.split(r"\n\s*\n", file.read_text(encoding="utf-8")):
        text, spans = "", list[Span]()
        goes_on = False
        for line in filter(str.strip, block.split("\n")):
            token, _, tag = line.partition("\t")
            begin = len(text) + bool(text)
            text += " " * bool(text) + token
            kind, _, type_ = tag.strip().partition("-")
            if kind == "I" and goes_on and spans[-1].type == type_:
                spans[-1] = Span(spans[-1].begin, len(text), type_)
            elif kind in ("B", "I"):
                spans.append(Span(begin, len(text), type_))
            goes_on = kind in ("B", "I")
        if text:
            yield Document(text, spans=tuple(spans))
