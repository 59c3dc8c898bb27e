import os
import platform
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra import packaging
from infra.errors import PackageFailed, PackageTooLarge
from infra.packaging import LEFT_OUT, ROOT, Target, build, pack, requirements


@pytest.fixture
def project(tmp_path):
    """A project of one gateway module, with a lock file."""
    root = tmp_path / "project"
    (root / "gateway" / "__pycache__").mkdir(parents=True)
    (root / "handler").mkdir()
    (root / "gateway" / "http.py").write_text("handler = print\n")
    (root / "handler" / "__init__.py").touch()
    (root / "handler" / "preprocess.py").write_text("SIDE = 128\n")
    (root / "handler" / "ensemble.py").write_text("import torch\n")
    (root / "requirements.lock").write_text("numpy==2.4.6\n")
    (root / "pyproject.toml").write_text('[project]\ndependencies = ["numpy>=2", "typer>=0.16"]\n')
    return root


class Wheels:
    """Stands in for pip: one package with a test and a stub in it."""

    def __init__(self):
        self.calls = []

    def __call__(self, into, target, lock, wanted, *options):
        self.calls.append((tuple(wanted), options))
        (into / "numpy" / "tests").mkdir(parents=True, exist_ok=True)
        (into / "numpy" / "__init__.py").write_text("version = 2\n")
        (into / "numpy" / "__init__.pyi").write_text("version: int\n")
        (into / "numpy" / "tests" / "test_it.py").write_text("assert True\n")


def test_the_zip_holds_the_gateway_its_packages_and_nothing_else(project, tmp_path):
    wheels = Wheels()
    package = build(tmp_path / "out", root=project, install=wheels)
    names = zipfile.ZipFile(package.path).namelist()
    assert names == ["gateway/http.py", "handler/__init__.py", "handler/preprocess.py", "numpy/__init__.py"]
    assert package.unpacked == sum(entry.file_size for entry in zipfile.ZipFile(package.path).infolist())
    assert wheels.calls == [(("numpy>=2",), ()), (("aws-xray-sdk", "wrapt"), ("--no-deps",))]


def test_the_same_sources_make_the_same_bytes(project, tmp_path):
    first = build(tmp_path / "one", root=project, install=Wheels())
    os.utime(project / "gateway" / "http.py", (1, 1))
    assert build(tmp_path / "two", root=project, install=Wheels()).sha256 == first.sha256
    (project / "gateway" / "http.py").write_text("handler = repr\n")
    assert build(tmp_path / "two", root=project, install=Wheels()).sha256 != first.sha256


def test_wheels_are_installed_again_when_the_lock_file_changes(project, tmp_path):
    wheels = Wheels()
    for lock in ("numpy==2.4.6\n", "numpy==2.4.6\n", "numpy==2.4.7\n"):
        (project / "requirements.lock").write_text(lock)
        build(tmp_path / "out", root=project, install=wheels)
    assert len(wheels.calls) == 2 * 2


def test_a_failed_installation_leaves_nothing_to_be_mistaken_for_one(project, tmp_path):
    def fails(into, *_):
        into.mkdir(parents=True)
        raise PackageFailed("no index")

    with pytest.raises(PackageFailed):
        build(tmp_path / "out", root=project, install=fails)
    assert list((tmp_path / "out").glob("wheels-*")) == []


def test_a_package_that_has_grown_too_large_is_refused(project, tmp_path):
    with pytest.raises(PackageTooLarge, match="10 are allowed"):
        build(tmp_path / "out", root=project, install=Wheels(), max_unpacked=10)


def test_zip_entries_carry_neither_time_nor_owner(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("1\n")
    pack({"b.py": file, "a.py": file}, tmp_path / "out.zip")
    entries = zipfile.ZipFile(tmp_path / "out.zip").infolist()
    assert [(entry.filename, entry.date_time, entry.external_attr >> 16) for entry in entries] == [
        ("a.py", (1980, 1, 1, 0, 0, 0), 0o644),
        ("b.py", (1980, 1, 1, 0, 0, 0), 0o644),
    ]


def test_the_functions_need_no_command_line_no_torch_and_no_boto3():
    names = {line.split(">")[0] for line in requirements()}
    assert {"numpy", "pillow", "pymupdf", "aws-lambda-powertools"} <= names
    assert names.isdisjoint({"typer", "rich", "boto3", "torch", "torchserve"})


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        ("numpy/_core/tests/test_umath.py", True),
        ("pymupdf/mupdf-devel/include/mupdf/fitz.h", True),
        ("lxml/objectify.cpython-313-aarch64-linux-gnu.so", True),
        ("bin/f2py", True),
        ("numpy-2.4.6.dist-info/RECORD", True),
        ("numpy-2.4.6.dist-info/METADATA", False),
        ("numpy/linalg/__init__.py", False),
        ("numpy/typing/__init__.py", False),
        ("numpy/testing/__init__.py", False),
        ("lxml/html/__init__.py", False),
        ("pymupdf/libmupdf.so.28.2", False),
        ("certifi/cacert.pem", False),
        ("aws_lambda_powertools/event_handler/openapi/swagger_ui/swagger-ui.min.css", False),
    ],
)
def test_what_never_runs_is_left_out(name, left_out):
    assert bool(LEFT_OUT.search(name)) is left_out


def test_wheels_are_for_lambda_s_processor_and_c_library():
    assert Target().platforms[0] == "manylinux2014_aarch64"
    assert "manylinux_2_28_aarch64" in Target().platforms


def test_pip_s_complaint_is_passed_on(tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.touch()
    with pytest.raises(PackageFailed, match=r"ERROR: .*there-is-no-such-package"):
        packaging.pip(tmp_path / "out", Target(), lock, ["there-is-no-such-package==0"], "--no-index")


def has_index(tmp_path):
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", tmp_path, "six"]
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0


@pytest.mark.slow
def test_what_is_left_in_is_enough(tmp_path):
    """A zip for this machine, imported by a Python that sees nothing but it and what Lambda's runtime has."""
    if not has_index(tmp_path):
        pytest.skip("pip reaches no index")
    version = platform.python_version()
    package = build(tmp_path / "out", Target(version, os.uname().machine))
    with zipfile.ZipFile(package.path) as archive:
        archive.extractall(tmp_path / "task")
    runtime = tmp_path / "runtime"  # what AWS puts beside a function
    runtime.mkdir()
    for name in ("boto3", "botocore", "s3transfer", "jmespath", "dateutil"):
        shutil.copytree(Path(__import__(name).__file__).parent, runtime / name)
    shutil.copyfile(__import__("six").__file__, runtime / "six.py")
    program = (
        f"import sys; sys.path += [{str(tmp_path / 'task')!r}, {str(runtime)!r}]\n"
        "import gateway.http, gateway.uploads, gateway.compose, gateway.sagemaker, gateway.storage, gateway.pdf, gateway.web\n"
        "import aws_xray_sdk, pymupdf, PIL.Image, numpy, lxml.html, bs4, io\n"
        "assert all(module.__file__.startswith(sys.path[-2]) for module in (gateway, pymupdf, numpy))\n"
        "document = pymupdf.open(); page = document.new_page(); page.insert_text((72, 72), 'x')\n"
        "pixels = numpy.asarray(PIL.Image.open(io.BytesIO(page.get_pixmap().tobytes('png'))))\n"
        "assert pixels.ndim == 3\n"
        "assert 'torch' not in sys.modules and 'typer' not in sys.modules\n"
    )
    environment = {"PATH": os.environ["PATH"], "AWS_LAMBDA_FUNCTION_NAME": "medsift-http", "AWS_DEFAULT_REGION": "us-east-1"}
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False, env=environment, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert package.zipped < 60_000_000


def test_sources_of_the_package_exist():
    assert all(list(ROOT.glob(pattern)) for pattern in packaging.SOURCES)
