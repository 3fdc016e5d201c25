"""What a caller can see of everything in the service, and the laws that it must keep between two looks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.conformance.drivers import InProcess

Properties = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """How things of a kind are listed and described, and the ways that their status may go."""

    listing: str
    items: str
    describing: str
    properties: str
    member: str
    status: str
    began: str
    begins: frozenset[str]
    ways: dict[str, set[str]]
    ends: frozenset[str]
    """Statuses in which nothing changes any more; with them there is an EndTime, if there is such a member."""
    goes_from: frozenset[str] = frozenset()
    """Statuses from which a thing may vanish."""

    def may_become(self, before: str, after: str) -> bool:
        """Whether a status can have led to another one, over any number of steps."""
        seen, left = {before}, [before]
        while left:
            for status in self.ways.get(left.pop(), set()) - seen:
                seen.add(status)
                left.append(status)
        return after in seen


_TRAINING = {
    "SUBMITTED": {"TRAINING", "STOP_REQUESTED", "IN_ERROR"},
    "TRAINING": {"TRAINED", "IN_ERROR", "STOP_REQUESTED"},
    "STOP_REQUESTED": {"STOPPED", "IN_ERROR"},
}
_JOB = {
    "SUBMITTED": {"IN_PROGRESS", "STOP_REQUESTED", "FAILED"},
    "IN_PROGRESS": {"COMPLETED", "FAILED", "STOP_REQUESTED"},
    "STOP_REQUESTED": {"STOPPED", "FAILED"},
}


def _model(noun: str) -> Kind:
    return Kind(
        f"List{noun}s",
        f"{noun}PropertiesList",
        f"Describe{noun}",
        f"{noun}Properties",
        f"{noun}Arn",
        "Status",
        "SubmitTime",
        frozenset({"SUBMITTED", "TRAINING"}),
        _TRAINING,
        frozenset({"TRAINED", "IN_ERROR", "STOPPED"}),
        frozenset({"TRAINED", "IN_ERROR", "STOPPED"}),
    )


def _job(noun: str) -> Kind:
    return Kind(
        f"List{noun}s",
        f"{noun}PropertiesList",
        f"Describe{noun}",
        f"{noun}Properties",
        "JobId",
        "JobStatus",
        "SubmitTime",
        frozenset({"SUBMITTED"}),
        _JOB,
        frozenset({"COMPLETED", "FAILED", "STOPPED"}),
    )


KINDS = {
    "flywheel": Kind(
        "ListFlywheels",
        "FlywheelSummaryList",
        "DescribeFlywheel",
        "FlywheelProperties",
        "FlywheelArn",
        "Status",
        "CreationTime",
        frozenset({"CREATING"}),
        {
            "CREATING": {"ACTIVE", "FAILED"},
            "ACTIVE": {"UPDATING", "DELETING"},
            "UPDATING": {"ACTIVE"},
            "FAILED": {"DELETING"},
        },
        frozenset(),
        frozenset({"DELETING"}),
    ),
    "dataset": Kind(
        "ListDatasets",
        "DatasetPropertiesList",
        "DescribeDataset",
        "DatasetProperties",
        "DatasetArn",
        "Status",
        "CreationTime",
        frozenset({"CREATING", "COMPLETED"}),
        {"CREATING": {"COMPLETED", "FAILED"}},
        frozenset({"COMPLETED", "FAILED"}),
        frozenset({"COMPLETED", "FAILED"}),
    ),
    "iteration": Kind(
        "ListFlywheelIterationHistory",
        "FlywheelIterationPropertiesList",
        "DescribeFlywheelIteration",
        "FlywheelIterationProperties",
        "FlywheelIterationId",
        "Status",
        "CreationTime",
        frozenset({"TRAINING", "EVALUATING"}),
        {
            "TRAINING": {"EVALUATING", "STOP_REQUESTED", "FAILED"},
            "EVALUATING": {"COMPLETED", "FAILED"},
            "STOP_REQUESTED": {"STOPPED", "FAILED"},
        },
        frozenset({"COMPLETED", "FAILED", "STOPPED"}),
        frozenset({"COMPLETED", "FAILED", "STOPPED"}),
    ),
    "classifier": _model("DocumentClassifier"),
    "recognizer": _model("EntityRecognizer"),
    "endpoint": Kind(
        "ListEndpoints",
        "EndpointPropertiesList",
        "DescribeEndpoint",
        "EndpointProperties",
        "EndpointArn",
        "Status",
        "CreationTime",
        frozenset({"CREATING"}),
        {
            "CREATING": {"IN_SERVICE", "FAILED"},
            "IN_SERVICE": {"UPDATING", "DELETING"},
            "UPDATING": {"IN_SERVICE", "FAILED"},
            "FAILED": {"DELETING"},
        },
        frozenset(),
        frozenset({"DELETING"}),
    ),
    "classification job": _job("DocumentClassificationJob"),
    "entities job": _job("EntitiesDetectionJob"),
}


@dataclass
class Look:
    """Everything at one moment: by kind, by key (an iteration's has its flywheel's before it)."""

    things: dict[str, dict[str, Properties]] = field(default_factory=dict)

    def every(self, kind: str) -> list[Properties]:
        """All things of a kind."""
        return list(self.things[kind].values())

    def status(self, kind: str, key: str) -> str | None:
        """The status of a thing; None when there is none."""
        found = self.things[kind].get(key)
        return None if found is None else str(found[KINDS[kind].status])


def look(server: InProcess, now: float) -> Look:
    """See everything; raises AssertionError where lists and descriptions do not agree, or times cannot be."""
    seen = Look()
    for name, kind in KINDS.items():
        seen.things[name] = {}
        if name == "iteration":
            for flywheel in list(seen.things["flywheel"]):
                _see(server, name, kind, seen, {"FlywheelArn": flywheel})
        else:
            _see(server, name, kind, seen, {})
    for name, kind in KINDS.items():
        for properties in seen.every(name):
            _check_times(kind, properties, now)
    _check_flywheels(seen)
    return seen


def _see(server: InProcess, name: str, kind: Kind, seen: Look, of: dict[str, str]) -> None:
    for item in server.call(kind.listing, {**of, "MaxResults": 500})[kind.items]:
        described = server.call(kind.describing, {**of, kind.member: item[kind.member]})[kind.properties]
        assert item.items() <= described.items(), (kind.listing, item, described)
        assert name == "flywheel" or item == described
        seen.things[name]["#".join([*of.values(), item[kind.member]])] = described


def _check_times(kind: Kind, properties: Properties, now: float) -> None:
    if kind.ends:
        has_ended = properties[kind.status] in kind.ends
        assert ("EndTime" in properties) == has_ended, properties
    times = [
        properties[name]
        for name in (kind.began, "TrainingStartTime", "TrainingEndTime", "EndTime")
        if name in properties
    ]
    assert times == sorted(times), properties
    assert max(times) <= now + 60, properties  # an iteration's second in a minute is dated ahead, for its id
    assert properties.get("LastModifiedTime", times[0]) >= times[0]


def _check_flywheels(seen: Look) -> None:
    models = seen.things["classifier"] | seen.things["recognizer"]
    for arn, flywheel in seen.things["flywheel"].items():
        iterations = [item for key, item in seen.things["iteration"].items() if key.startswith(f"{arn}#")]
        running = [item for item in iterations if "EndTime" not in item]
        assert len(running) <= 1, running
        latest = max((item["FlywheelIterationId"] for item in iterations), default=None)
        assert flywheel.get("LatestFlywheelIteration") == latest
        if (active := flywheel.get("ActiveModelArn")) is not None:
            assert models[active]["Status"] == "TRAINED", "the active model is there and can be used"
    for iteration in seen.every("iteration"):
        done = iteration["Status"] == "COMPLETED"
        for part in ("TrainedModel", "EvaluatedModel"):
            assert (f"{part}Metrics" in iteration) <= (done and f"{part}Arn" in iteration)
        assert ("EvaluationManifestS3Prefix" in iteration) <= done
    for endpoint in seen.every("endpoint"):
        assert endpoint["ModelArn"] in models, "the model of an endpoint cannot be deleted"
        assert endpoint["DesiredModelArn"] in models
        if endpoint["Status"] == "IN_SERVICE":
            assert endpoint["ModelArn"] == endpoint["DesiredModelArn"]
            assert endpoint["CurrentInferenceUnits"] == endpoint["DesiredInferenceUnits"]
            if "FlywheelArn" in endpoint:
                active = seen.things["flywheel"][endpoint["FlywheelArn"]]["ActiveModelArn"]
                assert endpoint["ModelArn"] == active, "an endpoint follows its flywheel"


def compare(before: Look, after: Look) -> None:
    """Raises AssertionError where something came, changed or went as it must not."""
    for name, kind in KINDS.items():
        for key, properties in after.things[name].items():
            status, earlier = properties[kind.status], before.things[name].get(key)
            if earlier is None:
                can_be = any(kind.may_become(first, status) for first in kind.begins)
                assert can_be, f"a new {name} is {status}"
                continue
            was = earlier[kind.status]
            assert kind.may_become(was, status), f"{key} was {was} and is {status}"
            if was in kind.ends:
                assert properties == earlier, f"{key} had ended"
            assert properties[kind.began] == earlier[kind.began]
        for key in before.things[name].keys() - after.things[name].keys():
            was = before.things[name][key][kind.status]
            can_go = any(kind.may_become(was, last) for last in kind.goes_from)
            assert can_go, f"{key} was {was} and is gone"
            with_flywheel = name in ("dataset", "iteration") and "flywheel/" in key
            if with_flywheel:
                flywheel = key.partition("/dataset/")[0].partition("#")[0]
                assert flywheel not in after.things["flywheel"], f"{key} is gone and its flywheel is not"
