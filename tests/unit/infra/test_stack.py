"""CloudFormation's answers are recorded ones: what moto cannot be brought to say, above all a resource that fails."""

from datetime import datetime, timedelta

import boto3
import pytest
from botocore.stub import ANY, Stubber

from infra.errors import StackFailed
from infra.stack import Event, Stack

STACK_ID = "arn:aws:cloudformation:us-east-1:123456789012:stack/medsift/1"
CHANGE_ID = "arn:aws:cloudformation:us-east-1:123456789012:changeSet/medsift-1/1"
START = datetime(2025, 1, 1)


@pytest.fixture
def cloud():
    client = boto3.client("cloudformation", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def stack(cloud):
    return Stack(cloud.client, "medsift", sleep=lambda _: None)


@pytest.fixture
def watched():
    return []


def is_in(cloud, status, **more):
    described = {"StackName": "medsift", "StackId": STACK_ID, "CreationTime": START, "StackStatus": status, **more}
    cloud.add_response("describe_stacks", {"Stacks": [described]}, {"StackName": ANY})


def is_missing(cloud):
    cloud.add_client_error("describe_stacks", "ValidationError", "Stack with id medsift does not exist", 400)


def events(cloud, *lines):
    """CloudFormation lists the newest first."""
    found = [
        {
            "StackId": STACK_ID, "EventId": str(number), "StackName": "medsift", "LogicalResourceId": resource,
            "ResourceType": kind, "ResourceStatus": status, "ResourceStatusReason": reason,
            "Timestamp": START + timedelta(seconds=number),
        }
        for number, (resource, kind, status, reason) in enumerate(lines)
    ]  # fmt: skip
    cloud.add_response("describe_stack_events", {"StackEvents": found[::-1]}, {"StackName": STACK_ID})


def change_set(cloud, kind, status="CREATE_COMPLETE", reason=""):
    expected = dict.fromkeys(("ChangeSetName", "TemplateBody", "Parameters", "Tags"), ANY)
    expected |= {"StackName": "medsift", "ChangeSetType": kind, "Capabilities": ["CAPABILITY_IAM"]}
    cloud.add_response("create_change_set", {"Id": CHANGE_ID, "StackId": STACK_ID}, expected)
    cloud.add_response("describe_change_set", {"Status": status, "StatusReason": reason})


def executed(cloud):
    cloud.add_response("execute_change_set", {}, {"ChangeSetName": CHANGE_ID, "StackName": "medsift"})


REVIEW = ("medsift", "AWS::CloudFormation::Stack", "REVIEW_IN_PROGRESS", "")
QUEUE = ("UploadQueue", "AWS::SQS::Queue", "CREATE_COMPLETE", "")


def test_a_new_stack_is_created_and_its_events_are_told_once(cloud, stack, watched):
    is_missing(cloud)
    change_set(cloud, "CREATE")
    events(cloud, REVIEW)
    executed(cloud)
    is_in(cloud, "CREATE_IN_PROGRESS")
    events(cloud, REVIEW, QUEUE)
    is_in(cloud, "CREATE_COMPLETE")
    events(cloud, REVIEW, QUEUE)
    assert stack.apply("template", {"A": "1"}, watched.append) == "created"
    assert watched == [Event("UploadQueue", "AWS::SQS::Queue", "CREATE_COMPLETE", "")]


def test_a_failure_names_the_resource_and_the_reason(cloud, stack, watched):
    is_missing(cloud)
    change_set(cloud, "CREATE")
    events(cloud, REVIEW)
    executed(cloud)
    is_in(cloud, "ROLLBACK_COMPLETE")
    events(
        cloud,
        REVIEW,
        ("Endpoint", "AWS::SageMaker::Endpoint", "CREATE_FAILED", "The account-level limit 'ml.g4dn.xlarge' is 0 instances"),
        ("Api", "AWS::ApiGatewayV2::Api", "CREATE_FAILED", "Resource creation cancelled"),
        ("medsift", "AWS::CloudFormation::Stack", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create"),
    )
    with pytest.raises(StackFailed, match=r"Endpoint \(AWS::SageMaker::Endpoint\) ended in CREATE_FAILED: .* is 0 instances"):
        stack.apply("template", {}, watched.append)


def test_no_change_is_no_deployment(cloud, stack, watched):
    is_in(cloud, "UPDATE_COMPLETE")
    change_set(cloud, "UPDATE", "FAILED", "The submitted information didn't contain changes. Submit different information.")
    cloud.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE_ID, "StackName": "medsift"})
    assert stack.apply("template", {}, watched.append) == "unchanged"
    assert watched == []


def test_a_refused_change_says_why(cloud, stack, watched):
    is_in(cloud, "CREATE_COMPLETE")
    change_set(cloud, "UPDATE", "FAILED", "Parameter LogDays must be one of AllowedValues")
    cloud.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE_ID, "StackName": "medsift"})
    with pytest.raises(StackFailed, match="LogDays must be one of"):
        stack.apply("template", {}, watched.append)


def test_a_stack_whose_creation_failed_is_made_anew(cloud, stack, watched):
    is_in(cloud, "ROLLBACK_COMPLETE")
    is_in(cloud, "ROLLBACK_COMPLETE")
    events(cloud, REVIEW)
    cloud.add_response("delete_stack", {}, {"StackName": "medsift"})
    is_in(cloud, "DELETE_COMPLETE")
    events(cloud, REVIEW)
    change_set(cloud, "CREATE")
    events(cloud, REVIEW)
    executed(cloud)
    is_in(cloud, "CREATE_COMPLETE")
    events(cloud, REVIEW)
    assert stack.apply("template", {}, watched.append) == "created"


def test_nothing_to_delete(cloud, stack, watched):
    is_missing(cloud)
    assert stack.delete(watched.append) is False


def test_outputs_by_name(cloud, stack):
    is_in(cloud, "CREATE_COMPLETE", Outputs=[{"OutputKey": "ApiUrl", "OutputValue": "https://x.example"}])
    assert stack.outputs() == {"ApiUrl": "https://x.example"}
