"""Labelled CSV: UTF-8, no header, two columns, label first, text second.

In MULTI_LABEL data the first column holds all labels of the document, joined by a delimiter.
Source: https://docs.aws.amazon.com/comprehend/latest/dg/prep-class-data-format.html
"""

import csv
import io
from collections.abc import Iterable, Iterator

from governor.domain.labelled_document import Document, fault_of_label
from governor.domain.text_lines import LONGEST_LINE, BadData, lines


def documents(chunks: Iterable[bytes], delimiter: str | None) -> Iterator[Document]:
    """Yield every document; blank lines are skipped. `delimiter`: of labels, None = one label. Raises BadData."""
    csv.field_size_limit(LONGEST_LINE)
    reader = csv.reader(lines(chunks), strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadData(
                f"Line {reader.line_num}: not valid CSV ({error}). "
                "Put texts with quotes or commas in double quotes and double the quotes inside."
            ) from None
        if not row:
            continue
        if len(row) != 2:
            raise BadData(
                f"Line {reader.line_num}: {len(row)} columns instead of two. "
                "Write label,text and put texts with commas in double quotes."
            )
        column, text = row
        labels = (column,) if delimiter is None else tuple(dict.fromkeys(column.split(delimiter)))
        faults = [fault for fault in map(fault_of_label, labels) if fault is not None]
        if faults or not text.strip():
            raise BadData(f"Line {reader.line_num}: {faults[0] if faults else 'the text is empty.'}")
        yield Document(text, labels, line=begins)


def parts(found: Iterable[Document], delimiter: str, most_bytes: int) -> Iterator[bytes]:
    """Yield the documents as CSV again, in parts of whole rows of at most about `most_bytes`.

    `delimiter`: of labels, where a document has several. UTF-8 without BOM, rows ending in a newline; texts and labels
    are unchanged.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    quoting = csv.writer(buffer, lineterminator="\n", quoting=csv.QUOTE_ALL)
    size = 0
    for document in found:
        label, text = delimiter.join(document.labels), document.text
        # Before Python 3.13 a lone carriage return is left unquoted, and whoever reads it sees the end of the row.
        (quoting if "\r" in text or "\r" in label else writer).writerow((label, text))
        # The part's true size is known only once it is encoded. No character takes more than this: quotes are doubled.
        size += (2 if text.isascii() and label.isascii() else 4) * (len(label) + len(text)) + 8
        if size >= most_bytes:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
            size = 0
    if size:
        yield buffer.getvalue().encode()
