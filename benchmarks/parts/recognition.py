"""Recognizers: training time, memory and F1 beside plain python-crfsuite."""

from __future__ import annotations

from typing import Any

from benchmarks.measuring import Measured, measure
from benchmarks.mentions import Mentions, broad_twitter, documented, emerging
from benchmarks.tables import Bar, Cell, Options, Table
from comprehend_local.engine.formats import stored

TITLE = "Entity recognition"
_OURS = "comprehend_local"
_RIVAL = "python-crfsuite, L-BFGS, 100 iterations"
_ENOUGH = {"c1": 0.1, "c2": 0.1, "max_iterations": 100, "feature.possible_transitions": 1}
VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    _OURS: ("comprehend_local", {}),
    _RIVAL: ("plain_crfsuite", {"algorithm": "lbfgs", "parameters": _ENOUGH}),
    "python-crfsuite, SGD, 20 passes": ("plain_crfsuite", {"algorithm": "l2sgd", "parameters": {"max_iterations": 20}}),
    "python-crfsuite, perceptron, 10 passes": (
        "plain_crfsuite",
        {"algorithm": "ap", "parameters": {"max_iterations": 10}},
    ),
}
_COLUMNS = (
    "variant", "wall s", "CPU s", "base MB", "peak MB", "F1", "precision", "recall", "1 text p50 ms", "p99 ms",
    "100,000 texts s", "model MB",
)  # fmt: skip


def run(options: Options) -> list[Table]:
    """Measure. Without `options.data` only botocore's documentation is used."""
    ours = documented()
    size = 1_000 if options.quick else 10_000
    source = (
        "Sentences of the AWS documentation that botocore carries, with names of services, operations and parameters; "
        "half of the sentences to score on have a name that is in none of the others."
    )
    tables = [_compared(options, "AWS documentation", Mentions(ours.train[:size], ours.test), source)]
    for name, read, least in (("btc", broad_twitter, 0.67), ("wnut17", emerging, None)):
        folder = options.data_set(name)
        if folder:
            tables.append(_compared(options, name, read(folder), f"The data set {name}.", least))
    return tables


def _compared(options: Options, title: str, corpus: Mentions, source: str, least: float | None = None) -> Table:
    files = {}
    for name, documents in corpus._asdict().items():
        file = options.scratch / f"{title}-{name}.jsonl"
        file.write_bytes(stored.write(documents))
        files[name] = str(file)
    found = {
        variant: measure(f"benchmarks.recognizers:{function}", **files, **more)
        for variant, (function, more) in VARIANTS.items()
    }
    ours, rival = found[_OURS], found[_RIVAL]
    bars = [
        Bar(f"F1 - that of {_RIVAL}", ours.result["f1"] - rival.result["f1"], "at least", 0),
        Bar(f"training time / that of {_RIVAL}", ours.wall_s / rival.wall_s, "at most", 1.5),
        Bar("one text, p50 ms", ours.result["p50_ms"], "at most", 1),
        Bar("100,000 texts, s", ours.result["many_s"], "at most", 20),
    ]
    if least is not None:
        bars.append(Bar("F1", ours.result["f1"], "at least", least))
    mentions = sum(len(document.spans) for document in corpus.train)
    sizes = f"{len(corpus.train):,} texts with {mentions:,} mentions to learn from, {len(corpus.test):,} to score on."
    note = f"{source} {sizes}"
    return Table(title, _COLUMNS, [_row(variant, one) for variant, one in found.items()], note, bars)


def _row(variant: str, found: Measured) -> list[Cell]:
    told = found.result
    return [
        variant, found.wall_s, found.cpu_s, round(found.base_mb), round(found.peak_mb), told["f1"], told["precision"],
        told["recall"], told["p50_ms"], told["p99_ms"], told["many_s"], told["model_mb"],
    ]  # fmt: skip
