"""Keys, and what the bucket remembers of a document."""

import json

import pytest
from botocore.exceptions import ClientError

from gateway import storage
from gateway.errors import PdfEncrypted, SourceEmpty, SourceTooLarge
from gateway.fetch import Fetcher
from gateway.limits import Limits
from gateway.sources import Source
from gateway.storage import Storage, is_document, result_key
from tests.documents import Flat, InProcess, pdf

LIMITS = Limits(source_bytes=20_000)


@pytest.fixture
def bucket(cloud):
    return Storage(cloud.s3, cloud.bucket, LIMITS)


@pytest.fixture(scope="module")
def report():
    service = InProcess(Flat(), Fetcher(Limits()), Limits())
    return service.classify(Source("pdf", "a.pdf", pdf(1)))


@pytest.mark.parametrize(
    ("key", "document"),
    [
        ("incoming/a.pdf", True),
        ("incoming/2024/A scan.PDF", True),
        ("incoming/", False),
        ("incoming/notes.txt", False),
        ("results/a.pdf/report.json", False),
        ("results/incoming/a.pdf", False),
        ("elsewhere/a.pdf", False),
    ],
)
def test_only_pdfs_that_came_in_are_documents(key, document):
    assert is_document(key) is document


def test_results_can_never_be_documents():
    keys = [result_key("incoming/incoming/a.pdf", name) for name in ("report.json", "report.csv", "error.json")]
    assert keys[0] == "results/incoming/a.pdf/report.json"
    assert not any(map(is_document, keys))


def test_a_document_is_read_in_the_state_that_was_looked_at(bucket, cloud):
    before = cloud.put("incoming/a.pdf", b"one")
    assert bucket.etag("incoming/a.pdf") == before
    assert bucket.read("incoming/a.pdf", before) == b"one"
    cloud.put("incoming/a.pdf", b"other")
    with pytest.raises(ClientError, match=r"412|PreconditionFailed"):
        bucket.read("incoming/a.pdf", before)


def test_a_document_too_large_is_not_read(bucket, cloud):
    etag = cloud.put("incoming/a.pdf", bytes(LIMITS.source_bytes + 1))
    with pytest.raises(SourceTooLarge, match="20,001 bytes; 20,000 are accepted"):
        bucket.read("incoming/a.pdf", etag)


def test_an_empty_document(bucket, cloud):
    etag = cloud.put("incoming/a.pdf", b"")
    with pytest.raises(SourceEmpty):
        bucket.read("incoming/a.pdf", etag)


def test_no_document(bucket):
    assert bucket.etag("incoming/a.pdf") is None
    assert bucket.outcome("incoming/a.pdf", None) is None


def test_an_outcome_belongs_to_one_state_of_its_document(bucket, report):
    bucket.write_report("incoming/a.pdf", "one", report)
    assert bucket.outcome("incoming/a.pdf", "one") == "done"
    assert bucket.outcome("incoming/a.pdf", None) == "done"
    assert bucket.outcome("incoming/a.pdf", "other") is None


def test_a_report_is_kept_as_json_and_csv(bucket, cloud, report):
    bucket.write_report("incoming/2024/a b.pdf", "one", report)
    assert cloud.listing("results/") == ["results/2024/a b.pdf/report.csv", "results/2024/a b.pdf/report.json"]
    assert cloud.json("results/2024/a b.pdf/report.json") == json.loads(json.dumps(report.as_dict()))
    assert cloud.get("results/2024/a b.pdf/report.csv").startswith(b"source,index,page")
    assert (
        cloud.s3.head_object(Bucket=cloud.bucket, Key="results/2024/a b.pdf/report.json")["ContentType"] == "application/json"
    )


def test_a_failure_takes_the_place_of_a_report_and_the_other_way_round(bucket, cloud, report):
    bucket.write_report("incoming/a.pdf", "one", report)
    bucket.write_error("incoming/a.pdf", "two", PdfEncrypted("a password is needed"))
    assert cloud.listing("results/") == ["results/a.pdf/error.json"]
    assert bucket.outcome("incoming/a.pdf", "two") == "failed"
    assert bucket.error("incoming/a.pdf") == {
        "type": "about:blank",
        "title": "The PDF needs a password",
        "status": 422,
        "detail": "a password is needed",
        "code": "pdf_encrypted",
    }
    bucket.write_report("incoming/a.pdf", "three", report)
    assert cloud.listing("results/") == ["results/a.pdf/report.csv", "results/a.pdf/report.json"]


def test_links_lead_to_the_buckets_own_region(monkeypatch):
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    post = storage.connect().generate_presigned_post("papers", "incoming/a.pdf")
    assert post["url"] == "https://papers.s3.eu-central-1.amazonaws.com/"
    assert post["fields"]["x-amz-algorithm"] == "AWS4-HMAC-SHA256"


def test_a_server_of_ones_own_is_addressed_by_path(monkeypatch, cloud):
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value.replace("127.0.0.1", "localhost"))
    assert Storage(storage.connect(), cloud.bucket, LIMITS).etag("incoming/none.pdf") is None
