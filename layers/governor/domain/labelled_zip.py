"""Documents with their annotations, or with an entity list, in one .zip: what recognizers are trained from by CSV.

Comprehend takes them as separate files. An upload is one object, so they come together: `annotations.csv` (header
`File,Line,Begin Offset,End Offset,Type`; without the column Line a file is one document) or `entities.csv` (header
`Text,Type`), and beside it the documents, UTF-8 text files of any name.
Source: https://docs.aws.amazon.com/comprehend/latest/dg/prep-training-data-cer.html
"""

import csv
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO

from governor.domain.labelled_document import Document, Mention, fault_of_mentions
from governor.domain.text_lines import BadData, lines

ANNOTATIONS, ENTITIES = "annotations.csv", "entities.csv"
MOST_FILES = 100_000
_WHOLE = re.compile("[0-9]{1,9}")
_WORD = re.compile(r"\w+|[^\w\s]")
_CHUNK = 1024 * 1024

Row = tuple[int, list[str]]


def documents(archive: BinaryIO, most_bytes: int) -> Iterator[Document]:
    """Yield every document that is not blank, with its mentions. Raises BadData.

    `most_bytes`: unpacked, all files together; it is counted while unpacking, whatever the archive says of itself.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            files = _Files(opened, most_bytes)
            yield from _documents(files)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, UnicodeDecodeError):
        raise BadData("The file is no .zip that can be read: broken, encrypted, or packed in an unusual way.") from None


class _Files:
    """The archive's files by name. Folders, and what macOS and Windows put beside files, are left out."""

    def __init__(self, opened: zipfile.ZipFile, most_bytes: int) -> None:
        found = [item for item in opened.infolist() if not item.is_dir()]
        if len(found) > MOST_FILES:
            raise BadData(f"The .zip has more than {MOST_FILES:,} files. Put one document a line instead.")
        self._opened = opened
        self._left = most_bytes
        self._most = most_bytes
        self.by_name = {item.filename: item for item in found if not _is_litter(item.filename)}

    def named(self, name: str) -> str | None:
        """The one file of that name, in whatever folder."""
        matching = [path for path in self.by_name if _name(path).lower() == name]
        return matching[0] if len(matching) == 1 else None

    def chunks(self, path: str) -> Iterator[bytes]:
        """The file's content, unpacked and counted."""
        with self._opened.open(self.by_name[path]) as unpacked:
            while chunk := unpacked.read(_CHUNK):
                self._left -= len(chunk)
                if self._left < 0:
                    raise BadData(f"The .zip holds more than {self._most:,} bytes. Split it into several files.")
                yield chunk


def _name(path: str) -> str:
    """The file's name without its folders, by which annotations and messages call it."""
    return path.rpartition("/")[2]


def _is_litter(path: str) -> bool:
    name = _name(path)
    return path.startswith("__MACOSX/") or name.startswith(".") or name.lower() in {"thumbs.db", "desktop.ini"}


def _documents(files: _Files) -> Iterator[Document]:
    annotations, entities = files.named(ANNOTATIONS), files.named(ENTITIES)
    if (annotations is None) == (entities is None):
        raise BadData(f"The .zip needs one {ANNOTATIONS} or one {ENTITIES} beside its documents.")
    texts = sorted(path for path in files.by_name if path not in {annotations, entities})
    if not texts:
        raise BadData("The .zip has no documents beside its annotations.")
    if entities is not None:
        yield from _matched(files, texts, entities)
    elif annotations is not None:
        yield from _annotated(files, texts, annotations)


# ---- annotations ---------------------------------------------------------------------------------------------------


def _annotated(files: _Files, texts: Sequence[str], path: str) -> Iterator[Document]:
    header, rows = _table(files, path)
    by_line = header == ["file", "line", "begin offset", "end offset", "type"]
    if not by_line and header != ["file", "begin offset", "end offset", "type"]:
        raise BadData(f"{ANNOTATIONS}, line 1: the header must be File,Line,Begin Offset,End Offset,Type.")
    places = {_name(name): name for name in texts}
    if len(places) < len(texts):
        raise BadData("Two documents in the .zip have the same name in different folders. Rename one.")
    mentions: dict[tuple[str, int], set[Mention]] = defaultdict(set)
    for number, row in rows:
        where = f"{ANNOTATIONS}, line {number}"
        if len(row) != len(header):
            raise BadData(f"{where}: {len(row)} columns instead of {len(header)}.")
        file = places.get(_name(row[0]))
        if file is None:
            raise BadData(f"{where}: it names a file that is not in the .zip.")
        if not all(_WHOLE.fullmatch(value) for value in row[1:-1]):
            raise BadData(f"{where}: lines and offsets are whole numbers from 0 on.")
        line, begin, end = (int(value) for value in (row[1:-1] if by_line else ["0", *row[1:-1]]))
        mentions[file, line].add((begin, end, row[-1]))
    for file in texts:
        for line, text in enumerate(_texts(files, file, by_line=by_line)):
            own = tuple(sorted(mentions.pop((file, line), ())))
            fault = fault_of_mentions(text, own)
            if fault is not None:
                raise BadData(f"{_name(file)}, line {line + 1}: {fault}")
            if text.strip():
                yield Document(text, mentions=own)
    if mentions:
        file, line = min(mentions)
        raise BadData(f"{ANNOTATIONS}: it names line {line} of {_name(file)}, which has fewer lines.")


def _texts(files: _Files, path: str, *, by_line: bool) -> Iterator[str]:
    name = _name(path)
    found = lines(files.chunks(path), f"{name}, line")
    if not by_line:
        yield "".join(found)
        return
    for line in found:
        yield from line.rstrip("\r\n").split("\r")


# ---- an entity list ------------------------------------------------------------------------------------------------


def _matched(files: _Files, texts: Sequence[str], path: str) -> Iterator[Document]:
    header, rows = _table(files, path)
    if header != ["text", "type"]:
        raise BadData(f"{ENTITIES}, line 1: the header must be Text,Type.")
    listed: dict[tuple[str, ...], str] = {}
    for number, row in rows:
        words = tuple(_WORD.findall(row[0])) if len(row) == 2 else ()
        if not words:
            raise BadData(f"{ENTITIES}, line {number}: a text and a type are needed.")
        listed.setdefault(words, row[1])
    sizes: dict[str, set[int]] = defaultdict(set)
    for words in listed:
        sizes[words[0]].add(len(words))
    longest_first = {word: sorted(each, reverse=True) for word, each in sizes.items()}
    for file in texts:
        for line, text in enumerate(_texts(files, file, by_line=True)):
            if not text.strip():
                continue
            own = tuple(_mentions(text, listed, longest_first))
            fault = fault_of_mentions(text, own)
            if fault is not None:
                raise BadData(f"{_name(file)}, line {line + 1}: {fault}")
            yield Document(text, mentions=own)


def _mentions(
    text: str, listed: Mapping[tuple[str, ...], str], longest_first: Mapping[str, Sequence[int]]
) -> Iterator[Mention]:
    """Every listed item in the text: the same capitals, whole words, from the left, the longest first.

    `longest_first`: of how many words the items are that begin with a word. Only these are tried, so that one huge
    item does not make a long line take for ever.
    """
    found = list(_WORD.finditer(text))
    words = [word.group() for word in found]
    place = 0
    while place < len(words):
        for size in longest_first.get(words[place], ()):
            end = place + size
            type_ = listed.get(tuple(words[place:end])) if end <= len(words) else None
            if type_ is not None:
                yield found[place].start(), found[end - 1].end(), type_
                place = end
                break
        else:
            place += 1


def _table(files: _Files, path: str) -> tuple[list[str], Iterable[Row]]:
    """(header in lower case, numbered rows that are not blank) of a CSV file in the archive."""
    name = _name(path)
    rows = _rows(lines(files.chunks(path), f"{name}, line"), name)
    first = next(rows, (0, []))[1]
    return [column.strip().lower() for column in first], rows


def _rows(found: Iterator[str], name: str) -> Iterator[Row]:
    reader = csv.reader(found, strict=True, skipinitialspace=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadData(f"{name}, line {reader.line_num}: not valid CSV ({error}).") from None
        if row:
            yield reader.line_num, row
