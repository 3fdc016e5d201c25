"""Answers as AWS's samples show them."""

import json

import pytest

from comprehend_local.engine.learner import Entity, Scored
from comprehend_local.service.answers import classes, entities
from comprehend_local.service.inputs import Item
from comprehend_local.service.job_runs import batches
from comprehend_local.settings import Settings

MOVIES = [Scored("Documentary", 0.86421), Scored("Other", 0.03811), Scored("Drama", 0.03719)]


def test_the_guides_multi_class_sample() -> None:
    written = json.dumps(classes(MOVIES, Settings()))

    assert written == (
        '[{"Name": "Documentary", "Score": 0.8642}, {"Name": "Other", "Score": 0.0381}, '
        '{"Name": "Drama", "Score": 0.0372}]'
    )


@pytest.mark.parametrize(
    ("score", "shown"), [(0.2758, 0.2757999897003174), (0.2721, 0.2721000015735626), (0.3957, 0.39570000767707825)]
)
def test_real_time_scores_have_single_precision(score: float, shown: float) -> None:
    assert classes([Scored("x", score)], Settings(), single=True) == [{"Name": "x", "Score": shown}]


def test_an_entity_is_found_by_code_points() -> None:
    text = "🦊 Zoë in Ōtsu"

    assert entities(text, [Entity("PERSON", 0.5, 2, 5)]) == [
        {"BeginOffset": 2, "EndOffset": 5, "Score": 0.5, "Text": "Zoë", "Type": "PERSON"}
    ]


def test_batches_are_neither_too_many_documents_nor_too_long() -> None:
    short = [Item("k", number, "x") for number in range(4_001)]
    long = [Item("k", number, "x" * 1_500_000) for number in range(3)]

    assert [len(batch) for batch in batches(short)] == [2_000, 2_000, 1]
    assert [len(batch) for batch in batches(long)] == [2, 1]
    assert list(batches([])) == []
