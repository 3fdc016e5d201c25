"""Draws docs/timeline.svg, an example of what `governor timeline FLYWHEEL --svg FILE` draws: `make picture`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

from governor.domain.verdict import Word
from governor.usecases.flywheel_timeline import Entry, Fate
from governor_cli.timeline_picture import timeline_svg

PICTURE = Path(__file__).parent / "timeline.svg"
_STORY = (
    # day, batch, F1, the active model's on the same exam, verdict, fate
    (0, 1, 0.7362, None, "PASS", "promoted"),
    (6, 2, 0.8301, 0.7362, "PASS", "promoted"),
    (13, 3, 0.6180, 0.8301, "FAIL", "kept"),
    (20, 5, 0.8342, 0.8290, "FAIL", "kept"),
    (24, 6, 0.8511, 0.8290, "PASS", "promoted"),
    (26, None, 0.8290, None, None, "rolled back"),
    (34, 7, 0.8600, 0.8290, "PASS", "rejected"),
    (41, 8, 0.8733, 0.8305, "PASS", "promoted"),
    (50, 9, 0.8725, 0.8733, "INCONCLUSIVE", "expired"),
    (55, 10, 0.8802, 0.8733, "PASS", "in work"),
)


def example() -> list[Entry]:
    """Return an invented flywheel's life."""
    words: dict[str | None, Word] = {word: word for word in get_args(Word)}
    fates: dict[str, Fate] = {fate: fate for fate in get_args(Fate)}
    active, entries = "", []
    for day, batch, f1, baseline_f1, verdict, fate in _STORY:
        model = _model(batch or 2)
        is_active = fate in {"promoted", "rolled back"}
        active = model if is_active else active
        entries.append(
            Entry(
                at=datetime(2026, 9, 1, tzinfo=UTC) + timedelta(days=day),
                fate=fates[fate],
                model=model,
                f1=f1,
                active=active,
                active_f1=f1 if is_active else baseline_f1,
                batch=batch,
                verdict=words.get(verdict),
                baseline_f1=baseline_f1,
            )
        )
    return entries


def _model(batch: int) -> str:
    return f"arn:aws:comprehend:eu-west-1:123456789012:document-classifier/reviews/version/Generated-{batch:08x}"


if __name__ == "__main__":
    PICTURE.write_text(timeline_svg("reviews", example()), encoding="utf-8")
