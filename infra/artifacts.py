"""The bucket that holds what is deployed: zips and archives under the hash of their content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

Progress = Callable[[int], None]  # bytes sent since the last call


@dataclass(frozen=True)
class Artifacts:
    """One bucket of a stack's uploads, of this account: its name can be guessed, and others could have taken it.

    ``client`` is boto3's S3 client.
    """

    client: Any
    bucket: str
    region: str
    account: str

    def ensure(self) -> None:
        """Make the bucket where it is missing: private and encrypted."""
        if self.exists():
            return
        # S3 refuses its oldest region as a constraint.
        place = {} if self.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        self.client.create_bucket(Bucket=self.bucket, **place)
        self.client.put_public_access_block(
            Bucket=self.bucket,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True,
            },
        )  # fmt: skip
        self.client.put_bucket_encryption(
            Bucket=self.bucket,
            ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]},
        )

    def exists(self) -> bool:
        """Whether there is such a bucket. Raises ClientError where it is somebody else's."""
        return exists(self.client, self.bucket, self.account)

    def upload(self, path: Path, prefix: str, progress: Progress = lambda _: None) -> str:
        """Send a file unless its content is there already; answers its key, ``prefix``/<hash><suffixes>."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        key = f"{prefix}/{digest}{''.join(path.suffixes)}"
        try:
            self.client.head_object(Bucket=self.bucket, Key=key, ExpectedBucketOwner=self.account)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                raise
            owner = {"ExpectedBucketOwner": self.account}
            self.client.upload_file(str(path), self.bucket, key, ExtraArgs=owner, Callback=progress)
        return key

    def remove(self) -> None:
        """Delete the bucket with all that is in it; no bucket is fine too."""
        if self.exists():
            empty(self.client, self.bucket)
            self.client.delete_bucket(Bucket=self.bucket)


def exists(client: Any, bucket: str, owner: str | None = None) -> bool:
    """Whether there is such a bucket. Raises ClientError where it is not its ``owner``'s."""
    try:
        client.head_bucket(Bucket=bucket, **({"ExpectedBucketOwner": owner} if owner else {}))
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return False
        raise
    return True


def empty(client: Any, bucket: str) -> int:
    """Delete every version of every object, page by page; answers how many there were."""
    deleted = 0
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [
            {"Key": item["Key"], "VersionId": item["VersionId"]}
            for kind in ("Versions", "DeleteMarkers")
            for item in page.get(kind, [])
        ]
        if found:
            client.delete_objects(Bucket=bucket, Delete={"Objects": found, "Quiet": True})
            deleted += len(found)
    return deleted
