"""One clock for the application and for Comprehend."""

from datetime import UTC, datetime

from comprehend_local import ManualClock


class SharedClock:
    """Stands still until it is moved; implements `governor.ports.Clock`."""

    def __init__(self) -> None:
        self.service = ManualClock()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.service.now(), UTC)

    def advance(self, seconds: float) -> None:
        self.service.advance(seconds)
