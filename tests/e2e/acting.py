"""What people and programs do to a flywheel of the local stack, for end-to-end tests."""

import json
import re
from pathlib import Path
from typing import Any

from governor_cli.main import main as governor
from governor_local.mailbox import Mail
from governor_local.rig import Page, Rig
from tests.doubles.data import labelled, policy

PATIENCE = 150.0


class Acting:
    """One flywheel, named after its test, so that tests share a stack and nothing else."""

    def __init__(self, rig: Rig, name: str, folder: Path) -> None:
        self.rig = rig
        self.name = name
        self._folder = folder

    # ---- people

    def command(self, *arguments: str) -> int:
        """Run the `governor` command against the stack."""
        where = ["--stack", self.rig.stack_name, "--region", self.rig.region, "--endpoint-url", self.rig.endpoint_url]
        return governor([*arguments, *where])

    def apply_policy(self, **changes: Any) -> None:
        document = policy(
            batch={"quiet_seconds": 2, "quiet_max_seconds": 10}, polling={"min_seconds": 1, "max_seconds": 1}
        )
        file = self._folder / f"{self.name}.json"
        file.write_text(json.dumps({"name": self.name} | document | changes))
        assert self.command("policy", "apply", str(file)) == 0

    def drop(self, *files: tuple[str, str, bytes]) -> None:
        for kind, name, content in files:
            self.rig.upload(self.name, kind, name, content)

    def drop_good(self, seed: int) -> None:
        self.drop(("train", f"{seed}.csv", labelled(seed)), ("test", f"{seed}.csv", labelled(seed + 1000)))

    def by_hand(self, **more: Any) -> dict[str, Any]:
        return self.ended(self.rig.start_turn(self.name, **more))

    def answer(self, mail: Mail, decision: str, code: str | None = None) -> Page:
        own = re.findall(r"\b\d{6}\b", re.sub(r"https?://\S+", "", mail.body))[-1]
        form = {"code": code or own, "name": "Ada", "reason": "I looked at it.", "decision": decision}
        return self.rig.post_form(mail.links[0], form)

    # ---- looking

    def turn(self, number: int) -> dict[str, Any]:
        """Wait for the flywheel's turn of that number to end; its execution."""
        arn = self.rig.outputs["FlywheelMachineArn"].replace(":stateMachine:", ":execution:")
        return self.ended(f"{arn}:{self.name}-{number}")

    def ended(self, arn: str) -> dict[str, Any]:
        def probe() -> dict[str, Any] | None:
            found = {each["executionArn"]: each for each in self.rig.executions()}.get(arn)
            return found if found is not None and found["status"] != "RUNNING" else None

        return self.rig.wait_for(f"the end of {arn.rpartition(':')[2]}", probe, PATIENCE)

    def last_state(self, execution: dict[str, Any]) -> str:
        return self.rig.states(execution["executionArn"])[-1]

    def mail(self, words: str, after: int = 0) -> Mail:
        return self.rig.mailbox.wait_for(
            lambda mail: self.name in mail.subject + mail.body and words in mail.subject, PATIENCE, after
        )

    def approval_mail(self, after: int = 0) -> Mail:
        topic = self.rig.outputs["ApprovalTopicArn"]
        return self.rig.mailbox.wait_for(
            lambda mail: mail.topic == topic and self.name in mail.subject and bool(mail.links), PATIENCE, after
        )

    def active(self) -> str | None:
        arn = f"arn:aws:comprehend:{self.rig.region}:{self.rig.account_id}:flywheel/{self.name}"
        facts = self.rig.comprehend().describe_flywheel(FlywheelArn=arn)["FlywheelProperties"]
        active: str | None = facts.get("ActiveModelArn")
        return active

    def make_active(self, model: str) -> None:
        """What somebody in the console does."""
        arn = f"arn:aws:comprehend:{self.rig.region}:{self.rig.account_id}:flywheel/{self.name}"
        self.rig.comprehend().update_flywheel(FlywheelArn=arn, ActiveModelArn=model)

    def row(self, sort: str) -> dict[str, Any]:
        key = {"pk": {"S": f"F#{self.name}"}, "sk": {"S": sort}}
        table = self.rig.outputs["LedgerTableName"]
        return self.rig.client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})  # type: ignore[no-any-return]

    def uploads(self) -> dict[str, str]:
        rows = self.rig.client("dynamodb").query(
            TableName=self.rig.outputs["LedgerTableName"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"U#{self.name}"}},
            ConsistentRead=True,
        )["Items"]
        return {row["key"]["S"].split("/", 1)[1]: row["state"]["S"] for row in rows}
