"""A run that is cut off goes on where it was."""

import random

import pytest
import torch
from PIL import Image
from torch import nn

from training.augment import plain
from training.data import Example, Stream
from training.loop import Run


@pytest.fixture
def examples(tmp_path):
    found = []
    for number in range(8):
        path = tmp_path / f"{number}.png"
        Image.new("RGB", (40, 40), (number * 30, 0, 255 - number * 30)).save(path)
        found.append(Example(str(path), number % 2, "kind", "source", "train"))
    return found


def start(folder, steps):
    torch.manual_seed(0)
    model = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.5), nn.Linear(3, 2)).train()
    return Run(folder, model, [{"params": list(model.parameters()), "lr": 0.01}], steps=steps, warmup=2, epoch=2)


def train(run, examples):
    stream = Stream(examples, plain, batch=4, seed=0)
    labels = torch.tensor([e.label for e in examples])

    def loss(pixels, index):
        return nn.functional.cross_entropy(run.model(pixels.float() / 255), labels[index])

    return run.run(stream, loss, lambda _net: {"accuracy": 0.5})


def test_resumed_run_equals_an_uninterrupted_one(tmp_path, examples):
    whole = train(start(tmp_path / "whole", 6), examples)

    class Cut(Exception):
        pass

    interrupted = start(tmp_path / "cut", 6)
    after = interrupted._step

    def step(*arguments):
        if interrupted.step == 3:
            interrupted.save()
            raise Cut
        return after(*arguments)

    interrupted._step = step
    with pytest.raises(Cut):
        train(interrupted, examples)
    resumed = start(tmp_path / "cut", 6)
    assert resumed.step == 3

    for mine, theirs in zip(train(resumed, examples).parameters(), whole.parameters(), strict=True):
        assert torch.allclose(mine, theirs)


def test_every_epoch_is_logged_as_csv_and_drawn(tmp_path, examples):
    train(start(tmp_path / "run", 4), examples)
    lines = (tmp_path / "run" / "log.csv").read_text().splitlines()
    assert lines[0] == "step,loss,images_per_s,accuracy"
    assert [line.split(",")[0] for line in lines[1:]] == ["2", "4"]
    assert (tmp_path / "run" / "log.png").read_bytes().startswith(b"\x89PNG")


def test_the_draw_depends_on_seed_and_step_alone(examples):
    stream = Stream(examples, lambda image, dice: plain(image), batch=4, seed=3)
    first = [index.tolist() for _, (_, index) in zip(range(4), stream, strict=False)]
    stream.start = 2
    assert next(iter(stream))[1].tolist() == first[2]
    assert random.Random("3-0").random() != random.Random("3-1").random()
