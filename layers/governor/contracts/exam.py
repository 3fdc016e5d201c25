"""The exam that candidate and active model sit before they are compared."""

from typing import Literal

from governor.contracts.base import Payload


class PrepareExamOutput(Payload):
    """READY: nobody has to sit anything. BUDGET: `reason` says what it would cost; `cost_usd` is an estimate."""

    word: Literal["READY", "SIT", "BUDGET"]
    documents: int = 0
    cost_usd: float = 0.0
    reason: str = ""


class StartExamOutput(Payload):
    """`jobs`: how many are waited for."""

    jobs: int
    wait_seconds: int = 0


class CheckExamOutput(Payload):
    """WAIT: a job is not over."""

    word: Literal["COMPLETED", "WAIT"]
    wait_seconds: int = 0


class CollectAnswersOutput(Payload):
    """`models`: whose answers were stored."""

    models: int
