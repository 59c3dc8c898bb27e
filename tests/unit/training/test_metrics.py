"""Figures against values worked out by hand."""

import numpy as np
import pytest

from training.metrics import Share, area_under_curve, expected_calibration_error, figures


def test_figures_count_each_label_for_itself():
    medical = np.array([0.9, 0.8, 0.4, 0.1])
    truth = np.array([True, True, True, False])

    told = figures(medical, truth, ["ct", "ct", "mri", "chart"], ["a", "a", "b", "c"], np.array([False, False, True, False]))

    assert told["accuracy"] == 0.75
    assert told["balanced_accuracy"] == pytest.approx((2 / 3 + 1) / 2)
    assert told["recall"]["label"] == {"medical": pytest.approx(2 / 3), "non-medical": 1.0}
    assert told["recall"]["modality"] == {"chart": 1.0, "ct": 1.0, "mri": 0.0}
    assert told["coverage"] == 0.75
    assert told["accuracy_outside_review"] == 1.0
    assert told["sources"]["a"]["recall"] == 1.0


def test_balanced_accuracy_of_one_label_is_its_recall():
    told = figures(np.array([0.9, 0.2]), np.array([True, True]), ["ct", "ct"], ["a", "a"], np.zeros(2, dtype=bool))
    assert told["balanced_accuracy"] == 0.5
    assert told["auc"] is None


def test_wilson_interval():
    share = Share.of(np.array([True] * 9 + [False]))
    assert (share.low, share.high) == (pytest.approx(0.5958, abs=1e-4), pytest.approx(0.9821, abs=1e-4))


def test_ece_is_the_gap_between_confidence_and_accuracy():
    medical = np.array([0.95, 0.95, 0.95, 0.95])
    assert expected_calibration_error(medical, np.array([True, True, True, False])) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("medical", "expected"), [([0.9, 0.8, 0.1, 0.2], 1.0), ([0.1, 0.2, 0.9, 0.8], 0.0), ([0.5, 0.5, 0.5, 0.5], 0.5)]
)
def test_area_under_curve(medical, expected):
    assert area_under_curve(np.array(medical), np.array([True, True, False, False])) == expected
