"""Data and requests of multi-label classifiers and entity recognizers, for the tests."""

from typing import Any

from comprehend_local.engine.documents import Document, Span

from .lab import ROLE, WORDS, Lab

MULTI_LABEL = {
    "LanguageCode": "en",
    "DocumentClassificationConfig": {"Mode": "MULTI_LABEL", "Labels": list(WORDS)},
}
ENTITIES = {
    "LanguageCode": "en",
    "EntityRecognitionConfig": {"EntityTypes": [{"Type": "PERSON"}, {"Type": "CITY"}]},
}
PEOPLE = ("Ada", "Grace", "Alan", "Barbara", "Edsger", "Donald", "Tony", "Radia")
CITIES = ("Paris", "Lima", "Oslo", "Quito", "Cairo", "Hanoi", "Bonn", "Accra")


def labelled(each: int, first: int = 0, delimiter: str = "|") -> bytes:
    """CSV rows: each label alone, and each pair of labels, `each` times."""
    names = list(WORDS)
    sets = [[name] for name in names] + [[a, b] for a in names for b in names if a < b]
    lines = (
        f"{delimiter.join(own)},{' '.join(WORDS[name] for name in own)} {n}"
        for n in range(first, first + each)
        for own in sets
    )
    return "".join(f"{line}\n" for line in lines).encode()


def mentioning(number: int, first: int = 0) -> list[Document]:
    """Sentences that name a person and a city."""
    found = []
    for n in range(first, first + number):
        person, city = PEOPLE[n % len(PEOPLE)], CITIES[n // 3 % len(CITIES)]
        text = f"On day {n} {person} travelled to {city} by train"
        begin, there = text.index(person), text.index(f"to {city}") + 3
        spans = (Span(begin, begin + len(person), "PERSON"), Span(there, there + len(city), "CITY"))
        found.append(Document(text, spans=spans))
    return found


def annotations(documents: list[Document], file: str) -> bytes:
    """The annotations file of documents that are the lines of `file`."""
    rows = [
        f"{file},{line},{span.begin},{span.end},{span.type}"
        for line, document in enumerate(documents)
        for span in document.spans
    ]
    return "\n".join(["File,Line,Begin Offset,End Offset,Type", *rows, ""]).encode()


def put_mentions(lab: Lab, name: str, documents: list[Document]) -> tuple[str, str]:
    """(URI of the documents, URI of the annotations)."""
    text = "".join(f"{document.text}\n" for document in documents).encode()
    return lab.put(f"in/{name}.txt", text), lab.put(f"in/{name}.csv", annotations(documents, f"{name}.txt"))


def recognizer_data(lab: Lab, name: str, documents: list[Document]) -> dict[str, Any]:
    """InputDataConfig of a dataset."""
    where, marked = put_mentions(lab, name, documents)
    config = {"Documents": {"S3Uri": where}, "Annotations": {"S3Uri": marked}}
    return {"DataFormat": "COMPREHEND_CSV", "EntityRecognizerInputDataConfig": config}


def create_recognizer_flywheel(lab: Lab, name: str = "names") -> str:
    return lab.create_flywheel(name, ModelType="ENTITY_RECOGNIZER", TaskConfig=ENTITIES)


def recognizer_with_model(lab: Lab, name: str = "names") -> tuple[str, str]:
    """A recognizer's flywheel whose first model is active."""
    flywheel = create_recognizer_flywheel(lab, name)
    lab.create_dataset_from(flywheel, "train-1", "", InputDataConfig=recognizer_data(lab, "train", mentioning(60)))
    test = recognizer_data(lab, "test", mentioning(20, first=200))
    lab.create_dataset_from(flywheel, "test-1", "", "TEST", InputDataConfig=test)
    model = lab.iterate(flywheel)["TrainedModelArn"]
    lab.promote(flywheel, model)
    return flywheel, model


def create_recognizer(lab: Lab, name: str = "plain", documents: int = 60, **changes: Any) -> str:
    where, marked = put_mentions(lab, name, mentioning(documents))
    request = {
        "RecognizerName": name,
        "DataAccessRoleArn": ROLE,
        "LanguageCode": "en",
        "InputDataConfig": {
            "EntityTypes": [{"Type": "PERSON"}, {"Type": "CITY"}],
            "Documents": {"S3Uri": where},
            "Annotations": {"S3Uri": marked},
        },
        **changes,
    }
    arn: str = lab.client.create_entity_recognizer(**request)["EntityRecognizerArn"]
    return arn
