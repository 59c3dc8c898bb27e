"""``python -m training.card``: the measured tables of the model card, as Markdown, from the JSON of ``medsift evaluate``.

A figure reaches the card by this way alone, so that it cannot differ from what was measured.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

SUMMARY = ("accuracy", "balanced_accuracy", "auc", "ece", "coverage", "accuracy_outside_review")


def main(result: Annotated[Path, typer.Argument(help="Output of medsift evaluate --format json.")]) -> None:
    """Print the tables."""
    print(markdown(json.loads(result.read_text(encoding="utf-8"))))


def markdown(result: dict[str, Any]) -> str:
    """The figures of each network, then recall per label and modality with counts and the ensemble's 95 % intervals."""
    models = result["models"]
    span = models["ensemble"]["intervals"]["accuracy"]
    summary = [[key.replace("_", " "), *(_number(models[name][key]) for name in models)] for key in SUMMARY]
    recalls = [
        [name, str(interval["images"]), *(f"{models[m]['recall'][group][name]:.3f}" for m in models),
         f"{interval['low']:.3f} to {interval['high']:.3f}"]
        for group in ("label", "modality")
        for name, interval in models["ensemble"]["intervals"][group].items()
    ]  # fmt: skip
    return "\n".join(
        [
            f"{result['images']:,} images, {len(result['skipped'])} left out. "
            f"95 % interval of the ensemble's accuracy: {span['low']:.4f} to {span['high']:.4f}.",
            "",
            *_table(["figure", *models], summary),
            "",
            *_table(["recall", "images", *models, "95 % (ensemble)"], recalls),
        ]
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


if __name__ == "__main__":
    typer.run(main)
