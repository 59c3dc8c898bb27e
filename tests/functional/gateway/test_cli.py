"""The command line, with a classifier on loopback in the place of TorchServe."""

import csv
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from gateway.cli import app
from tests.documents import pdf, picture
from tests.endpoint import running
from tests.sites import serving

MEDSIFT = [sys.executable, "-m", "gateway.cli"]


@pytest.fixture
def endpoint(monkeypatch):
    with running() as endpoint:
        monkeypatch.setenv("MEDSIFT_INFERENCE_URL", endpoint.url)
        yield endpoint


@pytest.fixture
def nobody(monkeypatch):
    """An address at which nothing listens."""
    with running() as endpoint:
        pass
    monkeypatch.setenv("MEDSIFT_INFERENCE_URL", endpoint.url)


@pytest.fixture
def files(tmp_path):
    """A directory with a PDF, an image, an encrypted PDF and a text that calls itself a PDF."""
    contents = {"a.pdf": pdf(1, 2), "b.png": picture(3), "deep/shut.pdf": pdf(4, 5, password="open"), "z.pdf": b"words"}
    for name, data in contents.items():
        path = tmp_path / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "files"


def medsift(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_one_source_gives_one_report(endpoint, files):
    result = medsift("classify", files / "a.pdf")
    report = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (0, "")
    assert (report["source"]["name"], report["summary"]["images"]) == (str(files / "a.pdf"), 2)


def test_a_directory_gives_a_list_in_which_failures_are_present(endpoint, files):
    result = medsift("classify", files)
    assert result.exit_code == 1
    a, b, z, shut = json.loads(result.stdout)
    assert (a["summary"]["images"], b["summary"]["images"]) == (2, 1)
    assert (shut["source"], shut["error"]["code"]) == (str(files / "deep" / "shut.pdf"), "pdf_encrypted")
    assert z["error"]["code"] == "pdf_corrupt"
    first, second = result.stderr.splitlines()
    assert first.startswith(f"medsift: {files}/z.pdf: ")
    assert second.startswith(f"medsift: {files}/deep/shut.pdf: ")
    assert second.endswith("(pdf_encrypted)")


def test_passwords_and_pages(endpoint, files, monkeypatch):
    shut = files / "deep" / "shut.pdf"
    result = medsift("classify", shut, "--password", "open", "--pages", "2")
    assert [image["page"] for image in json.loads(result.stdout)["images"]] == [2]
    monkeypatch.setenv("MEDSIFT_PDF_PASSWORD", "open")
    assert medsift("classify", shut).exit_code == 0


def test_an_address(endpoint, monkeypatch):
    with serving({"/": (200, {"Content-Type": "text/html"}, b"<img src=a.png>"), "/a.png": picture(1)}) as site:
        monkeypatch.setenv("MEDSIFT_ALLOW_HOSTS", site.netloc)
        report = json.loads(medsift("classify", site.url()).stdout)
        assert [image["url"] for image in report["images"]] == [site.url("/a.png")]
        monkeypatch.delenv("MEDSIFT_ALLOW_HOSTS")
        refused = medsift("classify", site.url())
    assert refused.exit_code == 1
    assert "(address_forbidden)" in refused.stderr


def test_tables_and_files(endpoint, files, tmp_path):
    table = medsift("classify", files / "b.png", "--format", "table").stdout
    assert "1 image: 1 medical, 0 non-medical" in table
    assert medsift("classify", files / "b.png", "--output", tmp_path / "report.csv").stdout == ""
    rows = list(csv.DictReader(io.StringIO((tmp_path / "report.csv").read_text())))
    assert [row["label"] for row in rows] == ["medical"]
    medsift("classify", files / "b.png", "--output", tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text())["summary"]["images"] == 1
    medsift("classify", files / "b.png", "--output", tmp_path / "report.txt", "--format", "table")
    assert "1 image:" in (tmp_path / "report.txt").read_text()


def test_no_classifier_is_one_line_that_says_how_to_start_one(nobody, files):
    result = medsift("classify", files / "b.png")
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.endswith("(inference_unavailable); medsift up starts one")


def test_extracting_needs_no_classifier(nobody, files, tmp_path):
    result = medsift("extract", files / "a.pdf", "--output", tmp_path / "out")
    assert result.exit_code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["0000.png", "0001.png", "images.json"]


def test_extracting_several_gives_each_a_directory(nobody, files, tmp_path):
    (tmp_path / "empty").mkdir()
    result = medsift("extract", files, tmp_path / "empty", "--output", tmp_path / "out")
    assert result.exit_code == 1
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.pdf", "b.png"]
    assert [line.rpartition(" ")[2] for line in result.stderr.splitlines()] == [
        "(pdf_corrupt)", "(pdf_encrypted)", "(source_not_found)"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["classify"],
        ["classify", "a.pdf", "--pages", "0"],
        ["classify", "a.pdf", "--format", "xml"],
        ["extract", "a.pdf"],
        ["evaluate", "a", "--format", "csv"],
        ["fly"],
        ["up", "--port", "70000"],
    ],
)
def test_wrong_usage_is_status_2(arguments):
    assert medsift(*arguments).exit_code == 2


def test_up_classifies_here_whatever_else_is_configured(endpoint, files, monkeypatch):
    """Those who also work with a medsift on AWS have its endpoint in their environment."""
    from gateway import stack

    running = SimpleNamespace(addresses={"TorchServe": endpoint.url}, serve=lambda: None)
    monkeypatch.setattr(stack, "up", lambda *_: nullcontext(running))
    monkeypatch.setattr(stack, "ready", lambda _: None)
    monkeypatch.setenv("MEDSIFT_SAGEMAKER_ENDPOINT", "medsift")
    assert "1 image: 1 medical" in medsift("up", "--then-classify", files / "b.png").stdout
    monkeypatch.delattr(stack, "up")
    assert medsift("up", "--then-classify", files / "none.png").exception.code == "source_not_found"


def run(*arguments, **options):
    options = {"capture_output": True, "text": True, "timeout": 120, **options}
    return subprocess.run([*MEDSIFT, *map(str, arguments)], **options)


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (["submit", "s3://bucket/incoming/"], {}, "MEDSIFT_QUEUE_URL"),
        (["classify", "x.pdf"], {"MEDSIFT_INLINE_BYTES": "many"}, "MEDSIFT_INLINE_BYTES"),
        (["evaluate", "/nowhere"], {}, "/nowhere"),
        (["archive", "--model-store", "/nowhere", "--output", "/tmp"], {}, "/nowhere"),
    ],
)
def test_what_is_expected_to_go_wrong_is_one_line(endpoint, arguments, environment, says):
    result = run(*arguments, env=os.environ | environment)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("medsift: ")
    assert says in line


def test_names_that_are_no_characters_spoil_no_report(endpoint, files, tmp_path):
    for name in (b"caf\xe9.png", b"caf\xe9.pdf"):
        (files / os.fsdecode(name)).write_bytes(picture(1) if name.endswith(b"png") else b"words")
    result = run("classify", files, "--output", tmp_path / "report.json")
    assert len(result.stderr.splitlines()) == 3
    reports = json.loads((tmp_path / "report.json").read_text())
    names = [report["source"] if "error" in report else report["source"]["name"] for report in reports]
    assert [f"{files}/caf\N{REPLACEMENT CHARACTER}.{kind}" in names for kind in ("png", "pdf")] == [True, True]
    assert run("extract", files, "--output", tmp_path / "images").stdout.count(" images in ") == 3


def test_a_place_that_is_not_there_is_told_before_the_work(nobody, files, tmp_path):
    result = medsift("classify", files / "b.png", "--output", tmp_path / "none" / "report.json")
    assert result.exception.code == "output_failed"


def test_a_result_that_cannot_be_written(endpoint, files):
    result = run("classify", files / "b.png", "--output", "/proc/nothing")
    assert (result.returncode, len(result.stderr.splitlines())) == (1, 1)
    assert "(output_failed)" in result.stderr


@pytest.mark.parametrize("arguments", [["classify"], ["classify", "--format", "table"], ["extract", "--output", "images"]])
def test_a_full_disk_is_one_line(endpoint, files, tmp_path, arguments):
    with open("/dev/full", "w") as full:
        result = run(
            *arguments, files / "b.png", cwd=tmp_path, env=os.environ | {"PYTHONPATH": os.getcwd()},
            capture_output=False, stdout=full, stderr=subprocess.PIPE,
        )  # fmt: skip
    assert result.returncode == 1
    assert result.stderr == "medsift: The result cannot be written: No space left on device (output_failed)\n"


def test_names_that_the_locale_has_no_characters_for(endpoint, files):
    (files / "b.png").rename(files / "日本.png")
    locale = os.environ | {"PYTHONIOENCODING": "latin-1"}
    report = run("classify", files / "日本.png", env=locale, encoding="utf-8")
    assert json.loads(report.stdout)["source"]["name"] == f"{files}/日本.png"
    told = run("extract", files / "日本.png", "--output", files / "out", env=locale, encoding="latin-1")
    assert (told.returncode, told.stdout) == (0, f"{files}/??.png: 1 images in {files}/out\n")


def test_a_reader_that_leaves_early_is_no_traceback(endpoint, files):
    with subprocess.Popen([*MEDSIFT, "classify", files / "b.png"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_ctrl_c_ends_it_quietly(endpoint, files):
    endpoint.delay_s = 60
    with subprocess.Popen(
        [*MEDSIFT, "classify", files / "b.png"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 60
        while not endpoint.headers and time.monotonic() < deadline:
            time.sleep(0.05)
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors) == (130, "", "")
    assert time.monotonic() - started < 20


def test_a_terminal_gets_bars_and_a_table_and_a_pipe_gets_neither(endpoint, files):
    parent, child = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(
        [*MEDSIFT, "classify", files / "b.png", files / "b.png"], stdout=child, stderr=child, env=environment
    ) as process:
        os.close(child)
        seen = b""
        while True:
            try:
                chunk = os.read(parent, 65536)
            except OSError:  # which is how a terminal ends on Linux
                break
            if not chunk:
                break
            seen += chunk
    os.close(parent)
    text = seen.decode()
    assert process.returncode == 0
    assert "\x1b[" in text
    assert "sources" in text
    assert "1 image: 1 medical" in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)
    piped = run("classify", files / "b.png", files / "b.png")
    assert piped.stderr == ""
    assert len(json.loads(piped.stdout)) == 2


def test_evaluating_a_folder_of_labelled_images(endpoint, tmp_path):
    rows = ["path,label,modality,source"]
    for seed, label in ((1, "medical"), (2, "medical"), (3, "non-medical")):
        (tmp_path / f"{seed}.png").write_bytes(picture(seed))
        rows.append(f"{seed}.png,{label},{'ct' if label == 'medical' else 'photo'},drawn")
    (tmp_path / "manifest.csv").write_text("\n".join(rows) + "\n")
    result = medsift("evaluate", tmp_path, "--format", "json")
    models = json.loads(result.stdout)["models"]
    assert set(models) == {"original", "finetuned", "ensemble"}
    assert models["ensemble"]["accuracy"] == pytest.approx(2 / 3, abs=1e-3)  # everything is medical to this classifier
    assert "accuracy" in medsift("evaluate", tmp_path).stdout


def test_evaluating_folders_named_by_label_tells_what_is_left_out(endpoint, tmp_path):
    for name in ("Medical/ct/1.PNG", "Medical/ct/2.png", "non_medical/3.png", "stray.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(picture(1))
    (tmp_path / "Medical" / "Thumbs.db").write_bytes(b"words")
    (tmp_path / "non_medical" / os.fsdecode(b"caf\xe9.png")).write_bytes(b"words")
    told = run("evaluate", tmp_path, "--format", "json", env=os.environ | {"PYTHONIOENCODING": "utf-8:strict"})
    result = json.loads(told.stdout)
    assert result["images"] == 3
    assert result["models"]["ensemble"]["recall"] == {"label": {"medical": 1.0, "non-medical": 0.0}, "modality": {"ct": 1.0}}
    assert {entry["path"]: entry["reason"] for entry in result["skipped"]} == {
        "Medical/Thumbs.db": "image_unsupported",
        "non_medical/caf\N{REPLACEMENT CHARACTER}.png": "image_unsupported",
        "stray.png": "label_missing",
    }


def test_names_in_a_manifest_are_no_markup(endpoint, tmp_path):
    (tmp_path / "a.png").write_bytes(picture(1))
    (tmp_path / "manifest.csv").write_text(
        "path,label,modality,source\na.png,medical,ct [/abdomen]\nscan[/1].png,medical,ct,s\n\0.png,medical,ct,s\n"
    )
    table = medsift("evaluate", tmp_path).stdout
    assert "ct [/abdomen]" in table
    assert "scan[/1].png" in table
    (tmp_path / "a.png").unlink()
    assert "none of the 3 images can be read" in medsift("evaluate", tmp_path).exception.detail
