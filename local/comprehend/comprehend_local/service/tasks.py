"""What a flywheel or model is for: model type, TaskConfig, mode, and whether a model fits a flywheel."""

from __future__ import annotations

from typing import Any, cast

from comprehend_local.engine.learner import Mode
from comprehend_local.service.context import Request
from comprehend_local.service.errors import ServiceError, invalid
from comprehend_local.store.records import Flywheel, Model

LANGUAGES = ("en", "es", "fr", "it", "de", "pt")
MOST_ENTITY_TYPES = 25


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
    if kind == "ENTITY_RECOGNIZER":
        entities = task.get("EntityRecognitionConfig")
        if entities is None or "DocumentClassificationConfig" in task:
            raise invalid("An ENTITY_RECOGNIZER needs EntityRecognitionConfig, and no DocumentClassificationConfig.")
        return task, entity_types(entities["EntityTypes"])
    config = task.get("DocumentClassificationConfig")
    if config is None or "EntityRecognitionConfig" in task:
        raise invalid("A DOCUMENT_CLASSIFIER needs DocumentClassificationConfig, and no EntityRecognitionConfig.")
    labels = config.get("Labels")
    return task, list(dict.fromkeys(labels)) if labels else None


def entity_types(given: list[dict[str, str]]) -> list[str]:
    """The names of `EntityTypes`, each once."""
    names = list(dict.fromkeys(item["Type"] for item in given))
    if not 1 <= len(names) <= MOST_ENTITY_TYPES:
        raise invalid(f"From 1 to {MOST_ENTITY_TYPES} entity types must be listed; there are {len(names)}.")
    return names


def task_mode(task: dict[str, Any]) -> Mode:
    """The kind of model that a TaskConfig asks for."""
    config = task.get("DocumentClassificationConfig")
    return "ENTITIES" if config is None else cast(Mode, config["Mode"])


def model_type(mode: str) -> str:
    """ModelType."""
    return "ENTITY_RECOGNIZER" if mode == "ENTITIES" else "DOCUMENT_CLASSIFIER"


def model_task(model: Model) -> dict[str, Any]:
    """The TaskConfig that a flywheel takes over from its model."""
    if model.mode == "ENTITIES":
        types = [{"Type": name} for name in model.labels]
        return {"LanguageCode": model.language, "EntityRecognitionConfig": {"EntityTypes": types}}
    config = {"Mode": model.mode, "Labels": list(model.labels)}
    return {"LanguageCode": model.language, "DocumentClassificationConfig": config}


def same_task(flywheel: Flywheel, model: Model) -> bool:
    """Whether a model may become the flywheel's active one: same language and mode, no label that it does not list."""
    return (
        model.language == flywheel.task["LanguageCode"]
        and model.mode == task_mode(flywheel.task)
        and (flywheel.labels is None or set(model.labels) <= set(flywheel.labels))
    )
