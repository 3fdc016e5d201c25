"""Comprehend's endpoints and their real-time answers.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_CreateEndpoint.html and the pages beside it
"""

from typing import Any

from governor.adapters.aws import KnownReply, call
from governor.domain.errors import EndpointUnavailableError, InvalidInputError, ServiceBusyError
from governor.domain.policy import DataMode
from governor.ports import EndpointFacts, Found

_NOT_FOUND = frozenset({"ResourceNotFoundException"})
_TAKEN = frozenset({"ResourceInUseException"})
_REFUSED = frozenset({"TextSizeLimitExceededException", "InvalidRequestException"})
_PAGE = 100
_AWAY = frozenset({"ResourceUnavailableException", "ResourceNotFoundException"})


class AwsEndpoints:
    """Implements `ports.Endpoints`."""

    def __init__(self, client: Any, arn_prefix: str, data_access_role: str = "") -> None:
        self._client = client
        self._arn_prefix = arn_prefix
        self._data_access_role = data_access_role

    def arn(self, name: str, mode: DataMode) -> str:
        kind = "entity-recognizer" if mode == "ENTITIES" else "document-classifier"
        return f"{self._arn_prefix}:{kind}-endpoint/{name}"

    def describe(self, arn: str) -> EndpointFacts | None:
        try:
            reply = call(self._client.describe_endpoint, known=_NOT_FOUND, EndpointArn=arn)
        except KnownReply:
            return None
        return _facts(reply["EndpointProperties"])

    def every(self) -> list[EndpointFacts]:
        found: list[EndpointFacts] = []
        arguments: dict[str, Any] = {"MaxResults": _PAGE}
        while True:
            reply = call(self._client.list_endpoints, **arguments)
            found += map(_facts, reply["EndpointPropertiesList"])
            if not reply.get("NextToken"):
                return found
            arguments["NextToken"] = reply["NextToken"]

    def create(self, name: str, flywheel_arn: str, units: int, token: str) -> None:
        try:
            call(
                self._client.create_endpoint,
                known=_TAKEN,
                EndpointName=name,
                FlywheelArn=flywheel_arn,
                DesiredInferenceUnits=units,
                ClientRequestToken=token,
                **self._role_for(flywheel_arn),
            )
        except KnownReply:
            return

    def resize(self, arn: str, units: int) -> None:
        try:
            call(self._client.update_endpoint, known=_TAKEN, EndpointArn=arn, DesiredInferenceUnits=units)
        except KnownReply as reply:
            raise ServiceBusyError(
                f"The endpoint {arn} is being created or updated, and cannot be changed before that is done."
            ) from reply

    def delete(self, arn: str) -> bool:
        try:
            call(self._client.delete_endpoint, known=_NOT_FOUND | _TAKEN, EndpointArn=arn)
        except KnownReply as reply:
            if reply.code in _TAKEN:
                raise ServiceBusyError(
                    f"The endpoint {arn} is being created or updated, and cannot be deleted before that is done."
                ) from reply
            return False
        return True

    def classify(self, arn: str, text: str) -> list[Found]:
        reply = self._ask(self._client.classify_document, arn, text)
        found = reply.get("Classes") or reply.get("Labels") or []
        return sorted((Found(each["Name"], each["Score"]) for each in found), key=lambda each: -each.score)

    def detect(self, arn: str, text: str) -> list[Found]:
        reply = self._ask(self._client.detect_entities, arn, text)
        return [Found(each["Type"], each["Score"], each["Text"]) for each in reply.get("Entities", [])]

    def _role_for(self, flywheel_arn: str) -> dict[str, str]:
        """A role only for models under a key of the account's own, so that nobody else needs the right to pass it."""
        facts = call(self._client.describe_flywheel, FlywheelArn=flywheel_arn)["FlywheelProperties"]
        encrypted = facts.get("DataSecurityConfig", {}).get("ModelKmsKeyId")
        return {"DataAccessRoleArn": self._data_access_role} if encrypted and self._data_access_role else {}

    @staticmethod
    def _ask(operation: Any, arn: str, text: str) -> Any:
        try:
            return call(operation, known=_AWAY | _REFUSED, EndpointArn=arn, Text=text)
        except KnownReply as reply:
            if reply.code in _REFUSED:
                raise InvalidInputError(f"Comprehend does not take the text: {reply.message}") from reply
            raise EndpointUnavailableError(f"The endpoint {arn} does not answer: {reply.message}") from reply


def _facts(facts: dict[str, Any]) -> EndpointFacts:
    return EndpointFacts(
        arn=facts["EndpointArn"],
        status=facts["Status"],
        message=facts.get("Message", ""),
        model=facts.get("ModelArn"),
        desired_model=facts.get("DesiredModelArn"),
        flywheel_arn=facts.get("FlywheelArn"),
        units=int(facts.get("CurrentInferenceUnits") or facts.get("DesiredInferenceUnits") or 0),
        created=facts["CreationTime"],
        desired_units=int(facts.get("DesiredInferenceUnits") or 0),
    )
