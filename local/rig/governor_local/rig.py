"""Everything that a demo or an end-to-end test needs, started and stopped as one."""

from __future__ import annotations

import http.client
import json
import shutil
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from rich.console import Console

from governor_local.cloud import ACCOUNT_ID, REGION, Cloud, administrator_client
from governor_local.mailbox import Mailbox
from governor_local.processes import ending_by_exception, undisturbed
from governor_local.progress import Progress
from governor_local.stack import ROOT, Deployment

Found = TypeVar("Found")

# Names the folder where the logs of a run that failed are left.
FAILED_LOGS = ROOT / ".local" / "last-failure"


@dataclass(frozen=True)
class Page:
    """An answer of the approval page. status: HTTP status; headers: lower-case names; body: HTML."""

    status: int
    headers: dict[str, str]
    body: str


class Rig:
    """The embedded cloud with the template deployed, a Comprehend server and a mailbox.

    Use it as a context manager. On the way out, whatever the reason (a SIGTERM and a Ctrl-C included), it ends every
    process that it started and removes its folder; after a failure the logs are kept in `.local/last-failure/`. Several
    rigs can run side by side.
    """

    def __init__(
        self,
        *,
        console: Console | None = None,
        project: Path = ROOT,
        stack_name: str = "governor",
        comprehend_options: Sequence[str] = (),
    ) -> None:
        """Prepare, but start nothing yet.

        console             where progress is shown; None: nowhere
        project             the folder of the template to deploy
        comprehend_options  passed on to `python -m comprehend_local`, for instance to make it faster
        """
        self._progress = Progress(console)
        self._project = project
        self.stack_name = stack_name
        self._comprehend_options = comprehend_options
        self._folder: Path | None = None
        self._cloud: Cloud | None = None
        self._mailbox: Mailbox | None = None
        self._outputs: dict[str, str] = {}
        self._clients: dict[str, Any] = {}
        self._life = ExitStack()

    # -- life ------------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        """Start, build, deploy, subscribe the mailbox. Whatever fails here is cleaned up here."""
        self._life.enter_context(ending_by_exception())
        try:
            self._start()
        except BaseException as error:
            self._stop(failed=not isinstance(error, KeyboardInterrupt | SystemExit))
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything that was started."""
        self._stop(failed=kind is not None and not issubclass(kind, KeyboardInterrupt | SystemExit))

    def _start(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="flywheel-governor-"))
        self._cloud = Cloud(self._folder / "cloud", self._comprehend_options)
        deployment = Deployment(self._project, self._folder / "stack", self.stack_name)
        with self._progress.step("Starting the embedded cloud and the Comprehend server"):
            self._cloud.start()
        with self._progress.step("Building the layer and the functions (sam build)"):
            deployment.build()
        with self._progress.step("Deploying template.yaml (sam deploy)") as step:
            self._outputs = deployment.deploy(self._cloud.endpoint_url, step.tell)
        with self._progress.step("Subscribing the mailbox to the topics"):
            self._subscribe()

    def _subscribe(self) -> None:
        sns = self.client("sns")
        self._mailbox = Mailbox(
            self.folder / "mail",
            self.cloud.port,
            lambda topic, token: sns.confirm_subscription(TopicArn=topic, Token=token),
        )
        topics = {self._outputs["NoticeTopicArn"], self._outputs["ApprovalTopicArn"]}
        for topic in sorted(topics):
            sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=self._mailbox.url)
        self._mailbox.wait_until_subscribed(topics)

    def _stop(self, failed: bool) -> None:
        with self._life, undisturbed(), self._progress.step("Stopping everything"):
            if self._mailbox:
                self._mailbox.stop()
            if self._cloud:
                self._cloud.stop()
            if self._folder:
                if failed:
                    _keep_logs(self._folder)
                shutil.rmtree(self._folder, ignore_errors=True)
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    # -- where things are ------------------------------------------------------------------------------------------

    @property
    def region(self) -> str:
        """The one region of the embedded cloud."""
        return REGION

    @property
    def account_id(self) -> str:
        """The one account of the embedded cloud."""
        return ACCOUNT_ID

    @property
    def cloud(self) -> Cloud:
        """The two servers: their addresses and process groups."""
        assert self._cloud is not None, "the rig is not started"
        return self._cloud

    @property
    def endpoint_url(self) -> str:
        """Where all AWS services but Comprehend are."""
        return self.cloud.endpoint_url

    @property
    def outputs(self) -> dict[str, str]:
        """The stack's outputs by key."""
        return self._outputs

    @property
    def mailbox(self) -> Mailbox:
        """All that was sent to the two topics."""
        assert self._mailbox is not None, "the rig is not started"
        return self._mailbox

    @property
    def folder(self) -> Path:
        """The rig's own folder, with logs in cloud/*.log and stack/*.log and mail in mail/. Removed at the end."""
        assert self._folder is not None, "the rig is not started"
        return self._folder

    # -- doing things ----------------------------------------------------------------------------------------------

    def client(self, service: str) -> Any:
        """A boto3 client with the administrator's keys; "comprehend" talks to the Comprehend server. One each, kept."""
        if service not in self._clients:
            endpoint = self.cloud.comprehend_url if service == "comprehend" else self.endpoint_url
            self._clients[service] = administrator_client(service, endpoint)
        return self._clients[service]

    def comprehend(self) -> Any:
        """A client of the Comprehend server."""
        return self.client("comprehend")

    def upload(self, flywheel: str, kind: str, name: str, content: bytes) -> str:
        """Drop a file into the inbox as `<flywheel>/<kind>/<name>`, as a person would; its version id."""
        key = f"{flywheel}/{kind}/{name}"
        put = self.client("s3").put_object(Bucket=self._outputs["InboxBucketName"], Key=key, Body=content)
        return str(put["VersionId"])

    def start_turn(self, flywheel: str, **more: Any) -> str:
        """Start an execution by hand with `{"flywheel": ...}` and what else is given; its ARN."""
        started = self.client("stepfunctions").start_execution(
            stateMachineArn=self._outputs["FlywheelMachineArn"], input=json.dumps({"flywheel": flywheel, **more})
        )
        return str(started["executionArn"])

    def executions(self, status: str | None = None) -> list[dict[str, Any]]:
        """DescribeExecution of every execution of the machine, oldest first; with a status, only those."""
        client = self.client("stepfunctions")
        chosen = {"statusFilter": status} if status else {}
        pages = client.get_paginator("list_executions").paginate(
            stateMachineArn=self._outputs["FlywheelMachineArn"], **chosen
        )
        arns = [execution["executionArn"] for page in pages for execution in page["executions"]]
        found = [client.describe_execution(executionArn=arn) for arn in arns]
        return sorted(found, key=lambda execution: str(execution["startDate"]))

    def states(self, execution_arn: str) -> list[str]:
        """The names of the states that an execution has entered, in order."""
        pages = self.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=execution_arn)
        return [
            event["stateEnteredEventDetails"]["name"]
            for page in pages
            for event in page["events"]
            if "stateEnteredEventDetails" in event
        ]

    def invoke(self, function: str, payload: Any) -> Any:
        """Call a function by its folder's name, for instance "sweep"; its result. Raise RuntimeError with its error."""
        answer = self.client("lambda").invoke(
            FunctionName=f"{self.stack_name}-{function}", Payload=json.dumps(payload).encode()
        )
        result = json.loads(answer["Payload"].read() or b"null")
        if answer.get("FunctionError"):
            raise RuntimeError(f"{function}: {result}")
        return result

    def logs(self, function: str) -> list[str]:
        """All log lines of a function, oldest first."""
        pages = (
            self.client("logs")
            .get_paginator("filter_log_events")
            .paginate(logGroupName=f"/aws/lambda/{self.stack_name}-{function}")
        )
        return [event["message"] for page in pages for event in page["events"]]

    def get_page(self, link: str) -> Page:
        """Open a link of an approval mail."""
        return self._request("GET", link)

    def post_form(self, link: str, fields: dict[str, str]) -> Page:
        """Send a form to the approval page, as a browser would."""
        return self._request(
            "POST", link, urllib.parse.urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"}
        )

    def _request(self, method: str, link: str, body: str | None = None, headers: dict[str, str] | None = None) -> Page:
        # Browsers resolve every name under localhost to this machine; Python does not, hence the address with the name
        # as a header.
        parts = urllib.parse.urlsplit(self.mailbox.openable(link))
        connection = http.client.HTTPConnection("127.0.0.1", self.cloud.port, timeout=90)
        try:
            target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
            connection.request(method, target, body, {"Host": parts.netloc, **(headers or {})})
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            return Page(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)
        finally:
            connection.close()

    def wait_for(
        self, what: str, probe: Callable[[], Found | None], seconds: float = 60.0, pause: float = 0.2
    ) -> Found:
        """The first result of `probe()` that is not empty, None or False.

        Raise TimeoutError, naming `what`, after so many seconds.
        """
        deadline = time.monotonic() + seconds
        while True:
            found = probe()
            if found:
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what}: not within {seconds:.0f} s")
            time.sleep(pause)


def _keep_logs(folder: Path) -> None:
    shutil.rmtree(FAILED_LOGS, ignore_errors=True)
    FAILED_LOGS.mkdir(parents=True)
    for log in folder.rglob("*.log"):
        shutil.copy(log, FAILED_LOGS / log.name)
