"""Views, weights and targets."""

import random
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image

from handler.ensemble import ReviewBand
from handler.preprocess import preprocess
from training.augment import STRONG, Augmentation, collage, mix_pairs, plain
from training.calibrate import Answers, bias_helps, fit, review_band
from training.data import Example, draw_weights, read_photographs
from training.disjoint import read_splits, without
from training.distill import known_to_all
from training.duplicates import difference_hash
from training.learn import modality_classes


def example(name="a", label=0, modality="ct", source="s"):
    return Example(name, label, modality, source, "train")


@pytest.mark.parametrize(
    "augmentation", [Augmentation(), STRONG, Augmentation(**dict.fromkeys(Augmentation.__dataclass_fields__, 1.0))]
)
@pytest.mark.parametrize("size", [(20, 300), (64, 64), (33, 17)])
def test_every_view_is_a_model_input(augmentation, size):
    picture = Image.effect_noise(size, 60).convert("RGB")
    for seed in range(10):
        view = augmentation(picture, random.Random(seed))
        assert (view.shape, view.dtype) == ((3, 128, 128), torch.uint8)


def test_both_labels_are_drawn_alike_and_large_sources_less_per_image():
    examples = [example(source="big")] * 100 + [example(source="small")] * 4 + [example(label=1)] * 10
    weights = draw_weights(examples)
    assert sum(weights[:104]) == pytest.approx(0.5)
    assert sum(weights[:100]) / sum(weights[100:104]) == pytest.approx(5)


def test_a_collage_is_medical_when_a_quarter_of_it_is():
    dice = random.Random(0)
    pixels = torch.stack([torch.full((3, 128, 128), 200 if n else 10, dtype=torch.uint8) for n in (0, 1)] * 8)
    target = torch.tensor([[1.0, 0.0], [0.0, 1.0]] * 8)
    made, said, kind = collage(pixels, target, torch.arange(16), 1.0, dice)
    for picture, label, told in zip(made, said, kind, strict=True):
        medical = float((picture[0] == 10).float().mean())
        assert told == -1
        if medical > 0.25:
            assert label.tolist() == [1.0, 0.0]
        if medical < 0.12:
            assert label.tolist() == [0.0, 1.0]


def test_mixing_blends_targets_as_it_blends_pictures():
    images = torch.arange(4.0).view(4, 1, 1, 1).expand(4, 3, 2, 2)
    target = torch.eye(4)
    mixed, told, partner, weight = mix_pairs(images, target, 0.5, random.Random(1))
    assert torch.equal(mixed[:2], images[:2])
    expected = weight * torch.arange(4.0) + (1 - weight) * partner.float()
    assert torch.allclose(mixed[:, 0, 0, 0], expected)
    assert torch.allclose(told.sum(1), torch.ones(4))


def test_rare_modalities_have_no_class():
    assert modality_classes([example()] * 20 + [example(modality="rare")] * 19) == {(0, "ct"): 0}


def test_a_source_of_many_kinds_does_not_crowd_out_the_others():
    examples = [example(modality=f"kind-{n}", source="generator") for n in range(90)]
    examples += [example(source=f"place-{n}") for n in range(20)]
    weights = draw_weights(examples, most=0.1)
    assert sum(weights) == pytest.approx(1)
    assert sum(weights[:90]) == pytest.approx(0.1)


def test_with_few_sources_none_is_capped():
    weights = draw_weights([example(source="a")] * 4 + [example(source="b")], most=0.1)
    assert sum(weights) == pytest.approx(1)
    assert sum(weights[:4]) == pytest.approx(2 / 3)


def test_calibration_finds_the_temperature_and_bias_that_made_the_answers():
    dice = np.random.default_rng(0)
    logit = dice.normal(0, 3, 40_000)
    truth = dice.random(40_000) < 1 / (1 + np.exp(-logit))
    margin = (logit - 0.8) * 2  # overconfident, and wary of "medical"
    found = fit(Answers(margin, truth, np.full(40_000, 1 / 40_000)))
    assert found.temperature == pytest.approx(2, rel=0.05)
    assert found.bias == pytest.approx(0.8, abs=0.05)


def test_without_a_bias_only_the_temperature_is_found():
    answers = Answers(np.array([4.0, 4.0, -4.0, -4.0]), np.array([True, True, False, True]), np.full(4, 0.25))
    assert fit(answers, biased=False).bias == 0
    assert fit(answers).bias > 0


@pytest.mark.parametrize(("shifts", "helps"), [((1.5, 1.5), True), ((1.5, -1.5), False), ((1.5,), False)])
def test_a_bias_is_kept_where_it_helps_on_the_split_that_it_was_not_fitted_on(tmp_path, shifts, helps):
    dice = np.random.default_rng(0)
    paths = [tmp_path / f"{number}.csv" for number in range(len(shifts))]
    for path, shift in zip(paths, shifts, strict=True):
        logit = dice.normal(0, 3, 2000)
        truth = dice.random(2000) < 1 / (1 + np.exp(-logit))
        chances = 1 / (1 + np.exp(shift - logit))
        rows = [f"{'medical' if y else 'non-medical'},any,{p},{p}" for y, p in zip(truth, chances, strict=True)]
        path.write_text("\n".join(["label,modality,original,finetuned", *rows]))
    assert bias_helps(paths) is helps


def test_review_band_leaves_the_wanted_share_outside():
    medical = np.linspace(0, 1, 1001)
    assert review_band(medical, np.ones(1001), 0.9) == ReviewBand(low=0.45, high=0.55)


def test_near_duplicates_go_with_the_source_that_is_left_out():
    left, near, far, own = (example(name, source=name) for name in ("left", "near", "far", "own"))
    hashes = {"left": 0b1111, "near": 0b0111, "far": 2**40 - 1}
    assert without([left, near, far, own], [left], hashes) == [far, own]


def test_the_start_that_all_splits_share_knows_no_source_that_one_leaves_out():
    left_out = next(iter(read_splits().values()))[0]
    examples = [example(source=left_out), example(source="elsewhere")]
    assert known_to_all(examples) == examples[1:]


def test_hash_survives_a_smaller_copy():
    picture = Image.radial_gradient("L").convert("RGB")
    one, other = difference_hash(picture), difference_hash(picture.resize((90, 90)))
    assert (one ^ other).bit_count() <= 4


def test_what_is_learnt_from_is_what_is_served(tmp_path):
    pictures = {
        "clear.png": Image.new("RGBA", (40, 30)),
        "deep.png": Image.fromarray(np.arange(1200, dtype=np.uint16).reshape(30, 40)),
    }
    for name, picture in pictures.items():
        picture.save(tmp_path / name)
        path = tmp_path / name
        assert np.array_equal(plain(example(str(path)).load()).permute(1, 2, 0), preprocess(path.read_bytes()))


def test_whatever_else_lies_in_an_archive_of_photographs_is_none(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("words.txt", "val/", "val/1.JPEG", "n01/2.webp"):
            archive.writestr(name, b"")
    assert [one.path for one in read_photographs(tmp_path)] == ["val/1.JPEG", "n01/2.webp"]
