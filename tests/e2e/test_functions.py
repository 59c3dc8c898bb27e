"""The deployed functions, as AWS's runtime client runs them, with a real TorchServe, and S3 and SQS over HTTP.

Each test ends with the same two questions: is every document's outcome there, and is the queue empty.
"""

import base64
import contextlib
import json
import socket
import threading

import pytest
import requests

from app.sample import draw
from tests.documents import pdf
from tests.gate import Gate
from tests.lambda_runtime import Function, FunctionDied

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def gate(torchserve):
    with Gate(torchserve) as gate:
        yield gate


@pytest.fixture(scope="module")
def uploads(cloud, gate, tmp_path_factory):
    names = {**cloud.environment, "MEDSIFT_INFERENCE_URL": gate.url, "POWERTOOLS_LOG_LEVEL": "INFO"}
    with Function("gateway.uploads.handler", names, tmp_path_factory.mktemp("uploads") / "log") as function:
        yield function


@pytest.fixture(autouse=True)
def _emptied(cloud):
    yield
    for key in cloud.listing():
        cloud.s3.delete_object(Bucket=cloud.bucket, Key=key)


def poll(cloud, function, wait_s=10):
    """What Lambda does with a queue: one batch to the function, and deleted is what it did not name as failed."""
    records = cloud.receive(wait_s)
    failed = {item["itemIdentifier"] for item in function.invoke({"Records": records})["batchItemFailures"]}
    for record in records:
        if record["messageId"] not in failed:
            cloud.delete(record)
    return [record for record in records if record["messageId"] in failed]


def come_back(cloud, record):
    """What the visibility time-out does, without waiting for it."""
    cloud.sqs.change_message_visibility(QueueUrl=cloud.queue_url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=0)


def outcomes(cloud):
    return [key for key in cloud.listing("results/") if key.endswith(".json")]


def test_a_pdf_in_the_bucket_becomes_a_report_beside(cloud, uploads):
    cloud.put("incoming/ward 7/sample.pdf", draw())
    assert poll(cloud, uploads) == []
    report = cloud.json("results/ward 7/sample.pdf/report.json")
    assert report["summary"]["images"] == len(report["images"]) == 7
    assert report["model"]["name"] == "medsift"
    assert cloud.get("results/ward 7/sample.pdf/report.csv").count(b"\r\n") == 8
    assert cloud.waiting() == 0

    # The same message once more, as SQS may deliver it: nothing changes.
    before = cloud.s3.head_object(Bucket=cloud.bucket, Key="results/ward 7/sample.pdf/report.json")
    change = {"bucket": {"name": cloud.bucket}, "object": {"key": "incoming/ward+7/sample.pdf"}}
    cloud.sqs.send_message(QueueUrl=cloud.queue_url, MessageBody=json.dumps({"Records": [{"s3": change}]}))
    assert poll(cloud, uploads) == []
    after = cloud.s3.head_object(Bucket=cloud.bucket, Key="results/ward 7/sample.pdf/report.json")
    assert after["LastModified"] == before["LastModified"]
    assert cloud.json("results/ward 7/sample.pdf/report.json")["id"] == report["id"]
    assert cloud.waiting() == 0

    (metrics,) = (line for line in uploads.log_lines() if "Documents" in line)
    assert (metrics["Documents"], metrics["Images"]) == ([1.0], [7.0])
    (line,) = (line for line in uploads.log_lines() if line.get("message") == "classified")
    assert line["correlation_id"]
    assert "ward" not in uploads.log()


def test_poison_spoils_nothing_and_is_not_tried_again(cloud, uploads):
    cloud.put("incoming/good.pdf", pdf(1))
    cloud.put("incoming/broken.pdf", b"%PDF-1.7\n" + bytes(500))
    cloud.put("incoming/locked.pdf", pdf(1, password="secret"))
    assert poll(cloud, uploads) == []
    assert outcomes(cloud) == [
        "results/broken.pdf/error.json",
        "results/good.pdf/report.json",
        "results/locked.pdf/error.json",
    ]
    assert cloud.json("results/locked.pdf/error.json")["code"] == "pdf_encrypted"
    assert cloud.waiting() == 0


def test_while_the_classifier_is_away_the_queue_keeps_the_document(cloud, uploads, gate):
    gate.turn("shut")
    cloud.put("incoming/a.pdf", pdf(1))
    (record,) = poll(cloud, uploads)
    assert outcomes(cloud) == []
    assert cloud.waiting() == 1

    gate.turn("open")
    come_back(cloud, record)
    assert poll(cloud, uploads) == []
    assert outcomes(cloud) == ["results/a.pdf/report.json"]
    assert cloud.waiting() == 0
    assert any(line.get("code") == "inference_unavailable" and "Failures" in line for line in uploads.log_lines())


def test_a_function_that_dies_in_the_middle_loses_nothing(cloud, uploads, gate):
    gate.turn("held")
    cloud.put("incoming/a.pdf", pdf(1, 2))
    records = cloud.receive(10)
    killer = threading.Thread(target=lambda: gate.reached.wait(60) and uploads.kill())
    killer.start()
    with pytest.raises(FunctionDied):
        uploads.invoke({"Records": records})
    killer.join()
    assert outcomes(cloud) == []
    assert cloud.waiting() == len(records)

    gate.turn("open")
    for record in records:
        come_back(cloud, record)
    assert poll(cloud, uploads) == []
    assert outcomes(cloud) == ["results/a.pdf/report.json"]
    assert cloud.json("results/a.pdf/report.json")["summary"]["images"] == 2
    assert cloud.waiting() == 0


def call(method, path, headers=None, body=b""):
    """A request as an HTTP API hands it to a function (payload 2.0)."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers or {},
        "requestContext": {"http": {"method": method, "path": path, "sourceIp": "127.0.0.1"}, "stage": "$default"},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def answer(function, *request):
    response = function.invoke(call(*request))
    body = response.get("body") or ""
    return response["statusCode"], json.loads(base64.b64decode(body) if response["isBase64Encoded"] else body)


def test_the_routes_and_a_job_from_upload_to_report(cloud, uploads, torchserve, tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as xray:
        xray.bind(("127.0.0.1", 0))
        names = {
            **cloud.environment,
            "MEDSIFT_INFERENCE_URL": torchserve,
            "AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{xray.getsockname()[1]}",
        }
        with Function("gateway.http.handler", names, tmp_path / "http.log") as function:
            assert answer(function, "GET", "/health")[0] == 200
            headers = {"content-type": "application/pdf", "content-disposition": 'attachment; filename="jane-doe.pdf"'}
            status, report = answer(function, "POST", "/v1/classify", headers, pdf(1, 2))
            assert (status, report["summary"]["images"]) == (200, 2)

            status, job = answer(
                function, "POST", "/v1/jobs", {"content-type": "application/json"}, b'{"name": "jane-doe.pdf"}'
            )
            assert status == 201
            assert answer(function, "GET", f"/v1/jobs/{job['job_id']}")[1]["state"] == "waiting"
            sent = requests.post(job["upload_url"], data=job["upload_fields"], files={"file": pdf(3)}, timeout=30)
            assert sent.status_code == 204
            assert answer(function, "GET", f"/v1/jobs/{job['job_id']}")[1]["state"] == "queued"
            assert poll(cloud, uploads) == []
            state = answer(function, "GET", f"/v1/jobs/{job['job_id']}")[1]
            assert state["state"] == "done"
            assert requests.get(state["report_json"], timeout=30).json()["summary"]["images"] == 1
            assert cloud.waiting() == 0
            assert "jane-doe" not in function.log()
        traces = received(xray)
    assert '"ColdStart": true' in traces
    assert "jane-doe" not in traces


def received(xray):
    xray.settimeout(0.2)
    documents = []
    with contextlib.suppress(TimeoutError):
        while True:
            documents.append(xray.recv(1 << 16).decode())
    return "\n".join(documents)
