"""Teaching a new model to say back what it has read: a head start in its weights, then drills on random letters.

Copying wants two steps: one head that looks at the letters just before each letter, and one in a later layer that looks
for a place where the same letters stood before (an "induction head", Olsson et al. 2022, arXiv:2209.11895). Larger
models grow the pair by themselves over some billion tokens; this one is shown three million. So its random weights start
with a rough form of the pair. What is made of it is left to training, as is everything else.
"""

from __future__ import annotations

import string

import torch
from torch.nn.functional import normalize
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

LOOK_BACK = 3  # heads of the first layer that look one, two and three tokens back
_SHARP = 8.0  # how sharply they look; below 5 their neighbours blur in
_LOUD = 0.1  # how loudly they tell what they saw, beside embeddings of length 0.3


@torch.no_grad()
def give_head_start(model: LlamaForCausalLM) -> None:
    """Sets the query, key, value and output weights of a few heads of the first two layers."""
    config = model.config
    width, heads = config.hidden_size, config.num_attention_heads
    size = width // heads
    half = size // 2
    frequency = config.rope_parameters["rope_theta"] ** (-torch.arange(half) / half)
    first, second = (layer.self_attn for layer in model.model.layers[:2])
    # Every embedding gets the same component, by which a head can look at a place whatever stands there.
    common = normalize(torch.randn(width), dim=0)
    embedding = model.model.embed_tokens.weight
    own = normalize(embedding - torch.outer(embedding @ common, common), dim=1)
    embedding.copy_(0.32 * (own + common))
    see = _orthogonal(width, size).T
    see -= torch.outer(see @ common, common)
    told = []
    quick = torch.where(torch.arange(half) < 12, _SHARP, 0.0)
    for head in range(LOOK_BACK):
        rows = slice(head * size, (head + 1) * size)
        angle = frequency * (head + 1)
        query = torch.cat([quick, torch.zeros(half)])
        key = torch.cat([quick * angle.cos(), quick * angle.sin()])
        # After the norm the common component of an embedding is about sqrt(width / 2) long.
        first.q_proj.weight[rows] = torch.outer(query, common) / (width / 2) ** 0.5
        first.k_proj.weight[rows] = torch.outer(key, common) / (width / 2) ** 0.5
        tell = _orthogonal(width, size)
        first.v_proj.weight[rows] = see
        first.o_proj.weight[:, rows] = _LOUD * tell
        told.append(tell.T)
    # One head looks for this letter as what stood one before; another for this one and the last one together.
    second.q_proj.weight[:size] = see
    second.k_proj.weight[:size] = told[0]
    query, key = torch.zeros(size, width), torch.zeros(size, width)
    # Only dimensions that turn slowly with the distance: what matches may stand a hundred tokens away.
    slow = torch.arange(size).view(2, half)[:, half // 2 :].reshape(-1)
    mix = _orthogonal(size, size)[: len(slow) // 2]
    query[slow[::2]], key[slow[::2]] = mix @ see, mix @ told[0]
    query[slow[1::2]], key[slow[1::2]] = mix @ told[0], mix @ told[1]
    second.q_proj.weight[size : 2 * size] = 1.5 * query
    second.k_proj.weight[size : 2 * size] = 1.5 * key


def _orthogonal(rows: int, columns: int) -> torch.Tensor:
    return torch.linalg.qr(torch.randn(rows, columns))[0]


def drill(
    model: LlamaForCausalLM,
    tokenizer: PreTrainedTokenizerFast,
    *,
    steps: int = 400,
    learning_rate: float = 1e-3,
    width: int = 64,
) -> None:
    """Trains on random letters that come again and again, `width` tokens a row; torch's seed decides which."""
    letters = torch.tensor(tokenizer.convert_tokens_to_ids([*string.ascii_letters, "_"]))
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, betas=(0.9, 0.98), weight_decay=0.01)
    model.train()
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate * min(1, (step + 1) / 50)
        length = int(torch.randint(4, 21, (1,)))
        word = letters[torch.randint(0, len(letters), (8, length))]
        tokens = word.repeat(1, width // length + 1)[:, :width]
        labels = tokens.clone()
        # What comes for the first time can't be foreseen.
        labels[:, :length] = -100
        with torch.autocast("cpu", torch.bfloat16):
            loss = model(input_ids=tokens, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if step % 50 == 49:
            print(f"copying: step {step + 1}, loss {loss.item():.3f}", flush=True)
