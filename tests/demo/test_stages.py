"""The mean of several adapters adds the mean of what they add (marker `lab`)."""

import pytest

from tests.conftest import DEMO_MODELS

pytestmark = pytest.mark.lab


def test_mean_adapter_adds_the_mean_of_what_its_parts_add_at_its_strength():
    torch = pytest.importorskip("torch")
    pytest.importorskip("trl")
    from peft import get_peft_model

    from models.demo.recipe import stages
    from models.demo.recipe.gguf_files import read_model

    def model():
        return read_model(DEMO_MODELS / "sft.gguf")[0]

    def adapter(seed, rank):
        torch.manual_seed(seed)
        made = get_peft_model(model(), stages.lora(rank))
        with torch.no_grad():
            for name, weight in made.named_parameters():
                if ".lora_" in name:
                    weight.normal_(std=0.05)
        return made

    def change(adapted):
        merged = dict(adapted.merge_and_unload().named_parameters())
        return {name: merged[name] - weight for name, weight in model().named_parameters()}

    adapters = [adapter(1, 4), adapter(2, 6)]
    mean = stages.mean_adapter(model(), adapters, strength=0.8)
    assert mean.peft_config["default"].r == 10
    got, first, second = change(mean), *map(change, adapters)
    moved = [name for name in got if first[name].abs().max() > 0]
    assert len(moved) == 35  # seven matrices in each of five layers
    for name in got:
        torch.testing.assert_close(got[name], 0.4 * (first[name] + second[name]), atol=1e-5, rtol=1e-4)
