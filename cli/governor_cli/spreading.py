"""Judges many decisions on all cores: a few processes, fed while records are still being read."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor

from governor.domain.policy import Policy
from governor.ports import VerdictRecord
from governor.usecases.backtest import Judged, Spread, judge_all
from governor.usecases.decisions import Content

PAYS_FROM_DOCUMENTS = 200_000
"""With fewer test documents in all, starting the processes takes longer than they would save."""
_UNKNOWN_DOCUMENTS = 200
"""What a record whose exam does not say how many documents it has is taken for."""
_AHEAD = 3


def spread_for(verdicts: Sequence[VerdictRecord], cores: int | None = None) -> Spread | None:
    """Return how to judge so many exams: on all cores, or None for in this process."""
    cores = cores if cores is not None else _cores()
    documents = sum(verdict.exam.documents or _UNKNOWN_DOCUMENTS for verdict in verdicts)
    return on_cores(cores) if cores > 1 and documents >= PAYS_FROM_DOCUMENTS else None


def on_cores(cores: int) -> Spread:
    """Return a way to judge in so many processes, in order, with a few chunks waiting for each."""

    def spread(policy: Policy, chunks: Iterator[list[Content]]) -> Iterator[list[Judged]]:
        # Not forked: threads read records at the same time, and a fork would copy their locks.
        start = multiprocessing.get_context("spawn")
        waiting: deque[Future[list[Judged]]] = deque()
        with ProcessPoolExecutor(cores, mp_context=start, initializer=_begin) as processes:
            try:
                for chunk in chunks:
                    waiting.append(processes.submit(judge_all, policy, chunk))
                    if len(waiting) >= cores * _AHEAD:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                processes.shutdown(wait=False, cancel_futures=True)

    return spread


def _begin() -> None:
    """Leave Ctrl-C to the process that shows the progress, which ends these with itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1
