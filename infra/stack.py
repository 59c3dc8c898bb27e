"""One CloudFormation stack: applied through change sets, watched event by event, removed again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from botocore.exceptions import ClientError

from infra.errors import StackFailed

Change = Literal["created", "updated", "unchanged"]


@dataclass(frozen=True)
class Event:
    """What CloudFormation says of one resource."""

    resource: str
    kind: str
    status: str
    reason: str


@dataclass(frozen=True)
class Resource:
    """What a name of the template has become: ``identity`` is a name, an address or an ARN, as the kind has it."""

    kind: str
    identity: str


Watch = Callable[[Event], None]

# A stack whose creation failed can only be deleted; one under review has a change set and nothing else.
_UNUSABLE = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"})
_WANTED = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"})


@dataclass(frozen=True)
class Stack:
    """A stack by its name. ``client`` is boto3's CloudFormation client."""

    client: Any
    name: str
    sleep: Callable[[float], None] = time.sleep
    poll_s: float = 5.0

    def status(self) -> str | None:
        """CloudFormation's word for its state, or None where there is no such stack."""
        described = self._describe(self.name)
        return str(described["StackStatus"]) if described else None

    def parameters(self) -> dict[str, str]:
        """The values that it was deployed with."""
        described = self._describe(self.name) or {}
        return {item["ParameterKey"]: item["ParameterValue"] for item in described.get("Parameters", [])}

    def outputs(self) -> dict[str, str]:
        """Its outputs by name."""
        described = self._describe(self.name) or {}
        return {item["OutputKey"]: item["OutputValue"] for item in described.get("Outputs", [])}

    def resources(self) -> dict[str, Resource]:
        """What it holds, by the template's names; also where its creation failed half-way."""
        pages = self.client.get_paginator("list_stack_resources").paginate(StackName=self.name)
        found = [item for page in pages for item in page["StackResourceSummaries"]]
        return {
            item["LogicalResourceId"]: Resource(item["ResourceType"], item["PhysicalResourceId"])
            for item in found
            if item.get("PhysicalResourceId") and item["ResourceStatus"] != "DELETE_COMPLETE"
        }

    def defaults(self, template: str) -> dict[str, str | None]:
        """The template's parameters with their defaults, None where there is none."""
        found = self.client.get_template_summary(TemplateBody=template)["Parameters"]
        return {item["ParameterKey"]: item.get("DefaultValue") for item in found}

    def apply(self, template: str, parameters: dict[str, str], watch: Watch) -> Change:
        """Create or update it, and wait.

        Raises:
            StackFailed: CloudFormation refused the change or gave up on a resource.
        """
        status = self.status()
        if status in _UNUSABLE:
            self.delete(watch)
            status = None
        new = status in (None, "REVIEW_IN_PROGRESS")
        change = self._propose(template, parameters, "CREATE" if new else "UPDATE")
        if change is None:
            return "unchanged"
        stack_id, change_id = change
        seen = {event["EventId"] for event in self._events(stack_id)}
        self.client.execute_change_set(ChangeSetName=change_id, StackName=self.name)
        self._wait(stack_id, seen, watch)
        return "created" if new else "updated"

    def delete(self, watch: Watch) -> bool:
        """Delete it and wait; False where there was none.

        Raises:
            StackFailed: A resource would not go.
        """
        described = self._describe(self.name)
        if described is None:
            return False
        stack_id = described["StackId"]  # by its name it could not be found any more
        seen = {event["EventId"] for event in self._events(stack_id)}
        self.client.delete_stack(StackName=self.name)
        self._wait(stack_id, seen, watch)
        return True

    def _propose(self, template: str, parameters: dict[str, str], kind: str) -> tuple[str, str] | None:
        created = self.client.create_change_set(
            StackName=self.name,
            ChangeSetName=f"medsift-{time.time_ns()}",
            ChangeSetType=kind,
            TemplateBody=template,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in sorted(parameters.items())],
            Capabilities=["CAPABILITY_IAM"],
            Tags=[{"Key": "application", "Value": "medsift"}],
        )
        stack_id, change_id = created["StackId"], created["Id"]
        while True:
            found = self.client.describe_change_set(ChangeSetName=change_id, StackName=self.name)
            if found["Status"] == "CREATE_COMPLETE":
                return stack_id, change_id
            if found["Status"] == "FAILED":
                self.client.delete_change_set(ChangeSetName=change_id, StackName=self.name)
                reason = found.get("StatusReason", "no reason given")
                if "didn't contain changes" in reason or "No updates are to be performed" in reason:
                    return None
                raise StackFailed(f"CloudFormation refuses the change: {reason}")
            self.sleep(self.poll_s)

    def _wait(self, stack_id: str, seen: set[str], watch: Watch) -> None:
        failures: list[Event] = []
        while True:
            # The state before the events: those that explain it are then there.
            described = self._describe(stack_id)
            for raw in self._events(stack_id):
                if raw["EventId"] in seen:
                    continue
                seen.add(raw["EventId"])
                event = Event(
                    raw.get("LogicalResourceId", ""), raw.get("ResourceType", ""), raw.get("ResourceStatus", ""),
                    raw.get("ResourceStatusReason", ""),
                )  # fmt: skip
                watch(event)
                if event.status.endswith("_FAILED"):
                    failures.append(event)
            status = described["StackStatus"] if described else "DELETE_COMPLETE"
            if not status.endswith("_IN_PROGRESS"):
                if status in _WANTED:
                    return
                raise StackFailed(_explain(status, failures, described or {}))
            self.sleep(self.poll_s)

    def _events(self, stack_id: str) -> Iterator[dict[str, Any]]:
        """Oldest first."""
        pages = self.client.get_paginator("describe_stack_events").paginate(StackName=stack_id)
        events = [event for page in pages for event in page["StackEvents"]]
        oldest = datetime.min
        return iter(sorted(events, key=lambda event: event.get("Timestamp", oldest)))

    def _describe(self, stack: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.client.describe_stacks(StackName=stack)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in error.response["Error"]["Message"]:
                return None
            raise
        return found


def _explain(status: str, failures: list[Event], described: dict[str, Any]) -> str:
    """The first failure is the cause; what was cancelled on its account says nothing."""
    own = "AWS::CloudFormation::Stack"
    causes = [event for event in failures if "cancelled" not in event.reason.lower() and event.kind != own]
    if not causes:
        return f"The stack ended in {status}: {described.get('StackStatusReason', 'no reason given')}"
    cause = causes[0]
    reason = cause.reason or "no reason given"
    return f"{cause.resource} ({cause.kind}) ended in {cause.status}: {reason}. The stack is in {status}."
