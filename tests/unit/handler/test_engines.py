"""Every engine says what plain fp32 PyTorch says."""

from pathlib import Path

import numpy as np
import pytest
import torch

from handler import engines
from handler.engines import OpenVinoEngine, TorchEngine, available_cores
from handler.ensemble import Ensemble

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="module")
def ensemble(networks):
    return Ensemble.load(networks)


@pytest.fixture(scope="module")
def reference(ensemble, pictures):
    """Plain PyTorch, with none of the engines' code."""
    with torch.inference_mode():
        return ensemble(torch.tensor(pictures).permute(0, 3, 1, 2)).numpy()


@pytest.fixture(scope="module")
def openvino_engine(ensemble):
    return OpenVinoEngine(ensemble, threads=2)


def test_the_networks_of_these_tests_have_opinions(reference):
    assert (reference.min(axis=0) < 0.2).all()
    assert (reference.max(axis=0) > 0.8).all()
    assert np.abs(reference[:, 0] - reference[:, 1]).max() > 0.1


def test_openvino_agrees_with_pytorch(openvino_engine, pictures, reference):
    found = openvino_engine.infer(pictures)
    assert (found.shape, found.dtype) == ((len(pictures), 2), np.float32)
    assert np.abs(found - reference).max() < 0.02


def test_the_reference_engine_is_plain_pytorch(ensemble, pictures, reference):
    assert np.allclose(TorchEngine(ensemble).infer(pictures), reference, atol=1e-5)


def test_any_number_of_images_gives_the_same_answers_one_by_one(openvino_engine, pictures):
    together = openvino_engine.infer(pictures)
    for count in (0, 1, engines.CPU_CHUNK, engines.CPU_CHUNK + 1):
        assert np.allclose(openvino_engine.infer(pictures[:count]), together[:count], atol=5e-3)


def test_read_only_and_strided_pixels_are_welcome(openvino_engine, ensemble, pictures):
    frozen = np.frombuffer(pictures[:4].tobytes(), np.uint8).reshape(4, 128, 128, 3)
    for engine in (openvino_engine, TorchEngine(ensemble)):
        assert np.allclose(engine.infer(frozen[::2]), engine.infer(pictures[:4:2].copy()), atol=5e-3)


def test_without_a_gpu_the_engine_is_openvino(monkeypatch, ensemble):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert engines.create(ensemble, gpu=0).name.startswith("OpenVINO")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_cuda_agrees_with_pytorch(ensemble, pictures, reference):
    engine = engines.create(ensemble, gpu=0)
    assert "fp16" in engine.name
    assert np.abs(engine.infer(pictures) - reference).max() < 0.02


@pytest.mark.parametrize(
    ("quota", "cores"), [("100000 100000", 1), ("150000 100000", 2), ("10000 100000", 1), ("max 100000", None), ("odd", None)]
)
def test_a_container_s_share_bounds_the_threads(tmp_path, monkeypatch, quota, cores):
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(8)), raising=False)
    (tmp_path / "cpu.max").write_text(quota)
    assert available_cores(tmp_path / "cpu.max") == (cores or 8)
    assert available_cores(tmp_path / "missing") == 8


@pytest.mark.shared
def test_engines_agree_on_the_test_split():
    """The repository's own weights, on a sample of real images, every twentieth of the split."""
    from handler.preprocess import preprocess
    from training.manifest import read_rows

    if not DATA.is_dir():
        pytest.skip("no ../shared/data")
    rows = [row for row in read_rows(DATA) if row.split == "test"]
    pixels = np.stack([preprocess((DATA / row.path).read_bytes()) for row in rows[:: max(len(rows) // 150, 1)]])
    ensemble = Ensemble.load(ROOT / "model_store")
    expected, found = (engine.infer(pixels) for engine in (TorchEngine(ensemble), OpenVinoEngine(ensemble, threads=2)))
    assert np.abs(found - expected).max() < 0.02
    assert ((found.mean(axis=1) >= 0.5) == (expected.mean(axis=1) >= 0.5)).all()
