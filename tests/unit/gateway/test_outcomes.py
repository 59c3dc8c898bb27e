import csv
import io
import json

from gateway.errors import PdfEncrypted
from gateway.fetch import Fetcher
from gateway.limits import Limits
from gateway.outcomes import Failure, outcomes_csv, outcomes_json
from gateway.service import Service
from gateway.sources import from_bytes
from tests.documents import Flat, picture


def outcomes():
    report = Service(Flat(), Fetcher(Limits()), Limits()).classify(from_bytes(picture(1), "open.png"))
    return [Failure("shut.pdf", PdfEncrypted("it needs a password")), report]


def test_a_list_holds_reports_and_failures_in_order():
    failure, report = json.loads(outcomes_json(outcomes()))
    assert failure == {
        "source": "shut.pdf",
        "error": {"code": "pdf_encrypted", "title": "The PDF needs a password", "detail": "it needs a password"},
    }
    assert report["source"]["name"] == "open.png"


def test_in_csv_a_failure_is_a_row_with_its_code():
    failure, image = csv.DictReader(io.StringIO(outcomes_csv(outcomes())))
    assert (failure["source"], failure["skipped"], failure["label"]) == ("shut.pdf", "pdf_encrypted", "")
    assert (image["source"], image["label"]) == ("open.png", "medical")
