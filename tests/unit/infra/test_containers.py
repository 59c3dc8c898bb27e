import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.containers import serve
from infra.packaging import ROOT

FILES = sorted((ROOT / "infra" / "containers").glob("*.Dockerfile"))


def hadolint():
    return shutil.which("hadolint", path=f"{Path(sys.executable).parent}:{Path.home()}") or shutil.which("hadolint")


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def dockerfile(request):
    return request.param


def instructions(path):
    """Instruction and argument of each line, continuation lines joined."""
    text = re.sub(r"\\\n", " ", re.sub(r"(?m)^#.*\n", "", path.read_text()))
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


@pytest.mark.skipif(hadolint() is None, reason="hadolint is not installed")
def test_hadolint_has_nothing_to_say(dockerfile):
    done = subprocess.run([hadolint(), dockerfile], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_pinned_without_root_and_watched(dockerfile):
    lines = instructions(dockerfile)
    base = dict(lines)["FROM"]
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", base)
    assert all("--constraint requirements.lock" in text for _, text in lines if "pip install" in text)
    assert [text for word, text in lines if word == "USER"] == ["10001"]
    assert any(word == "HEALTHCHECK" for word, _ in lines)


def test_every_file_that_is_copied_exists_and_is_let_through(dockerfile):
    allowed = {line[1:] for line in dockerfile.with_name(f"{dockerfile.name}.dockerignore").read_text().splitlines()}
    for word, text in instructions(dockerfile):
        if word == "COPY":
            for source in text.split()[:-1]:
                assert (ROOT / source).exists()
                assert source in allowed


def test_what_the_image_installs_is_in_the_lock_file():
    locked = {line.split("==")[0] for line in (ROOT / "requirements.lock").read_text().splitlines()}
    (install,) = (text for word, text in instructions(FILES[1]) if word == "RUN" and "pip install" in text)
    wanted = install.partition("requirements.lock")[2].partition("&&")[0].split()
    assert "torch" in wanted
    assert set(wanted) <= locked


def test_serves_where_sagemaker_says_with_a_worker_for_each_gpu():
    environment = serve.environment({"SAGEMAKER_BIND_TO_PORT": "9000", "LOG_LOCATION": "/var/log"}, gpus=4)
    assert environment["TS_INFERENCE_ADDRESS"] == "http://0.0.0.0:9000"
    assert environment["TS_DEFAULT_WORKERS_PER_MODEL"] == "4"
    assert "LOG_LOCATION" not in environment


def test_a_machine_without_a_gpu_has_one_worker_and_sagemaker_s_port():
    environment = serve.environment({}, gpus=0)
    assert environment == {"TS_INFERENCE_ADDRESS": "http://0.0.0.0:8080", "TS_DEFAULT_WORKERS_PER_MODEL": "1"}


@pytest.mark.parametrize("arguments", [[], ["train"]])
def test_does_nothing_but_serve(arguments):
    with pytest.raises(SystemExit, match="only serves"):
        serve.main(arguments)


def test_says_that_the_model_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("MEDSIFT_MODEL", str(tmp_path))
    with pytest.raises(SystemExit, match="no model in"):
        serve.main(["serve"])
