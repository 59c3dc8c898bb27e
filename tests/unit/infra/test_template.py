"""What CloudFormation is asked for. moto ignores much of it, so that it is asserted here, on the template itself."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cfnlint.decode import cfn_yaml

from gateway.settings import Settings
from gateway.storage import INCOMING, RESULTS, is_document
from infra import cost
from infra.deployment import TEMPLATE


@pytest.fixture(scope="module")
def template():
    return cfn_yaml.load(str(TEMPLATE))


@pytest.fixture(scope="module")
def resources(template):
    return {name: body.get("Properties", {}) for name, body in template["Resources"].items()}


def of_kind(template, kind):
    return {name: body["Properties"] for name, body in template["Resources"].items() if body["Type"] == kind}


def test_cfn_lint_has_nothing_to_say():
    cfn_lint = Path(sys.executable).with_name("cfn-lint")
    done = subprocess.run([cfn_lint, TEMPLATE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_fits_into_a_change_set_without_a_bucket():
    assert len(TEMPLATE.read_bytes()) < 51_200


@pytest.mark.parametrize("name", ["HttpFunction", "UploadFunction"])
def test_functions_have_handlers_that_exist_and_settings_that_are_read(resources, name):
    function = resources[name]
    module, _, attribute = function["Handler"].rpartition(".")
    assert callable(getattr(importlib.import_module(module), attribute))
    assert function["Architectures"] == ["arm64"]
    ours = {key for key in function["Environment"]["Variables"] if key.startswith("MEDSIFT_")}
    assert ours <= {f"MEDSIFT_{field.upper()}" for field in Settings.model_fields}


def test_python_of_the_functions_is_3_12_or_later(template):
    runtimes = template["Parameters"]["PythonRuntime"]["AllowedValues"]
    assert all(int(runtime.removeprefix("python3.")) >= 12 for runtime in runtimes)


def test_a_message_is_not_delivered_again_while_its_function_may_still_run(resources):
    assert resources["UploadQueue"]["VisibilityTimeout"] >= 6 * resources["UploadFunction"]["Timeout"]
    assert resources["UploadQueue"]["RedrivePolicy"]["maxReceiveCount"] >= 5
    assert resources["UploadQueue"]["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}


def test_failed_messages_alone_come_back_and_the_endpoint_is_not_overrun(resources):
    source = resources["UploadSource"]
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["ScalingConfig"]["MaximumConcurrency"] == {"Ref": "UploadConcurrency"}
    assert resources["HttpFunction"]["ReservedConcurrentExecutions"]["Fn::If"][1] == {"Ref": "HttpConcurrency"}
    assert resources["ApiStage"]["DefaultRouteSettings"]["ThrottlingRateLimit"] == {"Ref": "RequestsPerSecond"}


def test_a_pdf_starts_a_classification_and_a_report_never_does(resources):
    (entry,) = resources["Bucket"]["NotificationConfiguration"]["QueueConfigurations"]
    assert entry["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": INCOMING}]  # endings are the function's affair
    assert all(is_document(f"{INCOMING}scan{ending}") for ending in (".pdf", ".PDF", ".Pdf"))
    assert not RESULTS.startswith(INCOMING)


def test_only_this_bucket_may_send_to_the_queue(resources):
    sends = resources["UploadQueuePolicy"]["PolicyDocument"]["Statement"][0]
    assert sends["Principal"] == {"Service": "s3.amazonaws.com"}
    assert sends["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert sends["Condition"]["ArnEquals"]["aws:SourceArn"]["Fn::Sub"].endswith(resources["Bucket"]["BucketName"]["Fn::Sub"])


def test_the_bucket_is_private_encrypted_and_forgets(resources):
    bucket = resources["Bucket"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert bucket["VersioningConfiguration"]["Status"] == "Enabled"
    expire = {rule.get("Prefix"): rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
    assert expire[INCOMING]["ExpirationInDays"]
    assert expire[RESULTS]["ExpirationInDays"]
    (statement,) = resources["BucketPolicy"]["PolicyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_every_route_of_the_gateway_is_there_and_wants_a_caller_with_a_name(template):
    from gateway import http

    source = Path(http.__file__).read_text()
    served = {
        f"{method.upper()} {re.sub('<.*?>', '{id}', path)}"
        for method, path in re.findall(r'@app\.(get|post)\(\s*"([^"]+)"', source)
    }
    routes = of_kind(template, "AWS::ApiGatewayV2::Route").values()
    assert {route["RouteKey"] for route in routes} == served
    assert all(route["AuthorizationType"] == {"Fn::If": ["UseJwt", "JWT", "AWS_IAM"]} for route in routes)


def test_roles_name_what_they_may_touch(template):
    anything = {"xray:PutTraceSegments", "xray:PutTelemetryRecords", "ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"}
    for role in of_kind(template, "AWS::IAM::Role").values():
        assert "ManagedPolicyArns" not in role
        for statement in role["Policies"][0]["PolicyDocument"]["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            assert not any("*" in action for action in actions)
            if statement["Resource"] == "*":
                assert set(actions) <= anything


def test_instances_follow_the_load(resources):
    tracking = resources["ScalingPolicy"]["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["PredefinedMetricSpecification"]["PredefinedMetricType"] == "SageMakerVariantInvocationsPerInstance"
    assert resources["ScalableTarget"]["ResourceId"] == {"Fn::Sub": "endpoint/${Endpoint.EndpointName}/variant/main"}
    (variant,) = resources["EndpointConfig"]["ProductionVariants"]
    assert variant["VariantName"] == "main"


def test_the_endpoint_has_a_gpu_a_driver_for_its_pytorch_and_no_network(template, resources):
    assert template["Parameters"]["InstanceType"]["Default"] == "ml.g4dn.xlarge"
    assert template["Parameters"]["InferenceAmi"]["Default"] == "al2023-ami-sagemaker-inference-gpu-4-1"  # driver 580, CUDA 13
    assert resources["Model"]["EnableNetworkIsolation"] is True


def test_somebody_is_told_of_what_goes_wrong(template):
    alarms = of_kind(template, "AWS::CloudWatch::Alarm")
    watched = {(alarm["Namespace"], alarm["MetricName"]) for alarm in alarms.values()}
    assert watched == {
        ("AWS/Lambda", "Errors"),
        ("AWS/Lambda", "Throttles"),
        ("AWS/SQS", "ApproximateAgeOfOldestMessage"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
        ("AWS/SageMaker", "ModelLatency"),
        ("AWS/SageMaker", "Invocation5XXErrors"),
    }
    assert all(alarm["AlarmActions"]["Fn::If"][0] == "TellSomebody" for alarm in alarms.values())


def test_logs_are_kept_for_a_time_and_go_with_the_stack(template):
    logs = [body for body in template["Resources"].values() if body["Type"] == "AWS::Logs::LogGroup"]
    assert len(logs) == 4
    assert all(log["Properties"]["RetentionInDays"] == {"Ref": "LogDays"} for log in logs)
    assert all(log["DeletionPolicy"] == "Delete" for log in logs)


def test_every_exception_from_a_rule_is_explained(template):
    skips = [
        skip for body in template["Resources"].values() for skip in body.get("Metadata", {}).get("checkov", {}).get("skip", [])
    ]
    assert skips
    assert all(re.fullmatch(r"CKV\d?_AWS_\d+", skip["id"]) and len(skip["comment"]) > 30 for skip in skips)


def test_prices_are_for_what_the_template_asks_for(template, resources):
    assert resources["UploadFunction"]["MemorySize"] == resources["HttpFunction"]["MemorySize"] == cost.FUNCTION_GB * 1024
    assert len(of_kind(template, "AWS::CloudWatch::Alarm")) == cost.ALARMS


def test_outputs_say_where_it_answers(template):
    assert {"ApiUrl", "BucketName", "QueueUrl", "DeadLetterQueueUrl", "EndpointName"} <= set(template["Outputs"])
    assert json.dumps(template["Outputs"]["ApiUrl"]["Value"]) == '{"Fn::GetAtt": ["Api", "ApiEndpoint"]}'
