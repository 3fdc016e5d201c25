"""`governor endpoint`, `classify` and `entities` over the doubles."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from comprehend_local import Settings
from governor.domain.errors import ServiceBusyError
from governor_cli.commands import endpoints, real_time, teardown
from tests.doubles.command_line import Run, command_line
from tests.doubles.data import FLYWHEEL, WORDS, policy
from tests.doubles.people import active, iterations, promote_in_console
from tests.doubles.scenes import ends, promoted
from tests.doubles.stack import ACCOUNT, Stack
from tests.integration.test_way_of_formats import drop, manifest, put_recognizer, sentences
from tests.integration.test_way_of_serving import drop_good

ARN = f"arn:aws:comprehend:us-east-1:{ACCOUNT}:document-classifier-endpoint/alpha"
SLOW = Settings.instant(account=ACCOUNT, endpoint_creation_seconds=300, endpoint_deletion_seconds=60)
STORAGE = " ".join(WORDS["storage"])
QUEUE = " ".join(WORDS["queue"])


@pytest.fixture
def run(stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    monkeypatch.setattr(endpoints, "pause", stack.clock.advance)
    monkeypatch.setattr(real_time, "pause", stack.clock.advance)
    monkeypatch.setattr(teardown, "pause", stack.clock.advance)
    with command_line(stack, capsys) as run:
        yield run


def say(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let somebody answer, or send text through a pipe."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8"))


def there(stack: Stack) -> list[str]:
    return [each["Status"] for each in stack.comprehend.list_endpoints()["EndpointPropertiesList"]]


# ---- endpoint ------------------------------------------------------------------------------------------------------


def test_an_endpoint_is_made_after_its_price_was_told_and_follows(stack: Stack, run: Run) -> None:
    promoted(stack)

    code, out, err = run("endpoint", "create", FLYWHEEL, "--yes", "--wait")

    assert (code, err) == (0, "")
    assert "It costs 1.80 dollars an hour (1 inference unit), 1,296.00 dollars in 30 days" in out
    assert "It is in service: governor classify alpha TEXT" in out
    drop_good(stack, 2)
    stack.clock.advance(5)
    stack.clock.advance(2 * 3600)
    shown = json.loads(run("endpoint", "status", FLYWHEEL, "--json")[1])
    assert shown["model"] == shown["active_model"] == iterations(stack)[-1]["TrainedModelArn"]
    assert shown["follows_flywheel"] is True
    assert shown["age_hours"] >= 2
    assert shown["cost_so_far"] == pytest.approx(1.80 * shown["age_hours"], abs=0.02)
    assert "serves its active model" in run("endpoint", "status", FLYWHEEL)[1]
    assert run("endpoint", "create", FLYWHEEL, "--yes")[0] == 1, "it is there"


def test_without_a_yes_nothing_is_made_or_deleted(stack: Stack, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    promoted(stack)
    say(monkeypatch, "")
    code, out, err = run("endpoint", "create", FLYWHEEL)
    assert code == 1
    assert "1.80 dollars an hour" in out
    assert "Nothing was changed. Where nobody can answer, add --yes." in err
    assert there(stack) == []

    say(monkeypatch, "y\n")
    assert run("endpoint", "create", FLYWHEEL, "--units", "2")[0] == 0
    say(monkeypatch, "n\n")
    code, out, err = run("endpoint", "delete", FLYWHEEL)
    assert code == 1
    assert "would cost 2,592.00 dollars in 30 days more" in out
    assert there(stack) == ["IN_SERVICE"]

    code, out, _ = run("endpoint", "delete", FLYWHEEL, "--yes", "--wait")
    assert code == 0
    assert out.endswith("It is gone.\n")
    assert there(stack) == []
    assert "so it costs nothing" in run("endpoint", "status", FLYWHEEL)[1]
    assert "Nothing was changed" in run("endpoint", "delete", FLYWHEEL, "--yes")[1]


def test_no_endpoint_without_a_model_or_a_policy(stack: Stack, run: Run) -> None:
    assert "has no policy" in run("endpoint", "create", FLYWHEEL, "--yes")[2]
    stack.apply_policy(FLYWHEEL, policy())
    code, _, err = run("endpoint", "create", FLYWHEEL, "--yes")
    assert code == 1
    assert "has no active model yet" in err


def test_an_endpoint_that_follows_nothing_says_so(stack: Stack, run: Run) -> None:
    promoted(stack)
    stack.comprehend.create_endpoint(EndpointName="other", ModelArn=active(stack), DesiredInferenceUnits=1)
    out = run("endpoint", "status", FLYWHEEL, "--endpoint", "other")[1]
    assert "whatever is promoted, it keeps its model" in out
    assert "is it somebody else's?" in run("endpoint", "delete", FLYWHEEL, "--endpoint", "other", "--yes")[1]


@pytest.mark.parametrize("stack", [SLOW], indirect=True)
def test_one_that_is_being_made_cannot_be_deleted_and_does_not_answer_yet(stack: Stack, run: Run) -> None:
    promoted(stack)
    assert run("endpoint", "create", FLYWHEEL, "--yes")[0] == 0
    code, _, err = run("endpoint", "delete", FLYWHEEL, "--yes")
    assert code == 1
    assert "cannot be deleted before that is done" in err
    code, _, err = run("classify", FLYWHEEL, STORAGE)
    assert code == 1
    assert "is being created, which takes some minutes; `governor endpoint status alpha`" in err
    stack.clock.advance(301)
    assert run("classify", FLYWHEEL, STORAGE)[0] == 0


# ---- real time -----------------------------------------------------------------------------------------------------


@pytest.fixture
def serving(stack: Stack, run: Run) -> Stack:
    promoted(stack)
    assert run("endpoint", "create", FLYWHEEL, "--yes", "--wait")[0] == 0
    return stack


def test_a_text_a_file_and_a_pipe(
    serving: Stack, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    code, out, err = run("classify", FLYWHEEL, STORAGE)
    assert (code, err) == (0, "")
    assert out.index("storage") < out.index("queue"), "the most probable first"

    (tmp_path / "texts.txt").write_text(f"{STORAGE}\n\n{QUEUE}\n")
    _, out, _ = run("classify", FLYWHEEL, str(tmp_path / "texts.txt"), "--lines", "--json")
    found = [json.loads(line) for line in out.splitlines()]
    assert [(each["line"], each["labels"][0]["name"]) for each in found] == [(1, "storage"), (3, "queue")]
    assert found[0]["model"] == active(serving)

    say(monkeypatch, f"{QUEUE}\n")
    assert json.loads(run("classify", FLYWHEEL, "--json")[1])["labels"][0]["name"] == "queue"
    say(monkeypatch, f"{STORAGE}\n{QUEUE}\n")
    _, out, _ = run("classify", FLYWHEEL, "-", "--lines")
    assert [line.split()[3] for line in out.splitlines() if "storage" in line or "queue" in line] == [
        "storage",
        "queue",
    ]
    assert "bucket" not in caplog.text


def test_entities_of_a_recognizer_and_its_end(stack: Stack, run: Run, tmp_path: Path) -> None:
    """Also that a recognizer is adopted, retired and torn down as a classifier is."""
    put_recognizer(stack)
    for number in (0, 300, 600):
        drop(
            stack,
            **{f"train__a{number}_jsonl": manifest(60, number), f"test__t{number}_jsonl": manifest(20, 900 + number)},
        )
        stack.run()
    assert ends(stack) == ["ModelPromoted"] * 3
    assert run("endpoint", "create", FLYWHEEL, "--yes", "--wait")[0] == 0
    (text, mentions), *_ = sentences(1)

    _, out, _ = run("entities", FLYWHEEL, text, "--json")
    found = {(each["type"], each["text"]) for each in json.loads(out)["entities"]}
    assert found == {(type_, text[begin:end]) for begin, end, type_ in mentions}
    shown = run("entities", FLYWHEEL, text)[1]
    assert all(words in shown for _, words in found)
    assert "finds entities: use `governor entities alpha`" in run("classify", FLYWHEEL, text)[2]
    arn = stack.ports.comprehend.flywheel_arn(FLYWHEEL)
    assert run("flywheel", "adopt", arn, "--out", str(tmp_path / "alpha.yaml"))[0] == 0
    definition = yaml.safe_load((tmp_path / "alpha.yaml").read_text())["flywheel"]
    assert definition == {"model_type": "ENTITY_RECOGNIZER", "language": "en", "entity_types": ["PERSON", "CITY"]}

    names = ["PERSON", "CITY"]
    recognizer = {"language": "en", "model_type": "ENTITY_RECOGNIZER", "entity_types": names}
    stack.apply_policy(FLYWHEEL, policy(flywheel=recognizer, retention={"newest": 0}))
    assert stack.sweep()["faults"] == []
    assert len(stack.comprehend.list_entity_recognizers()["EntityRecognizerPropertiesList"]) == 2
    assert run("teardown", FLYWHEEL, "--yes")[0] == 0
    assert stack.comprehend.list_entity_recognizers()["EntityRecognizerPropertiesList"] == []


def test_what_is_no_text(serving: Stack, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    say(monkeypatch, " \n")
    assert "There is no text." in run("classify", FLYWHEEL)[2]
    say(monkeypatch, "\n\n")
    assert "There is no text in any line." in run("classify", FLYWHEEL, "-", "--lines")[2]
    (tmp_path / "latin").write_bytes("Straße".encode("latin-1"))
    assert "not UTF-8" in run("classify", FLYWHEEL, str(tmp_path / "latin"))[2]
    code, _, err = run("classify", FLYWHEEL, "x" * 200_000)
    assert code == 1
    assert "Comprehend does not take the text" in err


def test_clear_answers_when_nothing_can_answer(stack: Stack, run: Run) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    assert "has no active model yet" in run("classify", FLYWHEEL, STORAGE)[2]
    promoted(stack)
    code, _, err = run("classify", FLYWHEEL, STORAGE)
    assert code == 1
    assert "has no endpoint alpha. Create it with `governor endpoint create alpha`" in err
    assert "classifies documents: use `governor classify alpha`" in run("entities", FLYWHEEL, STORAGE)[2]
    assert "has no endpoint other" in run("classify", FLYWHEEL, STORAGE, "--endpoint", "other")[2]


def test_a_busy_endpoint_is_asked_again_for_a_while(serving: Stack, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(real_time, "pause", waits.append)
    operation = serving.ports.endpoints.classify
    times = iter([True, True, False])

    def busy_twice(arn: str, text: str) -> object:
        if next(times, False):
            raise ServiceBusyError("ClassifyDocument: ThrottlingException.")
        return operation(arn, text)

    monkeypatch.setattr(serving.ports.endpoints, "classify", busy_twice)
    assert run("classify", FLYWHEEL, STORAGE)[0] == 0
    assert waits == [1.0, 2.0]
    times = iter([True] * 9)
    code, _, err = run("classify", FLYWHEEL, STORAGE)
    assert code == 1
    assert "ThrottlingException" in err


def test_another_model_is_asked_after_a_promotion(serving: Stack, run: Run) -> None:
    first = active(serving)
    drop_good(serving, 2)
    serving.clock.advance(5)
    assert json.loads(run("classify", FLYWHEEL, STORAGE, "--json")[1])["model"] == active(serving) != first
    assert first is not None
    promote_in_console(serving, first)
    serving.clock.advance(5)
    assert json.loads(run("classify", FLYWHEEL, STORAGE, "--json")[1])["model"] == first
