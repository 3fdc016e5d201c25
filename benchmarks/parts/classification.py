"""Classifiers: training time, memory and macro F1 beside fastText, Vowpal Wabbit and scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.corpus import Row, enlarged, real, write
from benchmarks.data_sets import banking77, goemotions
from benchmarks.measuring import Measured, measure
from benchmarks.tables import Bar, Cell, Options, Table

TITLE = "Classification"
_OURS = "comprehend_local"
_FASTEST = "fastText, 5 passes"
RIVALS: dict[str, tuple[str, dict[str, Any]]] = {
    _FASTEST: ("fasttext", {}),
    "Vowpal Wabbit, 2^20, 3 passes": ("vowpal_wabbit", {"bits": 20, "passes": 3}),
    "Vowpal Wabbit, 2^22, 10 passes": ("vowpal_wabbit", {"bits": 22, "passes": 10}),
    "TF-IDF + logistic regression": ("scikit_learn", {"kind": "logistic regression"}),
}
"""Those that the bars are about."""
OTHERS: dict[str, tuple[str, dict[str, Any]]] = {
    f"TF-IDF + {kind}": ("scikit_learn", {"kind": kind}) for kind in ("SGD", "LinearSVC", "ComplementNB")
}
"""Other ways that the engine could have gone, for comparison."""
_COLUMNS = ("variant", "wall s", "CPU s", "base MB", "peak MB", "macro F1", "1 text p50 ms", "p99 ms")


def run(options: Options) -> list[Table]:
    """Measure. Without `options.data` only botocore's documentation is used."""
    corpus = real()
    small, large = (1_000, 3_000) if options.quick else (10_000, 120_000)
    grown = enlarged(corpus, large + large // 20)
    tables = [
        _compared(options, f"{small:,} documents", "real", corpus.train[:small], corpus.test),
        _compared(options, f"{large:,} documents", "enlarged", grown.train[:large], corpus.test),
        _second_iteration(options, grown.train[:large], grown.train[large:]),
        _few(options, corpus.train, corpus.test),
    ]
    banking, emotions = options.data_set("banking77"), options.data_set("goemotions")
    if banking:
        train, test = banking77(banking)
        tables.append(_compared(options, "banking77", "banking77", train, test, f1=0.894))
    if emotions:
        tables.append(_emotions(str(emotions)))
    return tables


def _compared(
    options: Options, title: str, name: str, train: Sequence[Row], test: Sequence[Row], f1: float | None = None
) -> Table:
    files = {
        "train": write(train, options.scratch / f"{name}-train.csv"),
        "test": write(test, options.scratch / f"{name}-test.csv"),
    }
    variants = {_OURS: ("comprehend_local", {}), **RIVALS, **OTHERS}
    found = {
        variant: measure(f"benchmarks.classifiers:{function}", **files, **more)
        for variant, (function, more) in variants.items()
    }
    best = max(found[variant].result["f1"] for variant in RIVALS)
    ours = found[_OURS]
    bars = [
        Bar("macro F1 - that of the best of fastText, Vowpal Wabbit and logistic regression",
            ours.result["f1"] - best, "at least", -0.005),
        Bar("training time / fastText's", ours.wall_s / found[_FASTEST].wall_s, "at most", 2.5),
        Bar("peak memory, MB", ours.peak_mb, "at most", 1000),
        Bar("one text, p50 ms", ours.result["p50_ms"], "at most", 0.2),
    ]  # fmt: skip
    if f1 is not None:
        bars.append(Bar("macro F1", ours.result["f1"], "at least", f1))
    source = {
        "real": "Sentences of the AWS documentation that botocore carries; which of twenty services are they about?",
        "enlarged": "The same, enlarged by `benchmarks.corpus.SpliceGenerator`; scored on the same real sentences.",
    }.get(name, f"The data set {name}.")
    labels = len({row.label for row in train})
    note = f"{source} {len(train):,} to learn from, {len(test):,} to score on, {labels} labels."
    return Table(title, _COLUMNS, [_row(variant, one) for variant, one in found.items()], note, bars)


def _row(variant: str, found: Measured) -> list[Cell]:
    told = found.result
    return [
        variant, found.wall_s, found.cpu_s, round(found.base_mb), round(found.peak_mb), told["f1"], told["p50_ms"],
        told["p99_ms"],
    ]  # fmt: skip


def _second_iteration(options: Options, train: Sequence[Row], more: Sequence[Row]) -> Table:
    files = {
        "train": write(train, options.scratch / "first.csv"),
        "more": write(more, options.scratch / "more.csv"),
    }
    runs = [measure("benchmarks.classifiers:second_iteration", **files).result for _ in range(3)]
    ratios = [run["second_s"] / run["first_s"] for run in runs]
    rows = [(number, *run.values(), ratio) for number, (run, ratio) in enumerate(zip(runs, ratios, strict=True), 1)]
    ratio = sorted(ratios)[1]
    note = (
        f"The first trains on {len(train):,} documents, the second on {len(more):,} more. Of documents that were there "
        "before, what the first has stored is read; the model of the first is remembered (engine/continuing.py)."
    )
    bar = Bar("second iteration / first, median", ratio, "at most", 0.5)
    return Table("A second iteration", ("run", "first s", "second s", "second / first"), rows, note, [bar])


def _few(options: Options, train: Sequence[Row], test: Sequence[Row]) -> Table:
    files = {"train": write(train, options.scratch / "all.csv"), "test": write(test, options.scratch / "exam.csv")}
    sizes = (40, 100, 200, 500, 1000, 2000)
    rows: list[list[Cell]] = []
    for labels in (4, 12):
        found = measure("benchmarks.classifiers:few", **files, sizes=sizes, draws=3, labels=labels).result["f1"]
        rows += [[variant, labels, *scores] for variant, scores in found.items()]
    note = "Macro F1, mean of three draws, TF-IDF for the other two."
    return Table("Few documents", ("variant", "labels", *map(str, sizes)), rows, note)


def _emotions(folder: str) -> Table:
    found = {
        variant: measure(f"benchmarks.several_labels:{function}", folder=folder)
        for variant, function in {
            _OURS: "comprehend_local", "TF-IDF + one-against-rest SGD": "scikit_learn"
        }.items()
    }  # fmt: skip
    ours = found[_OURS].result
    bars = [Bar("micro F1", ours["micro"], "at least", 0.54), Bar("macro F1", ours["macro"], "at least", 0.40)]
    rows = [
        [variant, one.wall_s, one.cpu_s, round(one.peak_mb), one.result["micro"], one.result["macro"]]
        for variant, one in found.items()
    ]
    note = (
        f"{len(goemotions(folder, 'train')):,} to learn from, several of 28 labels each. comprehend_local chooses its "
        "thresholds on training data that it holds out; the other has one threshold, the best on the dev part. Both "
        "give the most probable label where none passes."
    )
    return Table("goemotions", ("variant", "wall s", "CPU s", "peak MB", "micro F1", "macro F1"), rows, note, bars)
