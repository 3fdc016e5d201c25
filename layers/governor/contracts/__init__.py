"""What goes into and comes out of every state of the machines, and the events that functions get; a module a subject.

A word is a fixed choice that a Choice state branches on; everything a branch needs is a word, an id or a number of
seconds, never a document.

Building the model classes costs a cold start more than reading their source, and a function needs two or three of
forty: so a module is imported when one of its names is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

_MODULES = {
    "analysis": (
        "AnalysisExecutionInput",
        "AnalysisStep",
        "CheckAnalysisInput",
        "CheckAnalysisOutput",
        "CheckDocumentsOutput",
        "CollectResultsOutput",
        "EndAnalysisInput",
        "EndAnalysisOutput",
        "StartAnalysisOutput",
        "TakeAnalysisOutput",
    ),
    "base": ("Contract", "Failure", "FlywheelName", "LookInput", "ServingInput", "SmokeProgress", "Step", "parse"),
    "exam": ("CheckExamOutput", "CollectAnswersOutput", "PrepareExamOutput", "StartExamOutput"),
    "events": ("ExecutionEnded", "InspectMessage", "ObjectCreated"),
    "promotion": (
        "CompareModelsOutput",
        "OrderInput",
        "OrderOutput",
        "PromoteModelOutput",
        "ReadDecisionOutput",
        "RecheckPolicyOutput",
        "RequestApprovalInput",
        "RequestApprovalOutput",
        "VerifyServingOutput",
    ),
    "report": ("WriteReportInput", "WriteReportOutput"),
    "training": (
        "CheckDatasetsOutput",
        "CheckIterationInput",
        "CheckIterationOutput",
        "CheckQuietInput",
        "CheckQuietOutput",
        "CreateFlywheelInput",
        "CreateFlywheelOutput",
        "PlanBatchInput",
        "PlanBatchOutput",
        "PrepareFlywheelInput",
        "PrepareFlywheelOutput",
        "RegisterDatasetsOutput",
        "StartIterationOutput",
    ),
    "turn": ("EndTurnInput", "EndTurnOutput", "Ending", "ExecutionInput", "TakeTurnInput", "TakeTurnOutput"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}

if TYPE_CHECKING:
    from governor.contracts.analysis import *  # noqa: F403
    from governor.contracts.base import *  # noqa: F403
    from governor.contracts.events import *  # noqa: F403
    from governor.contracts.exam import *  # noqa: F403
    from governor.contracts.promotion import *  # noqa: F403
    from governor.contracts.report import *  # noqa: F403
    from governor.contracts.training import *  # noqa: F403
    from governor.contracts.turn import *  # noqa: F403
else:

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        return value
