import csv
import io
import json

import pytest

from gateway.errors import SourceEmpty
from gateway.fetch import Fetcher
from gateway.formats import Format, write
from gateway.limits import Limits
from gateway.outcomes import Failure
from gateway.service import Service
from gateway.sources import from_bytes
from tests.documents import Flat, picture

REPORT = Service(Flat(), Fetcher(Limits()), Limits()).classify(from_bytes(picture(1), "a.png"))


def interrupted():
    yield REPORT
    yield Failure("b.png", SourceEmpty("the source holds no bytes"))
    raise KeyboardInterrupt


def written(format):
    file = io.StringIO(newline="")
    with pytest.raises(KeyboardInterrupt):
        write(interrupted(), format, True, file)
    return file.getvalue()


def test_what_was_done_before_an_interrupt_is_a_list_all_the_same():
    first, second = json.loads(written(Format.JSON))
    assert (first["source"]["name"], second["error"]["code"]) == ("a.png", "source_empty")


def test_and_so_are_the_rows():
    rows = list(csv.DictReader(io.StringIO(written(Format.CSV), newline="")))
    assert [(row["source"], row["label"], row["skipped"]) for row in rows] == [
        ("a.png", "medical", ""), ("b.png", "", "source_empty")
    ]  # fmt: skip


def test_and_the_tables():
    assert "1 image: 1 medical" in written(Format.TABLE)
