import tomllib
from dataclasses import replace

import pytest

from gateway.errors import RequestInvalid
from infra.cost import FUNCTION_GB, PRICES, Load, bill


def line(priced, name):
    return next(line for line in priced.lines if line.name == name).dollars


def test_an_idle_endpoint_costs_its_hours():
    priced = bill(Load(documents=0))
    assert line(priced, "Endpoint") == pytest.approx(730 * 0.7364)
    assert line(priced, "Functions") == 0
    assert priced.per_thousand_images is None


def test_more_images_than_one_instance_can_take_cost_more_hours():
    load = Load(documents=1_000_000, images_per_document=3600, images_per_second=1000)
    assert line(bill(load), "Endpoint") == pytest.approx(1_000_000 / 1000 * 0.7364)
    assert bill(load).per_thousand_images < bill(replace(load, documents=1000)).per_thousand_images


def test_functions_are_paid_by_gigabyte_second():
    priced = bill(Load(documents=1_000_000, seconds_per_document=2))
    assert line(priced, "Functions") == pytest.approx(2_000_000 * FUNCTION_GB * 0.0000133334 + 0.20)


def test_the_way_in_decides_between_queue_and_api():
    uploads, http = bill(Load(documents=10)), bill(Load(documents=10, way="http"))
    assert {"Queue", "Storage"} <= {line.name for line in uploads.lines}
    assert {"API", "Answers"} <= {line.name for line in http.lines}


def test_the_api_counts_every_512_kb():
    priced = bill(Load(documents=1_000_000, megabytes_per_document=2.1, way="http"))
    assert line(priced, "API") == pytest.approx(5.00)


def test_the_month_is_the_sum_of_its_lines():
    priced = bill(Load(documents=10_000))
    assert priced.month == pytest.approx(sum(line.dollars for line in priced.lines))
    assert priced.per_thousand_images == pytest.approx(priced.month / 120)


def test_prices_have_a_date_and_a_place():
    prices = tomllib.loads(PRICES.read_text())
    assert bill(Load(1)).prices_of == prices["date"]
    assert bill(Load(1)).region == "us-east-1"


@pytest.mark.parametrize("load", [Load(1, instance="ml.t9.tiny"), Load(-1), Load(1, images_per_second=0)])
def test_a_load_that_makes_no_sense_is_refused(load):
    with pytest.raises(RequestInvalid):
        bill(load)
