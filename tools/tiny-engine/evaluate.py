"""Greedy answers of trained weights: `python evaluate.py .work/tiny-1.npz QUESTIONS.jsonl ANSWERS.jsonl [--q8]`

QUESTIONS is what `corpus.mjs --evaluation 300` writes; `corpus.mjs --score QUESTIONS ANSWERS …` says how many are right.
With --q8 the weights are rounded as they are in the shipped file. llama.cpp rounds what it multiplies them with, too: the published
figures are those of the browser.
"""
import argparse
import json
from functools import partial

import gguf
import jax
import jax.numpy as jnp
import numpy as np

import model
from corpus import HERE, Tokens
from export import PRODUCTS

LENGTH = 256
MOST_NEW = 110
BATCH = 128


def load(path, rounded):
    with np.load(path) as kept:
        member = json.loads(str(kept["member"]))
        weights = {"embedding": kept["embedding"], "norm": kept["norm"], "blocks": {name[7:]: kept[name] for name in kept.files if name.startswith("blocks/")}}
    if rounded:
        kind = gguf.GGMLQuantizationType.Q8_0
        there_and_back = lambda part: gguf.quants.dequantize(gguf.quants.quantize(np.ascontiguousarray(part), kind), kind)
        weights["embedding"] = there_and_back(weights["embedding"])
        for name in PRODUCTS:
            turned = weights["blocks"][name].transpose(0, 2, 1)
            weights["blocks"][name] = there_and_back(turned).transpose(0, 2, 1)
    return member, jax.tree.map(jnp.asarray, weights)


@jax.jit
def begin(weights, tokens, ends):
    """Reads prompts that begin at 0 and have `ends` tokens: what comes next, and what was seen."""
    mask = jnp.broadcast_to(jnp.tril(jnp.ones((LENGTH, LENGTH), bool)), (tokens.shape[0], LENGTH, LENGTH))
    h, seen = model.forward(weights, tokens, jnp.broadcast_to(jnp.arange(LENGTH), tokens.shape), mask)
    last = h[jnp.arange(tokens.shape[0]), ends - 1]
    return model.logits(weights, last).argmax(-1), seen


@partial(jax.jit, donate_argnums=3)
def go_on(weights, token, position, seen):
    out, seen = model.step(weights, token, position, seen, LENGTH)
    return out.argmax(-1), seen


def answer(weights, tokens, prompts):
    """The likeliest token each time, until all have ended or are as long as they may be."""
    ends = np.array([len(prompt) for prompt in prompts])
    padded = np.zeros((len(prompts), LENGTH), np.int32)
    for row, prompt in enumerate(prompts):
        padded[row, : len(prompt)] = prompt
    token, seen = begin(weights, jnp.asarray(padded), jnp.asarray(ends))
    written = [np.asarray(token)]
    for position in range(MOST_NEW - 1):
        over = np.stack(written, 1) == tokens.end
        if over.any(1).all() or (ends + position).max() >= LENGTH:
            break
        token, seen = go_on(weights, token, jnp.asarray(ends + position), seen)
        written.append(np.asarray(token))
    texts = []
    for row in np.stack(written, 1).tolist():
        texts.append(tokens.pieces.decode(row[: row.index(tokens.end)] if tokens.end in row else row))
    return texts


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights")
    parser.add_argument("questions")
    parser.add_argument("answers")
    parser.add_argument("--q8", action="store_true")
    options = parser.parse_args()
    member, weights = load(options.weights, options.q8)
    tokens = Tokens(HERE / member["vocabulary"])
    with open(options.questions) as lines:
        prompts = tokens.prompts([[message["content"] for message in json.loads(line)["messages"]] for line in lines])
    # Alike in length side by side: stories don't keep sums waiting.
    order = sorted(range(len(prompts)), key=lambda index: (len(prompts[index]), index))
    texts = [""] * len(prompts)
    for at in range(0, len(order), BATCH):
        chosen = order[at : at + BATCH]
        # A whole batch, so that it is compiled once.
        filled = [prompts[index] for index in chosen] + [[1]] * (BATCH - len(chosen))
        for index, text in zip(chosen, answer(weights, tokens, filled)):
            texts[index] = text
        print(f"{at + len(chosen)} of {len(order)}", end="\r", flush=True)
    with open(options.answers, "w") as out:
        out.writelines(json.dumps(text) + "\n" for text in texts)
    print()


if __name__ == "__main__":
    main()
