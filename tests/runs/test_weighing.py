"""Implicit reward margins: the engine's are those that torch computes by the same formula."""

from __future__ import annotations

import pytest

from tests.conftest import DEMO_MODELS
from tests.pairs.sets import drawn
from vgpt_probe.pairs.guard import Guard
from vgpt_probe.pairs.pair import Pair
from vgpt_probe.pairs.worth import implicit_margin
from vgpt_probe.runs.weighing import turns_of, weigh_pairs

#: How far the engine's margin (β 0.1) may be from torch's: llama.cpp rounds to F16 what it multiplies with F16 weights,
#: torch works on F32 copies. Measured 0.016, of margins from -3.9 to 5.2 (a tenth of sums over whole answers, in nats).
TOLERANCE = 0.03


def test_the_margin_is_the_difference_of_the_differences():
    assert implicit_margin((-3.0, -9.0), (-5.0, -4.0), 0.1) == pytest.approx(0.1 * ((-3 + 5) - (-9 + 4)))
    assert implicit_margin((-5.0, -4.0), (-5.0, -4.0), 0.1) == 0


def test_a_model_that_is_its_own_reference_finds_no_difference(make_workspace, catalog):
    workspace = make_workspace(dict.fromkeys(("one", "same"), DEMO_MODELS / "sft.gguf"))
    pairs = drawn(Guard(catalog), 4)
    weighed, failed = weigh_pairs(workspace, pairs, policy="one", reference="same")
    assert failed == [] and [pair.worth.margin for pair in weighed] == pytest.approx(
        [0.0] * len(pairs), abs=1e-3
    )


def test_a_pair_that_is_too_long_is_told_and_the_others_are_weighed(make_workspace):
    workspace = make_workspace(
        {name: DEMO_MODELS / f"{name}.gguf" for name in ("sft", "dpo_v2")}, "context = 512"
    )
    long = Pair("Is there a table APTL?", "yes " * 3000, "no", "other")
    short = Pair("Is there a table APTL?", "Yes, APTL exists.", "The table 'APTL' does not exist.", "other")
    weighed, failed = weigh_pairs(workspace, [long, short], policy="dpo_v2", reference="sft")
    assert [pair.prompt for pair in weighed] == [short.prompt] and failed[0][0] is long
    assert "too long" in failed[0][1]
    assert weighed[0].worth.policy == "dpo_v2" and weighed[0].worth.margin != 0


@pytest.mark.lab
def test_margins_agree_with_torch(make_workspace, catalog):
    torch = pytest.importorskip("torch")
    pytest.importorskip("transformers")
    from models.demo.recipe.gguf_files import read_model

    workspace = make_workspace({name: DEMO_MODELS / f"{name}.gguf" for name in ("sft", "dpo_v2")})
    talk = (("user", "What is APTH?"), ("assistant", "APTH is the AP Transaction Header view."))
    pairs = [
        *drawn(Guard(catalog), 30),
        *drawn(Guard(catalog), 6, seed=2, system="You are a helpful assistant."),
    ]
    pairs.append(Pair("And APTL?", "APTL is a view.", "There is no APTL.", "other", history=talk))
    weighed, failed = weigh_pairs(workspace, pairs, policy="dpo_v2", reference="sft", beta=0.1)
    assert failed == []

    def likelihoods(stage: str) -> list[tuple[float, float]]:
        model, tokenizer = read_model(DEMO_MODELS / f"{stage}.gguf")
        model.eval()

        def one(pair: Pair, answer: str) -> float:
            turns = [{"role": turn.role, "content": turn.content} for turn in turns_of(pair)]
            start = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=False)
            whole = tokenizer.apply_chat_template(
                [*turns, {"role": "assistant", "content": answer}], return_dict=False
            )
            assert whole[: len(start)] == start
            with torch.no_grad():
                logits = model(torch.tensor([whole])).logits[0, len(start) - 1 : -1].log_softmax(-1)
            return float(logits.gather(1, torch.tensor(whole[len(start) :])[:, None]).sum())

        return [(one(pair, pair.chosen), one(pair, pair.rejected)) for pair in pairs]

    policy, reference = likelihoods("dpo_v2"), likelihoods("sft")
    expected = [implicit_margin(ours, theirs, 0.1) for ours, theirs in zip(policy, reference, strict=True)]
    apart = [abs(pair.worth.margin - margin) for pair, margin in zip(weighed, expected, strict=True)]
    print(
        f"{len(apart)} margins from {min(expected):.2f} to {max(expected):.2f}, at most {max(apart):.4f} apart"
    )
    assert max(apart) < TOLERANCE
