"""What an approval is bound to."""

from governor.domain.approval import Binding, bind


def test_the_question_is_bound_to_everything_that_it_is_about() -> None:
    bound = bind(1, "arn:candidate", "arn:baseline", "PASS", "d" * 64, 3)
    assert bound == Binding(1, "arn:candidate", "arn:baseline", "d" * 64, 3)
    assert bind(1, "arn:candidate", "arn:baseline", "INCONCLUSIVE", "d" * 64, 3) == bound, "an undecided one too"
