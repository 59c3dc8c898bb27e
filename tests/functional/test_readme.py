"""Every command of the README runs, and its table of settings is the true one."""

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.sample import draw
from gateway.local import LocalBucket
from gateway.settings import Settings
from tests.processes import free_ports

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands():
    """The lines behind a dollar sign, without their comments."""
    blocks = re.findall(r"^```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    lines = [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return [re.sub(r"\s+#.*", "", line).strip() for line in lines]


def starting_with(*beginnings):
    return [command for command in commands() if command.startswith(beginnings)]


# Each command is run by one of the tests below, or by the test that is named.
ELSEWHERE = {
    "make run": "tests/functional/gateway/test_up.py",
    "make test": "the run that this test is part of",
    "medsift up": "tests/functional/gateway/test_up.py",
    "python -m infra deploy": "tests/functional/infra/test_deploy.py",
    "python -m infra status": "tests/functional/infra/test_deploy.py",
    "python -m infra delete": "tests/functional/infra/test_deploy.py",
}
HERE = ("medsift ", "curl ", "python -m training.", "python -m infra cost", "python -m benchmarks.")


def test_no_command_goes_untested():
    for command in commands():
        assert command.startswith((*HERE, *ELSEWHERE)), command


def test_make_run_is_the_local_stack_with_the_sample():
    told = subprocess.run(["make", "-n", "run"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "medsift up --then-classify build/sample.pdf" in told


def test_settings_are_those_that_exist():
    rows = re.findall(r"^\| `(MEDSIFT_\w+)` \| (.*?) \|", README, re.MULTILINE)
    fields = {f"MEDSIFT_{name.upper()}": field.description for name, field in Settings.model_fields.items()}
    assert dict(rows) == fields


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A folder as the README takes it for granted: a sample, and some labelled images."""
    folder = tmp_path_factory.mktemp("workplace")
    (folder / "build").mkdir()
    (folder / "build" / "sample.pdf").write_bytes(draw())
    labelled(folder / "DIR")
    return folder


def labelled(folder):
    """Thirty-two small pictures of both labels, from sources that the published splits name."""
    folder.mkdir()
    splits = json.loads((ROOT / "training" / "splits.json").read_text(encoding="utf-8"))
    sources = [source for names in splits.values() for source in names[:2]] + ["other/one", "other/two"]
    dice = np.random.default_rng(0)
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "label", "modality", "source", "split"))
        for number, source in enumerate(sources * 4):
            Image.fromarray(dice.integers(0, 256, (40, 40, 3), dtype=np.uint8)).save(folder / f"{number}.png")
            label, modality = (("medical", "ct-head"), ("non-medical", "logo"))[number // len(sources) % 2]
            writer.writerow((f"{number}.png", label, modality, source, ("train", "val")[number // len(sources) // 2]))


@pytest.fixture(scope="module")
def stack(torchserve, tmp_path_factory):
    """The gateway under uvicorn and the bucket, with the variables that lead the command line to them."""
    from gateway import compose

    settings = Settings(inference_url=torchserve)
    with LocalBucket(compose.service(settings), settings.limits, port=0) as bucket:
        port = free_ports(1)[0]
        environment = {**os.environ, **bucket.environment, "MEDSIFT_INFERENCE_URL": torchserve, "PYTHONPATH": str(ROOT)}
        server = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "--factory", "gateway.asgi:create", "--port", str(port)],
            cwd=ROOT,
            env=environment | {"MEDSIFT_INLINE_BYTES": "100000000"},
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/health")
            yield {"8000": str(port), "9000": bucket.endpoint_url.rsplit(":", 1)[1]}, environment
        finally:
            server.terminate()
            server.wait(20)


def wait_for(url):
    import requests

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if requests.get(url, timeout=30).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    pytest.fail(f"{url} does not answer")


def run(command, folder, environment, more=()):
    """Run a command of the README as a person would, with this interpreter in place of the installed commands."""
    words = [*shlex.split(command), *more]
    if words[0] == "medsift":
        words = [sys.executable, "-m", "gateway.cli", *words[1:]]
    elif words[0] == "python":
        words[0] = sys.executable
    words = [part for word in words for part in (sorted(map(str, folder.glob(word))) if "*" in word else [word])]
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", [one for one in starting_with("medsift ") if one != "medsift up"])
def test_command_line(command, workplace, stack):
    _, environment = stack
    asked = command.replace("s3://BUCKET/PREFIX", "s3://medsift/incoming").replace(
        "medsift archive", f"medsift archive --model-store {ROOT / 'model_store'} --output {workplace}"
    )
    printed = run(asked, workplace, environment)
    assert printed or "--output" in command
    if command.removeprefix("medsift ") == "classify build/sample.pdf":
        assert json.loads(printed)["summary"]["images"] > 0


@pytest.mark.slow
def test_calls(workplace, stack):
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    ports, environment = stack
    for command in starting_with("curl "):
        for usual, mine in ports.items():
            command = command.replace(f":{usual}", f":{mine}")
        deadline = time.monotonic() + 60
        printed = run(command, workplace, environment, ["-sS"])
        while "NoSuchKey" in printed and time.monotonic() < deadline:  # the report takes a moment
            time.sleep(0.3)
            printed = run(command, workplace, environment, ["-sS"])
        if "text/csv" in command:
            assert printed.startswith("source,index,page")
        elif "-T " not in command:
            assert json.loads(printed)["source"]["kind"] == "pdf"


@pytest.mark.slow
def test_training(workplace):
    few = ["--data", "DIR", "--photographs", "none", "--steps", "2", "--batch", "4"]
    more = {
        "drawings": ["--count", "2"],
        "distill": few,
        "train": few,
        "disjoint": [*few, "--only", "split-1"],
        "calibrate": [],
        "tiers": ["--data", "DIR", "--most", "0"],
        "mistakes": ["--data", "DIR", "--split", "val"],
    }
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "2"}
    for command in starting_with("python -m training."):
        run(command, workplace, environment, more[command.split()[2].removeprefix("training.")])
    assert (workplace / "model_store" / "review.json").is_file()


@pytest.mark.parametrize("command", starting_with("python -m infra cost"))
def test_cost(command, workplace):
    printed = run(command, workplace, {**os.environ, "PYTHONPATH": str(ROOT)})
    assert "1,000" in printed
