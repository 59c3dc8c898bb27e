"""The bucket: PDFs under ``incoming/``, and what became of each under ``results/``.

    incoming/2024/scan.pdf  ->  results/2024/scan.pdf/report.json, report.csv     or     results/2024/scan.pdf/error.json

The outcome itself remembers which state of the document it belongs to: ``report.json`` and ``error.json`` carry the source's
ETag, are written last and looked at first. Whoever asks again, after a crash or a second delivery, sees the work as done or
does all of it anew under the same names. Nothing else has to remember anything.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from gateway.errors import CloudRefused, MedsiftError, SourceEmpty, SourceTooLarge
from gateway.limits import Limits
from gateway.report import Report, to_csv, to_json

INCOMING = "incoming/"
RESULTS = "results/"
REPORT_JSON = "report.json"
REPORT_CSV = "report.csv"
ERROR_JSON = "error.json"
SOURCE_ETAG = "source-etag"

Verdict = Literal["done", "failed"]
VERDICTS: dict[str, Verdict] = {REPORT_JSON: "done", ERROR_JSON: "failed"}


def connect() -> Any:
    """The S3 client of the environment, fit for presigned links.

    Without these settings, a link to a bucket outside us-east-1 leads to the global address, which redirects: a form with
    a file in it does not follow. A server of one's own (``AWS_ENDPOINT_URL``) is addressed by path where it has no names.
    """
    import boto3
    from botocore.config import Config

    own = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    return boto3.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "path" if own else "virtual"}))


def is_document(key: str) -> bool:
    """Whether a key names a PDF that is to be classified. No result does."""
    return key.startswith(INCOMING) and key.lower().endswith(".pdf")


def result_key(key: str, name: str) -> str:
    """Where the result ``name`` of the document ``key`` is kept."""
    return f"{RESULTS}{key.removeprefix(INCOMING)}/{name}"


@contextmanager
def refusals() -> Iterator[None]:
    """What AWS refuses inside is told as :class:`CloudRefused`."""
    try:
        yield
    except ClientError as error:
        raise CloudRefused(f"{error.operation_name}: {error.response['Error']['Code']}") from None
    except BotoCoreError as error:  # no credentials, no region, no connection
        raise CloudRefused(str(error)) from None


class Storage:
    """One bucket. May be shared by threads.

    Args:
        s3: A boto3 client.
        bucket: The bucket's name.
        limits: How large a document may be.
    """

    def __init__(self, s3: Any, bucket: str, limits: Limits) -> None:
        self.s3 = s3
        self.bucket = bucket
        self._limits = limits

    def etag(self, key: str) -> str | None:
        """The state that a document is in, or None where there is none."""
        head = self._head(key)
        return plain_etag(head["ETag"]) if head else None

    def read(self, key: str, etag: str) -> bytes:
        """A document in the state ``etag``, whole.

        Raises:
            SourceEmpty: It has no bytes.
            SourceTooLarge: It has more than ``Limits.source_bytes``; none of them is read.
            ClientError: It is no longer in this state, or cannot be read at all.
        """
        answer = self.s3.get_object(Bucket=self.bucket, Key=key, IfMatch=f'"{etag}"')
        with closing(answer["Body"]) as body:
            length = answer["ContentLength"]
            if not length:
                raise SourceEmpty("the document is empty")
            if length > self._limits.source_bytes:
                raise SourceTooLarge(f"the document has {length:,} bytes; {self._limits.source_bytes:,} are accepted")
            return bytes(body.read())

    def outcome(self, key: str, etag: str | None) -> Verdict | None:
        """What became of a document in the state ``etag`` (None: in any); None where it is still to be classified."""
        for name, verdict in VERDICTS.items():
            head = self._head(result_key(key, name))
            if head and etag in (None, head["Metadata"].get(SOURCE_ETAG)):
                return verdict
        return None

    def write_report(self, key: str, etag: str, report: Report) -> None:
        """Keep a report. ``report.json`` comes last: where it is, all is."""
        self._delete(key, ERROR_JSON)
        self._put(key, REPORT_CSV, to_csv([report]), "text/csv; charset=utf-8", etag)
        self._put(key, REPORT_JSON, to_json(report), "application/json", etag)

    def write_error(self, key: str, etag: str, error: MedsiftError) -> None:
        """Keep the reason why a document can have no report."""
        self._delete(key, REPORT_JSON)
        self._delete(key, REPORT_CSV)
        self._put(key, ERROR_JSON, json.dumps(error.problem(), ensure_ascii=False), "application/problem+json", etag)

    def error(self, key: str) -> dict[str, Any]:
        """The reason that :meth:`write_error` kept."""
        with closing(self.s3.get_object(Bucket=self.bucket, Key=result_key(key, ERROR_JSON))["Body"]) as body:
            return dict(json.load(body))

    def listing(self, prefix: str, start_after: str = "") -> Iterator[list[dict[str, Any]]]:
        """The objects under a prefix in the order of their keys, a page of at most 1,000 at a time."""
        pages = self.s3.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.bucket, Prefix=prefix, StartAfter=start_after):
            yield page.get("Contents", [])

    def _head(self, key: str) -> dict[str, Any] | None:
        try:
            return dict(self.s3.head_object(Bucket=self.bucket, Key=key))
        except ClientError as error:
            if _is_missing(error):
                return None
            raise

    def _put(self, key: str, name: str, text: str, content_type: str, etag: str) -> None:
        self.s3.put_object(
            Bucket=self.bucket, Key=result_key(key, name), Body=text.encode(), ContentType=content_type,
            Metadata={SOURCE_ETAG: etag},
        )  # fmt: skip

    def _delete(self, key: str, name: str) -> None:
        self.s3.delete_object(Bucket=self.bucket, Key=result_key(key, name))


def plain_etag(etag: str) -> str:
    """An ETag as S3 gives it, without its quotes: as it is kept beside an outcome."""
    return etag.strip('"')


def _is_missing(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound")
