"""A text classifier: word 1-2-gram TF-IDF and a linear model with probabilities, trained with scikit-learn.

A trained model is plain data (vocabulary, weights, labels), stored without pickle. The same documents in the same
order and the same seed give the same model.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import SGDClassifier

from comprehend_local.engine.documents import Document
from comprehend_local.engine.learner import CannotLearn

Matrix = NDArray[np.float32]
_WORD = r"(?u)\b\w+\b"
REGULARISATION = 5e-6
"""Best or within noise of it on 600 to 10,000 documents with 12 and 77 labels, tried from 5e-6 to 1e-4."""
RARE_TERMS_ARE_DROPPED_FROM = 20_000
"""From this many documents on, a term must occur in two of them: half the vocabulary for the same accuracy."""


@dataclass(frozen=True)
class Classifier:
    """A trained model. `weights` is classes x terms, `idf` one weight per term, `terms` in column order."""

    labels: tuple[str, ...]
    terms: tuple[str, ...]
    idf: Matrix
    weights: Matrix
    intercepts: Matrix

    def probabilities(self, texts: Sequence[str]) -> Matrix:
        """One row per text, one column per label; every row sums to 1."""
        counts = _vectorizer(vocabulary=self._places()).transform(texts)
        scores = np.asarray(_weigh(counts, self.idf) @ self.weights.T + self.intercepts)
        odds = 1.0 / (1.0 + np.exp(-np.clip(scores, -60, 60)))
        result: Matrix = (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32)
        return result

    def predict(self, texts: Sequence[str]) -> list[str]:
        """The most probable label of each text."""
        if not texts:
            return []
        return [self.labels[index] for index in self.probabilities(texts).argmax(axis=1)]

    def _places(self) -> dict[str, int]:
        return {term: index for index, term in enumerate(self.terms)}

    def to_bytes(self) -> bytes:
        """The model as an .npz archive."""
        words = json.dumps({"labels": self.labels, "terms": self.terms}, ensure_ascii=False).encode()
        buffer = io.BytesIO()
        np.savez(
            buffer,
            words=np.frombuffer(words, dtype=np.uint8),
            idf=self.idf,
            weights=self.weights,
            intercepts=self.intercepts,
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Classifier:
        """What `to_bytes` wrote. Raises ValueError when it is something else."""
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            words = json.loads(archive["words"].tobytes())
            return cls(
                tuple(words["labels"]),
                tuple(words["terms"]),
                archive["idf"],
                archive["weights"],
                archive["intercepts"],
            )


def train(documents: Sequence[Document], seed: int) -> Classifier:
    """Train on all documents. Raises CannotLearn when fewer than two labels or no words at all are left."""
    labels = sorted({document.labels[0] for document in documents})
    if len(labels) < 2:
        raise CannotLearn(f"at least two labels are needed and the training data has {len(labels)}")
    vectorizer = _vectorizer(min_df=2 if len(documents) >= RARE_TERMS_ARE_DROPPED_FROM else 1)
    try:
        counts = vectorizer.fit_transform([document.text for document in documents])
    except ValueError as error:
        raise CannotLearn("the documents contain no words") from error
    size = counts.shape[0]
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = (np.log((1 + size) / (1 + frequency)) + 1).astype(np.float32)
    place = {label: index for index, label in enumerate(labels)}
    model = SGDClassifier(loss="log_loss", alpha=REGULARISATION, max_iter=30, tol=1e-3, random_state=seed)
    model.fit(_weigh(counts, idf), [place[document.labels[0]] for document in documents])
    weights, intercepts = model.coef_.astype(np.float32), model.intercept_.astype(np.float32)
    if len(labels) == 2:
        weights, intercepts = np.vstack([-weights, weights]), np.concatenate([-intercepts, intercepts])
    terms = tuple(vectorizer.get_feature_names_out().tolist())
    return Classifier(tuple(labels), terms, idf, weights, intercepts)


def _vectorizer(**options: Any) -> CountVectorizer:
    return CountVectorizer(ngram_range=(1, 2), dtype=np.float32, token_pattern=_WORD, **options)


def _weigh(counts: Any, idf: Matrix) -> Any:
    """Sublinear term frequency x inverse document frequency, every row of length 1 (a row without terms stays 0)."""
    weighed = counts.copy()
    weighed.data = (1 + np.log(weighed.data)) * idf[weighed.indices]
    lengths = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1
    weighed.data = (weighed.data / np.repeat(lengths, np.diff(weighed.indptr))).astype(np.float32)
    return weighed
