"""The layout of a flywheel's data lake.

Published: `<lake>/<flywheel>/schemaVersion=1/<stamp>/`, `datasets/<name>/<stamp>/`, `evaluation/<iteration>/`. The
names of the files inside, and of a model's folder, are not published; those below are this server's own.
"""

from __future__ import annotations

import json
from typing import Any

from comprehend_local.clock import stamp


def root(data_lake_uri: str, flywheel: str, created: float) -> str:
    """The expanded URI that DescribeFlywheel shows."""
    return f"{named_root(data_lake_uri, flywheel)}schemaVersion=1/{stamp(created)}/"


def named_root(data_lake_uri: str, flywheel: str) -> str:
    """The folder that belongs to flywheels of this name."""
    return f"{data_lake_uri.rstrip('/')}/{flywheel}/"


def dataset(lake: str, name: str, created: float) -> str:
    """A dataset's folder (DatasetS3Uri)."""
    return f"{lake}datasets/{name}/{stamp(created)}/"


def part(dataset_uri: str, number: int) -> str:
    """One of the files with a dataset's documents."""
    return f"{dataset_uri}documents-{number:05d}.jsonl"


def evaluation(lake: str, iteration: str) -> str:
    """An iteration's folder (EvaluationManifestS3Prefix)."""
    return f"{lake}evaluation/{iteration}/"


def model_statistics(lake: str, version: str) -> str:
    """A model version's folder (FlywheelStatsS3Prefix)."""
    return f"{lake}model-datasets/{version}/ModelStats/"


def as_file(document: dict[str, Any]) -> bytes:
    """A JSON document as a file."""
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
