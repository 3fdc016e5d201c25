"""Where labelled data are, in one form for datasets and for models.

A source is a dict, because it is kept as JSON: `type` TRAIN or TEST; `form` csv, manifest, annotations, entity_list or
lake; `uri` of the documents; and what the form needs: `delimiter`, `attributes`, `input_format`, `labels_uri`.
"""

from __future__ import annotations

from typing import Any

from comprehend_local.engine.learner import Mode
from comprehend_local.service.errors import invalid

Source = dict[str, Any]


def of_dataset(config: dict[str, Any], mode: Mode, kind: str) -> list[Source]:
    """CreateDataset's InputDataConfig. Raises ServiceError when it does not fit the flywheel's models."""
    if config.get("DataFormat", "COMPREHEND_CSV") == "AUGMENTED_MANIFEST":
        _only(config, "AugmentedManifests", "AUGMENTED_MANIFEST")
        return [_manifest(item, kind) for item in _some_manifests(config)]
    if mode == "ENTITIES":
        _only(config, "EntityRecognizerInputDataConfig", "COMPREHEND_CSV data of an entity recognizer")
        return [_recognizer(config["EntityRecognizerInputDataConfig"], kind)]
    _only(config, "DocumentClassifierInputDataConfig", "COMPREHEND_CSV data of a document classifier")
    given = config["DocumentClassifierInputDataConfig"]
    return [_csv(given["S3Uri"], kind, mode, given.get("LabelDelimiter"))]


def of_classifier(config: dict[str, Any], mode: Mode) -> list[Source]:
    """CreateDocumentClassifier's InputDataConfig."""
    _plain_text(config.get("DocumentType"))
    if "Documents" in config or "DocumentReaderConfig" in config:
        raise invalid("comprehend_local trains on plain text; native documents are not imitated.")
    if config.get("DataFormat", "COMPREHEND_CSV") == "AUGMENTED_MANIFEST":
        if "S3Uri" in config or "TestS3Uri" in config:
            raise invalid("With DataFormat AUGMENTED_MANIFEST, S3Uri and TestS3Uri must not be given.")
        return [_manifest(item, item.get("Split", "TRAIN")) for item in _some_manifests(config)]
    if "AugmentedManifests" in config or "S3Uri" not in config:
        raise invalid("DataFormat COMPREHEND_CSV needs S3Uri, and no AugmentedManifests.")
    delimiter = config.get("LabelDelimiter")
    test = [_csv(config["TestS3Uri"], "TEST", mode, delimiter)] if "TestS3Uri" in config else []
    return [_csv(config["S3Uri"], "TRAIN", mode, delimiter), *test]


def of_recognizer(config: dict[str, Any]) -> list[Source]:
    """CreateEntityRecognizer's InputDataConfig."""
    if config.get("DataFormat", "COMPREHEND_CSV") == "AUGMENTED_MANIFEST":
        if any(name in config for name in ("Documents", "Annotations", "EntityList")):
            raise invalid("With DataFormat AUGMENTED_MANIFEST, only AugmentedManifests can be given.")
        return [_manifest(item, item.get("Split", "TRAIN")) for item in _some_manifests(config)]
    if "AugmentedManifests" in config or "Documents" not in config:
        raise invalid("DataFormat COMPREHEND_CSV needs Documents, and no AugmentedManifests.")
    sources = [_recognizer(config, "TRAIN")]
    documents, annotations = config["Documents"], config.get("Annotations", {})
    if ("TestS3Uri" in documents) != ("TestS3Uri" in annotations):
        raise invalid("Test data need both Documents.TestS3Uri and Annotations.TestS3Uri.")
    if "TestS3Uri" in documents:
        test = {"S3Uri": documents["TestS3Uri"], "InputFormat": documents.get("InputFormat", "ONE_DOC_PER_LINE")}
        sources.append(_recognizer({"Documents": test, "Annotations": {"S3Uri": annotations["TestS3Uri"]}}, "TEST"))
    return sources


def of_lake(uri: str, kind: str) -> Source:
    """What a flywheel stored in its data lake."""
    return {"type": kind, "form": "lake", "uri": uri}


def _only(config: dict[str, Any], needed: str, what: str) -> None:
    parts = {"AugmentedManifests", "DocumentClassifierInputDataConfig", "EntityRecognizerInputDataConfig"}
    if needed not in config or config.keys() & (parts - {needed}):
        raise invalid(f"{what} needs InputDataConfig.{needed}, and none of the other forms.")


def _some_manifests(config: dict[str, Any]) -> list[dict[str, Any]]:
    manifests: list[dict[str, Any]] = config.get("AugmentedManifests", [])
    if not manifests:
        raise invalid("DataFormat AUGMENTED_MANIFEST needs AugmentedManifests.")
    if len(manifests) > MOST_MANIFESTS or any(len(item["AttributeNames"]) > MOST_MANIFESTS for item in manifests):
        raise invalid(f"At most {MOST_MANIFESTS} augmented manifests with {MOST_MANIFESTS} attributes each are taken.")
    return manifests


MOST_MANIFESTS = 5


def _manifest(given: dict[str, Any], kind: str) -> Source:
    _plain_text(given.get("DocumentType"))
    if "AnnotationDataS3Uri" in given or "SourceDocumentsS3Uri" in given:
        raise invalid("AnnotationDataS3Uri and SourceDocumentsS3Uri are for native documents, which are not imitated.")
    return {"type": kind, "form": "manifest", "uri": given["S3Uri"], "attributes": given["AttributeNames"]}


def _plain_text(document_type: str | None) -> None:
    if document_type == "SEMI_STRUCTURED_DOCUMENT":
        raise invalid("comprehend_local trains on PLAIN_TEXT_DOCUMENT; native documents are not imitated.")


def _csv(uri: str, kind: str, mode: Mode, delimiter: str | None) -> Source:
    if mode == "MULTI_CLASS" and delimiter is not None:
        raise invalid("LabelDelimiter is for MULTI_LABEL data; in MULTI_CLASS data a document has one label.")
    return {"type": kind, "form": "csv", "uri": uri, "delimiter": (delimiter or "|") if mode == "MULTI_LABEL" else None}


def _recognizer(given: dict[str, Any], kind: str) -> Source:
    if ("Annotations" in given) == ("EntityList" in given):
        raise invalid("Entity recognizers' data need either Annotations or an EntityList.")
    form = "annotations" if "Annotations" in given else "entity_list"
    return {
        "type": kind,
        "form": form,
        "uri": given["Documents"]["S3Uri"],
        "input_format": given["Documents"].get("InputFormat", "ONE_DOC_PER_LINE"),
        "labels_uri": (given.get("Annotations") or given["EntityList"])["S3Uri"],
    }
