import numpy as np
import pytest

from comprehend_local.engine.documents import Document
from comprehend_local.engine.learner import Part, learner_for
from comprehend_local.engine.split import hold_out


def part(*texts: str) -> Part:
    prepared = learner_for("MULTI_CLASS").prepare([[Document(text, ("a",)) for text in texts]])[0]
    return Part(prepared, np.arange(len(texts)))


def digests(parts: list[Part]) -> list[int]:
    return [int(digest) for one in parts for digest in one.prepared.digests[one.rows]]


@pytest.mark.parametrize(("size", "held"), [(9, 1), (5573, 557), (30, 3), (2, 1)])
def test_a_tenth_is_held_out_as_aws_was_seen_to_do(size: int, held: int) -> None:
    documents = part(*map(str, range(size)))

    learn, test = hold_out([documents], 0.1, seed=0)

    assert (len(learn[0].rows), len(test[0].rows)) == (size - held, held)
    assert sorted(digests([*learn, *test])) == sorted(digests([documents]))


def test_which_documents_are_held_out_does_not_depend_on_their_order() -> None:
    texts = [str(number) for number in range(100)]

    _, one = hold_out([part(*texts)], 0.1, seed=0)
    _, two = hold_out([part(*texts[:30:-1]), part(*texts[30::-1])], 0.1, seed=0)
    _, other = hold_out([part(*texts)], 0.1, seed=1)

    assert set(digests(one)) == set(digests(two))
    assert set(digests(one)) != set(digests(other))


def test_a_document_held_out_stays_so_when_data_is_added() -> None:
    some = part(*map(str, range(1000)))
    _, first = hold_out([some], 0.1, seed=0)
    _, second = hold_out([some, part(*(f"more {number}" for number in range(50)))], 0.1, seed=0)

    assert len(set(digests(first)) & set(digests(second))) > 90


def test_a_single_document_is_learned_from() -> None:
    learn, test = hold_out([part("one")], 0.5, seed=0)

    assert (len(learn), test) == (1, [])
