"""Answers: what one model said of each document of a paper, one line a document, in the paper's order.

A classifier's answer is its labels, a recognizer's its mentions; None is a document without an answer.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from governor.domain.errors import UnexpectedReplyError
from governor.domain.exam import Truth
from governor.domain.policy import DataMode
from governor.domain.predictions import Prediction

Answer = Truth | None
_NO_ANSWER = b"null\n"


def answer_of(prediction: Prediction, mode: DataMode) -> Answer:
    """Return a prediction as an answer: its labels, or its mentions, sorted and each once."""
    if prediction.error:
        return None
    if mode == "ENTITIES":
        return tuple(sorted({(each.begin, each.end, each.name) for each in prediction.found}))
    return tuple(sorted({each.name for each in prediction.labels}))


def in_order(predictions: Iterable[Prediction], documents: int, mode: DataMode) -> Iterator[bytes]:
    """Yield a line for each of the `documents`, whatever the order in which a job answered.

    Raises UnexpectedReplyError for an answer about a document that is not there.
    """
    answered: list[bytes] = [_NO_ANSWER] * documents
    for prediction in predictions:
        if prediction.line is None or not 1 <= prediction.line <= documents:
            raise UnexpectedReplyError("The job's output has an answer about a document that it was not given.")
        answered[prediction.line - 1] = to_line(answer_of(prediction, mode))
    yield from answered


def to_line(answer: Answer) -> bytes:
    """Return an answer as one line of JSON."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def from_line(line: bytes, mode: DataMode) -> Answer:
    """Return what `to_line` wrote; raises UnexpectedReplyError."""
    try:
        return as_truth(json.loads(line), mode)
    except ValueError as error:
        raise UnexpectedReplyError("A model's answers were changed after they were written.") from error


def as_truth(value: Any, mode: DataMode) -> Answer:
    """Return labels or mentions as JSON gives them in the form in which they are compared."""
    try:
        if value is None:
            return None
        if mode == "ENTITIES":
            return tuple(sorted((int(begin), int(end), str(name)) for begin, end, name in value))
        return tuple(sorted(str(each) for each in value))
    except (TypeError, ValueError) as error:
        raise UnexpectedReplyError("The exam has a line that is neither labels nor mentions.") from error
