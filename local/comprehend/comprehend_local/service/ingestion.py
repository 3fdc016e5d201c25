"""Reads the labelled documents behind an S3 URI and checks them against the service's limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from comprehend_local.engine.documents import Document, UnreadableData, read_csv
from comprehend_local.service.data_access import DataAccess, DataError
from comprehend_local.settings import Settings


def read_documents(access: DataAccess, uris: Sequence[str], settings: Settings) -> tuple[list[Document], int]:
    """(documents, bytes read) of all files behind the URIs. Raises DataError."""
    documents: list[Document] = []
    size = 0
    for uri in uris:
        files = access.read_all(uri, largest=settings.maximum_file_bytes, most=settings.maximum_dataset_bytes)
        for file in files:
            try:
                documents += read_csv(file.content, file.uri)
            except UnreadableData as error:
                raise DataError(str(error)) from error
            size += len(file.content)
    return documents, size


def check_size(documents: Sequence[Document], size: int, settings: Settings) -> None:
    """The minimum for any data set. Raises DataError."""
    if not documents or size < settings.minimum_dataset_bytes:
        raise DataError(
            f"DOCUMENT_CORPUS_SIZE_LESS_THAN_MINIMUM: The corpus has {len(documents)} documents in {size} bytes, "
            f"which does not meet the minimum requirement: {settings.minimum_dataset_bytes} bytes."
        )


def check_training(documents: Sequence[Document], labels: Sequence[str] | None, settings: Settings) -> None:
    """What training data must hold: enough documents of every label that occurs. Raises DataError.

    Documents with a label outside `labels` are ignored by the service and count for nothing; None = any label counts.
    """
    if len(documents) > settings.maximum_train_documents:
        raise DataError(
            f"TOO_MANY_DOCUMENTS: There are {len(documents)} documents; the maximum for training is "
            f"{settings.maximum_train_documents}."
        )
    counts = Counter(document.label for document in documents if labels is None or document.label in labels)
    if not counts:
        raise DataError("INSUFFICIENT_DATA: No document has one of the flywheel's labels.")
    least = settings.minimum_documents_per_label
    few = sorted(label for label, count in counts.items() if count < least)
    if few:
        named = ", ".join(f"{label} ({counts[label]})" for label in few[:5]) + (" ..." if len(few) > 5 else "")
        raise DataError(f"INSUFFICIENT_DATA: Every label needs at least {least} documents; too few for: {named}.")


def check_test(documents: Sequence[Document], labels: Sequence[str] | None, settings: Settings) -> None:
    """What test data must hold. Raises DataError."""
    found = {document.label for document in documents}
    if labels is None:
        return
    if not found & set(labels):
        raise DataError("INSUFFICIENT_DATA: No document has one of the flywheel's labels.")
    missing = sorted(set(labels) - found)
    if settings.test_must_cover_labels and missing:
        raise DataError(f"INSUFFICIENT_DATA: Test data needs an example of every label; missing: {missing[0]}.")
