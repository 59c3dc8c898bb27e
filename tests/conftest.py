"""What several parts need: a real TorchServe with the repository's networks, started once for the whole run."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("medsift", deadline=None)  # a busy machine is no mistake
settings.load_profile("medsift")

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def torchserve_server(tmp_path_factory):
    """A running ``handler.server.TorchServe``, for tests that ask for its metrics or its log. In the end nothing of it runs."""
    import psutil

    from handler.archive import build
    from handler.server import TorchServe

    archive = build(ROOT / "model_store", tmp_path_factory.mktemp("archive"))
    with TorchServe(archive, tmp_path_factory.mktemp("torchserve"), inference_port=0) as server:
        yield server
        java = psutil.Process(server.pid)
        processes = [java, *java.children(recursive=True)]
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


@pytest.fixture(scope="session")
def torchserve(torchserve_server):
    """The address of a running inference endpoint."""
    return torchserve_server.url
