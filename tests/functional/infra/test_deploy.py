"""The commands against moto's server: real HTTP on loopback, no account.

moto says CREATE_COMPLETE of kinds that it does not know (routes, alarms, scaling, bucket policies), ignores a bucket's
notifications, and gives no outputs to stacks that come from change sets; tests/unit/infra has those.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import boto3
import pytest

ROOT = Path(__file__).resolve().parents[3]
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/medsift-torchserve:0.1.0"
ACCOUNT = "123456789012"
BUCKET = f"medsift-{ACCOUNT}-us-east-1"
ARTIFACTS = f"medsift-artifacts-{ACCOUNT}-us-east-1"


class Cloud:
    """An empty account."""

    def __init__(self, url, folder):
        self.environment = {
            "PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "COLUMNS": "200",
        }  # fmt: skip
        self.url = url
        self.functions = folder / "functions.zip"
        self.archive = folder / "medsift.mar"
        self.write_functions("handler = print\n")
        with zipfile.ZipFile(self.archive, "w") as mar:
            mar.writestr("MAR-INF/MANIFEST.json", "{}")

    def write_functions(self, source):
        with zipfile.ZipFile(self.functions, "w") as archive:
            archive.writestr("gateway/http.py", source)

    def client(self, service):
        return boto3.client(service, "us-east-1", endpoint_url=self.url, aws_access_key_id="x", aws_secret_access_key="x")

    def infra(self, *arguments):
        command = [sys.executable, "-m", "infra", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=self.environment, cwd=ROOT)

    def deploy(self, *arguments):
        files = ("--functions", str(self.functions), "--archive", str(self.archive), "--poll-s", "0")
        return self.infra("deploy", *files, *arguments)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cloud")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with (folder / "moto.log").open("wb") as log:
        command = [Path(sys.executable).with_name("moto_server"), "-H", "127.0.0.1", "-p", str(port)]
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(port, server)
        yield Cloud(f"http://127.0.0.1:{port}", folder)
    finally:
        server.kill()
        server.wait()


def wait_for(port, server):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError("moto's server does not come up")


@pytest.fixture(scope="module")
def deployed(cloud):
    done = cloud.deploy("--image", IMAGE)
    assert done.returncode == 0, done.stderr
    return done


def test_first_deployment_creates(deployed):
    assert "Created." in deployed.stdout
    assert "CREATE_COMPLETE" in deployed.stderr


def test_uploads_lie_in_a_private_bucket_under_their_hash(deployed, cloud):
    s3 = cloud.client("s3")
    keys = sorted(item["Key"] for item in s3.list_objects_v2(Bucket=ARTIFACTS)["Contents"])
    assert [key.partition("/")[0] for key in keys] == ["functions", "models"]
    assert keys[1].endswith(".tar.gz")
    assert all(s3.get_public_access_block(Bucket=ARTIFACTS)["PublicAccessBlockConfiguration"].values())


def test_functions_are_what_was_uploaded(deployed, cloud):
    functions = cloud.client("lambda")
    http = functions.get_function(FunctionName="medsift-http")["Configuration"]
    uploads = functions.get_function(FunctionName="medsift-uploads")["Configuration"]
    assert (http["Handler"], uploads["Handler"]) == ("gateway.http.handler", "gateway.uploads.handler")
    assert http["Runtime"] == uploads["Runtime"] == "python3.13"
    assert uploads["CodeSize"] == cloud.functions.stat().st_size
    assert uploads["Timeout"] == 900
    variables = uploads["Environment"]["Variables"]
    assert variables["MEDSIFT_BUCKET"] == BUCKET
    assert variables["MEDSIFT_QUEUE_URL"].endswith(queue(cloud).rpartition("/")[2])
    assert variables["MEDSIFT_SAGEMAKER_ENDPOINT"] == endpoint(cloud)


def queue(cloud):
    (url,) = (url for url in cloud.client("sqs").list_queues()["QueueUrls"] if "UploadQueue" in url)
    return url


def endpoint(cloud):
    (found,) = cloud.client("sagemaker").list_endpoints()["Endpoints"]
    return found["EndpointName"]


def test_the_queue_calls_the_function(deployed, cloud):
    attributes = cloud.client("sqs").get_queue_attributes(QueueUrl=queue(cloud), AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "5400"
    assert json.loads(attributes["RedrivePolicy"])["maxReceiveCount"] == 10
    mappings = cloud.client("lambda").list_event_source_mappings(EventSourceArn=attributes["QueueArn"])["EventSourceMappings"]
    (mapping,) = mappings
    assert mapping["FunctionArn"].endswith(":function:medsift-uploads")
    assert mapping["BatchSize"] == 1


def test_the_endpoint_serves_the_uploaded_model_from_our_image(deployed, cloud):
    sagemaker = cloud.client("sagemaker")
    config = sagemaker.describe_endpoint(EndpointName=endpoint(cloud))["EndpointConfigName"]
    (variant,) = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
    assert variant["InstanceType"] == "ml.g4dn.xlarge"
    container = sagemaker.describe_model(ModelName=variant["ModelName"])["PrimaryContainer"]
    assert container["Image"] == IMAGE
    bucket, _, key = container["ModelDataUrl"].removeprefix("s3://").partition("/")
    assert cloud.client("s3").head_object(Bucket=bucket, Key=key)


def test_status_tells_of_endpoint_and_uploads(deployed, cloud):
    (letters,) = (url for url in cloud.client("sqs").list_queues()["QueueUrls"] if "DeadLetters" in url)
    cloud.client("sqs").send_message(QueueUrl=letters, MessageBody="{}")
    assert cloud.infra("status").stdout.splitlines() == [
        "medsift: CREATE_COMPLETE",
        "Endpoint: InService",
        "Uploads: 0 waiting, 0 in work, 1 failed",
    ]


def test_second_deployment_does_nothing_and_needs_no_image(deployed, cloud):
    before = versions(cloud)
    done = cloud.deploy()
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "Nothing to change.")
    assert versions(cloud) == before


def versions(cloud):
    return cloud.client("s3").list_object_versions(Bucket=ARTIFACTS)["Versions"]


def test_a_parameter_that_the_template_lacks_is_named(deployed, cloud):
    done = cloud.deploy("--set", "Colour=red")
    assert done.returncode == 2
    assert "no parameter Colour" in done.stderr


def test_fewer_instances_at_most_than_at_least_are_told_before_anything_is_uploaded(deployed, cloud):
    before = versions(cloud)
    done = cloud.deploy("--set", "MinInstances=3")
    assert (done.returncode, done.stderr.strip()) == (2, "MinInstances (3) is above MaxInstances (2): set both.")
    assert versions(cloud) == before


def test_a_value_without_a_name_is_wrong_usage(deployed, cloud):
    done = cloud.deploy("--set", "red")
    assert (done.returncode, done.stderr.strip()) == (2, "--set takes Name=value, not 'red'.")


def test_without_a_stack(cloud):
    other = ("--name", "elsewhere")
    assert cloud.infra("status", *other).returncode == 1
    assert "nothing to delete" in cloud.infra("delete", "--yes", *other).stdout
    done = cloud.deploy(*other)
    assert done.returncode == 2
    assert "--image" in done.stderr


def test_delete_leaves_nothing_documents_included(deployed, cloud):
    s3 = cloud.client("s3")
    for body in (b"old", b"new"):  # two versions
        s3.put_object(Bucket=BUCKET, Key="results/a.pdf/report.json", Body=body)
    s3.delete_object(Bucket=BUCKET, Key="results/a.pdf/report.json")
    done = cloud.infra("delete", "--yes", "--poll-s", "0")
    assert (done.returncode, done.stdout.strip()) == (0, "Deleted."), done.stderr
    assert s3.list_buckets()["Buckets"] == []
    assert "QueueUrls" not in cloud.client("sqs").list_queues()
    assert cloud.client("lambda").list_functions()["Functions"] == []
    assert cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"] == []
    assert cloud.client("iam").list_roles()["Roles"] == []
    assert cloud.client("logs").describe_log_groups()["logGroups"] == []
    sagemaker = cloud.client("sagemaker")
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    assert sagemaker.list_models()["Models"] == []
    assert "not deployed" in cloud.infra("status").stdout
