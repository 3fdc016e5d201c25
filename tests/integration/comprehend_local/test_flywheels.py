from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from comprehend_local import Settings, connect

from .lab import ACCOUNT, BUCKET, ROLE, SESSION, TASK, Lab, code_of, rows

OTHER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/other"


def test_a_new_flywheel_has_an_expanded_lake_and_no_model(lab: Lab) -> None:
    arn = lab.create_flywheel()

    found = lab.flywheel(arn)

    assert arn == f"arn:aws:comprehend:us-east-1:{ACCOUNT}:flywheel/news"
    assert found == {
        "FlywheelArn": arn,
        "DataAccessRoleArn": ROLE,
        "TaskConfig": TASK,
        "DataLakeS3Uri": "s3://lake/lakes/news/schemaVersion=1/20231114T221320Z/",
        "DataSecurityConfig": {},
        "Status": "ACTIVE",
        "ModelType": "DOCUMENT_CLASSIFIER",
        "CreationTime": found["CreationTime"],
        "LastModifiedTime": found["LastModifiedTime"],
    }


def test_creation_takes_its_time_and_changes_are_refused_meanwhile(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(flywheel_creation_seconds=20))
    arn = lab.create_flywheel()

    assert lab.flywheel(arn)["Status"] == "CREATING"
    assert code_of(lambda: lab.start(arn)) == "InvalidRequestException"
    assert code_of(lambda: lab.create_dataset(arn, "d", rows(20))) == "InvalidRequestException"
    assert code_of(lambda: lab.client.update_flywheel(FlywheelArn=arn)) == "InvalidRequestException"
    assert code_of(lambda: lab.client.delete_flywheel(FlywheelArn=arn)) == "ResourceUnavailableException"
    lab.clock.advance(20)
    assert lab.flywheel(arn)["Status"] == "ACTIVE"


def test_a_lake_that_cannot_be_used_ends_failed(lab: Lab) -> None:
    found = lab.flywheel(lab.create_flywheel(DataLakeS3Uri="s3://no-such-bucket/x"))

    assert found["Status"] == "FAILED"
    assert found["Message"].startswith("NO_WRITE_ACCESS_TO_OUTPUT: s3://no-such-bucket/x/news/")
    assert "NoSuchBucket" in found["Message"]


ENGLISH = {"LanguageCode": "en"}
TWENTY_SIX = {"EntityRecognitionConfig": {"EntityTypes": [{"Type": f"T{number}"} for number in range(26)]}}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"TaskConfig": None}, "InvalidRequestException"),
        ({"ModelType": None}, "InvalidRequestException"),
        ({"ModelType": "ENTITY_RECOGNIZER"}, "InvalidRequestException"),
        ({"TaskConfig": {**TASK, "LanguageCode": "ja"}}, "UnsupportedLanguageException"),
        ({"TaskConfig": {"LanguageCode": "en"}}, "InvalidRequestException"),
        ({"ModelType": "ENTITY_RECOGNIZER", "TaskConfig": {**TASK, **TWENTY_SIX}}, "InvalidRequestException"),
        ({"ModelType": "ENTITY_RECOGNIZER", "TaskConfig": {**ENGLISH, **TWENTY_SIX}}, "InvalidRequestException"),
        ({"FlywheelName": "a_b"}, "ValidationException"),
        ({"Tags": [{"Key": str(n)} for n in range(51)]}, "TooManyTagsException"),
    ],
)
def test_requests_that_make_no_sense_are_refused(lab: Lab, changes: dict[str, Any], code: str) -> None:
    request = {"ModelType": "DOCUMENT_CLASSIFIER", "TaskConfig": TASK, "FlywheelName": "news", **changes}
    request = {name: value for name, value in request.items() if value is not None}
    request |= {"DataAccessRoleArn": ROLE, "DataLakeS3Uri": "s3://lake/lakes"}

    assert code_of(lambda: lab.client.create_flywheel(**request)) == code
    assert lab.client.list_flywheels()["FlywheelSummaryList"] == []


def test_a_name_is_taken_once_and_a_token_says_that_it_is_the_same_call(lab: Lab) -> None:
    arn = lab.create_flywheel(ClientRequestToken="token-1")

    assert lab.create_flywheel(ClientRequestToken="token-1") == arn
    assert code_of(lambda: lab.create_flywheel(ClientRequestToken="token-2")) == "ResourceInUseException"
    assert code_of(lambda: lab.create_flywheel("other", ClientRequestToken="token-1")) == "InvalidRequestException"


def test_lakes_do_not_lie_one_inside_the_other(lab: Lab) -> None:
    lab.create_flywheel("news")

    inside = {"DataLakeS3Uri": "s3://lake/lakes/news"}
    assert code_of(lambda: lab.create_flywheel("other", **inside)) == "InvalidRequestException"
    assert lab.create_flywheel("newspaper")


def test_quotas(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(flywheel_creation_seconds=20, maximum_flywheels=2, maximum_flywheels_creating=1))
    lab.create_flywheel("one")
    assert code_of(lambda: lab.create_flywheel("two")) == "ResourceLimitExceededException"
    lab.clock.advance(20)
    lab.create_flywheel("two")
    lab.clock.advance(20)
    assert code_of(lambda: lab.create_flywheel("three")) == "ResourceLimitExceededException"


def test_promotion_and_rollback(lab: Lab) -> None:
    flywheel, first = lab.flywheel_with_model()
    lab.create_dataset(flywheel, "train-2", rows(30, first=100))
    second = lab.iterate(flywheel)["TrainedModelArn"]
    lab.clock.advance(5)

    answer = lab.client.update_flywheel(FlywheelArn=flywheel, ActiveModelArn=second)["FlywheelProperties"]

    assert answer["ActiveModelArn"] == second
    assert answer == lab.flywheel(flywheel)
    assert answer["LastModifiedTime"] - answer["CreationTime"] == timedelta(seconds=5)
    lab.promote(flywheel, first)
    assert lab.flywheel(flywheel)["ActiveModelArn"] == first


def test_promotion_is_possible_while_an_iteration_runs(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(training_seconds=10))
    flywheel = lab.create_flywheel()
    lab.create_dataset(flywheel, "train-1", rows(20))
    iteration = lab.start(flywheel)
    lab.clock.advance(10)
    model = lab.iteration(flywheel, iteration)["TrainedModelArn"]
    lab.create_dataset(flywheel, "train-2", rows(20, first=100))
    lab.start(flywheel)

    lab.promote(flywheel, model)

    assert lab.flywheel(flywheel)["ActiveModelArn"] == model


def test_a_model_that_does_not_fit_is_not_promoted(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(training_seconds=10))
    flywheel = lab.create_flywheel()
    other = lab.create_flywheel(
        "other",
        TaskConfig={
            "LanguageCode": "de",
            "DocumentClassificationConfig": {"Mode": "MULTI_CLASS", "Labels": ["pets", "cars", "food"]},
        },
    )
    lab.create_dataset(other, "train-1", rows(20))
    iteration = lab.start(other)
    in_training = lab.client.list_document_classifiers()["DocumentClassifierPropertiesList"][0]["DocumentClassifierArn"]
    missing = f"arn:aws:comprehend:us-east-1:{ACCOUNT}:document-classifier/none"
    recognizer = f"arn:aws:comprehend:us-east-1:{ACCOUNT}:entity-recognizer/none"

    assert code_of(lambda: lab.promote(flywheel, missing)) == "ResourceNotFoundException"
    assert code_of(lambda: lab.promote(flywheel, recognizer)) == "ResourceNotFoundException"
    assert code_of(lambda: lab.promote(flywheel, in_training)) == "InvalidRequestException"
    lab.clock.advance(10)
    german = lab.iteration(other, iteration)["TrainedModelArn"]
    assert code_of(lambda: lab.promote(flywheel, german)) == "InvalidRequestException"
    assert "ActiveModelArn" not in lab.flywheel(flywheel)


def test_what_is_left_out_of_an_update_stays_but_for_the_parts_of_the_security_config(lab: Lab) -> None:
    flywheel = lab.create_flywheel(DataSecurityConfig={"ModelKmsKeyId": "m", "DataLakeKmsKeyId": "l"})

    lab.client.update_flywheel(FlywheelArn=flywheel, DataAccessRoleArn=OTHER_ROLE)
    assert lab.flywheel(flywheel)["DataSecurityConfig"] == {"ModelKmsKeyId": "m", "DataLakeKmsKeyId": "l"}
    lab.client.update_flywheel(FlywheelArn=flywheel, DataSecurityConfig={"VolumeKmsKeyId": "v"})

    found = lab.flywheel(flywheel)
    assert found["DataAccessRoleArn"] == OTHER_ROLE
    assert found["DataSecurityConfig"] == {"VolumeKmsKeyId": "v", "DataLakeKmsKeyId": "l"}


def test_a_flywheel_from_an_existing_model_copies_its_data_and_trains_on(lab: Lab) -> None:
    _, model = lab.flywheel_with_model("news")

    second = lab.create_flywheel("cured", ActiveModelArn=model)

    found = lab.flywheel(second)
    assert found["ActiveModelArn"] == model
    assert found["TaskConfig"]["DocumentClassificationConfig"] == {
        "Mode": "MULTI_CLASS",
        "Labels": ["cars", "food", "pets"],
    }
    listed = lab.client.list_datasets(FlywheelArn=second)["DatasetPropertiesList"]
    copies = {item["DatasetType"]: item for item in listed}
    assert copies["TRAIN"]["Description"] == "TRAIN Dataset created by Flywheel creation."
    assert copies["TRAIN"]["Status"] == copies["TEST"]["Status"] == "COMPLETED"
    assert (copies["TRAIN"]["NumberOfDocuments"], copies["TEST"]["NumberOfDocuments"]) == (90, 30)
    assert lab.keys(copies["TRAIN"]["DatasetS3Uri"].removeprefix("s3://lake/"))
    assert "TrainedModelArn" not in lab.iterate(second), "the model's own data is not new"
    lab.create_dataset(second, "more", rows(20, first=100))
    trained = lab.iterate(second)
    assert trained["EvaluatedModelArn"] == model
    assert trained["TrainedModelArn"].startswith(model.rsplit("/", 1)[0]), "a version of the existing model"
    assert lab.model(trained["TrainedModelArn"])["ClassifierMetadata"]["NumberOfTrainedDocuments"] == 150


def test_a_flywheel_cannot_be_made_from_a_model_whose_data_is_gone(lab: Lab) -> None:
    _, model = lab.flywheel_with_model()
    for key in lab.keys("lakes/news/"):
        lab.s3.delete_object(Bucket="lake", Key=key)

    found = lab.flywheel(lab.create_flywheel("cured", ActiveModelArn=model))

    assert found["Status"] == "FAILED"
    assert found["Message"].startswith("NO_INPUT_DATA: There is no object at s3://lake/lakes/news/")


def test_an_existing_model_whose_data_others_have_changed_says_where(lab: Lab) -> None:
    _, model = lab.flywheel_with_model()
    (changed, *_) = [key for key in lab.keys("lakes/news/") if "/datasets/" in key]
    lab.put(changed, b"not what was there")

    found = lab.flywheel(lab.create_flywheel("cured", ActiveModelArn=model))

    assert (found["Status"], found["Message"]) == (
        "FAILED",
        f"INVALID_INPUT_DATA: s3://lake/{changed} is not what was put into the data lake.",
    )


def test_an_existing_model_brings_its_own_task(lab: Lab) -> None:
    _, model = lab.flywheel_with_model()

    assert code_of(lambda: lab.create_flywheel("x", ActiveModelArn=model, TaskConfig=TASK)) == "InvalidRequestException"


def test_deletion_leaves_models_and_lake(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(flywheel_deletion_seconds=10))
    flywheel, model = lab.flywheel_with_model()
    lab.dataset(lab.create_dataset(flywheel, "more", rows(20), ClientRequestToken="data"))
    lake = lab.keys("lakes/news/")

    lab.client.delete_flywheel(FlywheelArn=flywheel)
    lab.client.delete_flywheel(FlywheelArn=flywheel)

    assert lab.flywheel(flywheel)["Status"] == "DELETING"
    assert code_of(lambda: lab.start(flywheel)) == "InvalidRequestException"
    lab.clock.advance(10)
    assert code_of(lambda: lab.flywheel(flywheel)) == "ResourceNotFoundException"
    assert code_of(lambda: lab.client.list_datasets(FlywheelArn=flywheel)) == "ResourceNotFoundException"
    assert lab.model(model)["Status"] == "TRAINED"
    assert lab.keys("lakes/news/") == lake
    assert lab.create_flywheel() == flywheel, "the name is free again"
    assert lab.client.list_datasets(FlywheelArn=flywheel)["DatasetPropertiesList"] == []
    again = lab.create_dataset(flywheel, "more", rows(20), ClientRequestToken="data")
    assert lab.dataset(again)["NumberOfDocuments"] == 60, "tokens are forgotten with the flywheel"


def test_the_token_of_a_deleted_flywheel_makes_a_new_one(lab: Lab) -> None:
    flywheel = lab.create_flywheel(ClientRequestToken="t")
    lab.client.delete_flywheel(FlywheelArn=lab.flywheel(flywheel)["FlywheelArn"])
    assert code_of(lambda: lab.flywheel(flywheel)) == "ResourceNotFoundException"

    assert lab.flywheel(lab.create_flywheel(ClientRequestToken="t"))["Status"] == "ACTIVE"


def test_a_flywheel_whose_dataset_is_being_created_is_not_deleted(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(dataset_ingestion_seconds=10))
    flywheel = lab.create_flywheel()
    lab.create_dataset(flywheel, "d", rows(20))

    assert code_of(lambda: lab.client.delete_flywheel(FlywheelArn=flywheel)) == "ResourceInUseException"


def test_lists_are_paged_and_filtered_and_keep_to_their_region(lab: Lab) -> None:
    for name in ("one", "two", "three"):
        lab.create_flywheel(name)
        lab.clock.advance(60)
    start = lab.flywheel(f"arn:aws:comprehend:us-east-1:{ACCOUNT}:flywheel/one")["CreationTime"]

    def names(**request: Any) -> list[str]:
        found = lab.client.list_flywheels(**request)
        listed = [item["FlywheelArn"].rsplit("/", 1)[-1] for item in found["FlywheelSummaryList"]]
        return listed + (names(**{**request, "NextToken": found["NextToken"]}) if "NextToken" in found else [])

    assert names() == names(MaxResults=1) == names(MaxResults=3) == ["three", "two", "one"]
    assert names(Filter={"CreationTimeAfter": start + timedelta(seconds=1)}) == ["three", "two"]
    assert names(Filter={"CreationTimeBefore": start + timedelta(seconds=1)}) == ["one"]
    assert names(Filter={"Status": "FAILED"}) == []
    assert code_of(lambda: names(NextToken="nonsense")) == "InvalidRequestException"
    assert code_of(lambda: names(MaxResults=501)) == "ValidationException"


def test_tags(lab: Lab) -> None:
    flywheel = lab.create_flywheel(Tags=[{"Key": "team", "Value": "news"}])
    lab.client.tag_resource(ResourceArn=flywheel, Tags=[{"Key": "cost", "Value": "1"}, {"Key": "team", "Value": "x"}])
    lab.client.untag_resource(ResourceArn=flywheel, TagKeys=["cost", "absent"])

    assert lab.client.list_tags_for_resource(ResourceArn=flywheel)["Tags"] == [{"Key": "team", "Value": "x"}]
    many = [{"Key": str(n), "Value": ""} for n in range(50)]
    assert code_of(lambda: lab.client.tag_resource(ResourceArn=flywheel, Tags=many)) == "TooManyTagsException"
    assert len(lab.client.list_tags_for_resource(ResourceArn=flywheel)["Tags"]) == 1
    missing = flywheel.replace("news", "none")
    assert code_of(lambda: lab.client.list_tags_for_resource(ResourceArn=missing)) == "ResourceNotFoundException"


def test_an_empty_list_of_labels_is_none(lab: Lab) -> None:
    config = {"Mode": "MULTI_CLASS", "Labels": []}
    task = {"LanguageCode": "en", "DocumentClassificationConfig": config}
    flywheel = lab.create_flywheel(TaskConfig=task)
    dataset = lab.create_dataset(flywheel, "train-1", rows(20))

    assert lab.dataset(dataset)["Status"] == "COMPLETED", "the first training decides about the labels"


def test_quotas_are_those_of_a_region(build: Callable[..., Lab]) -> None:
    times = {"dataset_ingestion_seconds": 10, "training_seconds": 60}
    lab = build(Settings.instant(**times, maximum_datasets_creating=1, maximum_iterations=1, maximum_trainings=1))
    data = {"S3Uri": lab.put("train.csv", rows(20))}
    regions = {"us-east-1": "", "eu-west-1": ""}
    for region in regions:
        made = {"DataAccessRoleArn": ROLE, "DataLakeS3Uri": f"s3://{BUCKET}/{region}"}
        of_what = {"ModelType": "DOCUMENT_CLASSIFIER", "TaskConfig": TASK}
        flywheel = lab.server.act("CreateFlywheel", {"FlywheelName": "news", **made, **of_what}, region)["FlywheelArn"]
        given = {"DocumentClassifierInputDataConfig": data}
        lab.server.act("CreateDataset", {"FlywheelArn": flywheel, "DatasetName": "d", "InputDataConfig": given}, region)
        plain = {"DocumentClassifierName": "p", "LanguageCode": "en", "InputDataConfig": data}
        lab.server.act("CreateDocumentClassifier", {**plain, "DataAccessRoleArn": ROLE}, region)
        regions[region] = flywheel
    lab.clock.advance(10)

    for region, flywheel in regions.items():
        assert lab.server.act("StartFlywheelIteration", {"FlywheelArn": flywheel}, region)["FlywheelIterationId"]


def test_a_region_knows_nothing_of_another_one_s_resources(lab: Lab) -> None:
    flywheel, model = lab.flywheel_with_model()
    elsewhere = SESSION.client("comprehend", region_name="eu-west-1")
    connect(elsewhere, lab.server)

    assert elsewhere.list_flywheels()["FlywheelSummaryList"] == []
    for call in (
        lambda: elsewhere.describe_flywheel(FlywheelArn=flywheel),
        lambda: elsewhere.describe_document_classifier(DocumentClassifierArn=model),
        lambda: elsewhere.create_endpoint(EndpointName="e", ModelArn=model, DesiredInferenceUnits=1),
        lambda: elsewhere.tag_resource(ResourceArn=flywheel, Tags=[{"Key": "a"}]),
    ):
        assert code_of(call) == "ResourceNotFoundException"
