"""Flywheels of every kind, fed with every format, through the functions' own handlers and a Comprehend that trains."""

import io
import json
import zipfile
from typing import Any

import pytest

from tests.doubles.data import FLYWHEEL, labelled, policy
from tests.doubles.people import active, flywheel, iterations
from tests.doubles.scenes import ends, holds, reasons, states
from tests.doubles.stack import Stack

PEOPLE, CITIES = ("Ada", "Grace", "Alan", "Barbara", "Edsger"), ("Paris", "Lima", "Oslo", "Quito")
GATES = [{"metric": "f1", "at_least": 0.5}]
LABELS = ("storage", "compute", "queue")


def multi_label(number: int, first: int = 0, delimiter: str = "|") -> bytes:
    rows = []
    for n in range(first, first + number):
        own = [LABELS[n % 3]] if n % 2 else [LABELS[n % 3], LABELS[(n + 1) % 3]]
        rows.append(f"{delimiter.join(own)},{' '.join(f'{name} things' for name in own)} {n}\n")
    return "".join(rows).encode()


def sentences(number: int, first: int = 0) -> list[tuple[str, list[tuple[int, int, str]]]]:
    found = []
    for n in range(first, first + number):
        person, city = PEOPLE[n % 5], CITIES[n % 4]
        text = f"On day {n} {person} went to {city} by train"
        begin, there = text.index(person), text.index(city)
        found.append((text, [(begin, begin + len(person), "PERSON"), (there, there + len(city), "CITY")]))
    return found


def manifest(number: int, first: int = 0) -> bytes:
    lines = []
    for text, mentions in sentences(number, first):
        entities = [{"startOffset": begin, "endOffset": end, "label": type_} for begin, end, type_ in mentions]
        row = {"source": text, "n": {"annotations": {"entities": entities}}, "n-metadata": {"type": "x"}}
        lines.append(json.dumps(row) + "\n")
    return "".join(lines).encode()


def annotated_zip(number: int, first: int = 0) -> bytes:
    rows = ["File,Line,Begin Offset,End Offset,Type"]
    texts = []
    for line, (text, mentions) in enumerate(sentences(number, first)):
        texts.append(text)
        rows += [f"docs.txt,{line},{begin},{end},{type_}" for begin, end, type_ in mentions]
    return _zip({"docs.txt": "\n".join(texts), "annotations.csv": "\n".join(rows)})


def listed_zip(number: int, first: int = 0) -> bytes:
    listed = [*(f"{name},PERSON" for name in PEOPLE), *(f"{name},CITY" for name in CITIES)]
    texts = "\n".join(text for text, _ in sentences(number, first))
    return _zip({"docs.txt": texts, "entities.csv": "\n".join(["Text,Type", *listed])})


def _zip(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def put(stack: Stack, **definition: Any) -> None:
    changes = {name: definition.pop(name) for name in ("data", "approval") if name in definition}
    stack.apply_policy(FLYWHEEL, policy(flywheel={"language": "en", **definition}, gates=GATES, **changes))


def put_recognizer(stack: Stack) -> None:
    put(stack, model_type="ENTITY_RECOGNIZER", entity_types=["PERSON", "CITY"])


def drop(stack: Stack, **files: bytes) -> None:
    """`train__a_csv` is alpha/train/a.csv."""
    keys = {name.replace("__", "/").replace("_", "."): content for name, content in files.items()}
    stack.deliver(*(stack.drop(f"{FLYWHEEL}/{key}", content) for key, content in keys.items()))
    assert stack.inspect() == []


def test_a_multi_label_flywheel_from_csv_with_a_delimiter_of_its_own(stack: Stack) -> None:
    put(stack, mode="MULTI_LABEL", labels=LABELS, data={"label_delimiter": "+"})
    drop(stack, train__a_csv=multi_label(90, delimiter="+"), test__t_csv=multi_label(30, 500, delimiter="+"))
    stack.run()

    assert ends(stack) == ["ModelPromoted"]
    task = flywheel(stack)["TaskConfig"]["DocumentClassificationConfig"]
    assert task == {"Mode": "MULTI_LABEL", "Labels": list(LABELS)}
    assert iterations(stack)[0]["TrainedModelMetrics"]["AverageF1Score"] > 0.9
    model = stack.comprehend.describe_document_classifier(DocumentClassifierArn=active(stack))
    assert model["DocumentClassifierProperties"]["ClassifierMetadata"]["NumberOfLabels"] == 3


def test_a_recognizer_from_every_format_in_one_batch(stack: Stack) -> None:
    put_recognizer(stack)
    drop(
        stack,
        train__a_jsonl=manifest(30),
        train__b_zip=annotated_zip(30, 100),
        train__c_zip=listed_zip(30, 200),
        test__t_manifest=manifest(20, 500),
    )
    stack.run()

    assert ends(stack) == ["ModelPromoted"]
    assert set(states(stack).values()) == {"REGISTERED"}
    recognizer = active(stack)
    assert recognizer is not None
    assert ":entity-recognizer/alpha/version/" in recognizer
    found = stack.comprehend.describe_entity_recognizer(EntityRecognizerArn=recognizer)["EntityRecognizerProperties"]
    assert found["RecognizerMetadata"]["NumberOfTrainedDocuments"] == 90
    assert found["RecognizerMetadata"]["NumberOfTestDocuments"] == 20


def test_a_recognizer_that_learns_nonsense_is_kept_out(stack: Stack) -> None:
    put_recognizer(stack)
    drop(stack, train__a_jsonl=manifest(40), test__t_jsonl=manifest(20, 500))
    stack.run()
    first = active(stack)
    slipped = manifest(200, 1000).replace(b"PERSON", b"X").replace(b"CITY", b"PERSON").replace(b"X", b"CITY")
    drop(stack, train__b_jsonl=slipped)
    stack.run()

    assert ends(stack) == ["ModelPromoted", "ActiveModelKept"]
    assert holds(stack) == "Regression"
    assert active(stack) == first
    assert "F1" in reasons(stack)[2]


def test_manifests_and_csv_of_a_multi_class_flywheel_are_one_batch(stack: Stack) -> None:
    rows = [
        {"source": text, "t": 0, "t-metadata": {"class-name": label}}
        for label, text in (line.split(",", 1) for line in labelled(7, 30).decode().splitlines())
    ]
    stack.apply_policy(FLYWHEEL, policy())
    drop(
        stack,
        train__a_csv=labelled(1),
        train__m_jsonl="".join(json.dumps(row) + "\n" for row in rows).encode(),
        test__t_csv=labelled(2),
    )
    stack.run()

    assert ends(stack) == ["ModelPromoted"]
    assert set(states(stack).values()) == {"REGISTERED"}


def test_a_file_of_another_kind_is_refused_with_what_to_do(stack: Stack) -> None:
    put_recognizer(stack)
    drop(stack, train__a_csv=labelled(1))

    assert states(stack) == {f"{FLYWHEEL}/train/a.csv": "REFUSED"}
    assert "this flywheel is a recognizer. Upload an augmented manifest" in stack.notices.mails[-1][1]


@pytest.mark.parametrize("late", ["recognizer", "multi-label"])
def test_what_was_dropped_before_there_was_a_policy_is_inspected_again_by_itself(stack: Stack, late: str) -> None:
    if late == "recognizer":
        drop(stack, train__a_zip=annotated_zip(40), test__t_jsonl=manifest(20, 500))
    else:
        drop(stack, train__a_csv=multi_label(90), test__t_csv=multi_label(30, 500))
    stack.run()
    assert holds(stack) == "PolicyMissing"

    put_recognizer(stack) if late == "recognizer" else put(stack, mode="MULTI_LABEL", labels=LABELS)
    stack.sweep()
    stack.run()
    assert stack.inspect() == []
    stack.run()

    assert ends(stack)[-1] == "ModelPromoted"
    assert set(states(stack).values()) == {"REGISTERED"}


def test_another_delimiter_in_a_new_policy_has_pending_files_inspected_again(stack: Stack) -> None:
    put(stack, mode="MULTI_LABEL", labels=LABELS, data={"label_delimiter": "+"})
    event = stack.drop(f"{FLYWHEEL}/train/a.csv", multi_label(90))
    stack.deliver(event)
    assert stack.inspect() == []
    put(stack, mode="MULTI_LABEL", labels=LABELS)
    stack.upload(f"{FLYWHEEL}/test/t.csv", multi_label(30, 500))
    stack.run()
    assert stack.inspect() == []
    stack.run()

    assert set(states(stack).values()) == {"REGISTERED"}
    model = iterations(stack)[-1]["TrainedModelArn"]
    found = stack.comprehend.describe_document_classifier(DocumentClassifierArn=model)["DocumentClassifierProperties"]
    assert found["ClassifierMetadata"]["NumberOfLabels"] == 3


def test_flywheels_from_existing_models_of_every_kind(stack: Stack) -> None:
    put(stack, mode="MULTI_LABEL", labels=LABELS)
    drop(stack, train__a_csv=multi_label(90), test__t_csv=multi_label(30, 500))
    stack.run()
    model = active(stack)
    wrong = policy(flywheel={"active_model_arn": model}, gates=GATES)
    stack.apply_policy("beta", wrong)
    stack.upload("beta/train/b.csv", multi_label(60, 1000))
    stack.run()
    assert ends(stack)[-1] != "ModelPromoted"
    assert "another mode than its policy defines" in stack.notices.mails[-2][1]

    stack.apply_policy("beta", policy(flywheel={"active_model_arn": model, "mode": "MULTI_LABEL"}, gates=GATES))
    for _ in range(3):
        stack.clock.advance(1300)
        stack.sweep()
        stack.run()
        assert stack.inspect() == []
    assert states(stack, "beta") == {"beta/train/b.csv": "REGISTERED"}
