"""The classifiers that are compared: each function trains one in a fresh process and scores it.

All get the same COMPREHEND_CSV files, read before the clock starts. What counts as training is everything from the
texts in memory to a model that can answer: vectorising, writing fastText's input file, building VW's examples.
Each returns macro F1 on the test file, and what one answer takes: 1,000 single texts after 100 to warm up, three times;
the quietest time counts, because other work on the machine only ever adds.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.corpus import read
from benchmarks.measuring import measured

Result = dict[str, Any]
_TOKEN = re.compile(r"\w+")
_WORDS = r"(?u)\b\w+\b"


def comprehend_local(train: str, test: str) -> Result:
    """This project's engine."""
    from comprehend_local.engine.documents import Document  # noqa: PLC0415
    from comprehend_local.engine.learner import Part, learner_for  # noqa: PLC0415

    documents = [Document(row.text, (row.label,)) for row in read(train)]
    learner = learner_for("MULTI_CLASS")
    with measured():
        prepared = learner.prepare([documents])[0]
        model = learner.train([Part(prepared, np.arange(len(documents)))], None, seed=0)
    result = _scored(test, lambda texts: [answer[0].name for answer in model.classify(texts)])
    return {**result, "model_mb": len(model.to_bytes()) / 2**20}


def fasttext(train: str, test: str) -> Result:
    """5 passes, bigrams, two threads; the same words, in lower case.

    Its default rate of 0.1 learns next to nothing in 5 passes over 10,000 documents: 0.5, which its tutorial comes to.
    200,000 buckets for the bigrams instead of 2,000,000: an eighth of the memory, and quicker.
    """
    import fasttext as library  # noqa: PLC0415

    rows = read(train)

    def tokens(text: str) -> str:
        return " ".join(_TOKEN.findall(text.lower()))

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "train.txt")
        with measured():
            with file.open("w", encoding="utf-8") as sink:
                sink.writelines(f"__label__{row.label} {tokens(row.text)}\n" for row in rows)
            model = library.train_supervised(
                str(file), epoch=5, wordNgrams=2, lr=0.5, bucket=200_000, thread=2, verbose=0
            )
    answers = _scored(
        test,
        lambda texts: [found[0].removeprefix("__label__") for found in model.predict([tokens(t) for t in texts])[0]],
    )
    return {**answers, "model_mb": (model.get_input_matrix().nbytes + model.get_output_matrix().nbytes) / 2**20}


def vowpal_wabbit(train: str, test: str, bits: int, passes: int) -> Result:
    """One against all, logistic loss, bigrams."""
    from vowpalwabbit import Workspace  # noqa: PLC0415

    rows = read(train)
    labels = sorted({row.label for row in rows})
    number = {label: place for place, label in enumerate(labels, 1)}

    def line(text: str) -> str:
        return f"| {' '.join(_TOKEN.findall(text.lower()))}"

    with measured():
        work = Workspace(
            f"--oaa {len(labels)} --loss_function logistic -b {bits} --ngram 2 --holdout_off --random_seed 1 --quiet"
        )
        examples = [f"{number[row.label]} {line(row.text)}" for row in rows]
        for _ in range(passes):
            for example in examples:
                work.learn(example)
    return _scored(test, lambda texts: [labels[int(work.predict(line(text))) - 1] for text in texts])


def scikit_learn(train: str, test: str, kind: str) -> Result:
    """TF-IDF on words and bigrams and a linear model."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression, SGDClassifier  # noqa: PLC0415
    from sklearn.naive_bayes import ComplementNB  # noqa: PLC0415
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    rows = read(train)
    labels = np.array([row.label for row in rows])
    least = 2 if len(rows) >= 5000 else 1
    with measured():
        vectorizer = TfidfVectorizer(
            ngram_range=(1, 2), sublinear_tf=True, min_df=least, token_pattern=_WORDS, dtype=np.float32
        )
        matrix = vectorizer.fit_transform([row.text for row in rows])
        model = {
            "logistic regression": lambda: LogisticRegression(C=10, max_iter=200),
            "SGD": lambda: SGDClassifier(loss="log_loss", alpha=5e-6, max_iter=30, random_state=0, n_jobs=2),
            "LinearSVC": lambda: LinearSVC(C=0.3),
            "ComplementNB": lambda: ComplementNB(alpha=0.3),
        }[kind]()
        model.fit(matrix, labels)
    return _scored(test, lambda texts: list(model.predict(vectorizer.transform(texts))))


def few(train: str, test: str, sizes: Sequence[int], draws: int, labels: int) -> Result:
    """Macro F1 of this engine and of ComplementNB on few documents: the mean of some draws, for each size.

    The corpus is reduced to its first `labels` labels.
    """
    import random  # noqa: PLC0415

    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.naive_bayes import ComplementNB  # noqa: PLC0415

    from comprehend_local.engine.documents import Document  # noqa: PLC0415
    from comprehend_local.engine.learner import Part, learner_for  # noqa: PLC0415
    from comprehend_local.engine.metrics import ConfusionMatrix  # noqa: PLC0415

    rows, exam = read(train), read(test)
    kept = sorted({row.label for row in rows})[:labels]
    rows, exam = [row for row in rows if row.label in kept], [row for row in exam if row.label in kept]
    learner = learner_for("MULTI_CLASS")
    found: dict[str, list[float]] = {}
    with measured():
        for size in sizes:
            of_size: dict[str, list[float]] = {}
            for draw in range(draws):
                some = random.Random(draw).sample(rows, size)
                prepared = learner.prepare([[Document(row.text, (row.label,)) for row in some]])[0]
                model = learner.train([Part(prepared, np.arange(size))], None, seed=draw)
                answers = {"comprehend_local": [a[0].name for a in model.classify([row.text for row in exam])]}
                vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=_WORDS)
                matrix, names = vectorizer.fit_transform([row.text for row in some]), [row.label for row in some]
                unseen = vectorizer.transform([row.text for row in exam])
                answers["ComplementNB"] = list(ComplementNB(alpha=0.3).fit(matrix, names).predict(unseen))
                regression = LogisticRegression(C=10, max_iter=200)
                answers["logistic regression"] = list(regression.fit(matrix, names).predict(unseen))
                for name, guesses in answers.items():
                    scores = ConfusionMatrix.of([row.label for row in exam], guesses)
                    of_size.setdefault(name, []).append(scores.averages().f1)
            for name, scores_of_draws in of_size.items():
                found.setdefault(name, []).append(sum(scores_of_draws) / draws)
    return {"f1": found}


def second_iteration(train: str, more: str) -> Result:
    """Train on `train`, then on it and `more`: what the second time takes, stored documents read back included."""
    from comprehend_local.engine.documents import Document  # noqa: PLC0415
    from comprehend_local.engine.learner import Part, Prepared, learner_for  # noqa: PLC0415

    first, new = ([Document(row.text, (row.label,)) for row in read(file)] for file in (train, more))
    learner = learner_for("MULTI_CLASS")

    def whole(prepared: Prepared) -> Part:
        return Part(prepared, np.arange(len(prepared.digests)))

    with measured():
        started = time.perf_counter()
        prepared = learner.prepare([first])[0]
        learner.train([whole(prepared)], None, seed=0)
        first_s = time.perf_counter() - started
        stored = prepared.to_bytes()
        started = time.perf_counter()
        old = learner.load_prepared(stored)
        learner.train([whole(old), whole(learner.prepare([new])[0])], None, seed=0)
        second_s = time.perf_counter() - started
    return {"first_s": first_s, "second_s": second_s}


def _scored(test: str, predict: Callable[[list[str]], list[str]]) -> Result:
    from comprehend_local.engine.metrics import ConfusionMatrix  # noqa: PLC0415

    rows = read(test)
    texts = [row.text for row in rows]
    f1 = ConfusionMatrix.of([row.label for row in rows], predict(texts)).averages().f1
    rounds = []
    for _ in range(3):
        times = []
        for text in (texts * (1 + 1100 // len(texts)))[:1100]:
            started = time.perf_counter()
            predict([text])
            times.append(1000 * (time.perf_counter() - started))
        rounds.append([float(np.percentile(times[100:], share)) for share in (50, 99)])
    p50, p99 = min(rounds)
    return {"f1": f1, "p50_ms": p50, "p99_ms": p99}
