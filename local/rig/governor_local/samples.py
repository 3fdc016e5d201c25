"""Files to try things with: labelled sentences, unlabelled ones, and policies, cut from text that botocore carries."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from governor_local.corpus import LABELS, Document, as_csv, build

NAMES = (
    *("Amazon S3", "Amazon EC2", "Amazon ECS", "Amazon RDS", "Amazon DynamoDB", "Amazon Rekognition"),
    *("Amazon Route 53", "Amazon Cognito", "ElastiCache", "Lambda", "DynamoDB", "IAM", "EC2", "KMS"),
)
"""Names of services as the sentences write them: what the sample recognizer looks for."""
_SERVICES = """\
# Which AWS service is a sentence about? Written for a laptop: seconds where AWS needs minutes.
name: services
flywheel:
  language: en
  mode: MULTI_CLASS
  labels: [{labels}]
batch: {{quiet_seconds: 2, quiet_max_seconds: 20}}
polling: {{min_seconds: 1, max_seconds: 3}}
gates:
  - {{metric: f1, at_least: 0.5, gain_at_least: 0.01, confidence: 0.5}}
analysis: {{quiet_seconds: 2}}
serving:
  endpoint: services
  smoke: [smoke.csv]
approval: replacement
"""
_NAMES = """\
# Where does a sentence name an AWS service? An entity recognizer.
name: names
flywheel:
  model_type: ENTITY_RECOGNIZER
  language: en
  entity_types: [SERVICE]
batch: {quiet_seconds: 2, quiet_max_seconds: 20}
polling: {min_seconds: 1, max_seconds: 3}
gates:
  - {metric: f1, at_least: 0.5, confidence: 0.5}
approval: replacement
"""
_SMOKE = (
    ("s3", "The bucket owner can enable versioning of the objects in the bucket."),
    ("lambda", "The function's execution role and its environment variables are part of the function's configuration."),
    ("kms", "The KMS key that encrypts the data key must be a symmetric encryption key."),
)


def write_samples(folder: Path) -> list[Path]:
    """Write the files into a folder, which is made if need be, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    corpus = build()
    everything = [*corpus.first, *corpus.more, *corpus.repaired]
    naming = [document.text for document in everything if any(name in document.text for name in NAMES)]
    half = len(naming) * 4 // 5
    files = {
        "services.yaml": _SERVICES.format(labels=", ".join(LABELS)).encode(),
        "names.yaml": _NAMES.encode(),
        "first.csv": as_csv(corpus.first),
        "more.csv": as_csv(corpus.more),
        "slipped.csv": as_csv(corpus.slipped),
        "exam.csv": as_csv(corpus.test),
        "exam-2.csv": as_csv(corpus.repaired[200:400]),
        "smoke.csv": as_csv([Document(*row) for row in _SMOKE]),
        "documents.txt": "".join(f"{document.text}\n" for document in corpus.repaired[:200]).encode(),
        "names-train.zip": _named(naming[:half]),
        "names-exam.zip": _named(naming[half:]),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def _named(texts: list[str]) -> bytes:
    """Documents with an entity list, as recognizers' uploads are; the same bytes for the same texts."""
    listed = "".join(["Text,Type\n", *(f"{name},SERVICE\n" for name in NAMES)])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("documents.txt", "".join(f"{text}\n" for text in texts)), ("entities.csv", listed)):
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()
