"""What the use cases need of the outside world, one module a subject.

`governor.adapters` implements it on AWS; `governor.bootstrap` puts it together.
"""

from typing import Protocol

from governor.ports.analyses import Analyses, AnalysisOutcome, JobFacts, Jobs, StartedJob
from governor.ports.approvals import Approvals, TokenVault
from governor.ports.batches import Batches, BatchOutcome, BatchRecord, DatasetRecord, Recheck, VerdictRecord
from governor.ports.comprehend import (
    Comprehend,
    DatasetFacts,
    FlywheelFacts,
    IterationFacts,
    ScoredDataset,
    StagedData,
)
from governor.ports.endpoints import EndpointFacts, Endpoints, EndpointUse, Found
from governor.ports.exams import ExamRecord, Exams, Sitting
from governor.ports.messaging import EventBus, ExecutionFacts, InspectQueue, Machine, Mail
from governor.ports.notices import Notice, NoticeKind, Notices
from governor.ports.policies import Policies, PolicyRow, PolicyWriter
from governor.ports.runtime import Clock, Log, Meter, Randomness
from governor.ports.serving import Serving, ServingChange, ServingRows
from governor.ports.storage import Emptying, Inbox, Lake, Records, Staging, Writer
from governor.ports.turns import Heads, TurnEnd, TurnLog
from governor.ports.upkeep import Models, Retirements, Teardown, Teardowns
from governor.ports.uploads import Uploads

__all__ = [
    "Analyses",
    "AnalysisOutcome",
    "Approvals",
    "BatchOutcome",
    "BatchRecord",
    "Batches",
    "Clock",
    "Comprehend",
    "DatasetFacts",
    "DatasetRecord",
    "Emptying",
    "EndpointFacts",
    "EndpointUse",
    "Endpoints",
    "EventBus",
    "ExamRecord",
    "Exams",
    "ExecutionFacts",
    "FlywheelFacts",
    "Found",
    "Heads",
    "Inbox",
    "InspectQueue",
    "IterationFacts",
    "JobFacts",
    "Jobs",
    "Lake",
    "Log",
    "Machine",
    "Mail",
    "Meter",
    "Models",
    "Notice",
    "NoticeKind",
    "Notices",
    "Policies",
    "PolicyRow",
    "PolicyWriter",
    "Ports",
    "Randomness",
    "Recheck",
    "Records",
    "Retirements",
    "ScoredDataset",
    "Serving",
    "ServingChange",
    "ServingRows",
    "Sitting",
    "StagedData",
    "Staging",
    "StartedJob",
    "Teardown",
    "Teardowns",
    "TokenVault",
    "TurnEnd",
    "TurnLog",
    "Uploads",
    "VerdictRecord",
    "Writer",
]


class Ports(Protocol):
    """All of the above; each is made when it is first asked for, so a function pays only for what it uses."""

    @property
    def heads(self) -> Heads: ...
    @property
    def turns(self) -> TurnLog: ...
    @property
    def uploads(self) -> Uploads: ...
    @property
    def documents(self) -> Uploads:
        """The uploads without labels, which are analysed."""

    @property
    def analyses(self) -> Analyses: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def lake(self) -> Lake: ...
    @property
    def exams(self) -> Exams: ...
    @property
    def analysis_machine(self) -> Machine: ...
    @property
    def batches(self) -> Batches: ...
    @property
    def serving(self) -> ServingRows: ...
    @property
    def notices(self) -> Notices: ...
    @property
    def policies(self) -> Policies: ...
    @property
    def approvals(self) -> Approvals: ...
    @property
    def vault(self) -> TokenVault: ...
    @property
    def comprehend(self) -> Comprehend: ...
    @property
    def endpoints(self) -> Endpoints: ...
    @property
    def endpoint_use(self) -> EndpointUse: ...
    @property
    def models(self) -> Models: ...
    @property
    def retirements(self) -> Retirements: ...
    @property
    def teardowns(self) -> Teardowns: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def staging(self) -> Staging: ...
    @property
    def records(self) -> Records: ...
    @property
    def inspect_queue(self) -> InspectQueue: ...
    @property
    def machine(self) -> Machine: ...
    @property
    def notice_mail(self) -> Mail: ...
    @property
    def approval_mail(self) -> Mail: ...
    @property
    def approval_page_url(self) -> str: ...
    @property
    def bus(self) -> EventBus: ...
    @property
    def meter(self) -> Meter: ...
    @property
    def log(self) -> Log: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def randomness(self) -> Randomness: ...
