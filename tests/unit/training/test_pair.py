"""Both networks learn, one from the other and from advisers, and what is done is not done again."""

import pytest
import torch
from PIL import Image

from handler.ensemble import network
from training.data import Example
from training.imitation import Master
from training.pair import Given, train


@pytest.fixture
def given(tmp_path):
    examples = []
    for number in range(6):
        path = tmp_path / f"{number}.png"
        Image.effect_noise((40, 40), 20 + 30 * number).convert("RGB").save(path)
        examples.append(Example(str(path), number % 2, "kind", f"source-{number}", "train"))
    return Given(broad=examples[:4], wide=examples, held_out=examples[4:])


def test_six_networks_learn_and_two_are_served(tmp_path, given, teacher, monkeypatch):
    torch.manual_seed(0)
    start, master = network(), Master(network().eval().requires_grad_(False))
    before = {name: value.clone() for name, value in start.state_dict().items()}

    pair = train(start, given, master, teacher, tmp_path / "runs", steps=2, batch=8)

    assert {path.parent.name for path in tmp_path.glob("runs/*/checkpoint.pt")} == {
        "original", "onward", "lite", "wide", "pupil", "finetuned"
    }  # fmt: skip
    assert all(torch.equal(value, before[name]) for name, value in start.state_dict().items())
    one, other = (net.state_dict()["features.8.0.weight"] for net in pair)
    assert not torch.equal(one, other)

    def learnt_again(*_arguments):
        raise AssertionError("a run that is done is done")

    monkeypatch.setattr("training.loop.Run._step", learnt_again)
    again = train(start, given, master, teacher, tmp_path / "runs", steps=2, batch=8)
    for net, same in zip(pair, again, strict=True):
        assert all(torch.equal(value, same.state_dict()[name]) for name, value in net.state_dict().items())
