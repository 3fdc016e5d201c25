"""Readers stop at a limit, before what they read fills the memory."""

import pytest

from comprehend_local.engine.documents import UnreadableData
from comprehend_local.engine.formats import entity_list, recognizer


def test_annotations_are_counted_while_they_are_read() -> None:
    content = b"File,Line,Begin Offset,End Offset,Type\n" + b"t,0,0,4,ORG\n" * 4

    assert len(recognizer.read_annotations(content, "a", 4)) == 4
    with pytest.raises(UnreadableData, match="TOO_MANY_MENTIONS: a has more than 3 annotations, the maximum"):
        recognizer.read_annotations(content, "a", 3)


def test_items_of_an_entity_list_are_counted_while_they_are_read() -> None:
    content = b"Text,Type\n" + b"Acme,ORG\n" * 4

    assert len(entity_list.read_entity_list(content, "a", 4)) == 4
    with pytest.raises(UnreadableData, match="TOO_MANY_ENTITIES: a lists more than 3 items, the maximum"):
        entity_list.read_entity_list(content, "a", 3)


def test_mentions_are_counted_while_they_are_found() -> None:
    items = [entity_list.Listed("a", "ORG")]

    assert len(entity_list.match(["a a", "a"], items, 3)) == 2
    with pytest.raises(UnreadableData, match="TOO_MANY_MENTIONS: The items are mentioned more than 2 times"):
        entity_list.match(iter(["a a", "a", "never looked at"]), items, 2)
