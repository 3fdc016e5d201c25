"""One labelled document, whatever file it came in, and the rules that hold for every one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

LONGEST_LABEL = 5000
LONGEST_ENTITY_TYPE = 64
LONGEST_DOCUMENT_BYTES = 5 * 1024
"""Of entity recognizers (https://docs.aws.amazon.com/comprehend/latest/dg/guidelines-and-limits.html, flywheels)."""

Mention = tuple[int, int, str]
"""Code points from, to (exclusive), and the entity's type."""


@dataclass(frozen=True)
class Document:
    """`labels` for classifiers (one in MULTI_CLASS), `mentions` for recognizers, in order and without overlap.

    `line`: where it begins in its file, from 1 on; 0 where that is not known.
    """

    text: str
    labels: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    line: int = field(default=0, compare=False)


def fault_of_label(label: str) -> str | None:
    """Return what is wrong with a label, as the end of a sentence; None if it is good."""
    if not label.strip():
        return "the label is empty."
    if label != label.strip():
        return "the label begins or ends with a blank. Write no blanks around the comma."
    if len(label) > LONGEST_LABEL:
        return (
            f"the label is longer than {LONGEST_LABEL:,} characters. "
            "The label must be the first column, the text the second."
        )
    return None


def fault_of_mentions(text: str, mentions: Sequence[Mention]) -> str | None:
    """Return what is wrong with a recognizer's document; None if it is good. `mentions` are in order."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > LONGEST_DOCUMENT_BYTES:
        return f"the document has {size:,} bytes; entity recognizers take {LONGEST_DOCUMENT_BYTES:,}. Split it."
    end_before = 0
    for begin, end, type_ in mentions:
        if not 0 <= begin < end <= len(text):
            return "an entity lies outside of its text. Offsets count characters from 0, the end is exclusive."
        if begin < end_before:
            return "two entities overlap, which custom recognizers do not support."
        if not type_ or len(type_) > LONGEST_ENTITY_TYPE or any(sign in type_ for sign in "\n\r\t,"):
            return f"an entity type is empty, longer than {LONGEST_ENTITY_TYPE} characters, or has a comma or tab."
        end_before = end
    return None
