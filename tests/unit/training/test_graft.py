"""A grafted block computes what the teacher's does: checked on random weights, which hide nothing."""

import pytest
import timm
import torch
from safetensors.torch import save_file

from handler.ensemble import network
from training.graft import STAGES, graft, load_teacher, student_maps, tapped, teacher_maps


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    torch.manual_seed(0)
    model = timm.create_model("tf_efficientnetv2_b0", num_classes=0)
    for module in model.modules():
        if hasattr(module, "running_var"):
            module.running_mean.uniform_(-0.2, 0.2)
            module.running_var.uniform_(0.5, 1.5)
    path = tmp_path_factory.mktemp("teacher") / "teacher.safetensors"
    save_file(model.state_dict(), path)
    return load_teacher(path)


@pytest.mark.parametrize("source", STAGES)
def test_grafted_blocks_compute_what_the_teacher_computes(teacher, source):
    images = torch.randn(4, 3, 128, 128)
    student = network().eval()
    graft(student, teacher, images)
    before = list(dict(teacher.named_modules()))
    assert source in before

    block = teacher.get_submodule(source)
    inputs = []
    hook = block.register_forward_pre_hook(lambda _module, given: inputs.append(given[0]))
    with torch.no_grad(), tapped(teacher, [source]) as outputs:
        teacher(images)
    hook.remove()

    with torch.no_grad():
        own = student.features.get_submodule(STAGES[source])(inputs[0])
    assert torch.allclose(own, outputs[0], atol=1e-3 * float(outputs[0].abs().max()))


def test_a_file_without_the_teacher_is_refused(tmp_path):
    save_file({"something": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match="does not hold the teacher"):
        load_teacher(tmp_path / "other.safetensors")


def test_maps_of_both_can_be_compared(teacher):
    student, images = network(), torch.randn(2, 3, 64, 64)
    assert [m.shape for m in student_maps(student, images)] == [m.shape for m in teacher_maps(teacher, images)]
