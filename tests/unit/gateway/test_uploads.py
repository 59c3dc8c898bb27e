"""Messages about uploads: what is done, what is said of failures, and what goes back to the queue."""

import json
import logging
from dataclasses import replace

import pytest

from gateway.errors import InferenceRejected, InferenceUnavailable
from gateway.fetch import Fetcher
from gateway.limits import Limits
from gateway.service import Service
from gateway.storage import Storage
from gateway.uploads import Uploads
from tests.cloud import new_cloud
from tests.documents import Flat, InProcess, pdf, picture

LIMITS = Limits(source_bytes=1_000_000)


class Away:
    """Not there, until it is."""

    def __init__(self, error):
        self.error = error
        self.there = Flat()

    def predict(self, pixels):
        if self.error:
            raise self.error
        return self.there.predict(pixels)


def uploads_of(cloud, inference, limits=LIMITS, dice=lambda: 0.0, kind=InProcess):
    service = kind(inference, Fetcher(limits), limits)
    storage = Storage(cloud.s3, cloud.bucket, limits)
    return Uploads(storage, service, limits, sqs=cloud.sqs, queue_url=cloud.queue_url, dice=dice)


def work(cloud, uploads):
    """One call of the function with all there is; what it does not name as failed is deleted. The failed message ids."""
    records = cloud.receive()
    failed = {item["itemIdentifier"] for item in uploads.handle({"Records": records})["batchItemFailures"]}
    for record in records:
        if record["messageId"] not in failed:
            cloud.delete(record)
    return failed


def test_a_pdf_gets_its_report(cloud):
    cloud.put("incoming/2024/chest film+1.pdf", pdf(1, 2))
    assert not work(cloud, uploads_of(cloud, Flat(), kind=Service))
    report = cloud.json("results/2024/chest film+1.pdf/report.json")
    assert report["source"]["name"] == "chest film+1.pdf"
    assert report["summary"]["images"] == 2
    assert cloud.waiting() == 0


def test_delivered_again_nothing_is_done_again(cloud):
    cloud.put("incoming/a.pdf", pdf(1))
    inference = Flat()
    uploads = uploads_of(cloud, inference)
    records = cloud.receive()
    for _ in range(3):
        assert uploads.handle({"Records": records}) == {"batchItemFailures": []}
    assert inference.calls == 1
    assert cloud.listing("results/") == ["results/a.pdf/report.csv", "results/a.pdf/report.json"]


def test_another_document_in_the_same_place_is_classified(cloud):
    uploads = uploads_of(cloud, Flat())
    cloud.put("incoming/a.pdf", pdf(1))
    work(cloud, uploads)
    cloud.put("incoming/a.pdf", pdf(1, 2))
    work(cloud, uploads)
    assert cloud.json("results/a.pdf/report.json")["summary"]["images"] == 2


def test_a_document_replaced_during_the_work_is_the_one_that_counts(cloud):
    class Slow(Flat):
        def predict(self, pixels):
            if not self.calls:  # another upload, classified by another function, before this one is done
                cloud.put("incoming/a.pdf", pdf(1, 2))
                storage = Storage(cloud.s3, cloud.bucket, LIMITS)
                other = uploads_of(cloud, Flat())
                other.handle({"Records": [r for r in cloud.receive() if "Records" in r["body"]]})
                assert storage.outcome("incoming/a.pdf", storage.etag("incoming/a.pdf")) == "done"
            return super().predict(pixels)

    cloud.put("incoming/a.pdf", pdf(1))
    records = cloud.receive()
    uploads_of(cloud, Slow()).handle({"Records": records})
    assert cloud.json("results/a.pdf/report.json")["summary"]["images"] == 2


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (pdf(1, password="secret"), "pdf_encrypted"),
        (b"%PDF-1.7\n" + bytes(2_000), "pdf_corrupt"),
        (b"", "source_empty"),
        (bytes(1_000_001), "source_too_large"),
        (b"plain text\n" * 50, "source_unsupported"),
        (picture(1), "source_unsupported"),
        (b"<!doctype html><img src='http://127.0.0.1/x.png'>", "source_unsupported"),
    ],
)
def test_what_a_document_makes_impossible_is_its_result(cloud, data, code):
    cloud.put("incoming/a.pdf", data)
    inference = Flat()
    assert not work(cloud, uploads_of(cloud, inference, kind=Service))
    assert cloud.json("results/a.pdf/error.json")["code"] == code
    assert cloud.listing("results/") == ["results/a.pdf/error.json"]
    assert cloud.waiting() == inference.calls == 0


@pytest.mark.parametrize("error", [InferenceUnavailable("asleep"), InferenceRejected("not ours"), RuntimeError("?")])
def test_what_the_document_is_not_to_blame_for_goes_back_to_the_queue(cloud, error):
    cloud.put("incoming/a.pdf", pdf(1))
    inference = Away(error)
    uploads = uploads_of(cloud, inference)
    records = cloud.receive()
    upload = next(record["messageId"] for record in records if "Records" in record["body"])
    assert uploads.handle({"Records": records}) == {"batchItemFailures": [{"itemIdentifier": upload}]}
    assert cloud.listing("results/") == []

    inference.error = None
    assert uploads.handle({"Records": records}) == {"batchItemFailures": []}
    assert cloud.json("results/a.pdf/report.json")["summary"]["images"] == 1


def test_one_bad_message_spoils_no_other(cloud):
    for name, data in {"a": pdf(1), "b": b"not a PDF", "c": pdf(2)}.items():
        cloud.put(f"incoming/{name}.pdf", data)
    cloud.sqs.send_message(QueueUrl=cloud.queue_url, MessageBody="not json")
    failed = work(cloud, uploads_of(cloud, Flat()))
    assert len(failed) == cloud.waiting() == 1
    assert cloud.listing("results/") == [
        "results/a.pdf/report.csv",
        "results/a.pdf/report.json",
        "results/b.pdf/error.json",
        "results/c.pdf/report.csv",
        "results/c.pdf/report.json",
    ]


def test_an_absent_classifier_is_given_more_time_after_each_try(cloud):
    limits = replace(LIMITS, upload_retry_s=40.0, upload_retry_max_s=200.0)
    uploads = uploads_of(cloud, Away(InferenceUnavailable("asleep", retry_after_s=5)), limits, dice=lambda: 1.0)
    waits = []
    uploads._sqs = type("Queue", (), {"change_message_visibility": lambda _, **call: waits.append(call["VisibilityTimeout"])})()
    cloud.put("incoming/a.pdf", pdf(1))
    record = next(record for record in cloud.receive() if "Records" in record["body"])
    for tries in range(1, 6):
        record["attributes"]["ApproximateReceiveCount"] = str(tries)
        uploads.handle({"Records": [record]})
    assert waits == [40, 80, 160, 200, 200]


def test_it_really_comes_back_sooner(cloud):
    limits = replace(LIMITS, upload_retry_s=1.0)  # the queue itself would take 30 s
    uploads = uploads_of(cloud, Away(InferenceUnavailable("asleep", retry_after_s=1)), limits)
    cloud.put("incoming/a.pdf", pdf(1))
    failed = work(cloud, uploads)
    assert {record["messageId"] for record in cloud.receive(wait_s=5)} == failed


def test_a_queue_that_takes_no_wishes_delays_nothing(cloud):
    uploads = uploads_of(cloud, Away(InferenceUnavailable("asleep")))
    cloud.put("incoming/a.pdf", pdf(1))
    records = [record | {"receiptHandle": "gone"} for record in cloud.receive()]
    assert len(uploads.handle({"Records": records})["batchItemFailures"]) == 1


def test_after_the_last_try_a_message_is_a_dead_letter(moto_url):
    with new_cloud(moto_url, visibility_s=0, tries=2) as cloud:
        uploads = uploads_of(cloud, Away(RuntimeError("?")))
        cloud.sqs.send_message(QueueUrl=cloud.queue_url, MessageBody="not json")
        (message,) = work(cloud, uploads)
        assert work(cloud, uploads) == {message}
        assert cloud.receive() == []
        (dead,) = cloud.sqs.receive_message(QueueUrl=cloud.dead_url)["Messages"]
        assert dead["MessageId"] == message


@pytest.mark.parametrize("key", ["results/a.pdf/report.json", "incoming/", "incoming/a.txt", "incoming/never-there.pdf"])
def test_a_message_about_no_document_is_done_with(cloud, key):
    body = {"Records": [{"s3": {"bucket": {"name": cloud.bucket}, "object": {"key": key}}}]}
    cloud.sqs.send_message(QueueUrl=cloud.queue_url, MessageBody=json.dumps(body))
    assert not work(cloud, uploads_of(cloud, Flat()))
    assert cloud.listing() == []


def test_a_message_about_another_bucket_is_left_for_people(cloud):
    body = {"Records": [{"s3": {"bucket": {"name": "other"}, "object": {"key": "incoming/a.pdf"}}}]}
    cloud.sqs.send_message(QueueUrl=cloud.queue_url, MessageBody=json.dumps(body))
    assert len(work(cloud, uploads_of(cloud, Flat()))) == 1


def test_logs_name_no_document(cloud, caplog):
    cloud.put("incoming/jane-doe-1970.pdf", pdf(1))
    cloud.put("incoming/john-doe-1970.pdf", b"not a PDF")
    with caplog.at_level(logging.DEBUG):
        work(cloud, uploads_of(cloud, Away(RuntimeError("jane-doe-1970"))))
    ours = [record for record in caplog.records if record.name == "medsift"]
    assert {record.message for record in ours} == {"failed", "unexpected failure"}
    assert not any("doe" in str(vars(record)) for record in ours)
