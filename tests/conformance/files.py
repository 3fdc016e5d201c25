"""The files that the suite's requests name, as a folder of buckets."""

from __future__ import annotations

from pathlib import Path

BUCKET = "lake"
WORDS = {"pets": "cat dog fur paw", "cars": "wheel motor brake road", "food": "bread butter salt soup"}
PEOPLE = ("Ada Lovelace", "Alan Turing", "Grace Hopper", "Edsger Dijkstra", "Barbara Liskov")
PLACES = ("London", "Austin", "Geneva", "Kyoto")


def write_files(buckets: Path) -> None:
    """Everything that the requests of `script` read, below one folder."""
    lake = buckets / BUCKET
    (lake / "in").mkdir(parents=True)
    for name, content in FILES.items():
        (lake / "in" / name).write_text(content, encoding="utf-8")


def uri(name: str) -> str:
    """Where a file is."""
    return f"s3://{BUCKET}/in/{name}"


def classes(each: int, first: int = 0) -> str:
    """A multi-class CSV: so many documents of every label."""
    return "".join(
        f"{label},{words} {n} {n % 7}\n" for n in range(first, first + each) for label, words in WORDS.items()
    )


def labels(each: int, first: int = 0) -> str:
    """A multi-label CSV: every label alone, and every two of them together."""
    alone = list(WORDS.items())
    pairs = [(f"{a}|{b}", f"{WORDS[a]} {WORDS[b]}") for a, b in (("pets", "cars"), ("cars", "food"), ("pets", "food"))]
    return "".join(f"{label},{words} {n}\n" for n in range(first, first + each) for label, words in alone + pairs)


def _documents(count: int) -> list[tuple[str, str, str]]:
    """(text, person, place)."""
    found = []
    for n in range(count):
        person, place = PEOPLE[n % len(PEOPLE)], PLACES[n % len(PLACES)]
        found.append((f"In year {n} {person} moved to {place} and worked there for a long while.", person, place))
    return found


def _annotations(count: int, file: str) -> str:
    rows = ["File,Line,Begin Offset,End Offset,Type"]
    for line, (text, person, place) in enumerate(_documents(count)):
        for entity, kind in ((person, "PERSON"), (place, "PLACE")):
            begin = text.index(entity)
            rows.append(f"{file},{line},{begin},{begin + len(entity)},{kind}")
    return "\n".join(rows) + "\n"


def _entity_list() -> str:
    rows = [f"{name},PERSON" for name in PEOPLE] + [f"{name},PLACE" for name in PLACES]
    return "\n".join(["Text,Type", *rows]) + "\n"


FILES = {
    "train.csv": classes(30),
    "test.csv": classes(10, first=500),
    "multi-train.csv": labels(30),
    "people.txt": "".join(f"{text}\n" for text, _, _ in _documents(120)),
    "people.csv": _annotations(120, "people.txt"),
    "people-test.txt": "".join(f"{text}\n" for text, _, _ in _documents(40)),
    "people-test.csv": _annotations(40, "people-test.txt"),
    "entities.csv": _entity_list(),
    "job.txt": "".join(f"{words} {n}\n" for n in range(20) for words in WORDS.values()),
}
