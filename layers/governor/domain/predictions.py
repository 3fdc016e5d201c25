"""What a job answered: its archive read as a stream, one line at a time, and what the lines say.

Source: https://docs.aws.amazon.com/comprehend/latest/dg/outputs-class-async.html (classifiers) and
https://docs.aws.amazon.com/comprehend/latest/dg/outputs-cer-async.html (recognizers). `Line` is a string for
classifiers and a number for recognizers there; it counts from 0.
"""

import csv
import io
import json
import tarfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from governor.domain.errors import UnexpectedReplyError
from governor.domain.text_lines import ChunkReader

LONGEST_ANSWER = 16 * 1024 * 1024
"""Bytes of one line; it bounds memory against an archive that is no answer."""
LABEL_FROM = 0.5
"""The score from which a MULTI_LABEL classifier's label belongs to a document."""
PADDING = "padding.txt"
"""The file whose answers are left out."""
CLASSIFIER_COLUMNS = ("input", "line", "label", "score", "model_version")
RECOGNIZER_COLUMNS = ("input", "line", "type", "text", "begin", "end", "score", "model_version")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def answer_lines(archive: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of the files in a job's `output.tar.gz`; raises UnexpectedReplyError if it is damaged."""
    try:
        with tarfile.open(fileobj=io.BufferedReader(ChunkReader(archive)), mode="r|gz") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isfile() else None
                while content is not None and (line := content.readline(LONGEST_ANSWER + 1)):
                    if len(line) > LONGEST_ANSWER:
                        raise UnexpectedReplyError("The job's output has a line that is no answer.")
                    if line.strip():
                        yield line
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise UnexpectedReplyError(f"The job's output is damaged: {type(error).__name__}.") from error


@dataclass(frozen=True, slots=True)
class Found:
    """A label or a mention. `begin` and `end` (exclusive) count characters of the document."""

    name: str
    score: float
    text: str = ""
    begin: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Prediction:
    """One document's answer. `line` counts from 1, as editors do; None if the document is a file."""

    input: str
    line: int | None
    found: tuple[Found, ...] = ()
    several: bool = False
    """Whether a document may have several labels, or none."""
    error: str = ""

    @property
    def labels(self) -> tuple[Found, ...]:
        """A classifier's answer: the best label, or those that belong to the document, the surest first."""
        best = sorted(self.found, key=lambda each: -each.score)
        return tuple(each for each in best if each.score >= LABEL_FROM) if self.several else tuple(best[:1])


def prediction_of(line: bytes, inputs: Sequence[str]) -> Prediction | None:
    """Return what a line says, None for the padding. `inputs`: the inbox keys by the number of their staged file.

    Raises UnexpectedReplyError for what is no answer about one of them.
    """
    try:
        answer: dict[str, Any] = json.loads(line)
        name = str(answer["File"]).rpartition("/")[2]
        if name == PADDING:
            return None
        key = inputs[int(name.partition(".")[0])]
        number = int(answer["Line"]) + 1 if "Line" in answer else None
        if "ErrorCode" in answer:
            return Prediction(key, number, error=f"{answer['ErrorCode']}: {answer.get('ErrorMessage', '')}")
        if "Entities" in answer:
            return Prediction(key, number, tuple(_mention(each) for each in answer["Entities"]))
        several = "Labels" in answer
        scored = answer["Labels" if several else "Classes"]
        return Prediction(key, number, tuple(Found(each["Name"], float(each["Score"])) for each in scored), several)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise UnexpectedReplyError("The job's output has a line that is no answer about its documents.") from error


def _mention(each: dict[str, Any]) -> Found:
    begin, end = int(each["BeginOffset"]), int(each["EndOffset"])
    return Found(each["Type"], float(each["Score"]), each["Text"], begin, end)


def json_line(prediction: Prediction, version: str, *, recognizer: bool) -> bytes:
    """Return the prediction as one line of JSON."""
    document: dict[str, Any] = {"input": prediction.input}
    if prediction.line is not None:
        document["line"] = prediction.line
    if prediction.error:
        document["error"] = prediction.error
    elif recognizer:
        document["entities"] = [
            {"type": each.name, "text": each.text, "begin": each.begin, "end": each.end, "score": each.score}
            for each in prediction.found
        ]
    else:
        if not prediction.several and prediction.labels:
            document |= {"label": prediction.labels[0].name, "score": prediction.labels[0].score}
        document["labels"] = [{"label": each.name, "score": each.score} for each in prediction.found]
    document["model_version"] = version
    return json.dumps(document, ensure_ascii=False).encode() + b"\n"


def csv_header(*, recognizer: bool) -> bytes:
    """Return the names of the columns."""
    return ",".join(RECOGNIZER_COLUMNS if recognizer else CLASSIFIER_COLUMNS).encode() + b"\n"


def csv_rows(prediction: Prediction, version: str, *, recognizer: bool) -> bytes:
    """Return the prediction as rows: one a label or mention. A document without any has one row with empty fields.

    A cell that a spreadsheet would take for a formula has an apostrophe before it; JSON Lines have it as it is.
    Source: https://owasp.org/www-community/attacks/CSV_Injection
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    place = (prediction.input, prediction.line)  # None is written as an empty field
    if recognizer:
        for each in prediction.found:
            writer.writerow((*place, _cell(each.name), _cell(each.text), each.begin, each.end, each.score, version))
        if not prediction.found:
            writer.writerow((*place, "", "", "", "", "", version))
    else:
        for each in prediction.labels:
            writer.writerow((*place, _cell(each.name), each.score, version))
        if not prediction.labels:
            writer.writerow((*place, "", "", version))
    return buffer.getvalue().encode()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


@dataclass
class Tally:
    """Counts what was predicted, for people. `below`: the score that counts as low confidence."""

    below: float
    recognizer: bool = False
    documents: int = 0
    errors: int = 0
    unsure: int = 0
    found: Counter[str] = field(default_factory=Counter)
    """Documents by label, or mentions by type."""

    def add(self, prediction: Prediction) -> None:
        self.documents += 1
        self.errors += bool(prediction.error)
        if self.recognizer:
            self.found.update(each.name for each in prediction.found)
            self.unsure += sum(each.score < self.below for each in prediction.found)
        elif not prediction.error:
            self.found.update(each.name for each in prediction.labels)
            self.unsure += max((each.score for each in prediction.found), default=0.0) < self.below

    @property
    def counted(self) -> int:
        """What shares are shares of: mentions of a recognizer, documents otherwise."""
        return sum(self.found.values()) if self.recognizer else self.documents - self.errors

    def summary(self) -> dict[str, Any]:
        """Return the counts as JSON: shares are fractions, the most frequent label comes first."""
        total = self.counted or 1
        return {
            "documents": self.documents,
            "errors": self.errors,
            ("entities" if self.recognizer else "labels"): {
                name: {"count": count, "share": round(count / total, 4)} for name, count in self.found.most_common()
            },
            "low_confidence": {
                "below": self.below,
                "count": self.unsure,
                "share": round(self.unsure / total, 4),
                "of": "mentions" if self.recognizer else "documents",
            },
        }


def version_of(model: str) -> str:
    """Return a model's version from its ARN; of a model without versions its name."""
    return model.rpartition("/")[2]
