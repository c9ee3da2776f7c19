"""Trained weights as a GGUF that llama.cpp runs: `python export.py .work/tiny-1.npz OUT.gguf [--type q8_0|f16|f32]`

All members share the vocabulary and the chat template below. It has no place for a system message: such a message is left out.
"""
import argparse
import json
from pathlib import Path

import gguf
import numpy as np

from corpus import BOS, END, HERE, Tokens
from model import EPSILON, HEAD, ROPE_BASE

TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}<|user|>{{ m['content'] }}<|bot|>"
    "{% elif m['role'] == 'assistant' %}{{ m['content'] }}<|end|>{% endif %}{% endfor %}"
)
TYPES = {
    "q8_0": (gguf.GGMLQuantizationType.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0),
    "f16": (gguf.GGMLQuantizationType.F16, gguf.LlamaFileType.MOSTLY_F16),
    "f32": (gguf.GGMLQuantizationType.F32, gguf.LlamaFileType.ALL_F32),
}
# Ours, and llama.cpp's name for it. Products are taken from the other side there: these are turned.
PRODUCTS = {"query": "attn_q", "key": "attn_k", "value": "attn_v", "output": "attn_output", "gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down"}
NORMS = {"attention_norm": "attn_norm", "feed_norm": "ffn_norm"}


def describe(writer, member, file_type):
    shape = member["shape"]
    writer.add_name(member["title"])
    writer.add_author("Llambo")
    writer.add_description("Trained from scratch on questions that the project generates itself")
    writer.add_license("MIT")
    writer.add_context_length(member["context"])
    writer.add_embedding_length(shape["width"])
    writer.add_block_count(shape["layers"])
    writer.add_feed_forward_length(shape["feedForward"])
    writer.add_head_count(shape["width"] // HEAD)
    writer.add_head_count_kv(shape["width"] // HEAD)
    writer.add_rope_dimension_count(HEAD)
    writer.add_rope_freq_base(ROPE_BASE)
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_file_type(file_type)


def add_vocabulary(writer, tokens):
    pieces = tokens.pieces
    numbers = range(pieces.vocab_size())
    kind = lambda n: (
        gguf.TokenType.UNKNOWN if pieces.is_unknown(n) else gguf.TokenType.CONTROL if pieces.is_control(n) else gguf.TokenType.BYTE if pieces.is_byte(n) else gguf.TokenType.NORMAL
    )
    writer.add_vocab_size(len(numbers))
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([pieces.id_to_piece(n).encode() for n in numbers])
    writer.add_token_scores([pieces.get_score(n) for n in numbers])
    writer.add_token_types([kind(n) for n in numbers])
    writer.add_bos_token_id(BOS)
    writer.add_eos_token_id(tokens.end)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(TEMPLATE)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights")
    parser.add_argument("out")
    parser.add_argument("--type", choices=TYPES, default="q8_0")
    options = parser.parse_args()
    quantisation, file_type = TYPES[options.type]
    with np.load(options.weights) as kept:
        weights = {name: kept[name] for name in kept.files}
    member = json.loads(str(weights.pop("member")))
    writer = gguf.GGUFWriter(options.out, "llama")
    describe(writer, member, file_type)
    add_vocabulary(writer, Tokens(HERE / member["vocabulary"]))

    def add(name, part, exact=False):
        part = np.ascontiguousarray(part, np.float32)
        if exact:
            writer.add_tensor(name, part)
        else:
            writer.add_tensor(name, gguf.quants.quantize(part, quantisation), raw_dtype=quantisation)

    add("token_embd.weight", weights["embedding"])
    add("output_norm.weight", weights["norm"], exact=True)
    for layer in range(member["shape"]["layers"]):
        for ours, theirs in NORMS.items():
            add(f"blk.{layer}.{theirs}.weight", weights[f"blocks/{ours}"][layer], exact=True)
        for ours, theirs in PRODUCTS.items():
            add(f"blk.{layer}.{theirs}.weight", weights[f"blocks/{ours}"][layer].T)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{options.out}: {Path(options.out).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
