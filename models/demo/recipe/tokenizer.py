"""The vocabulary of the demo models: byte-level BPE in which capital letters are never merged.

A name such as APTH is four tokens, so that carrying a name from question to answer is a task of copying
letters, which a small model can learn, and not of knowing a token for each name. SQL's keywords are whole.
"""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

VOCABULARY = 2048
BLANK = "<|blank|>"
END = "<|end|>"
ROLES = ["<|system|>", "<|user|>", "<|assistant|>"]
CONTROLS = [BLANK, END, *ROLES]
KEYWORDS = ["SELECT", "FROM", "WITH (NOLOCK)", "WHERE", "INNER JOIN", "```sql"]

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def train_tokenizer(texts: Iterable[str]) -> PreTrainedTokenizerFast:
    """Learns the merges from the texts; the special tokens have the ids 0 to 10."""
    tokenizer = Tokenizer(models.BPE())
    split_capitals = pre_tokenizers.Split(Regex("[A-Z]"), behavior="isolated")
    bytes_only = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split_capitals, bytes_only])
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[*CONTROLS, *KEYWORDS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    vocabulary = tokenizer.get_vocab()
    merges = [tuple(pair) for pair in _merges(tokenizer)]
    return make_tokenizer(vocabulary, merges)


def make_tokenizer(vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> PreTrainedTokenizerFast:
    """The tokenizer as llama.cpp's "gpt-2" pre-tokenizer does it, from a vocabulary and its merges."""
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in CONTROLS])
    tokenizer.add_tokens([AddedToken(text, special=False, normalized=False) for text in KEYWORDS])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=BLANK,
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
    )


def merges_of(tokenizer: PreTrainedTokenizerFast) -> list[tuple[str, str]]:
    """The merges in their order."""
    return _merges(tokenizer.backend_tokenizer)


def _merges(tokenizer: Tokenizer) -> list[tuple[str, str]]:
    import json

    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    return [tuple(m.split(" ")) if isinstance(m, str) else tuple(m) for m in merges]
