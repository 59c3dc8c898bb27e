import re

import pytest
from boto3.exceptions import S3UploadFailedError
from typer.testing import CliRunner

from infra.__main__ import app
from infra.deployment import Deployment

NOWHERE = {"AWS_REGION": None, "AWS_DEFAULT_REGION": None, "AWS_PROFILE": None, "AWS_CONFIG_FILE": "missing"}


def run(*arguments):
    return CliRunner().invoke(app, arguments, env=NOWHERE)


def test_cost_prices_a_month_and_says_how_old_the_prices_are():
    done = run("cost", "--documents", "1000", "--images", "10")
    assert done.exit_code == 0
    assert "1,000 documents with 10,000 images a month" in " ".join(done.output.split())
    assert re.search(r"Per 1,000 images .* [\d.]+", done.output)
    assert "2025-10-01" in done.output
    assert "Assumed, not measured" in done.output


def test_an_instance_without_a_price_is_wrong_usage():
    done = run("cost", "--instance", "ml.t9.tiny")
    assert done.exit_code == 2
    assert "No price is known of ml.t9.tiny" in done.output


@pytest.mark.parametrize("command", [("status",), ("delete", "--yes")])
def test_without_a_region_there_is_nowhere_to_look(command):
    done = run(*command)
    assert done.exit_code == 1
    assert "No region" in done.output


def test_an_upload_that_s3_refuses_is_told_in_one_line(monkeypatch):
    def refused(*_, **__):
        raise S3UploadFailedError("Failed to upload functions.zip: AccessDenied")

    monkeypatch.setattr(Deployment, "connect", refused)
    done = run("status")
    assert (done.exit_code, done.output) == (1, "AWS: Failed to upload functions.zip: AccessDenied\n")
