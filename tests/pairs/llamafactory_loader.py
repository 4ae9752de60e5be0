"""Loads a data set with LLaMA-Factory's own loader and prints what it made of it; run by ``test_llamafactory``.

    python llamafactory_loader.py FOLDER DATASET rm|kto TOKENIZER_FOLDER
"""

import json
import sys
import types


def main() -> None:
    import transformers

    assert transformers
    # Only for sound, which no pair has; the package of that name is tied to one release of torch.
    sys.modules.setdefault("torchaudio", types.ModuleType("torchaudio"))
    from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
    from llamafactory.data.loader import _get_merged_dataset
    from llamafactory.hparams import DataArguments, ModelArguments
    from transformers import AutoTokenizer, Seq2SeqTrainingArguments

    folder, dataset, stage, tokenizer_folder = sys.argv[1:]
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    model = ModelArguments(model_name_or_path=tokenizer_folder)
    data = DataArguments(template="default", dataset=dataset, dataset_dir=folder, cutoff_len=4096, overwrite_cache=True)
    training = Seq2SeqTrainingArguments(output_dir=f"{folder}/out", use_cpu=True, report_to=[])
    template = get_template_and_fix_tokenizer(tokenizer, data)
    aligned = _get_merged_dataset(data.dataset, model, data, training, stage)
    ready = get_dataset(template, model, data, training, stage, tokenizer)["train_dataset"]
    rows = [{key: row[key] for key in ("_prompt", "_response", "_system")} for row in aligned]
    print("RESULT " + json.dumps({"aligned": rows, "ready": len(ready)}))


if __name__ == "__main__":
    main()
