import numpy as np

from training.card import markdown
from training.metrics import figures


def test_the_card_shows_what_was_measured():
    truth = np.array([True, True, False, False])
    told = figures(
        np.array([0.9, 0.2, 0.1, 0.3]), truth, ["ct-head", "ct-head", "logo", "chart"], ["a"] * 4, np.zeros(4, dtype=bool)
    )
    text = markdown({"images": 4, "skipped": [], "models": {"original": told, "finetuned": told, "ensemble": told}})
    assert "| accuracy | 0.7500 | 0.7500 | 0.7500 |" in text
    assert "| ct-head | 2 | 0.500 | 0.500 | 0.500 |" in text
    assert text.startswith("4 images, 0 left out.")
