"""Writes docs/report.html, the report of an invented verdict, and its pictures where Chromium is installed.

`make picture`. The page is the same bytes every time; the pictures are what a browser makes of it.
"""

import json
import random
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from governor.domain.decision import DecisionRecord, Spent, UploadFacts
from governor.domain.judgement import judge
from governor.domain.outcome import outcome_of
from governor.domain.policy import Policy
from governor.domain.report import Source, flips_from_bytes, page_of, report_of
from governor.domain.report.content import Report
from governor.domain.sheet import Row, Sheet, sheet_of
from governor.domain.verdict import Exam, Metrics, MustPass

PAGE = Path(__file__).parent / "report.html"
PICTURES = {"light": PAGE.with_name("report-light.png"), "dark": PAGE.with_name("report-dark.png")}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_WIDTH, _HEIGHT = 1120, 1240
_LABELS = {
    # label: test documents, how often each model is right about them
    "account": (110, 0.86, 0.90),
    "billing": (240, 0.91, 0.94),
    "bug report": (130, 0.84, 0.88),
    "cancellation": (150, 0.87, 0.89),
    "delivery": (170, 0.90, 0.93),
    "legal": (60, 0.76, 0.74),
    "praise": (140, 0.93, 0.96),
    "returns": (200, 0.86, 0.92),
}
_FILES = (("tickets/train/2026-11-09.csv", 640), ("tickets/train/2026-11-17.csv", 410))
_EXAM = "tickets/test/november.csv"


def example() -> Report:
    """Return the report of a candidate that passes, with one label that is not better."""
    sheet, flips = _answers()
    policy = Policy.model_validate(
        {
            "flywheel": {"language": "en", "mode": "MULTI_CLASS", "labels": list(_LABELS)},
            "gates": [
                {"metric": "f1", "gain_at_least": 0.0},
                {"metric": "f1", "label": "worst", "at_least": 0.6},
                {"metric": "recall", "label": "billing", "at_least": 0.9},
                {"metric": "recall", "label": "*", "drop_at_most": 0.15, "mode": "shadow"},
            ],
            "exam": {"kind": "golden", "must_pass": ["never-miss.csv"]},
            "approval": "never",
        }
    )
    exam = Exam(
        candidate=_model(7),
        candidate_metrics=Metrics(),
        scored_baseline=_model(6),
        baseline_metrics=Metrics(),
        has_test_data=True,
        kind="golden",
        candidate_digest=_hash("exam"),
        baseline_digest=_hash("exam"),
        documents=sheet.documents,
        must_pass=MustPass(40),
    )
    verdict = judge(policy, exam, _model(6), sheet, uses=2)
    files = [UploadFacts(key, _version(key), "train", count, _shares(count)) for key, count in _FILES]
    test = UploadFacts(_EXAM, _version(_EXAM), "test", 300, _shares(300))
    record = DecisionRecord(
        flywheel="tickets",
        batch=7,
        baseline=_model(6),
        policy_version=3,
        policy=policy,
        exam=exam,
        verdict=verdict,
        reached_at=datetime(2026, 11, 23, 9, 41, tzinfo=UTC),
        sheet=sheet,
        uses=2,
        manifest_uri="s3://governor-records/manifests/tickets/000000007.json",
        manifest_sha256=_hash("manifest"),
        iteration="20261123T084512Z",
        uploads=(*files, test),
        datasets=("7-train-0f93c1a2b7d4",),
        spent=Spent(2.25, 1.44, 2700, 840),
        code_version="0.2.0",
    )
    outcome = outcome_of(verdict, policy, has_baseline=True, frozen=False)
    source = Source("s3://governor-records/decisions/tickets/000000007-41d2c0ffee12.json", _hash("decision"))
    return report_of(record, outcome, source, flips_from_bytes(flips, "governor-inbox"))


def _answers() -> tuple[Sheet, bytes]:
    """Invent both models' answers: the candidate is often right where the other one is, and errs to its neighbour."""
    chance = random.Random(7)  # noqa: S311  repeatable, and no secret
    labels = list(_LABELS)
    rows: list[Row] = []
    wrong: list[dict[str, Any]] = []
    right: list[dict[str, Any]] = []
    for place, (documents, old, new) in enumerate(_LABELS.values()):
        for _ in range(documents):
            luck = chance.random()
            other = (place + chance.choice((1, 1, 1, 2, 5))) % len(labels)
            was = luck < old
            # Nine of ten answers are the same document by document; the rest of the skill is drawn anew.
            now = luck < new if chance.random() < 0.9 else chance.random() < new
            row = Row(1, (place,), (place if now else other,), (place if was else other,))
            rows.append(row)
            if was != now:
                names = [[labels[each[0]]] for each in row[1:4]]
                line = {"key": _EXAM, "version": _version(_EXAM), "line": len(rows)}
                (wrong if was else right).append(
                    line | dict(zip(("truth", "candidate", "baseline"), names, strict=True))
                )
    flips = {
        "schema": 1,
        "right_to_wrong": {"count": len(wrong), "documents": wrong[:12]},
        "wrong_to_right": {"count": len(right), "documents": right[:12]},
    }
    return sheet_of("MULTI_CLASS", labels, rows, has_baseline=True), json.dumps(flips).encode()


def _shares(documents: int) -> dict[str, int]:
    total = sum(count for count, *_ in _LABELS.values())
    return {label: round(documents * count / total) for label, (count, *_) in _LABELS.items()}


def _model(batch: int) -> str:
    return f"arn:aws:comprehend:eu-west-1:123456789012:document-classifier/tickets/version/Generated-{batch:08x}"


def _version(key: str) -> str:
    return f"{random.Random(key).getrandbits(128):032x}"  # noqa: S311  as above


def _hash(name: str) -> str:
    return f"{random.Random(name).getrandbits(256):064x}"  # noqa: S311  as above


def draw(browser: str) -> None:
    """Take the pictures of the page."""
    for theme, picture in PICTURES.items():
        with tempfile.TemporaryDirectory() as profile:
            subprocess.run(
                [
                    browser,
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--hide-scrollbars",
                    f"--blink-settings=preferredColorScheme={0 if theme == 'dark' else 1}",
                    f"--user-data-dir={profile}",
                    f"--window-size={_WIDTH},{_HEIGHT}",
                    f"--screenshot={picture}",
                    PAGE.as_uri(),
                ],
                check=True,
                capture_output=True,
                timeout=120,
            )
        print(picture)


if __name__ == "__main__":
    PAGE.write_bytes(page_of(example()))
    print(PAGE)
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        print("The pictures of the page stay as they are: no Chromium was found to draw them anew.")
    else:
        draw(found)
