"""The demo's documents: deterministic, disjoint, and three models end up in the order that the demo tells of."""

import csv
import io
from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from comprehend_local.engine.documents import Document as LabelledText
from comprehend_local.engine.learner import Part, learner_for
from governor_local.corpus import (
    FIRST_EACH,
    LABELS,
    LAST_EACH,
    MORE_EACH,
    TEST_EACH,
    Corpus,
    Document,
    as_csv,
    build,
    slipped_by_one,
)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return build(seed=1)


def test_the_same_seed_gives_the_same_files_and_another_seed_others(corpus: Corpus) -> None:
    assert build(seed=1) == corpus
    assert build(seed=2) != corpus


def test_every_file_has_every_label_as_often(corpus: Corpus) -> None:
    sizes = {"test": TEST_EACH, "first": FIRST_EACH, "more": MORE_EACH, "slipped": LAST_EACH, "repaired": LAST_EACH}
    for name, each in sizes.items():
        assert Counter(document.label for document in getattr(corpus, name)) == dict.fromkeys(LABELS, each), name


def test_no_sentence_is_in_two_files_or_twice_in_one(corpus: Corpus) -> None:
    files = {
        name: [document.text for document in getattr(corpus, name)] for name in ("test", "first", "more", "repaired")
    }
    for name, texts in files.items():
        assert len(set(texts)) == len(texts), name
    for one, other in combinations(files, 2):
        assert not set(files[one]) & set(files[other]), (one, other)


def test_the_slipped_file_has_the_repaired_one_s_sentences_under_other_labels(corpus: Corpus) -> None:
    assert [document.text for document in corpus.slipped] == [document.text for document in corpus.repaired]
    wrong = sum(bad.label != good.label for bad, good in zip(corpus.slipped, corpus.repaired, strict=True))
    assert wrong > 0.85 * len(corpus.slipped)


def test_slipping_moves_each_label_one_row_down() -> None:
    rows = (Document("a", "1"), Document("b", "2"), Document("c", "3"))
    assert [row.label for row in slipped_by_one(rows)] == ["c", "a", "b"]


def test_the_csv_is_headless_utf8_in_two_columns_and_reads_back(corpus: Corpus) -> None:
    rows = list(csv.reader(io.StringIO(as_csv(corpus.first).decode("utf-8"), newline=""), strict=True))
    assert [Document(*row) for row in rows] == list(corpus.first)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_second_model_is_clearly_better_the_third_clearly_worse_and_repairing_cures(seed: int) -> None:
    corpus = build(seed)
    first = _f1(corpus, corpus.first)
    second = _f1(corpus, corpus.first, corpus.more)
    third = _f1(corpus, corpus.first, corpus.more, corpus.slipped)
    cured = _f1(corpus, corpus.first, corpus.more, corpus.repaired)
    assert 0.65 < first < 0.80
    assert second > first + 0.03
    assert third < second - 0.05
    assert cured > second


def _f1(corpus: Corpus, *files: tuple[Document, ...]) -> float:
    learner = learner_for("MULTI_CLASS")
    chunks = [[LabelledText(row.text, (row.label,)) for row in file] for file in (*files, corpus.test)]
    *learned, exam = (Part(one, np.arange(len(one.digests))) for one in learner.prepare(chunks))
    return learner.train(learned, None, seed=1).scores([exam]).averages().f1
