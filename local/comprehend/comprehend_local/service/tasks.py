"""What a flywheel or model is for: TaskConfig, and whether a model fits a flywheel."""

from __future__ import annotations

from typing import Any

from comprehend_local.service.context import Request
from comprehend_local.service.errors import ServiceError, invalid
from comprehend_local.store.records import Flywheel, Model

LANGUAGES = ("en", "es", "fr", "it", "de", "pt")


def require_language(code: str) -> None:
    """Custom models exist for six languages."""
    if code not in LANGUAGES:
        raise ServiceError(
            "UnsupportedLanguageException", f"Custom models are trained in {', '.join(LANGUAGES)}; not in {code}."
        )


def new_task(request: Request) -> tuple[dict[str, Any], list[str] | None]:
    """(TaskConfig, frozen labels) of a flywheel for a new model.

    The labels are None when none are listed: then the first training freezes them.
    """
    task, kind = request.get("TaskConfig"), request.get("ModelType")
    if task is None or kind is None:
        raise invalid("ModelType and TaskConfig are needed for a new model, or ActiveModelArn for an existing one.")
    require_language(task["LanguageCode"])
    if kind != "DOCUMENT_CLASSIFIER":
        raise invalid("comprehend_local imitates flywheels of document classifiers; entity recognizers are not.")
    config = task.get("DocumentClassificationConfig")
    if config is None or "EntityRecognitionConfig" in task:
        raise invalid("A DOCUMENT_CLASSIFIER needs DocumentClassificationConfig, and no EntityRecognitionConfig.")
    require_mode(config["Mode"])
    labels = config.get("Labels")
    return task, None if labels is None else list(dict.fromkeys(labels))


def require_mode(mode: str) -> None:
    """Only one of the two modes is learned here."""
    if mode != "MULTI_CLASS":
        raise invalid(f"comprehend_local learns MULTI_CLASS; {mode} is not imitated.")


def model_task(model: Model) -> dict[str, Any]:
    """The TaskConfig that a flywheel takes over from its model."""
    return {
        "LanguageCode": model.language,
        "DocumentClassificationConfig": {"Mode": model.mode, "Labels": list(model.labels)},
    }


def same_task(flywheel: Flywheel, model: Model) -> bool:
    """Whether a model may become the flywheel's active one: same language and mode, no label that it does not list."""
    config = flywheel.task["DocumentClassificationConfig"]
    return (
        model.language == flywheel.task["LanguageCode"]
        and model.mode == config["Mode"]
        and (flywheel.labels is None or set(model.labels) <= set(flywheel.labels))
    )
