"""Small labelled files and policies whose outcome is known."""

import csv
import io
import random
from typing import Any

WORDS = {
    "storage": ["bucket", "object", "versions", "lifecycle", "archive", "replication", "upload", "prefix"],
    "compute": ["instance", "launch", "reboot", "capacity", "fleet", "spot", "hibernate", "cores"],
    "queue": ["message", "visibility", "delay", "redrive", "receive", "fifo", "batch", "poll"],
}
FLYWHEEL = "alpha"


def labelled(seed: int, per_label: int = 20, *, wrong: bool = False) -> bytes:
    """Documents whose words tell their label; `wrong` gives every document the next label."""
    pick = random.Random(seed)
    labels = sorted(WORDS)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    for number in range(per_label * len(labels)):
        label = labels[number % len(labels)]
        words = [*pick.sample(WORDS[label], 4), pick.choice(WORDS[pick.choice(labels)])]
        text = " ".join([*words, str(pick.random())])
        writer.writerow((labels[(number + 1) % len(labels)] if wrong else label, text))
    return buffer.getvalue().encode()


def policy(**changes: Any) -> dict[str, Any]:
    """A policy that promotes what is good enough, without waiting for anybody.

    Its gates go by the bare numbers unless they say how sure they want to be: exams here are tiny.
    """
    document: dict[str, Any] = {
        "flywheel": {"language": "en", "mode": "MULTI_CLASS", "labels": sorted(WORDS)},
        "batch": {"quiet_seconds": 0, "quiet_max_seconds": 0},
        "polling": {"min_seconds": 1, "max_seconds": 5},
        "gates": [{"metric": "f1", "at_least": 0.6}],
        "approval": "never",
    }
    document |= changes
    return document | {"gates": [{"confidence": 0.5} | gate for gate in document["gates"]]}


def train(name: str = "a") -> str:
    """Return the inbox key of a TRAIN file."""
    return f"{FLYWHEEL}/train/{name}.csv"


def exam(name: str = "t") -> str:
    """Return the inbox key of a TEST file."""
    return f"{FLYWHEEL}/test/{name}.csv"
