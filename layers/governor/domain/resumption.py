"""What a person ends with `governor resume`: the hold, the failures that led to it, and a freeze of promotion."""

from dataclasses import dataclass

from governor.domain.moments import OPEN_END, to_text
from governor.domain.turn import Head, Hold


@dataclass(frozen=True)
class Resumption:
    """What there is to clear."""

    hold: Hold | None = None
    failures: int = 0
    frozen: bool = False

    def sentences(self) -> list[str]:
        """Return one sentence for each thing that is cleared."""
        told = []
        if self.hold is not None:
            until = "without an end" if self.hold.until >= OPEN_END else f"until {to_text(self.hold.until)}"
            told.append(f"The hold {self.hold.reason} ({until}) is ended.")
        if self.failures:
            turns = "turn" if self.failures == 1 else "turns in a row"
            told.append(f"The count of failures is back at 0; {self.failures} {turns} had failed.")
        if self.frozen:
            told.append("Automatic promotion, which was switched off, is on again.")
        return told


def resumption_of(head: Head | None, *, frozen: bool) -> Resumption:
    """Return what `governor resume` clears; a hold that is over still counts, because it is still in the row."""
    return Resumption(frozen=frozen) if head is None else Resumption(head.hold, head.failures, frozen)
