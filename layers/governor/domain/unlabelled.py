"""Documents that are to be analysed: the last look before a job, whose limits end it as a whole.

Source: https://docs.aws.amazon.com/comprehend/latest/dg/guidelines-and-limits.html
"""

import hashlib
from collections.abc import Iterable, Iterator

from governor.domain.analysis import MOST_DOCUMENTS, Shape
from governor.domain.labelled_data import Facts
from governor.domain.text_lines import BadData, lines

MOST_LINES_BYTES = 1_000_000_000
"""Of one file of lines: what one function reads twice within its time."""
MOST_FILE_BYTES = 10_000_000
"""Comprehend's limit of a document for a classifier."""
MOST_RECOGNIZER_BYTES = 1_000_000
"""Comprehend's limit of a document for a recognizer."""
_END = "\r\n"


def shape_of(key: str) -> Shape:
    """Return what an inbox key under `documents/` says: a file is one document if it is in a folder of its own."""
    return "files" if key.count("/") > 2 else "lines"


def check(chunks: Iterable[bytes], shape: Shape, *, recognizer: bool) -> Facts:
    """Read the file once, in bounded memory, and return its facts, with the size that it has once it is staged.

    What is staged may be far smaller, and Comprehend counts that. Raises BadData.
    """
    hasher, size, staged = hashlib.sha256(), 0, 0
    most = MOST_FILE_BYTES if shape == "files" else MOST_LINES_BYTES

    def counted() -> Iterator[bytes]:
        nonlocal size
        for chunk in chunks:
            size += len(chunk)
            if size > most:
                what = "A document has at most that; split it." if shape == "files" else "Split it into several files."
                raise BadData(f"The file is larger than {most:,} bytes. {what}")
            hasher.update(chunk)
            yield chunk

    documents = 0
    for number, document in enumerate(_documents(counted(), shape), start=1):
        documents = number
        if documents > MOST_DOCUMENTS:
            raise BadData(f"The file has more than {MOST_DOCUMENTS:,} lines. Split it into several files.")
        length = len(document.encode())
        staged += length + (shape == "lines")
        if recognizer and length > MOST_RECOGNIZER_BYTES:
            where = "The file" if shape == "files" else f"Line {number}"
            raise BadData(f"{where}: longer than {MOST_RECOGNIZER_BYTES:,} bytes, a recognizer's limit. Split it.")
    if documents == 0:
        raise BadData("The file has no text.")
    return Facts(hasher.hexdigest(), staged, documents, 0)


def canonical(chunks: Iterable[bytes], shape: Shape) -> Iterator[bytes]:
    """Yield the file as it is staged: without BOM, and lines with LF at their ends. Line numbers stay what they are."""
    for document in _documents(chunks, shape):
        yield (document if shape == "files" else f"{document}\n").encode()


def _documents(chunks: Iterable[bytes], shape: Shape) -> Iterator[str]:
    if shape == "files":
        text = _text(b"".join(chunks))
        if text.strip():
            yield text
        return
    blank = 0
    for line in lines(chunks):
        document = line.rstrip(_END)
        if not document.strip():
            # Blank lines at the end of a file are no documents; those before others keep the line numbers right.
            blank += 1
            continue
        yield from [""] * blank
        blank = 0
        yield document


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadData("The file is not UTF-8 text. Save it as UTF-8.") from error
    if "\0" in text:
        raise BadData("The file has a NUL byte. Save it as UTF-8 text (UTF-16 has NUL bytes).")
    return text
