"""Trains members one after the other: `python train.py members/tiny-1.json …  [--out FOLDER] [--readers N] [--stop-after SECONDS]`

Same seed, same corpus, same weights (on one kind of machine). Ctrl-C and SIGTERM save; the same command goes on from there.
"""
import argparse
import hashlib
import json
import os
import signal
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax

import model
from corpus import HERE, Rows, Tokens, write_bundle

SAVE_EVERY_S = 120
SAY_EVERY_S = 10
WARM_UP_STEPS = 200
# Of the mean of the weights over the last steps, which is what is exported.
MEAN_DECAY = 0.998


def schedule(member, steps):
    """From nothing up to the peak, and along a cosine down to a hundredth of it."""
    peak = member["learningRate"]
    warm = min(WARM_UP_STEPS, max(1, steps // 10))
    return optax.warmup_cosine_decay_schedule(peak / warm, peak, warm, steps, peak / 100)


def optimiser(member, steps):
    # Norms and the embedding are not pulled towards nothing.
    decays = lambda tree: jax.tree_util.tree_map_with_path(lambda path, part: part.ndim == 3, tree)
    return optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(schedule(member, steps), b1=0.9, b2=0.98, weight_decay=member["weightDecay"], mask=decays))


def make_update(optimise):
    """Several steps in one call: on a GPU a step of so few weights takes less time than to ask for it."""

    def one(state, batch):
        weights, mean, inner, done = state
        nats, gradient = jax.value_and_grad(model.loss)(weights, *batch)
        change, inner = optimise.update(gradient, inner, weights)
        weights = optax.apply_updates(weights, change)
        # Shorter at first: a mean must not remember how the weights began.
        decay = jnp.minimum(MEAN_DECAY, (1 + done) / (10 + done))
        mean = jax.tree.map(lambda old, new: decay * old + (1 - decay) * new, mean, weights)
        return (weights, mean, inner, done + 1), nats

    return jax.jit(lambda state, batches: jax.lax.scan(one, state, batches), donate_argnums=0)


def origin(*paths):
    """Of what a training is made: it goes on with the same questions and the same vocabulary, or not at all."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def save(path, state, step, at, made_of):
    """All or nothing: a file that is there is whole."""
    parts = {f"part{index}": np.asarray(part) for index, part in enumerate(jax.tree.leaves(state))}
    part = path.with_suffix(".part")
    with part.open("wb") as out:
        np.savez(out, step=step, at=np.array(at), made_of=made_of, **parts)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)


def restore(path, state, made_of):
    """The state of `path` in the shape of `state`, the next step, and where the corpus goes on."""
    with np.load(path) as kept:
        if str(kept["made_of"]) != made_of:
            raise SystemExit(f"{path} was trained on other questions or another vocabulary: remove it, or bring those back.")
        leaves, tree = jax.tree.flatten(state)
        parts = [kept[f"part{index}"] for index in range(len(leaves))]
        if any(part.shape != leaf.shape for part, leaf in zip(parts, leaves)):
            raise SystemExit(f"{path} is of a member of another shape: remove it, or train into another folder.")
        return jax.tree.unflatten(tree, [jnp.asarray(part) for part in parts]), int(kept["step"]), tuple(int(number) for number in kept["at"])


def export_weights(path, member, weights):
    """The trained weights, with what they are, for `export.py` and `evaluate.py`."""
    flat = {"/".join(str(key.key) for key in keys): np.asarray(part) for keys, part in jax.tree_util.tree_flatten_with_path(weights)[0]}
    part = path.with_suffix(".part")
    with part.open("wb") as out:
        np.savez(out, member=json.dumps(member), **flat)
    part.replace(path)


def duration(seconds):
    return f"{seconds / 3600:.1f} h" if seconds > 5400 else f"{seconds / 60:.0f} min" if seconds > 90 else f"{seconds:.0f} s"


def train(member, options, stop):
    """Returns whether the member is finished."""
    out = Path(options.out)
    checkpoint, finished = out / f"{member['name']}.checkpoint.npz", out / f"{member['name']}.npz"
    if finished.exists():
        print(f"{member['name']}: {finished} is there already", flush=True)
        return True
    rows, length = member["rows"], member["rowTokens"]
    steps = max(1, round(member["tokens"] / (rows * length)))
    vocabulary = HERE / member["vocabulary"]
    weights = model.create(jax.random.PRNGKey(member["seed"]), member["shape"], Tokens(vocabulary).pieces.vocab_size())
    optimise = optimiser(member, steps)
    state = (weights, jax.tree.map(jnp.copy, weights), optimise.init(weights), jnp.zeros((), jnp.int32))
    bundle = out / "questions.mjs"
    write_bundle(bundle)
    made_of = origin(bundle, vocabulary)
    first, at = 0, (0, 0)
    if checkpoint.exists():
        state, first, at = restore(checkpoint, state, made_of)
    print(f"{member['name']}: {model.count(weights):,} weights, {steps:,} steps of {rows * length:,} tokens on {jax.default_backend()}, from step {first:,}", flush=True)
    settings = {"vocabulary": str(vocabulary), "seed": member["dataSeed"], "weights": member["weights"], "questions": str(bundle), "length": length + 1}
    corpus = Rows(settings, options.readers, at)
    try:
        return run(member, options, stop, (state, first, steps), corpus, (checkpoint, finished, made_of))
    finally:
        corpus.close()


def run(member, options, stop, progress, corpus, paths):
    """Step after step to the end, or until it is to stop. Returns whether it came to the end."""
    state, step, steps = progress
    checkpoint, finished, made_of = paths
    update = make_update(optimiser(member, steps))
    rows, length = member["rows"], member["rowTokens"]
    per_call = 32 if model.use_bfloat16() else 4
    began = said = saved = time.monotonic()
    first = said_at = step
    mean, nats = None, None
    while step < steps:
        if stop() or (options.stop_after and time.monotonic() - began > options.stop_after):
            save(checkpoint, state, step, corpus.at, made_of)
            print(f"{member['name']}: stopped at step {step:,}, saved", flush=True)
            return False
        count = min(per_call, steps - step)
        tokens, counts, documents = (part.reshape(count, rows, length + 1) for part in corpus.take(count * rows))
        # One call is under way while the next one's rows are made, and no more: they would fill the memory.
        jax.block_until_ready(nats)
        state, nats = update(state, (tokens.astype(np.int32), counts.astype(np.float32), documents.astype(np.int32)))
        step += count
        now = time.monotonic()
        if now - said > SAY_EVERY_S or step == steps:
            latest = float(nats.mean())
            mean = latest if mean is None else 0.7 * mean + 0.3 * latest
            now = time.monotonic()
            rate = (step - said_at) * rows * length / (now - said)
            left = (steps - step) * (now - began) / (step - first)
            print(f"{member['name']}: step {step:,} of {steps:,}, loss {mean:.4f}, {rate:,.0f} tokens/s, {duration(left)} left", flush=True)
            said, said_at = now, step
        if now - saved > SAVE_EVERY_S:
            save(checkpoint, state, step, corpus.at, made_of)
            saved = now
    export_weights(finished, member, state[1])
    checkpoint.unlink(missing_ok=True)
    print(f"{member['name']}: finished in {finished}", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("members", nargs="+")
    parser.add_argument("--out", default=str(HERE / ".work"))
    parser.add_argument("--readers", type=int, default=max(1, (os.cpu_count() or 2) // 2), help="processes that make the corpus")
    parser.add_argument("--stop-after", type=float, help="seconds after which it saves and ends")
    parser.add_argument("--tokens", type=float, help="in place of the member's own number, for trying out")
    options = parser.parse_args()
    Path(options.out).mkdir(parents=True, exist_ok=True)
    asked = []
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: asked.append(True))
    for path in options.members:
        member = json.loads(Path(path).read_text())
        if options.tokens:
            member["tokens"] = options.tokens
        if not train(member, options, lambda: bool(asked)):
            break


if __name__ == "__main__":
    main()
