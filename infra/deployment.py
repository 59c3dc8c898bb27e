"""A whole medsift in one account: its artifacts, then its stack; and both gone again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.errors import RequestInvalid
from infra import artifacts
from infra.artifacts import Artifacts, Progress
from infra.errors import DeploymentError
from infra.stack import Change, Stack, Watch

TEMPLATE = Path(__file__).with_name("template.yaml")


@dataclass(frozen=True)
class Health:
    """How it is: SageMaker's word for the endpoint's state, and numbers of uploads."""

    endpoint: str
    waiting: int
    in_work: int
    failed: int


@dataclass(frozen=True)
class Deployment:
    """One medsift by its name. Clients are boto3's."""

    stack: Stack
    artifacts: Artifacts
    s3: Any
    sqs: Any
    sagemaker: Any

    @classmethod
    def connect(cls, name: str, region: str | None = None, *, poll_s: float = 5.0) -> Deployment:
        """A deployment in the account and region that boto3's usual settings lead to.

        Raises:
            DeploymentError: There is no region.
        """
        import boto3

        session = boto3.Session(region_name=region)
        if not session.region_name:
            raise DeploymentError("No region: give --region, or set AWS_REGION.")
        account = session.client("sts").get_caller_identity()["Account"]
        s3 = session.client("s3")
        bucket = Artifacts(s3, f"{name}-artifacts-{account}-{session.region_name}", session.region_name, account)
        stack = Stack(session.client("cloudformation"), name, poll_s=poll_s)
        return cls(stack, bucket, s3, session.client("sqs"), session.client("sagemaker"))

    def deploy(
        self, functions: Path, model: Path, settings: Mapping[str, str], watch: Watch, sent: Progress = lambda _: None
    ) -> Change:
        """Upload what is new, apply the template, wait. Parameters not in ``settings`` stay as they are.

        Raises:
            RequestInvalid: The template has no such parameter, or needs one that has no value.
            StackFailed: CloudFormation refused, or gave up on a resource.
        """
        template = TEMPLATE.read_text()
        parameters = self._parameters(template, settings)
        self.artifacts.ensure()
        parameters["FunctionKey"] = self.artifacts.upload(functions, "functions", sent)
        parameters["ModelKey"] = self.artifacts.upload(model, "models", sent)
        return self.stack.apply(template, parameters, watch)

    def _parameters(self, template: str, settings: Mapping[str, str]) -> dict[str, str]:
        """All of them, since one that is left out goes back to its default."""
        values = self.stack.defaults(template)
        if unknown := settings.keys() - values.keys():
            raise RequestInvalid(f"The template has no parameter {min(unknown)}; it has {', '.join(sorted(values))}.")
        values |= {key: value for key, value in self.stack.parameters().items() if key in values}
        values |= settings
        # The two keys are known once the files are uploaded.
        values |= {"ArtifactBucket": self.artifacts.bucket, "FunctionKey": "", "ModelKey": ""}
        if missing := sorted(key for key, value in values.items() if value is None):
            raise RequestInvalid(f"The first deployment needs {', '.join(missing)}.")
        # CloudFormation cannot compare numbers; autoscaling would refuse after the endpoint has come up.
        least, most = (str(values[key]) for key in ("MinInstances", "MaxInstances"))
        if least.isdigit() and most.isdigit() and int(least) > int(most):
            raise RequestInvalid(f"MinInstances ({least}) is above MaxInstances ({most}): set both.")
        return {key: value for key, value in values.items() if value is not None}

    def health(self) -> Health | None:
        """How endpoint and queues are, or None while the stack lacks one of them."""
        there = self.stack.resources()
        if not {"Endpoint", "UploadQueue", "DeadLetters"} <= there.keys():
            return None
        endpoint = there["Endpoint"].identity.rpartition("/")[2]
        waiting, in_work = self._messages(there["UploadQueue"].identity)
        failed, _ = self._messages(there["DeadLetters"].identity)
        return Health(self.sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"], waiting, in_work, failed)

    def _messages(self, queue: str) -> tuple[int, int]:
        """Those that wait, and those that somebody has taken."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        return int(found[names[0]]), int(found[names[1]])

    def delete(self, watch: Watch) -> bool:
        """Remove the stack with all documents and reports, then the artifacts; False where there was nothing.

        Raises:
            StackFailed: A resource would not go.
        """
        if self.stack.status() is not None:
            for resource in self.stack.resources().values():
                if resource.kind == "AWS::S3::Bucket" and artifacts.exists(self.s3, resource.identity):
                    artifacts.empty(self.s3, resource.identity)
        uploaded = self.artifacts.exists()
        gone = self.stack.delete(watch)
        self.artifacts.remove()
        return gone or uploaded
