"""The function's handler, in an interpreter of its own, as Lambda starts it."""

import json
import os
import subprocess
import sys

from tests.documents import pdf
from tests.endpoint import running
from tests.events import event

COLD = """
import json, sys
from gateway.http import handler
loaded = sorted(name for name in ("boto3", "pymupdf", "bs4", "lxml", "typer", "rich", "torch") if name in sys.modules)
answer = handler(json.load(sys.stdin), None)
print(json.dumps({"loaded": loaded, "answer": answer}))
"""


def test_a_cold_start_loads_only_what_it_needs_and_answers():
    with running() as endpoint:
        environment = {"PATH": os.environ["PATH"], "MEDSIFT_INFERENCE_URL": endpoint.url}
        done = subprocess.run(
            [sys.executable, "-c", COLD],
            input=json.dumps(event("POST", "/v1/classify", pdf(1), content_type="application/pdf")),
            env=environment, capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip
    result = json.loads(done.stdout)
    assert result["loaded"] == []
    assert result["answer"]["statusCode"] == 200
    assert json.loads(result["answer"]["body"])["summary"]["medical"] == 1
