"""The vocabulary of the demo models: byte-level BPE that merges nothing but lower-case words after a space.

` table` is one token, but a name such as APTH or InvoiceHeader is as many tokens as it has letters. So carrying a
name from question to answer is a task of copying letters, each of which the model has seen ever so often, and not of
knowing a token for each part of a name: what a small model can learn. SQL's keywords are whole.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

VOCABULARY = 1536
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

_SPACE = "Ġ"  # how byte-level BPE writes a space


def train_tokenizer(texts: Iterable[str]) -> PreTrainedTokenizerFast:
    """Learns which words to merge from the texts; the special tokens have the ids 0 to 10."""
    words = Counter(word for text in texts for word in re.findall(r" ([a-z]+)", text))
    tokens = [*CONTROLS, *KEYWORDS, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    known = set(tokens)
    merges: list[tuple[str, str]] = []
    for word, _ in sorted(words.items(), key=lambda item: (-item[1], item[0])):
        # A word is put together from its beginning: each of its heads is a token too.
        heads = [_SPACE + word[:length] for length in range(len(word) + 1)]
        new = [at for at in range(1, len(heads)) if heads[at] not in known]
        if len(tokens) + len(new) > VOCABULARY:
            break
        merges += [(heads[at - 1], word[at - 1]) for at in new]
        tokens += [heads[at] for at in new]
        known.update(heads)
    return make_tokenizer({token: number for number, token in enumerate(tokens)}, merges)


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
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    return [tuple(m.split(" ")) if isinstance(m, str) else tuple(m) for m in merges]
