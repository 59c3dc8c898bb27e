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
class Deployment:
    """One medsift by its name. Clients are boto3's."""

    stack: Stack
    artifacts: Artifacts
    s3: Any

    @classmethod
    def connect(cls, name: str, region: str | None = None, *, poll_s: float = 5.0) -> Deployment:
        """A deployment in the account and region that boto3's usual settings lead to.

        Raises:
            DeploymentError: There is no region.
        """
        import boto3

        session = boto3.Session(region_name=region)
        if session.region_name is None:
            raise DeploymentError("No region: give --region, or set AWS_REGION.")
        account = session.client("sts").get_caller_identity()["Account"]
        s3 = session.client("s3")
        bucket = Artifacts(s3, f"{name}-artifacts-{account}-{session.region_name}", session.region_name)
        return cls(Stack(session.client("cloudformation"), name, poll_s=poll_s), bucket, s3)

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
        return {key: value for key, value in values.items() if value is not None}

    def delete(self, watch: Watch) -> bool:
        """Remove the stack with all documents and reports, then the artifacts; False where there was nothing.

        Raises:
            StackFailed: A resource would not go.
        """
        if self.stack.status() is not None:
            for bucket in self.stack.buckets():
                if artifacts.exists(self.s3, bucket):
                    artifacts.empty(self.s3, bucket)
        uploaded = self.artifacts.exists()
        gone = self.stack.delete(watch)
        self.artifacts.remove()
        return gone or uploaded
