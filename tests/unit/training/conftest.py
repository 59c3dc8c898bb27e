"""What several tests of the training begin from."""

import pytest
from safetensors.torch import save_file
from timm import create_model


@pytest.fixture(scope="session")
def teacher(tmp_path_factory):
    """A file of EfficientNetV2-B0's weights, drawn at random."""
    path = tmp_path_factory.mktemp("teacher") / "v2.safetensors"
    save_file(create_model("tf_efficientnetv2_b0", num_classes=0).state_dict(), path)
    return path
