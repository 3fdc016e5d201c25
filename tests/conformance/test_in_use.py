"""What is in use, or at work, cannot be deleted; when it is not any more, it can."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from comprehend_local.store.records import Model
from tests.conformance.crowds import ARN, CLASSIFIER, HOME, Crowd, gathered
from tests.conformance.drivers import Refused
from tests.conformance.files import uri, write_files
from tests.conformance.script import OUTPUT, ROLE

OTHER = f"{CLASSIFIER}/version/other"
ENDPOINT = f"{ARN}document-classifier-endpoint/e"
CSV = {"DocumentClassifierInputDataConfig": {"S3Uri": uri("test.csv")}}


@pytest.fixture
def starting(tmp_path: Path) -> Callable[..., Any]:
    """Servers with settings of one's own, and a second model that is called TRAINED."""
    write_files(tmp_path)

    @contextmanager
    def start(**settings: Any) -> Iterator[Crowd]:
        with gathered(tmp_path, **settings) as crowd:
            now = crowd.clock.now()
            model = Model(OTHER, "trained", ROLE, "en", "MULTI_CLASS", "TRAINED", submitted=now, ended=now)
            crowd.server.comprehend._store.put(model)
            yield crowd

    return start


def code(crowd: Crowd, operation: str, **request: Any) -> str | None:
    """The error's code, or None."""
    try:
        crowd.call(operation, **request)
    except Refused as refused:
        return refused.code
    return None


def delete_model(crowd: Crowd, arn: str = CLASSIFIER) -> str | None:
    return code(crowd, "DeleteDocumentClassifier", DocumentClassifierArn=arn)


def test_an_active_model_stays(starting: Callable[..., Any]) -> None:
    with starting() as crowd:
        crowd.call("UpdateFlywheel", FlywheelArn=HOME, ActiveModelArn=CLASSIFIER)
        assert delete_model(crowd) == "ResourceInUseException"
        crowd.call("UpdateFlywheel", FlywheelArn=HOME, ActiveModelArn=OTHER)
        assert delete_model(crowd) is None
        crowd.call("DeleteFlywheel", FlywheelArn=HOME)
        assert delete_model(crowd, OTHER) is None


def test_the_model_of_an_endpoint_stays_even_if_it_cannot_answer(starting: Callable[..., Any]) -> None:
    with starting(endpoint_update_seconds=100) as crowd:
        crowd.call("CreateEndpoint", EndpointName="e", ModelArn=CLASSIFIER, DesiredInferenceUnits=1)
        assert delete_model(crowd) == "ResourceInUseException"
        endpoint = crowd.call("DescribeEndpoint", EndpointArn=ENDPOINT)["EndpointProperties"]
        assert endpoint["Status"] == "FAILED", "a model without content cannot answer"
        assert delete_model(crowd) == "ResourceInUseException"
        crowd.call("DeleteEndpoint", EndpointArn=ENDPOINT)
        assert delete_model(crowd) is None


def test_a_model_that_an_endpoint_goes_over_to_stays(starting: Callable[..., Any]) -> None:
    with starting(endpoint_update_seconds=100) as crowd:
        plain = trained(crowd)
        crowd.call("CreateEndpoint", EndpointName="e", ModelArn=plain, DesiredInferenceUnits=1)
        crowd.call("UpdateEndpoint", EndpointArn=ENDPOINT, DesiredModelArn=OTHER)
        endpoint = crowd.call("DescribeEndpoint", EndpointArn=ENDPOINT)["EndpointProperties"]
        assert (endpoint["Status"], endpoint["ModelArn"], endpoint["DesiredModelArn"]) == ("UPDATING", plain, OTHER)
        assert delete_model(crowd, plain) == delete_model(crowd, OTHER) == "ResourceInUseException"


def test_the_model_of_a_running_job_stays(starting: Callable[..., Any]) -> None:
    with starting(job_seconds=100) as crowd:
        crowd.call(
            "StartDocumentClassificationJob",
            DocumentClassifierArn=CLASSIFIER,
            InputDataConfig={"S3Uri": uri("none.txt")},
            OutputDataConfig=OUTPUT,
            DataAccessRoleArn=ROLE,
        )
        assert delete_model(crowd) == "ResourceInUseException"
        crowd.clock.advance(1000)
        assert delete_model(crowd) is None


def test_a_model_that_is_evaluated_stays(starting: Callable[..., Any]) -> None:
    with starting(evaluation_seconds=100) as crowd:
        plain = trained(crowd)
        crowd.call("UpdateFlywheel", FlywheelArn=HOME, ActiveModelArn=plain)
        crowd.call("CreateDataset", FlywheelArn=HOME, DatasetName="d", DatasetType="TEST", InputDataConfig=CSV)
        crowd.call("StartFlywheelIteration", FlywheelArn=HOME)
        crowd.call("UpdateFlywheel", FlywheelArn=HOME, ActiveModelArn=OTHER)
        assert delete_model(crowd, plain) == "ResourceInUseException"
        crowd.clock.advance(1000)
        (iteration,) = crowd.call("ListFlywheelIterationHistory", FlywheelArn=HOME)["FlywheelIterationPropertiesList"]
        assert (iteration["Status"], iteration["EvaluatedModelArn"]) == ("COMPLETED", plain)
        assert delete_model(crowd, plain) is None


def test_the_model_of_an_iteration_stays_until_that_has_ended(starting: Callable[..., Any]) -> None:
    with starting(evaluation_seconds=100) as crowd:
        crowd.call("CreateDataset", FlywheelArn=HOME, DatasetName="d", InputDataConfig=CSV)
        crowd.call("StartFlywheelIteration", FlywheelArn=HOME)
        models = crowd.call("ListDocumentClassifiers")["DocumentClassifierPropertiesList"]
        (new,) = [item["DocumentClassifierArn"] for item in models if "Generated" in item.get("VersionName", "")]
        assert delete_model(crowd, new) == "ResourceInUseException"
        crowd.clock.advance(1000)
        assert delete_model(crowd, new) is None


def test_a_model_in_training_stays(starting: Callable[..., Any]) -> None:
    with starting(training_seconds=100) as crowd:
        arn = trained(crowd)
        assert delete_model(crowd, arn) == "ResourceUnavailableException"
        crowd.clock.advance(1000)
        assert delete_model(crowd, arn) is None


def test_a_flywheel_at_work_stays(starting: Callable[..., Any]) -> None:
    with starting(dataset_ingestion_seconds=100, training_seconds=100) as crowd:
        crowd.call("CreateDataset", FlywheelArn=HOME, DatasetName="d", InputDataConfig=CSV)
        assert code(crowd, "DeleteFlywheel", FlywheelArn=HOME) == "ResourceInUseException"
        crowd.clock.advance(1000)
        crowd.call("StartFlywheelIteration", FlywheelArn=HOME)
        assert code(crowd, "DeleteFlywheel", FlywheelArn=HOME) == "ResourceInUseException"
        crowd.clock.advance(1000)
        assert code(crowd, "DeleteFlywheel", FlywheelArn=HOME) is None


@pytest.mark.parametrize(("setting", "refusal"), [("refuse", "ResourceInUseException"), ("unbind", None)])
def test_a_flywheel_that_endpoints_follow(starting: Callable[..., Any], setting: str, refusal: str | None) -> None:
    with starting(flywheel_with_endpoints=setting) as crowd:
        plain = trained(crowd)
        crowd.call("UpdateFlywheel", FlywheelArn=HOME, ActiveModelArn=plain)
        crowd.call("CreateEndpoint", EndpointName="e", FlywheelArn=HOME, DesiredInferenceUnits=1)
        assert code(crowd, "DeleteFlywheel", FlywheelArn=HOME) == refusal
        endpoint = crowd.call("DescribeEndpoint", EndpointArn=ENDPOINT)["EndpointProperties"]
        assert (endpoint["Status"], endpoint["ModelArn"]) == ("IN_SERVICE", plain)
        assert ("FlywheelArn" in endpoint) == (setting == "refuse")


def trained(crowd: Crowd) -> str:
    """A model that has really learned, once its training has ended."""
    arn: str = crowd.call(
        "CreateDocumentClassifier",
        DocumentClassifierName="plain",
        DataAccessRoleArn=ROLE,
        InputDataConfig={"S3Uri": uri("train.csv")},
        LanguageCode="en",
    )["DocumentClassifierArn"]
    crowd.call("DescribeDocumentClassifier", DocumentClassifierArn=arn)
    return arn


def test_a_flywheel_takes_its_datasets_and_iterations_along_and_leaves_its_models(starting: Callable[..., Any]) -> None:
    with starting() as crowd:
        crowd.call("CreateDataset", FlywheelArn=HOME, DatasetName="d", InputDataConfig={**CSV}, Tags=[{"Key": "k"}])
        started = crowd.call("StartFlywheelIteration", FlywheelArn=HOME)
        iteration = crowd.call("DescribeFlywheelIteration", **started)["FlywheelIterationProperties"]
        crowd.call("DeleteFlywheel", FlywheelArn=HOME)
        gone = [
            ("DescribeFlywheel", {"FlywheelArn": HOME}),
            ("DescribeDataset", {"DatasetArn": f"{HOME}/dataset/d"}),
            ("ListTagsForResource", {"ResourceArn": f"{HOME}/dataset/d"}),
            ("DescribeFlywheelIteration", started),
            ("ListFlywheelIterationHistory", {"FlywheelArn": HOME}),
            ("ListDatasets", {"FlywheelArn": HOME}),
        ]
        for operation, request in gone:
            assert code(crowd, operation, **request) == "ResourceNotFoundException", operation
        assert code(crowd, "DescribeDocumentClassifier", DocumentClassifierArn=iteration["TrainedModelArn"]) is None

        crowd.flywheel("home")
        assert crowd.call("ListFlywheelIterationHistory", FlywheelArn=HOME)["FlywheelIterationPropertiesList"] == []
        assert crowd.call("ListDatasets")["DatasetPropertiesList"] == []
        assert code(crowd, "DescribeFlywheelIteration", **started) == "ResourceNotFoundException"
