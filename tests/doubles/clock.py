"""One clock for the application and for Comprehend."""

from datetime import UTC, datetime

from comprehend_local import ManualClock


class SharedClock:
    """Stands still until it is moved; implements `governor.ports.Clock`.

    `tick`: by how many seconds every look of the application moves it, so that no two things happen at once.
    """

    def __init__(self) -> None:
        self.service = ManualClock()
        self.tick = 0.0

    def now(self) -> datetime:
        if self.tick:
            self.service.advance(self.tick)
        return datetime.fromtimestamp(self.service.now(), UTC)

    def advance(self, seconds: float) -> None:
        self.service.advance(seconds)
