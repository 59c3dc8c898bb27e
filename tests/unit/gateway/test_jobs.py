"""Uploads that go to the bucket, and what is said of them."""

import base64
import json

import pytest
import requests

from gateway.errors import CloudRefused, JobUnknown, PdfCorrupt
from gateway.fetch import Fetcher
from gateway.jobs import Jobs
from gateway.limits import Limits
from gateway.sources import Source
from gateway.storage import Storage
from tests.documents import Flat, InProcess, pdf

LIMITS = Limits(source_bytes=1_000_000, upload_s=600)


class Clock:
    now = 1_800_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def jobs(cloud, clock):
    return Jobs(cloud.s3, cloud.bucket, LIMITS, clock)


def upload(job, data=b"%PDF-1.7"):
    answer = requests.post(job.upload_url, data=job.upload_fields, files={"file": data}, timeout=10)
    assert answer.status_code == 204, answer.text
    return job.upload_fields["key"]


def test_an_upload_is_bounded_in_size_type_and_place(jobs):
    job = jobs.create("scan.pdf")
    policy = json.loads(base64.b64decode(job.upload_fields["policy"]))
    assert ["content-length-range", 1, 1_000_000] in policy["conditions"]
    assert {"Content-Type": "application/pdf"} in policy["conditions"]
    assert {"key": f"incoming/jobs/{job.job_id}/scan.pdf"} in policy["conditions"]
    assert (job.max_bytes, job.expires_in_s) == (1_000_000, 600)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("scan.pdf", "scan.pdf"),
        ("Scan.PDF", "Scan.pdf"),
        ("../../results/x.pdf", "x.pdf"),
        ("C:\\films\\a b?.pdf", "a_b.pdf"),
        ("", "document.pdf"),
        ("..", "document.pdf"),
        ("Röntgen", "Röntgen.pdf"),
        ("x" * 300, "x" * 100 + ".pdf"),
    ],
)
def test_a_file_name_is_one_harmless_segment(jobs, given, kept):
    job = jobs.create(given)
    assert job.upload_fields["key"] == f"incoming/jobs/{job.job_id}/{kept}"


def test_a_job_from_upload_to_report(jobs, cloud):
    job = jobs.create("scan.pdf")
    assert jobs.get(job.job_id).state == "waiting"

    key = upload(job, pdf(1))
    assert jobs.get(job.job_id).state == "queued"
    assert len(cloud.receive()) == 2  # S3's own test event, and the upload

    storage = Storage(cloud.s3, cloud.bucket, LIMITS)
    report = InProcess(Flat(), Fetcher(LIMITS), LIMITS).classify(Source("pdf", "scan.pdf", pdf(1)))
    storage.write_report(key, storage.etag(key), report)
    state = jobs.get(job.job_id)
    assert state.state == "done"
    assert requests.get(state.report_json, timeout=10).json()["summary"]["images"] == 1
    assert requests.get(state.report_csv, timeout=10).text.startswith("source,")

    cloud.s3.delete_object(Bucket=cloud.bucket, Key=key)  # the life cycle removes uploads before reports
    assert jobs.get(job.job_id).state == "done"


def test_a_job_that_fails_says_why(jobs, cloud):
    job = jobs.create("scan.pdf")
    key = upload(job)
    storage = Storage(cloud.s3, cloud.bucket, LIMITS)
    storage.write_error(key, storage.etag(key), PdfCorrupt("this is not a PDF"))
    state = jobs.get(job.job_id)
    assert (state.state, state.error["code"], state.report_json) == ("failed", "pdf_corrupt", None)


def test_a_second_upload_is_queued_again(jobs, cloud):
    job = jobs.create("scan.pdf")
    key = upload(job, b"%PDF-1")
    storage = Storage(cloud.s3, cloud.bucket, LIMITS)
    storage.write_error(key, storage.etag(key), PdfCorrupt("this is not a PDF"))
    upload(job, b"%PDF-2")
    assert jobs.get(job.job_id).state == "queued"


def test_an_upload_that_never_comes_ends_the_job(jobs, clock):
    job = jobs.create("scan.pdf")
    clock.now += LIMITS.upload_s + 1
    with pytest.raises(JobUnknown):
        jobs.get(job.job_id)


@pytest.mark.parametrize("job_id", ["", "nope", "../../etc/passwd", "g" * 32, "0" * 32, "f" * 32])
def test_an_id_that_was_never_given_out(jobs, job_id):
    with pytest.raises(JobUnknown):
        jobs.get(job_id)


def test_a_bucket_that_is_gone(cloud, clock):
    with pytest.raises(CloudRefused, match="NoSuchBucket"):
        Jobs(cloud.s3, "no-such-bucket", LIMITS, clock).get("0" * 32)
