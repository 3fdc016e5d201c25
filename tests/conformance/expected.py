"""Which answers are right, by what could be seen just before a call: the oracle of `test_life`."""

from __future__ import annotations

from dataclasses import dataclass

from tests.conformance.observed import Look

OK = "(ok)"
INVALID, NOT_FOUND = "InvalidRequestException", "ResourceNotFoundException"
IN_USE, UNAVAILABLE = "ResourceInUseException", "ResourceUnavailableException"
RUNNING_JOB = ("SUBMITTED", "IN_PROGRESS", "STOP_REQUESTED")


@dataclass(frozen=True, slots=True)
class Expected:
    """Looks at what was seen. Outcomes are codes of errors, or OK."""

    seen: Look

    def active(self, flywheel: str) -> set[str]:
        """Of a call that needs a flywheel that is ACTIVE."""
        status = self.seen.status("flywheel", flywheel)
        return {NOT_FOUND} if status is None else {OK} if status == "ACTIVE" else {INVALID}

    def usable(self, model: str) -> set[str]:
        """Of a call that needs a trained model."""
        status = self.seen.status("classifier", model)
        return {NOT_FOUND} if status is None else {OK} if status == "TRAINED" else {UNAVAILABLE}

    def served(self, model: str, flywheel: str | None) -> tuple[set[str], dict[str, str]]:
        """Of a request that names a model, or a flywheel instead; and what names it."""
        if flywheel is None:
            return self.usable(model), {"DesiredModelArn": model}
        found = self.seen.things["flywheel"].get(flywheel)
        if found is None:
            return {NOT_FOUND}, {"FlywheelArn": flywheel}
        ready = found["Status"] == "ACTIVE" and "ActiveModelArn" in found
        return {OK} if ready else {UNAVAILABLE}, {"FlywheelArn": flywheel}

    def is_running(self, flywheel: str) -> bool:
        """Whether a flywheel has an iteration that has not ended."""
        things = self.seen.things["iteration"].items()
        return any(key.startswith(f"{flywheel}#") and "EndTime" not in item for key, item in things)

    def can_learn(self, flywheel: str) -> bool:
        """Whether an iteration has anything to do."""
        data = [item for key, item in self.seen.things["dataset"].items() if key.startswith(f"{flywheel}/")]
        usable = any(item["Status"] == "COMPLETED" and item["DatasetType"] == "TRAIN" for item in data)
        return usable or "ActiveModelArn" in self.seen.things["flywheel"][flywheel]

    def is_used(self, model: str) -> bool:
        """Whether a flywheel, an endpoint or a running job uses a model."""
        return (
            any(item.get("ActiveModelArn") == model for item in self.seen.every("flywheel"))
            or any(model in (item["ModelArn"], item["DesiredModelArn"]) for item in self.seen.every("endpoint"))
            or any(
                item["DocumentClassifierArn"] == model and item["JobStatus"] in RUNNING_JOB
                for item in self.seen.every("classification job")
            )
        )

    def is_anything_evaluated(self) -> bool:
        """Whether an iteration runs: which model it evaluates shows at its end only."""
        return any("EndTime" not in item for item in self.seen.every("iteration"))
