"""The recognizers that are compared: each function trains one in a fresh process and scores it.

All get the same documents, read before the clock starts. What counts as training is everything from the documents in
memory to a model that can answer. A mention is right when its place and type are exact; F1 is over all mentions.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import measured
from comprehend_local.engine.documents import Document
from comprehend_local.engine.formats import stored
from comprehend_local.engine.metrics import EntityDecisions

Result = dict[str, Any]
Answers = list[list[tuple[int, int, str]]]
_TOKEN = re.compile(r"\w+|[^\w\s]")
_WARM_UP, _TIMED, _MANY = 100, 1_000, 20_000


def comprehend_local(train: str, test: str) -> Result:
    """This project's engine."""
    from comprehend_local.engine.learner import Part, learner_for  # noqa: PLC0415

    documents = stored.read(Path(train).read_bytes())
    learner = learner_for("ENTITIES")
    with measured():
        prepared = learner.prepare([documents])[0]
        model = learner.train([Part(prepared, np.arange(len(documents)))], None, seed=0)

    def answer(texts: Sequence[str]) -> Answers:
        return [[(one.begin, one.end, one.type) for one in mentions] for mentions in model.detect(texts)]

    return {**_scored(test, answer), "model_mb": len(model.to_bytes()) / 2**20}


def plain_crfsuite(train: str, test: str, algorithm: str, parameters: dict[str, float]) -> Result:
    """python-crfsuite as its tutorials use it: the word, its shape and affixes, the words beside it."""
    import pycrfsuite  # noqa: PLC0415

    documents = stored.read(Path(train).read_bytes())
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder, "model"))
        with measured():
            trainer = pycrfsuite.Trainer(algorithm=algorithm, params=parameters, verbose=False)
            for document in documents:
                places = _places(document.text)
                trainer.append(_features(document.text, places), _tags(document, places))
            trainer.train(file)
            tagger = pycrfsuite.Tagger()
            tagger.open(file)

        def answer(texts: Sequence[str]) -> Answers:
            return [
                _answered(tagger.tag(_features(text, places)), places) for text in texts for places in [_places(text)]
            ]

        return {**_scored(test, answer), "model_mb": Path(file).stat().st_size / 2**20}


def _places(text: str) -> list[tuple[int, int]]:
    return [found.span() for found in _TOKEN.finditer(text)]


def _features(text: str, places: Sequence[tuple[int, int]]) -> list[list[str]]:
    words = [text[begin:end] for begin, end in places]
    found = []
    for place, word in enumerate(words):
        small = word.lower()
        kinds = re.sub(r"[0-9]", "d", re.sub(r"[a-z]", "x", re.sub(r"[A-Z]", "X", word)))
        features = ["bias", f"word={small}", f"shape={kinds}", f"title={word.istitle()}", f"upper={word.isupper()}"]
        features += [f"prefix={small[:size]}" for size in (1, 2, 3)] + [f"suffix={small[-size:]}" for size in (1, 2, 3)]
        for name, beside in (("before", place - 1), ("after", place + 1)):
            if 0 <= beside < len(words):
                other = words[beside]
                features += [
                    f"{name}={other.lower()}",
                    f"{name}:title={other.istitle()}",
                    f"{name}:upper={other.isupper()}",
                ]
            else:
                features.append(f"{name}:none")
        found.append(features)
    return found


def _tags(document: Document, places: Sequence[tuple[int, int]]) -> list[str]:
    tags = ["O"] * len(places)
    for begin, end, type_ in document.spans:
        inside = [place for place, (one, two) in enumerate(places) if one < end and two > begin]
        for place in inside:
            tags[place] = f"{'B' if place == inside[0] else 'I'}-{type_}"
    return tags


def _answered(tags: Sequence[str], places: Sequence[tuple[int, int]]) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    before = "O"
    for tag, (begin, end) in zip(tags, places, strict=True):
        if tag.startswith("I-") and before[2:] == tag[2:]:
            found[-1] = (found[-1][0], end, tag[2:])
        elif tag != "O":
            found.append((begin, end, tag[2:]))
        before = tag
    return found


def _scored(test: str, answer: Callable[[Sequence[str]], Answers]) -> Result:
    """F1 on a file; what one answer takes after a warm-up; what 100,000 documents take when asked for together."""
    documents = stored.read(Path(test).read_bytes())
    texts = [document.text for document in documents]
    averages = EntityDecisions.of([document.spans for document in documents], answer(texts)).averages()
    single = [texts[place % len(texts)] for place in range(_WARM_UP + _TIMED)]
    times = []
    for text in single:
        started = time.perf_counter()
        answer([text])
        times.append(time.perf_counter() - started)
    p50, p99 = np.percentile(np.array(times[_WARM_UP:]) * 1000, [50, 99])
    many = [texts[place % len(texts)] for place in range(_MANY)]
    started = time.perf_counter()
    for place in range(0, _MANY, 2_000):
        answer(many[place : place + 2_000])
    wall = time.perf_counter() - started
    return {
        "f1": averages.f1,
        "precision": averages.precision,
        "recall": averages.recall,
        "p50_ms": float(p50),
        "p99_ms": float(p99),
        "many_s": wall * 100_000 / _MANY,
    }
