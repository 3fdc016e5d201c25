"""The report of a verdict."""

from typing import Literal

from governor.contracts.base import Payload, Step


class WriteReportInput(Step):
    """What follows the verdict, as CompareModels said it."""

    word: Literal["PROMOTE", "ASK", "KEEP"]
    hold: Literal["Regression"] | None = None


class WriteReportOutput(Payload):
    """`report`: the S3 URI of the page."""

    report: str
