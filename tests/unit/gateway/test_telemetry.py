"""Logs, metrics and what of a document is in them: nothing."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from gateway import telemetry
from gateway.errors import InferenceUnavailable, PdfEncrypted
from gateway.images import Skipped
from gateway.report import Model, Report, SourceInfo, Summary

REPORT = Report(
    id="r1",
    source=SourceInfo("pdf", "jane-doe.pdf", "0" * 64, 3),
    model=Model("medsift", "1.0"),
    images=(),
    skipped=(Skipped("too_small", "jane-doe"),),
    summary=Summary(images=8, medical=2, non_medical=6, review=1, skipped=1),
    timing_ms={"find": 12.5, "classify": 40.0, "total": 50.0},
)


@pytest.fixture
def in_lambda(monkeypatch):
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "uploads")
    telemetry.metrics.provider.clear_metrics()
    yield
    telemetry.metrics.provider.clear_metrics()


def flushed(capsys):
    telemetry.metrics.flush_metrics()
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_metrics_of_a_report(in_lambda, capsys):
    telemetry.record(REPORT)
    (blob,) = flushed(capsys)
    names = {"Documents": [1.0], "Images": [8.0], "Skipped": [1.0], "MedicalShare": [25.0], "ReviewShare": [12.5],
             "TimeFind": [12.5], "TimeClassify": [40.0], "TimeTotal": [50.0]}  # fmt: skip
    assert {name: blob[name] for name in names} == names
    (directive,) = blob["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "medsift"
    assert directive["Dimensions"] == [["service"]]
    assert {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}["MedicalShare"] == "Percent"


def test_a_document_without_images_has_no_shares(in_lambda, capsys):
    telemetry.record(replace(REPORT, summary=Summary(0, 0, 0, 0, 1)))
    (blob,) = flushed(capsys)
    assert blob["Images"] == [0.0]
    assert "MedicalShare" not in blob


@pytest.mark.parametrize("error", [PdfEncrypted("x"), InferenceUnavailable("y")])
def test_failures_are_counted_by_their_code(in_lambda, capsys, error):
    telemetry.record_failure(error)
    (blob,) = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (blob["Failures"], blob["code"], blob["service"]) == ([1.0], error.code, "medsift")


def test_outside_a_function_there_are_no_metrics(capsys):
    telemetry.record(REPORT)
    telemetry.record_failure(PdfEncrypted("x"))
    assert capsys.readouterr().out == ""
    assert not telemetry.metrics.metric_set


def log_lines(code, **environment):
    """What a process that runs ``code`` writes to standard error, and nothing else."""
    # Powertools sets up its logger once per process.
    names = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **environment}
    done = subprocess.run([sys.executable, "-c", code], env=names, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_every_line_of_a_call_has_its_id_also_side_by_side():
    lines = log_lines(
        "import threading\n"
        "from gateway.telemetry import correlated, logger\n"
        "barrier = threading.Barrier(2)\n"
        "def call(name):\n"
        "    with correlated(name):\n"
        "        barrier.wait()\n"
        "        logger.warning('at work', extra={'call': name})\n"
        "calls = [threading.Thread(target=call, args=(name,)) for name in ('one', 'two')]\n"
        "[thread.start() for thread in calls], [thread.join() for thread in calls]\n"
        "logger.warning('outside')\n"
    )
    assert {(line.get("call"), line.get("correlation_id")) for line in lines} == {("one", "one"), ("two", "two"), (None, None)}


def test_a_command_line_logs_what_is_wrong_and_a_server_what_it_is_told_to():
    code = "from gateway.telemetry import logger; logger.info('classified'); logger.warning('failed')"
    assert [line["message"] for line in log_lines(code)] == ["failed"]
    assert [line["message"] for line in log_lines(code, POWERTOOLS_LOG_LEVEL="INFO")] == ["classified", "failed"]


def test_a_failure_nobody_foresaw_is_logged_without_its_message():
    code = "from gateway.telemetry import record_crash\ntry: int('jane-doe')\nexcept ValueError as error: record_crash(error)\n"
    (line,) = log_lines(code)
    assert (line["error"], line["way"]) == ("ValueError", ["<string>:2 <module>"])
    assert "jane-doe" not in json.dumps(line)


def test_no_library_of_the_cloud_is_loaded():
    code = "import sys; from gateway import telemetry; assert not {'boto3', 'aws_xray_sdk'} & set(sys.modules)"
    assert log_lines(code) == []
