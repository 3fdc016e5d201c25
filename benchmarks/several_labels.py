"""Multi-label classifiers on goemotions: each function trains one in a fresh process and scores it."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.data_sets import goemotions
from benchmarks.measuring import measured

_WORDS = r"(?u)\b\w+\b"


def comprehend_local(folder: str) -> dict[str, Any]:
    """This project's engine; never sees the dev part."""
    from comprehend_local.engine.documents import Document  # noqa: PLC0415
    from comprehend_local.engine.learner import Part, learner_for  # noqa: PLC0415

    train, test = ([Document(row.text, row.labels) for row in goemotions(folder, part)] for part in ("train", "test"))
    learner = learner_for("MULTI_LABEL")
    with measured():
        prepared = learner.prepare([train])[0]
        model = learner.train([Part(prepared, np.arange(len(train)))], None, seed=0)
    scores = model.scores([Part(learner.prepare([test])[0], np.arange(len(test)))])
    return {"micro": scores.micro().f1, "macro": scores.averages().f1}


def scikit_learn(folder: str) -> dict[str, Any]:
    """TF-IDF and a log-loss model per label; the threshold is chosen on the dev part."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.linear_model import SGDClassifier  # noqa: PLC0415
    from sklearn.metrics import f1_score  # noqa: PLC0415
    from sklearn.multiclass import OneVsRestClassifier  # noqa: PLC0415
    from sklearn.preprocessing import MultiLabelBinarizer  # noqa: PLC0415

    train, dev, test = (goemotions(folder, part) for part in ("train", "dev", "test"))
    labels = MultiLabelBinarizer().fit([row.labels for row in train])
    with measured():
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2, token_pattern=_WORDS)
        matrix = vectorizer.fit_transform([row.text for row in train])
        model = OneVsRestClassifier(SGDClassifier(loss="log_loss", alpha=5e-6, random_state=0), n_jobs=2)
        model.fit(matrix, labels.transform([row.labels for row in train]))

    def decided(rows: Any, threshold: float) -> Any:
        probabilities = model.predict_proba(vectorizer.transform([row.text for row in rows]))
        answers = probabilities >= threshold
        without = ~answers.any(axis=1)
        answers[without, probabilities[without].argmax(axis=1)] = True
        return answers

    def scores(rows: Any, threshold: float) -> tuple[float, float]:
        truth, answers = labels.transform([row.labels for row in rows]), decided(rows, threshold)
        micro, macro = (f1_score(truth, answers, average=kind, zero_division=0) for kind in ("micro", "macro"))
        return float(micro), float(macro)

    best = max((0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5), key=lambda threshold: sum(scores(dev, threshold)))
    micro, macro = scores(test, best)
    return {"micro": micro, "macro": macro}
