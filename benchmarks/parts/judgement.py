"""The judgement: false promotions, power beside McNemar's test, rules at their limit, and the time it takes."""

from __future__ import annotations

import math
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.exams import CONFIDENCE, PRECISION, Kind
from benchmarks.measuring import measure
from benchmarks.tables import Bar, Cell, Options, Table

TITLE = "Measured"
PAGE = Path(__file__).parents[2] / "docs" / "judgement.md"
"""The section goes here instead of the page about comprehend_local."""
ANY_GAIN: list[dict[str, Any]] = [
    {"metric": "accuracy", "gain_at_least": 0.0, "confidence": CONFIDENCE},
    {"metric": "f1", "label": "macro", "gain_at_least": 0.0, "confidence": CONFIDENCE},
]
_MICRO: list[dict[str, Any]] = [
    {"metric": "f1", "label": over, "gain_at_least": 0.0, "confidence": CONFIDENCE} for over in ("micro", "macro")
]
_DOUBT = 100 * (1 - CONFIDENCE)
_SIZES = (200, 1000, 3000)
_EACH_ITS_OWN = "one label; each model is better at half of them"


def run(options: Options) -> list[Table]:
    """Measure. Everything is simulated, so there is no data to have."""
    exams = 40 if options.quick else 4000
    return [
        _equal(exams),
        _as_precise(exams // 2),
        _worse(exams // 4),
        _power(exams // 4),
        _limits(exams // 4, quick=options.quick),
        _speed(),
    ]


def _rates(kind: Kind, gates: list[dict[str, Any]], exams: int) -> dict[str, Any]:
    seed = zlib.crc32(repr(kind).encode())  # so that no line's luck is another's
    return measure("benchmarks.exams:rates", kind=asdict(kind), gates=gates, exams=exams, seed=seed).result


def _equal(exams: int) -> Table:
    kinds = [Kind(size, labels, skewed) for size in _SIZES for labels in (4, 20) for skewed in (False, True)]
    kinds += [Kind(1000, labels, tilt=0.8) for labels in (4, 20)]
    rows: list[list[Cell]] = []
    found: list[float] = []
    for kind in kinds:
        told = _rates(kind, ANY_GAIN, exams)
        row: list[Cell] = [
            _EACH_ITS_OWN if kind.tilt != 0.5 else "one label",
            kind.documents,
            kind.labels,
            _shape(kind),
        ]
        for number in (0, 1):
            row += [100 * told["higher"][number], 100 * told["met"][number]]
        found += told["met"]
        rows.append(row)
    for mode, name in (("MULTI_LABEL", "several labels"), ("ENTITIES", "mentions")):
        kind = Kind(1000, 20, True, mode=mode)
        told = _rates(kind, _MICRO, exams)
        rows.append([
            name, kind.documents, kind.labels, _shape(kind), None, None, 100 * told["higher"][1], 100 * told["met"][1]
        ])  # fmt: skip
        found.append(told["met"][1])
    error = _error(_DOUBT, exams)
    mean = 100 * sum(found) / len(found)
    note = (
        f"Two models that are equally good, {exams:,} simulated exams a line; standard error of each figure at 5 %: "
        f"{error:.2f} points. 8 % of the documents are answered right by exactly one of the two. Percent of exams "
        'after which the candidate would be promoted: by "the new number is higher" (naive), and by a gate '
        f"`gain_at_least: 0` at confidence {CONFIDENCE}."
    )
    return Table(
        "False promotions, equal models",
        ("documents have", "documents", "labels", "frequencies", "accuracy, naive", "accuracy, gate", "macro F1, naive",
         "macro F1, gate"),
        rows,
        note,
        [
            Bar("all gates together, %", mean, "at most", _DOUBT + 2 * _error(_DOUBT, exams * len(found))),
            Bar("the highest, in standard errors above 5 %", (100 * max(found) - _DOUBT) / error, "at most", 3.0),
        ],
    )  # fmt: skip


def _as_precise(exams: int) -> Table:
    """Two models whose answers are quite unlike each other, and equally good by the gate's metric."""
    rows: list[list[Cell]] = []
    for size in (300, *_SIZES[1:]):
        for mine in (0.05, 0.1, 0.3):
            asked = {"documents": size, "mine": mine, "other": 0.35}
            told = measure("benchmarks.exams:precise", **asked, exams=exams, seed=size + int(100 * mine)).result
            rows.append([
                size, 100 * mine, 35, 100 * told["higher"], 100 * told["met"], 100 * told["regressions"]
            ])  # fmt: skip
    found = [float(row[4] or 0) for row in rows]
    error = _error(_DOUBT, exams)
    note = (
        f"Two models that are right in {100 * PRECISION:.0f} % of the documents that they give a label to, and give it "
        f"to shares of the documents that differ: percent of {exams:,} exams after which the candidate is promoted by "
        f"a gate on that label's precision (`gain_at_least: 0` at confidence {CONFIDENCE}), and of those that hold the "
        f"flywheel as a regression. Standard error at 5 %: {error:.2f} points."
    )
    return Table(
        "False promotions, one label's precision",
        ("documents", "candidate names it in, %", "active model, %", "naive", "gate", "held"),
        rows,
        note,
        [
            Bar("all lines together, %", sum(found) / len(found), "at most",
                _DOUBT + 2 * _error(_DOUBT, exams * len(found))),
            Bar("the highest, in standard errors above 5 %", (max(found) - _DOUBT) / error, "at most", 3.0),
        ],
    )  # fmt: skip


def _worse(exams: int) -> Table:
    rows: list[list[Cell]] = []
    for size in _SIZES:
        told = _rates(Kind(size, 20, gain=-0.02), ANY_GAIN, exams)
        rows.append([size, 100 * told["higher"][0], 100 * told["met"][0], 100 * told["met"][1]])
    note = f"The candidate is 2 points worse; percent of {exams:,} exams after which it would be promoted."
    return Table(
        "False promotions, a worse model",
        ("documents", "accuracy, naive", "accuracy, gate", "macro F1, gate"),
        rows,
        note,
        [Bar("the highest, %", max(float(row[2] or 0) for row in rows), "at most", 1.0)],
    )


def _power(exams: int) -> Table:
    rows: list[list[Cell]] = []
    for size, gains in ((200, (0.03, 0.05)), (1000, (0.02, 0.03)), (3000, (0.01, 0.015))):
        for gain in gains:
            for labels, skewed in ((4, False), (20, False), (20, True)):
                kind = Kind(size, labels, skewed, gain)
                told = _rates(kind, ANY_GAIN, exams)
                figures = [100 * share for share in (told["mcnemar"], *told["met"])]
                rows.append([size, 100 * gain, labels, _shape(kind), *figures])
    note = (
        f"The candidate is better by so many points of accuracy; percent of {exams:,} exams after which it is promoted "
        "by scipy's exact McNemar test (`binomtest`), and by the gates of the first table. Where labels are equally "
        "frequent, a gain in accuracy is one in macro F1, and the two questions can be compared; where they are not, "
        "macro F1 mostly measures rare labels, which most of the gained documents do not have."
    )
    alike = [row for row in rows if row[3] == "equal"]
    return Table(
        "Power",
        ("documents", "points", "labels", "frequencies", "McNemar", "accuracy, gate", "macro F1, gate"),
        rows,
        note,
        [
            Bar("accuracy: lowest gate - McNemar, points", _least(rows, 5), "at least", -5.0),
            Bar("macro F1, equal frequencies: lowest gate - McNemar, points", _least(alike, 6), "at least", -5.0),
        ],
    )


def _least(rows: list[list[Cell]], column: int) -> float:
    return min(float(row[column] or 0) - float(row[4] or 0) for row in rows)


def _limits(exams: int, *, quick: bool) -> Table:
    """How often a rule is met whose limit is exactly the truth: each such time is a mistake."""
    rows: list[list[Cell]] = []
    found: list[float] = []
    gates: list[dict[str, Any]] = [{"metric": metric, "label": label, "at_least": 0.0} for metric, label in _OVER]
    documents = 20_000 if quick else 2_000_000
    for labels, skewed in ((4, False), (20, False), (20, True)):
        asked = asdict(Kind(documents, labels, skewed, gain=-0.02, accuracy=0.9))
        exact = measure("benchmarks.exams:truth", kind=asked, gates=gates, seed=1).result["metrics"]
        for size in _SIZES:
            kind = Kind(size, labels, skewed, gain=-0.02, accuracy=0.9)
            rules = [
                {"metric": metric, "label": label, "confidence": CONFIDENCE} | rule
                for (metric, label), (mine, other) in zip(_OVER, exact, strict=True)
                for rule in ({"at_least": mine}, {"drop_at_most": max(0.0, other - mine)})
            ]
            told = _rates(kind, rules, exams)
            rows.append([size, labels, _shape(kind), *(100 * share for share in told["met"])])
            found += told["met"]
    note = (
        "The candidate's true value is exactly the floor, or exactly as much lower as `drop_at_most` allows: percent "
        f"of {exams:,} exams in which the rule is met at confidence {CONFIDENCE}. Standard error at 5 %: "
        f"{_error(_DOUBT, exams):.2f} points."
    )
    titles = [f"{name}, {rule}" for name in ("accuracy", "macro F1") for rule in ("floor", "drop")]
    mean = 100 * sum(found) / len(found)
    return Table(
        "Rules at their limit",
        ("documents", "labels", "frequencies", *titles),
        rows,
        note,
        [Bar("all rules together, %", mean, "at most", _DOUBT + 2 * _error(_DOUBT, exams * len(found)))],
    )


_OVER: tuple[tuple[str, str | None], ...] = (("accuracy", None), ("f1", "macro"))


def _speed() -> Table:
    everything: list[dict[str, Any]] = [
        {"metric": "f1", "label": "macro", "gain_at_least": 0.0},
        {"metric": "f1", "label": "*", "drop_at_most": 0.05},
        {"metric": "f1", "label": "worst", "at_least": 0.5},
        {"metric": "accuracy", "gain_at_least": 0.0},
    ]
    wide = Kind(100_000, 100)
    several = Kind(100_000, 100, mode="MULTI_LABEL")
    rows: list[list[Cell]] = []
    for name, kind in (("one label a document", wide), ("one to three labels", several)):
        found = measure("benchmarks.exams:large", kind=asdict(kind), gates=everything, seed=5)
        rows.append(
            [f"100,000 documents, {name}", found.result["rows"], found.wall_s, found.cpu_s, round(found.peak_mb)]
        )
    many = 200
    short = measure(
        "benchmarks.exams:many", kind=asdict(Kind(1000, 20)), gates=[*ANY_GAIN, everything[1]], exams=many, seed=5
    )
    rows.append([
        "1,000 documents, 20 labels, 3 gates", None, short.wall_s / many, short.cpu_s / many, round(short.peak_mb)
    ])  # fmt: skip
    note = (
        "In a fresh process, on one thread; 100 labels and four gates (macro F1, every label's, the worst label's, "
        f"accuracy) unless the line says otherwise; the last line is the mean of {many}. Memory is that of the whole "
        "process, with the simulation that made the exam; rows are different combinations of truth and answers."
    )
    return Table(
        "Time",
        ("exam", "rows", "wall s", "CPU s", "peak MB"),
        rows,
        note,
        [
            Bar("100,000 documents, wall s", max(float(row[2] or 0) for row in rows[:2]), "at most", 5.0),
            Bar("100,000 documents, peak MB", max(float(row[4] or 0) for row in rows[:2]), "at most", 512.0),
            Bar("1,000 documents, CPU ms", 1000 * short.cpu_s / many, "at most", 10.0),
        ],
    )


def _shape(kind: Kind) -> str:
    return "1/k" if kind.skewed else "equal"


def _error(percent: float, exams: int) -> float:
    return 100 * math.sqrt(percent / 100 * (1 - percent / 100) / exams)
