import math
from dataclasses import replace

import pytest
from pydantic import ValidationError

from gateway import compose
from gateway.errors import RequestInvalid
from gateway.http_inference import HttpInference
from gateway.settings import Settings


@pytest.fixture(autouse=True)
def _bare(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(f"MEDSIFT_{name.upper()}", raising=False)


def test_without_an_environment_everything_is_on_this_machine():
    settings = Settings()
    assert settings.inference_url == "http://127.0.0.1:8080"
    assert settings.allowed_hosts == frozenset()
    assert settings.allowed_origins == ()
    assert settings.bucket is None


def test_the_environment_decides(monkeypatch):
    monkeypatch.setenv("MEDSIFT_ALLOW_HOSTS", " LOCALHOST:80, ,127.0.0.1:9 ")
    monkeypatch.setenv("MEDSIFT_CORS_ORIGINS", "https://a.example,https://b.example")
    monkeypatch.setenv("MEDSIFT_INLINE_BYTES", "1000")
    monkeypatch.setenv("MEDSIFT_BUCKET", "")
    settings = Settings()
    assert settings.allowed_hosts == {"localhost:80", "127.0.0.1:9"}
    assert settings.allowed_origins == ("https://a.example", "https://b.example")
    assert settings.limits.inline_bytes == 1000
    assert settings.bucket is None


def test_a_call_that_must_be_answered_leaves_time_for_both_stages():
    limits = Settings(answer_s=27).limits
    assert limits.search_s + limits.inference_total_s < 27
    assert limits.fetch_total_s < limits.search_s == 18
    assert replace(Settings(answer_s=10_000).limits, search_s=math.inf) == Settings().limits


def test_hosts_to_allow_that_are_none_are_told_by_the_settings_name():
    with pytest.raises(RequestInvalid, match="MEDSIFT_ALLOW_HOSTS: 'localhost' is not host:port"):
        compose.service(Settings(allow_hosts="localhost"))


def test_nonsense_is_refused(monkeypatch):
    monkeypatch.setenv("MEDSIFT_INLINE_BYTES", "many")
    with pytest.raises(ValidationError):
        Settings()


def test_every_setting_says_what_it_is():
    assert all(field.description for field in Settings.model_fields.values())


def test_http_is_the_way_to_the_networks_unless_sagemaker_is_named(monkeypatch):
    settings = Settings(inference_url="http://127.0.0.1:1")
    assert isinstance(compose.inference(settings, settings.limits), HttpInference)
    assert compose.jobs(settings) is None
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    other = compose.inference(Settings(sagemaker_endpoint="medsift"), settings.limits)
    assert type(other).__name__ == "SageMakerInference"
