"""Comprehend's own service model, as botocore ships it."""

from __future__ import annotations

from functools import cache

import botocore.loaders
from botocore.model import OperationModel, ServiceModel

TARGET_PREFIX = "Comprehend_20171127"


@cache
def service_model() -> ServiceModel:
    """All shapes and operations."""
    document = botocore.loaders.Loader().load_service_model("comprehend", "service-2")
    return ServiceModel(document, "comprehend")


@cache
def operation(name: str) -> OperationModel | None:
    """One operation, or None when Comprehend has none of that name."""
    model = service_model()
    return model.operation_model(name) if name in model.operation_names else None
