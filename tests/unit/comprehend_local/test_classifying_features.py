"""What is computed of a text alone: the same wherever the text stands, however it is grouped, whatever it holds."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comprehend_local.engine import features as engine
from comprehend_local.engine.features import Features, features, features_of_each, joined

# Letters that change their length in lower case, marks, emoji, half surrogates, line ends and NUL.
HOSTILE = st.text(st.sampled_from("ab ßİΣéé_.\n\r\x00!☺😀\ud800"), max_size=20) | st.text(max_size=20)


def rows(found: Features) -> list[dict[int, int]]:
    ends = found.indptr.tolist()
    pairs = list(zip(found.ids.tolist(), found.counts.tolist(), strict=True))
    return [dict(pairs[start:end]) for start, end in pairwise(ends)]


def of(text: str) -> dict[int, int]:
    return rows(features([text]))[0]


@given(st.lists(HOSTILE, max_size=6))
def test_a_text_has_the_same_features_alone_and_among_others(texts: list[str]) -> None:
    assert rows(features(texts)) == [of(text) for text in texts]


@given(st.lists(st.lists(HOSTILE, max_size=4), max_size=4))
def test_chunks_are_what_they_are_one_by_one(chunks: list[list[str]]) -> None:
    assert [rows(found) for found in features_of_each(chunks)] == [rows(features(texts)) for texts in chunks]


@given(st.lists(HOSTILE, min_size=1, max_size=5))
def test_taken_rows_are_those_rows(texts: list[str]) -> None:
    found = features(texts)
    chosen = np.array([*range(0, len(texts), 2)], dtype=np.intp)

    assert rows(found.take(chosen)) == rows(found)[::2]
    assert rows(joined([found, found])) == rows(found) * 2


def test_words_and_pairs_of_neighbours_are_counted() -> None:
    assert sorted(of("a b a b a").values()) == [2, 2, 2, 3]  # b, a-b, b-a, a
    assert len(of("one two three")) == 5
    assert of("one, TWO") == of("One\ntwo!")
    assert of("one two") != of("two one")
    assert of("") == of(" .,!\x00\n") == {}


def test_a_pair_never_spans_two_documents() -> None:
    assert [len(row) for row in rows(features(["one", "two", "one two"]))] == [1, 1, 3]


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert of("caf\u00e9") == of("cafe\u0301") == of("CAF\u00c9")


def test_every_emoji_is_a_word() -> None:
    assert set(of("😀")) < set(of("😀😡"))


def test_different_words_get_different_hashes() -> None:
    found = of(" ".join(f"w{number}" for number in range(30_000)))

    assert len(found) >= 59_999 - 5  # 0.4 collisions are expected


def test_many_texts_are_shared_among_threads_and_come_out_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"document {number} of some and the word{number % 7}" * 3 for number in range(8_000)]
    alone = features(texts)
    monkeypatch.setattr(engine, "_THREADS_FROM", 1000)

    shared = features(texts)

    assert all((getattr(alone, name) == getattr(shared, name)).all() for name in ("indptr", "ids", "counts"))


def test_a_huge_word_and_a_huge_text_are_read_in_pieces() -> None:
    word, text, small = rows(features(["a" * 1_000_000, "a b " * 200_000, "a"]))

    assert len(word) <= 2 * 1_000_000 / 65_536 + 2
    assert sorted(text.values()) == [0xFFFF] * 4
    assert small == of("a")


def test_the_hashes_stay_what_they_are() -> None:
    """Stored features name words by them: a change needs another VERSION."""
    assert engine.VERSION == 1
    assert sorted(of("Local twin")) == [435089876, 1518309121, 2937879170]
