"""What can go wrong with a deployment, as a branch of the gateway's tree.

MedsiftError
└── DeploymentError
    ├── PackageFailed        a zip or an archive could not be built
    ├── PackageTooLarge
    └── StackFailed          CloudFormation gave up on a resource
"""

from __future__ import annotations

from gateway.errors import MedsiftError


class DeploymentError(MedsiftError):
    """The root of what ``python -m infra`` reports."""

    code, title = "deployment_failed", "The deployment failed"


class PackageFailed(DeploymentError):
    """A zip or an archive could not be built."""

    code, title = "package_failed", "The package could not be built"


class PackageTooLarge(DeploymentError):
    """The functions' package has grown beyond its bound."""

    code, title = "package_too_large", "The package is too large"


class StackFailed(DeploymentError):
    """CloudFormation gave up; the detail names the resource and the reason."""

    code, title = "stack_failed", "The stack failed"
