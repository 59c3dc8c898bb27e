"""S3 and SQS for the end-to-end tests."""

import pytest

from gateway.local import serve
from tests.cloud import new_cloud


@pytest.fixture(scope="session")
def moto_url():
    with serve() as url:
        yield url


@pytest.fixture
def cloud(moto_url):
    with new_cloud(moto_url) as cloud:
        yield cloud
