"""GGUF files of the demo models: written, read back into transformers, and LoRA adapters beside them."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from .tokenizer import BLANK, CHAT_TEMPLATE, CONTROLS, END, KEYWORDS, make_tokenizer, merges_of

_ENDS = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
}
_LAYER = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def gguf_name(name: str) -> str:
    """`model.layers.3.self_attn.q_proj.weight` → `blk.3.attn_q.weight`."""
    if name in _ENDS:
        return _ENDS[name]
    _, _, layer, rest = name.split(".", 3)
    return f"blk.{layer}.{_LAYER[rest.removesuffix('.weight')]}.weight"


def permute(weight: np.ndarray, heads: int) -> np.ndarray:
    """Rows of q or k from transformers' order (halves) to llama.cpp's (pairs) for the rotary embedding."""
    rows = weight.shape[0]
    return weight.reshape(heads, 2, rows // heads // 2, -1).swapaxes(1, 2).reshape(weight.shape)


def unpermute(weight: np.ndarray, heads: int) -> np.ndarray:
    """The inverse of `permute`."""
    rows = weight.shape[0]
    return weight.reshape(heads, rows // heads // 2, 2, -1).swapaxes(1, 2).reshape(weight.shape)


def _heads(name: str, config: LlamaConfig) -> int | None:
    if "q_proj" in name:
        return config.num_attention_heads
    if "k_proj" in name:
        return config.num_key_value_heads
    return None


def write_model(
    path: Path,
    model: LlamaForCausalLM,
    tokenizer: PreTrainedTokenizerFast,
    *,
    name: str,
    description: str,
    quantisation: gguf.GGMLQuantizationType,
) -> None:
    """Writes the model with its tokenizer and chat template; matrices in `quantisation`, norms in F32."""
    config = model.config
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(name)
    writer.add_description(description)
    writer.add_size_label(f"{sum(p.numel() for p in model.parameters()) / 1e6:.1f}M")
    writer.add_license("apache-2.0")
    writer.add_file_type(_FILE_TYPES[quantisation])
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_vocab_size(config.vocab_size)
    _add_tokenizer(writer, tokenizer)
    for key, value in model.state_dict().items():
        if key == "lm_head.weight":
            continue  # tied to the embedding
        array = value.detach().float().numpy()
        if heads := _heads(key, config):
            array = permute(array, heads)
        kind = quantisation if array.ndim == 2 else gguf.GGMLQuantizationType.F32
        writer.add_tensor(gguf_name(key), gguf.quantize(array, kind), raw_dtype=kind)
    _finish(writer)


_FILE_TYPES = {
    gguf.GGMLQuantizationType.F16: gguf.LlamaFileType.MOSTLY_F16,
    gguf.GGMLQuantizationType.Q8_0: gguf.LlamaFileType.MOSTLY_Q8_0,
}


def _add_tokenizer(writer: gguf.GGUFWriter, tokenizer: PreTrainedTokenizerFast) -> None:
    vocabulary = tokenizer.get_vocab()
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    kinds = dict.fromkeys(CONTROLS, gguf.TokenType.CONTROL)
    kinds |= dict.fromkeys(KEYWORDS, gguf.TokenType.USER_DEFINED)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([kinds.get(token, gguf.TokenType.NORMAL) for token in tokens])
    writer.add_token_merges([" ".join(pair) for pair in merges_of(tokenizer)])
    writer.add_bos_token_id(vocabulary[BLANK])
    writer.add_eos_token_id(vocabulary[END])
    writer.add_pad_token_id(vocabulary[BLANK])
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)


def _finish(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def read_model(path: Path) -> tuple[LlamaForCausalLM, PreTrainedTokenizerFast]:
    """The model and tokenizer of a GGUF written by `write_model`, with the very weights of the file."""
    reader = gguf.GGUFReader(path)
    config = _read_config(reader)
    model = LlamaForCausalLM(config)
    tensors = {t.name: gguf.dequantize(t.data, t.tensor_type).astype(np.float32) for t in reader.tensors}
    state = {}
    for key in model.state_dict():
        array = tensors["token_embd.weight" if key == "lm_head.weight" else gguf_name(key)]
        if heads := _heads(key, config):
            array = unpermute(array, heads)
        state[key] = torch.from_numpy(array.copy())
    model.load_state_dict(state)
    tokens = reader.fields["tokenizer.ggml.tokens"].contents()
    merges = [tuple(m.split(" ")) for m in reader.fields["tokenizer.ggml.merges"].contents()]
    return model.eval(), make_tokenizer({token: i for i, token in enumerate(tokens)}, merges)


def _read_config(reader: gguf.GGUFReader) -> LlamaConfig:
    def field(key: str):
        return reader.fields[f"llama.{key}"].contents()

    return make_config(
        vocab_size=field("vocab_size"),
        hidden_size=field("embedding_length"),
        layers=field("block_count"),
        intermediate_size=field("feed_forward_length"),
        heads=field("attention.head_count"),
        context=field("context_length"),
    )


def make_config(
    *, vocab_size: int, hidden_size: int, layers: int, intermediate_size: int, heads: int, context: int
) -> LlamaConfig:
    """The Llama shape of the demo models: tied embedding, no grouped heads."""
    return LlamaConfig(
        vocab_size=vocab_size,
        hidden_size=hidden_size,
        num_hidden_layers=layers,
        intermediate_size=intermediate_size,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        max_position_embeddings=context,
        rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=1,
        pad_token_id=0,
        attention_dropout=0.0,
    )


def write_adapter(path: Path, model, *, name: str) -> None:
    """Writes a peft model's LoRA matrices as a GGUF adapter for llama.cpp (F16).

    `model` is an unmerged `PeftModel` over a `LlamaForCausalLM`; q and k are permuted as the base's are.
    """
    config = model.config
    lora = model.peft_config["default"]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_name(name)
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, float(lora.lora_alpha))
    for key, value in model.state_dict().items():
        if ".lora_" not in key:
            continue
        target, _, side = key.removeprefix("base_model.model.").partition(".lora_")
        array = value.detach().float().numpy()
        if side.startswith("B") and (heads := _heads(target, config)):
            array = permute(array, heads)
        letter = side[0].lower()
        writer.add_tensor(f"{gguf_name(target + '.weight')}.lora_{letter}", array.astype(np.float16))
    _finish(writer)
