"""S3 and SQS for the end-to-end tests: one bucket and one queue, which each test leaves empty."""

import pytest

from gateway.local import serve
from tests.cloud import new_cloud


@pytest.fixture(scope="module")
def cloud():
    with serve() as url, new_cloud(url, visibility_s=600) as cloud:
        yield cloud
