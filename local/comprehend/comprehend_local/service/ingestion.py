"""Reads the labelled documents behind a source, chunk by chunk, and checks them against the service's limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from comprehend_local.engine.documents import Document, UnreadableData
from comprehend_local.engine.formats import classifier_csv, entity_list, manifest, recognizer, stored
from comprehend_local.engine.learner import Mode
from comprehend_local.service import lake
from comprehend_local.service.context import Context
from comprehend_local.service.data_access import DataAccess, DataError, File
from comprehend_local.service.learned import chunked
from comprehend_local.service.sources import Source
from comprehend_local.settings import Settings
from comprehend_local.store.records import Dataset


@dataclass(slots=True)
class Census:
    """What was read so far: documents, bytes, and documents (or mentions) of each label."""

    mode: Mode
    documents: int = 0
    bytes: int = 0
    largest: int = 0
    labels: Counter[str] = field(default_factory=Counter)

    def add(self, documents: Sequence[Document]) -> None:
        """Count some more."""
        self.documents += len(documents)
        for document in documents:
            if self.mode == "ENTITIES":
                self.labels.update(span.type for span in document.spans)
                self.largest = max(self.largest, len(document.text.encode(errors="replace")))
            else:
                self.labels.update(set(document.labels))


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of some sources. Iterate over `chunks`; `census` has counted what came out so far."""

    access: DataAccess
    settings: Settings
    census: Census

    def chunks(self, sources: Sequence[Source]) -> Iterator[Sequence[Document]]:
        """The documents, never more in memory than a chunk and a file (recognizers' CSV data: a source).

        Raises DataError.
        """
        waiting: list[Document] = []
        try:
            for source in sources:
                for documents in self._files(source):
                    self.census.add(documents)
                    self._check_number()
                    waiting += documents
                    *full, rest = chunked(waiting) or [[]]
                    yield from full
                    waiting = list(rest)
        except UnreadableData as error:
            raise DataError(str(error)) from error
        if waiting:
            yield waiting

    def _check_number(self) -> None:
        most = self.settings.maximum_train_documents
        if self.census.mode == "ENTITIES":
            most = self.settings.maximum_recognizer_documents
        if self.census.documents > most:
            raise DataError(f"TOO_MANY_DOCUMENTS: There are more than {most} documents, the maximum.")

    def _files(self, source: Source) -> Iterator[list[Document]]:
        form = source["form"]
        if form in ("annotations", "entity_list"):
            yield self._recognizer_csv(source)
            return
        for file in self._read(source["uri"]):
            yield self._parse(source, file)

    def _parse(self, source: Source, file: File) -> list[Document]:
        mode = self.census.mode
        if source["form"] == "csv":
            return classifier_csv.read(file.content, file.uri, source["delimiter"])
        if source["form"] == "lake":
            return _from_lake(file)
        if mode == "ENTITIES":
            return manifest.read_recognizer(file.content, file.uri, source["attributes"])
        return manifest.read_classifier(file.content, file.uri, source["attributes"], mode)

    def _recognizer_csv(self, source: Source) -> list[Document]:
        """Documents with the mentions that annotations or an entity list name."""
        settings = self.settings
        files: list[tuple[str, list[str]]] = []
        left = settings.maximum_recognizer_documents
        for file in self._read(source["uri"]):
            files.append((file.uri, recognizer.read_texts(file.content, file.uri, source["input_format"], left)))
            left -= len(files[-1][1])
        most = settings.maximum_mentions
        if source["form"] == "entity_list":
            items: list[entity_list.Listed] = []
            for file in self._read(source["labels_uri"]):
                room = settings.maximum_entity_list_items - len(items)
                items += recognizer.read_entity_list(file.content, file.uri, room)
            return entity_list.match((text for _, texts in files for text in texts), items, most)
        annotations: list[recognizer.Annotation] = []
        for file in self._read(source["labels_uri"]):
            annotations += recognizer.read_annotations(file.content, file.uri, most - len(annotations))
        return recognizer.annotate(files, annotations)

    def _read(self, uri: str) -> Iterator[File]:
        settings = self.settings
        entities = self.census.mode == "ENTITIES"
        most = settings.maximum_recognizer_bytes if entities else settings.maximum_dataset_bytes
        largest = most if entities else settings.maximum_file_bytes
        number = settings.maximum_input_files
        for file in self.access.files(uri, largest=largest, most=most - self.census.bytes, number=number):
            self.census.bytes += len(file.content)
            yield file


def _from_lake(file: File) -> list[Document]:
    try:
        return stored.read(file.content)
    except ValueError as error:
        raise DataError(f"INVALID_INPUT_DATA: {file.uri} is not what was put into the data lake.") from error


def take_in(
    context: Context, access: DataAccess, dataset: Dataset, mode: Mode, check: Callable[[Census], None]
) -> Census:
    """Read a dataset's sources, check them, keep the documents and copy them into the lake. Raises DataError.

    Again after a crash it does the same again; nothing is left of data that are refused.
    """
    reading = Reading(access, context.settings, Census(mode))
    context.learned.forget_documents(dataset.arn)
    try:
        for number, documents in enumerate(reading.chunks(dataset.sources)):
            context.learned.put_chunk(dataset.arn, number, documents)
        check(reading.census)
        for number, content in enumerate(context.learned.chunks(dataset.arn)):
            access.write(lake.part(dataset.lake_uri, number), content)
    except DataError:
        context.learned.forget_documents(dataset.arn)
        raise
    return reading.census


def check_size(census: Census, settings: Settings) -> None:
    """The minimum for any data set. Raises DataError."""
    if not census.documents or census.bytes < settings.minimum_dataset_bytes:
        raise DataError(
            f"DOCUMENT_CORPUS_SIZE_LESS_THAN_MINIMUM: The corpus has {census.documents} documents in {census.bytes} "
            f"bytes, which does not meet the minimum requirement: {settings.minimum_dataset_bytes} bytes."
        )
    if census.mode == "ENTITIES" and census.largest > settings.maximum_recognizer_document_bytes:
        raise DataError(
            f"DOCUMENT_TOO_LARGE: A document has {census.largest} bytes; the maximum for entity recognizers is "
            f"{settings.maximum_recognizer_document_bytes} bytes."
        )


def check_training(census: Census, labels: Sequence[str] | None, settings: Settings) -> None:
    """What training data must hold: enough of every label that occurs. Raises DataError.

    Labels outside `labels` are ignored by the service and count for nothing; None = any label counts.
    """
    entities = census.mode == "ENTITIES"
    counts = {label: count for label, count in census.labels.items() if labels is None or label in set(labels)}
    if not counts:
        what = "mentions one of the entity types" if entities else "has one of the flywheel's labels"
        raise DataError(f"INSUFFICIENT_DATA: No document {what}.")
    most = settings.maximum_labels_multi_label if census.mode == "MULTI_LABEL" else settings.maximum_labels
    if len(counts) > most:
        raise DataError(f"TOO_MANY_LABELS: There are {len(counts)} labels; the maximum is {most}.")
    if entities and census.documents < settings.minimum_recognizer_documents:
        raise DataError(
            f"INSUFFICIENT_DATA: There are {census.documents} documents; an entity recognizer needs at least "
            f"{settings.minimum_recognizer_documents}."
        )
    least = settings.minimum_mentions_per_entity if entities else settings.minimum_documents_per_label
    few = sorted(label for label, count in counts.items() if count < least)
    if few:
        named = ", ".join(f"{label} ({counts[label]})" for label in few[:5]) + (" ..." if len(few) > 5 else "")
        needs = (
            f"entity type needs at least {least} mentions" if entities else f"label needs at least {least} documents"
        )
        raise DataError(f"INSUFFICIENT_DATA: Every {needs}; too few for: {named}.")


def check_test(census: Census, labels: Sequence[str] | None, settings: Settings) -> None:
    """What test data must hold. Raises DataError."""
    if labels is None:
        return
    if census.labels.keys().isdisjoint(labels):
        what = "mentions one of the entity types" if census.mode == "ENTITIES" else "has one of the flywheel's labels"
        raise DataError(f"INSUFFICIENT_DATA: No document {what}.")
    missing = sorted(set(labels) - census.labels.keys())
    if settings.test_must_cover_labels and missing:
        raise DataError(f"INSUFFICIENT_DATA: Test data needs an example of every label; missing: {missing[0]}.")
