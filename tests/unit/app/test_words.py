"""Every error that can reach the page has words of its own."""

from __future__ import annotations

import pytest

from app.client import GatewayFailed
from app.words import explain, percent, reason
from gateway.errors import FetchError, InferenceError, MedsiftError, SourceError


def family(root: type[MedsiftError]) -> list[type[MedsiftError]]:
    return [root, *(each for child in root.__subclasses__() for each in family(child))]


REACHING = [each for root in (SourceError, FetchError, InferenceError) for each in family(root) if "code" in vars(each)]


@pytest.mark.parametrize("error", REACHING, ids=lambda error: error.code)
def test_an_error_of_the_gateway_says_what_happened_and_what_to_do(error: type[MedsiftError]) -> None:
    fallback = explain(GatewayFailed("no_such_code", 422, "T", "d"))
    words = explain(GatewayFailed(error.code, error.status, error.title, "d"))
    assert words.todo != fallback.todo
    assert words.what.endswith(".")


def test_what_can_be_tried_again_is_said_to_be_so() -> None:
    for error in REACHING:
        if error.retryable:
            assert explain(GatewayFailed(error.code, error.status, error.title, "d")).again, error.code


def test_an_unknown_error_keeps_the_gateways_words() -> None:
    assert explain(GatewayFailed("new", 500, "Odd", "it is odd")).what == "Odd: it is odd."
    assert "larger" in explain(GatewayFailed("http_413", 413, "T", "d")).what


def test_reasons() -> None:
    assert reason("blank") == "A single colour"
    assert reason("address_timeout") == "Could not be fetched"
    assert reason("brand_new_reason") == "Brand new reason"


def test_nearly_sure_is_not_sure_and_hardly_any_is_not_none() -> None:
    assert [percent(value) for value in (0.5, 0.874, 0.9996, 1.0)] == ["50 %", "87 %", "99 %", "100 %"]
    assert [percent(value) for value in (0.0, 0.001)] == ["0 %", "1 %"]
