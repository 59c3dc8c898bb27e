"""Queueing what lies in a bucket already."""

import json
import time
import tracemalloc
from urllib.parse import unquote_plus

import pytest

from gateway import compose
from gateway.backlog import Submitted, parse_address, submit
from gateway.errors import CloudRefused, PdfCorrupt, RequestInvalid
from gateway.limits import Limits
from gateway.settings import Settings
from gateway.storage import Storage
from tests.listed import ListedBucket, Queue


@pytest.fixture
def storage(cloud):
    # No notifications here: the backlog is what came before there were any.
    cloud.s3.put_bucket_notification_configuration(Bucket=cloud.bucket, NotificationConfiguration={})
    cloud.sqs.purge_queue(QueueUrl=cloud.queue_url)
    return Storage(cloud.s3, cloud.bucket, Limits())


def queued(cloud):
    """The keys in the queue, as the function reads them; they are taken out of it."""
    keys = []
    while records := cloud.receive():
        for record in records:
            (change,) = json.loads(record["body"])["Records"]
            assert change["s3"]["bucket"]["name"] == cloud.bucket
            keys.append(unquote_plus(change["s3"]["object"]["key"]))
            cloud.delete(record)
    return sorted(keys)


def test_every_pdf_without_an_outcome_is_queued(storage, cloud):
    keys = ["incoming/a.pdf", "incoming/b c+d.pdf", "incoming/deep/er/é.PDF"]
    for key in [*keys, "incoming/", "incoming/notes.txt", "elsewhere/x.pdf", "results/a.pdf/report.csv"]:
        cloud.put(key, b"%PDF-")
    assert submit(storage, "incoming/", cloud.sqs, cloud.queue_url) == Submitted(seen=3, settled=0, queued=3)
    assert queued(cloud) == keys


def test_run_again_it_goes_on_where_it_stopped(storage, cloud):
    keys = [f"incoming/{number:03}.pdf" for number in range(12)]
    for key in keys:
        cloud.put(key, b"%PDF-")

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        submit(storage, "incoming/", cloud.sqs, cloud.queue_url, progress=stop)
    assert len(queued(cloud)) == 12
    for key in keys[:4]:
        storage.write_error(key, storage.etag(key), PdfCorrupt("damaged"))
    assert submit(storage, "incoming/", cloud.sqs, cloud.queue_url) == Submitted(seen=12, settled=4, queued=8)
    assert queued(cloud) == keys[4:]


def test_names_of_which_one_begins_with_the_other():
    # In the listing of results "a.pdf-2.pdf/" comes before "a.pdf/", and "a.pdf/b.pdf/" in the middle of "a.pdf/".
    keys = ["incoming/a.pdf", "incoming/a.pdf-2.pdf", "incoming/a.pdf/b.pdf", "incoming/a.pdf0.pdf", "incoming/b.pdf"]
    for mask in range(2 ** len(keys)):
        done = [key for bit, key in enumerate(keys) if mask >> bit & 1]
        for page in (1, 2, 3, 1000):
            bucket, queue = ListedBucket(keys, done, page), Queue()
            submit(Storage(bucket, "bucket", Limits()), "incoming/", queue, "queue")
            assert sorted([*queue.keys, *done]) == sorted(keys)


def test_many_in_flat_memory_and_few_calls():
    peaks = []
    for count in (2_000, 8_000):
        keys = [f"incoming/{number // 500:03}/{number:06}.pdf" for number in range(count)]
        bucket, queue, steps = ListedBucket(keys, keys[::2]), Queue(keep=False), []
        tracemalloc.start()
        done = submit(Storage(bucket, "bucket", Limits()), "incoming/", queue, "queue", progress=steps.append)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert done == steps[-1] == Submitted(seen=count, settled=count // 2, queued=count // 2)
        assert queue.messages == count // 2
        assert bucket.calls <= 3 * count / 1_000 + 2
    assert peaks[1] < 1.5 * peaks[0]


def test_messages_that_the_queue_refuses_are_sent_again(storage):
    keys = [f"incoming/{number}.pdf" for number in range(10)]
    queue = Queue(refuse=4)
    submit(Storage(ListedBucket(keys, []), "bucket", Limits()), "incoming/", queue, "queue")
    assert sorted(queue.keys) == keys


def test_a_queue_that_refuses_everything():
    with pytest.raises(CloudRefused, match="refuses 1 of 1"):
        submit(Storage(ListedBucket(["incoming/a.pdf"], []), "b", Limits()), "incoming/", Queue(refuse=99), "queue")


def test_no_such_bucket_and_no_such_queue(storage, cloud):
    with pytest.raises(CloudRefused, match="ListObjectsV2: NoSuchBucket"):
        submit(Storage(cloud.s3, "not-there", Limits()), "incoming/", cloud.sqs, cloud.queue_url)
    cloud.put("incoming/a.pdf", b"%PDF-")
    with pytest.raises(CloudRefused, match=r"SendMessageBatch: .*NonExistentQueue"):
        submit(storage, "incoming/", cloud.sqs, cloud.queue_url + "-not-there")


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("s3://papers/incoming/2024/", ("papers", "incoming/2024/")),
        ("s3://papers", ("papers", "incoming/")),
        ("s3://papers/", ("papers", "incoming/")),
        ("s3://papers/incoming", ("papers", "incoming/")),
    ],
)
def test_addresses(address, parts):
    assert parse_address(address) == parts


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("papers/incoming", "an address like s3://BUCKET/incoming/PREFIX"),
        ("s3://", "an address like"),
        ("s3://UPPER/incoming/", "an address like"),
        ("s3://papers/2024/", "s3://papers/incoming/2024/"),
        ("s3://papers/results/", "only what lies under incoming/"),
    ],
)
def test_addresses_of_which_nothing_is_classified(address, said):
    with pytest.raises(RequestInvalid, match=said):
        parse_address(address)


def test_as_the_command_line_calls_it(storage, cloud, monkeypatch):
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    cloud.put("incoming/2024/a.pdf", b"%PDF-")
    steps = []
    done = compose.submit(Settings(), f"s3://{cloud.bucket}/incoming/2024/", steps.append)
    assert [done] == steps == [Submitted(seen=1, settled=0, queued=1)]
    assert queued(cloud) == ["incoming/2024/a.pdf"]


def test_without_a_queue_or_credentials(monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(RequestInvalid, match="set MEDSIFT_QUEUE_URL"):
        compose.submit(Settings(), "s3://papers/")
    with pytest.raises(CloudRefused, match="region"):
        compose.submit(Settings(queue_url="https://sqs.eu-central-1.amazonaws.com/1/q"), "s3://papers/")


def test_a_pdf_that_is_sent_once_more_as_it_was_keeps_its_outcome(storage, cloud):
    for key in ("incoming/same.pdf", "incoming/other.pdf"):
        cloud.put(key, b"%PDF-")
        storage.write_error(key, storage.etag(key), PdfCorrupt("damaged"))
    time.sleep(1.1)  # listings tell whole seconds
    cloud.put("incoming/same.pdf", b"%PDF-")
    cloud.put("incoming/other.pdf", b"%PDF-1.7")
    assert submit(storage, "incoming/", cloud.sqs, cloud.queue_url) == Submitted(seen=2, settled=1, queued=1)
    assert queued(cloud) == ["incoming/other.pdf"]
