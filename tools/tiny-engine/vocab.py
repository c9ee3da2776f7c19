"""The vocabulary of all members: byte pairs of the training questions' text. `python vocab.py [OUT] [--size 1024]`

One for the whole family: with the same tokens, members can be compared word by word, and their distributions mixed.
"""
import argparse
import json
import tempfile
from pathlib import Path

import sentencepiece

from corpus import BOT, END, HERE, USER, generator


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", nargs="?", default=str(HERE / "vocabulary.model"))
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--count", type=int, default=150_000, help="questions to learn from")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "text.txt"
        with text.open("w") as out, generator(["--count", str(options.count), "--seed", "7"], None) as process:
            for line in process.stdout:
                out.write("\n".join(json.loads(line)[1:]) + "\n")
        prefix = str(Path(folder) / "vocabulary")
        sentencepiece.SentencePieceTrainer.train(
            input=str(text), model_prefix=prefix, model_type="bpe", vocab_size=options.size, byte_fallback=True, split_digits=True,
            add_dummy_prefix=False, remove_extra_whitespaces=False, normalization_rule_name="identity", control_symbols=[USER, BOT, END],
            character_coverage=1.0, unk_id=0, bos_id=1, eos_id=2, pad_id=-1, num_threads=2, minloglevel=1,
            # No limit that would take a sample: the same text gives the same vocabulary.
            input_sentence_size=0, max_sentence_length=4000,
        )
        Path(options.out).write_bytes(Path(f"{prefix}.model").read_bytes())
    print(f"{options.out}: {options.size} pieces")


if __name__ == "__main__":
    main()
