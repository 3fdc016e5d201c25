from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comprehend_local.engine import crf, crf_training
from comprehend_local.engine.crf_training import Weights
from comprehend_local.engine.documents import Span
from comprehend_local.engine.emissions import Emissions
from comprehend_local.engine.token_features import Commonness, Describer, outline, own
from comprehend_local.engine.tokens import LONGEST_SEQUENCE, cuts_address, sequences, tags, tokenize

alphabet = st.text("ab A1_.,-'\u0301\u00e9\U0001f600", max_size=40)


# Tokens and tags


@given(alphabet)
def test_tokens_are_all_that_is_no_blank(text: str) -> None:
    places = tokenize(text, split_addresses=True)

    assert "".join(text[begin:end] for begin, end in places) == "".join(text.split())
    assert all(begin < end for begin, end in places)
    assert all(one[1] <= two[0] for one, two in pairwise(places))


def test_marks_belong_to_their_letters_and_addresses_are_one() -> None:
    text = "Cafe\u0301s, see https://x.org/a?b=c! (www.y.org)"

    assert [text[begin:end] for begin, end in tokenize(text, split_addresses=False)] == [
        "Cafe\u0301s",
        ",",
        "see",
        "https://x.org/a?b=c!",
        "(",
        "www.y.org)",
    ]
    assert len(tokenize(text, split_addresses=True)) > 12


@given(alphabet, st.data())
def test_mentions_of_whole_tokens_come_back_from_their_tags(text: str, data: st.DataObject) -> None:
    places = tokenize(text, split_addresses=True)
    bounds = sorted(data.draw(st.sets(st.integers(0, len(places)), max_size=8)))
    runs = list(zip(bounds[::2], bounds[1::2], strict=False))
    spans = [Span(places[one][0], places[two - 1][1], data.draw(st.sampled_from("XY"))) for one, two in runs]

    codes = tags(places, spans, ["X", "Y"])

    back = crf.mentions(np.array(codes, dtype=np.intp))
    assert [Span(places[begin][0], places[end - 1][1], "XY"[type_]) for begin, end, type_ in back] == spans


def test_a_token_belongs_to_a_mention_that_has_a_part_of_it() -> None:
    places = tokenize("ab cd ef gh", split_addresses=False)

    assert tags(places, [Span(1, 4, "X"), Span(4, 7, "Y"), Span(9, 10, "Z")], ["X", "Y"]) == [1, 2, 3, 0]
    assert tags(places, [Span(2, 3, "X")], ["X"]) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("span", "cut"),
    [(Span(4, 20, "X"), False), (Span(4, 10, "X"), True), (Span(11, 14, "X"), True), (Span(0, 3, "X"), False)],
)
def test_mentions_inside_of_an_address_are_noticed(span: Span, cut: bool) -> None:
    assert cuts_address("see http://abc.de/fg", [span]) is cut
    assert not cuts_address("see abc.de", [span])


def test_long_texts_are_cut_at_sentences() -> None:
    short, long = ["a"] * LONGEST_SEQUENCE, (["a"] * 149 + ["."]) * 5

    assert list(sequences(short)) == [(0, LONGEST_SEQUENCE)]
    assert list(sequences(long)) == [(0, 300), (300, 600), (600, 750)] or LONGEST_SEQUENCE != 400
    assert list(sequences([*short, "a"])) == [(0, LONGEST_SEQUENCE), (LONGEST_SEQUENCE, LONGEST_SEQUENCE + 1)]
    assert list(sequences([])) == []


# Features


def test_outlines() -> None:
    assert [outline(word) for word in ("McDonald's", "AB12", "\u00e9\u00c9", "...")] == ["XxXx'x", "Xd", "xX", "."]


def test_a_word_does_not_count_itself_while_learning() -> None:
    commonness = Commonness(["Once", "twice", "Twice", *["often"] * 12])

    assert [commonness.without_itself(word) for word in ("Once", "Twice", "twice", "often")] == ["09", "14", "10", "34"]
    assert commonness.all() == {"often": "34", "twice": "12"}


@given(
    st.lists(
        st.lists(st.sampled_from(["Ab", "b", "\u00c9a", "7", "."]), min_size=1, max_size=6), min_size=1, max_size=5
    )
)
def test_words_speak_for_tags_as_their_features_do(texts: list[list[str]]) -> None:
    texts.sort(key=len, reverse=True)
    commonness = {"ab": "12"}
    described = [Describer(lambda word: commonness.get(word.lower(), "09")).features(words) for words in texts]
    names = sorted({name for tokens in described for names in tokens for name in names})
    weights = np.random.default_rng(0).normal(size=(len(names), 3)).astype(np.float32)
    weights[::3] = 0
    model = Weights(names, weights, np.zeros((3, 3)), np.array([True, True, False]), commonness)
    rows = crf.Sequences([len(words) for words in texts])

    found = Emissions(model, 0.25).of([word for words in texts for word in words], rows)

    expected = [sum(weights[names.index(name)] for name in names_) for tokens in described for names_ in tokens]
    assert found == pytest.approx(np.add(expected, [-0.25, 0, crf.NEVER])[rows.order], abs=1e-3)


def test_features_are_no_blanks_nor_empty() -> None:
    assert all(name.strip() == name != "" and " " not in name for name in own("A", "09"))


# The field


@st.composite
def fields(draw: st.DrawFn) -> tuple[list[int], np.ndarray, np.ndarray]:
    """Lengths of sequences, weights of their tokens sequence by sequence, weights of transitions."""
    lengths = sorted(draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)), reverse=True)
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    scale = draw(st.sampled_from([0.1, 2.0, 30.0]))
    return lengths, chance.normal(size=(sum(lengths), 5)) * scale, chance.normal(size=(5, 5)) * scale


def every_row(length: int) -> list[tuple[int, ...]]:
    """All rows of tags in which I-X follows B-X or I-X."""
    return [
        row
        for row in product(range(5), repeat=length)
        if all(tag in (0, 1, 3) or before in (tag - 1, tag) for before, tag in zip((0, *row), row, strict=False))
    ]


@given(fields())
def test_the_best_tags_and_probabilities_are_those_of_all_rows(field: tuple[list[int], np.ndarray, np.ndarray]) -> None:
    lengths, weights, free = field
    rows, transitions = crf.Sequences(lengths), crf.allowed_steps(free)
    tags_found = crf.best(weights[rows.order], transitions, rows)
    posteriors = crf.Posteriors(weights[rows.order], transitions, rows)

    for start, length in zip(rows.starts.tolist(), lengths, strict=True):
        every = every_row(length)
        scores = np.array(
            [
                sum(weights[start + place, tag] for place, tag in enumerate(row))
                + sum(free[one, two] for one, two in pairwise(row))
                for row in every
            ]
        )
        assert tuple(tags_found[start : start + length]) == every[int(scores.argmax())]
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        for mention in [(0, 1, 0), (0, length, 1), (length - 1, length, 1), (0, min(2, length), 0)]:
            has = [mention in list(crf.mentions(np.array(row))) for row in every]
            begin, end, type_ = mention
            found = posteriors.mention(start + begin, start + end, type_, start + length)
            assert found == pytest.approx(float(shares[has].sum()), abs=1e-9)
            assert 0 < found <= 1


def test_no_mention_goes_on_where_none_began() -> None:
    rows = crf.Sequences([3])
    weights = np.array([[0, 0, 9.0], [0, 1.0, 9.0], [0, 0, 9.0]])

    assert crf.best(weights, crf.allowed_steps(np.zeros((3, 3))), rows).tolist() == [1, 2, 2]


# CRFsuite


def test_weights_are_read_from_crfsuite() -> None:
    sequences_ = [(["the", "Cat", "-->", "sat"], [0, 1, 2, 0]), (["a", "(0)", ":", "Dog"], [0, 0, 0, 1])] * 10

    weights = crf_training.learn(sequences_, 3)

    assert weights.of_features.shape == (len(weights.names), 3)
    assert "l=cat" in weights.names
    assert "<l=cat -->" in weights.names
    assert (weights.of_features != 0).any(axis=1).all()
    cat = weights.of_features[weights.names.index("l=cat")]
    assert cat[1] > max(cat[0], cat[2])
    assert weights.transitions[1, 2] != 0
    assert weights.transitions.shape == (3, 3)
    assert weights.seen.tolist() == [True, True, True]
    assert crf_training.learn(sequences_, 5).seen.tolist() == [True, True, True, False, False]
    again = Weights.from_bytes(weights.to_bytes())
    assert again.names == weights.names
    assert again.commonness == weights.commonness
    assert (again.of_features == weights.of_features).all()
    assert (again.transitions == weights.transitions).all()
