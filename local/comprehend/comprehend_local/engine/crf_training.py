"""Learns the weights of a conditional random field with CRFsuite.

CRFsuite keeps Python's global lock while it learns, and much memory, so large trainings run in a process of their own:
`python -m comprehend_local.engine.crf_training` reads sequences from its standard input, and writes weights.
The training algorithm (L-BFGS, OWL-QN) draws no random numbers, whatever was learned before.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from comprehend_local.engine.packing import pack, unpack
from comprehend_local.engine.token_features import Commonness, Describer

PARAMETERS = {"c1": 0.1, "c2": 1.0, "max_iterations": 30}
"""Tried on tweets and on technical documentation: without c1 the weights take twice the time to become as good."""
SMALL = 3_000
"""Tokens; so few are learned from at once, in this process."""
_KIND = "crf-weights/1"
_TRANSITION = re.compile(rb"^  \(1\) (\d+) --> (\d+): (\S+)$", re.MULTILINE)
_WEIGHT = re.compile(rb"^  \(0\) (\S+(?: \S+)?) --> (\d+): (\S+)$", re.MULTILINE)

Sequences = list[tuple[list[str], list[int]]]
"""Words, and a tag for each (see `tokens.tags`)."""


class TrainingEnded(Exception):
    """The process that learned ended without a result; the message has how, and the last line of what it said."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learned. `of_features`: (features, tags), in the order of `names`; `transitions`: (from tag, to tag).

    `seen`: which tags there were; all weights of the others are 0, which says nothing of them. `commonness`: by word.
    """

    names: list[str]
    of_features: NDArray[np.float32]
    transitions: NDArray[np.float64]
    seen: NDArray[np.bool_]
    commonness: dict[str, str]

    def to_bytes(self) -> bytes:
        """For another process, or the store: weights that are 0 take no room."""
        places, tags = np.nonzero(self.of_features)
        words: dict[str, list[str]] = {}
        for word, code in self.commonness.items():
            words.setdefault(code, []).append(word)
        texts = json.dumps({"names": self.names, "words": words}, ensure_ascii=False).encode()
        return pack(
            _KIND,
            {"features": len(self.names)},
            {
                "texts": np.frombuffer(texts, dtype=np.uint8),
                "transitions": self.transitions,
                "seen": self.seen,
                "places": places.astype(np.uint32),
                "tags": tags.astype(np.uint8),
                "weights": self.of_features[places, tags],
            },
        )

    @classmethod
    def from_bytes(cls, content: bytes) -> Weights:
        """What `to_bytes` wrote. Raises ValueError when it is something else."""
        facts, arrays = unpack(_KIND, content)
        texts = json.loads(arrays["texts"].tobytes())
        of_features = np.zeros((facts["features"], len(arrays["transitions"])), dtype=np.float32)
        of_features[arrays["places"], arrays["tags"]] = arrays["weights"]
        commonness = {word: code for code, words in texts["words"].items() for word in words}
        return cls(texts["names"], of_features, arrays["transitions"].copy(), arrays["seen"], commonness)


def fit(sequences: Sequences, tags: int) -> Weights:
    """Learn. `tags` is their number. Raises TrainingEnded when another process did and died."""
    if sum(len(words) for words, _ in sequences) <= SMALL:
        return learn(sequences, tags)
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-m", __name__],
        input=json.dumps([tags, sequences]).encode(),
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").split("\n")
        raise TrainingEnded(f"with {done.returncode} ({next(filter(None, reversed(said)), '')[:200]})")
    return Weights.from_bytes(done.stdout)


def learn(sequences: Sequences, tags: int, parent: int | None = None) -> Weights:
    """Learn in this process. `parent`: the program ends when another process becomes its parent."""
    import pycrfsuite  # noqa: PLC0415  only those who train need it

    with tempfile.TemporaryDirectory(prefix="crf-") as folder:

        class Trainer(pycrfsuite.BaseTrainer):  # type: ignore[misc]
            """Learns without a word."""

            def message(self, message: str) -> None:
                """Called a few times in every iteration."""
                if parent not in (None, os.getppid()):
                    shutil.rmtree(folder, ignore_errors=True)
                    os._exit(1)

        commonness = Commonness(word for words, _ in sequences for word in words)
        describer = Describer(commonness.without_itself)
        trainer = Trainer(algorithm="lbfgs", params=PARAMETERS)
        for words, codes in sequences:
            trainer.append(describer.features(words), [str(code) for code in codes])
        model, dump = Path(folder, "model"), Path(folder, "dump")
        trainer.train(str(model))
        tagger = pycrfsuite.Tagger()
        with tagger.open(str(model)):
            tagger.dump(str(dump))
        seen = np.isin(np.arange(tags), [code for _, codes in sequences for code in codes])
        return _read(dump.read_bytes(), seen, commonness.all())


def _read(dump: bytes, seen: NDArray[np.bool_], commonness: dict[str, str]) -> Weights:
    """The weights in CRFsuite's own listing of a model."""
    transitions = np.zeros((len(seen), len(seen)))
    for before, after, weight in _TRANSITION.findall(dump):
        transitions[int(before), int(after)] = float(weight)
    found = _WEIGHT.findall(dump)
    places: dict[bytes, int] = {}
    for name, _, _ in found:
        places.setdefault(name, len(places))
    of_features = np.zeros((len(places), len(seen)), dtype=np.float32)
    for name, tag, weight in found:
        of_features[places[name], int(tag)] = float(weight)
    return Weights([name.decode() for name in places], of_features, transitions, seen, commonness)


def _main() -> None:
    parent = os.getppid()
    tags, sequences = json.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(learn(sequences, tags, parent).to_bytes())


if __name__ == "__main__":
    _main()
