"""A bucket that only lists, and a queue that only takes: for counts that a real one would be slow with."""

from __future__ import annotations

import json
from bisect import bisect_right
from datetime import UTC, datetime
from urllib.parse import unquote_plus

BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
AFTER = datetime(2026, 1, 2, tzinfo=UTC)


class ListedBucket:
    """ListObjectsV2 over given keys, in S3's order, in pages; ``done`` have a report."""

    def __init__(self, keys, done, page=1000):
        results = [f"results/{key.removeprefix('incoming/')}/{name}" for key in done for name in ("report.csv", "report.json")]
        self._keys = sorted([*keys, *results], key=str.encode)
        self._page = page
        self.calls = 0

    def get_paginator(self, _):
        return self

    def paginate(self, Bucket, Prefix, StartAfter=""):  # noqa: N803 - boto3's names
        start = bisect_right(self._keys, max(StartAfter, Prefix[:-1]))
        while True:
            page = [key for key in self._keys[start : start + self._page] if key.startswith(Prefix)]
            self.calls += 1
            yield {"Contents": [{"Key": key, "Size": 1, "LastModified": _moment(key)} for key in page]}
            if len(page) < self._page:
                return
            start += self._page


class Queue:
    """SendMessageBatch; refuses the last message of each of the first ``refuse`` calls."""

    def __init__(self, refuse=0, keep=True):
        self.keys = []
        self.messages = 0
        self._refuse = refuse
        self._keep = keep

    def send_message_batch(self, QueueUrl, Entries):  # noqa: N803 - boto3's names
        assert 0 < len(Entries) <= 10
        failed = Entries[-1:] if self._refuse > 0 else []
        self._refuse -= 1
        taken = Entries[: len(Entries) - len(failed)]
        self.messages += len(taken)
        if self._keep:
            self.keys += [_key(entry["MessageBody"]) for entry in taken]
        return {"Failed": [{"Id": entry["Id"]} for entry in failed]}


def _moment(key):
    return AFTER if key.startswith("results/") else BEFORE


def _key(body):
    return unquote_plus(json.loads(body)["Records"][0]["s3"]["object"]["key"])
