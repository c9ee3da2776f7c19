"""A llama of few weights, in JAX: the same numbers as llama.cpp makes of the exported file.

Token embedding (also the output's), blocks of attention with rotary positions in interleaved pairs and a gated SiLU feed-forward, RMS norms.
On a GPU products are taken in bfloat16 with sums in float32; on a CPU all is float32.
"""
import jax
import jax.numpy as jnp

HEAD = 32
EPSILON = 1e-5
ROPE_BASE = 10_000.0


def use_bfloat16():
    return jax.default_backend() in ("gpu", "cuda", "rocm")


def multiply(x, w):
    if use_bfloat16():
        return jnp.matmul(x.astype(jnp.bfloat16), w.astype(jnp.bfloat16), preferred_element_type=jnp.float32)
    return x @ w


def create(key, shape, vocabulary):
    """Weights as a tree: `embedding`, `norm` and one entry for each block, stacked along the first axis."""
    width, layers, inner = shape["width"], shape["layers"], shape["feedForward"]
    keys = iter(jax.random.split(key, 8))
    normal = lambda *size, scale: jax.random.normal(next(keys), size) * scale
    square, deep = width**-0.5, (2 * layers) ** -0.5
    return {
        "embedding": normal(vocabulary, width, scale=0.02),
        "norm": jnp.ones(width),
        "blocks": {
            "attention_norm": jnp.ones((layers, width)),
            "query": normal(layers, width, width, scale=square),
            "key": normal(layers, width, width, scale=square),
            "value": normal(layers, width, width, scale=square),
            "output": normal(layers, width, width, scale=square * deep),
            "feed_norm": jnp.ones((layers, width)),
            "gate": normal(layers, width, inner, scale=square),
            "up": normal(layers, width, inner, scale=square),
            "down": normal(layers, inner, width, scale=inner**-0.5 * deep),
        },
    }


def count(weights):
    return sum(part.size for part in jax.tree.leaves(weights))


def norm(x, gain):
    return x * jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + EPSILON) * gain


def rotate(x, positions):
    """Rotary positions; `positions` has the shape of `x` without its last two axes, heads and their numbers."""
    angles = positions[..., None] * ROPE_BASE ** (-jnp.arange(0, HEAD, 2) / HEAD)
    cos, sin = jnp.cos(angles)[..., None, :], jnp.sin(angles)[..., None, :]
    a, b = x[..., 0::2], x[..., 1::2]
    return jnp.stack([a * cos - b * sin, a * sin + b * cos], -1).reshape(x.shape)


def heads(x):
    return x.reshape(*x.shape[:-1], -1, HEAD)


def attend(query, key, value, mask):
    """`mask` [rows, queries, keys] says who may look at what."""
    low = jnp.bfloat16 if use_bfloat16() else jnp.float32
    scores = jnp.einsum("bihd,bjhd->bhij", query.astype(low), key.astype(low), preferred_element_type=jnp.float32) / HEAD**0.5
    shares = jax.nn.softmax(jnp.where(mask[:, None], scores, -1e9), -1)
    mixed = jnp.einsum("bhij,bjhd->bihd", shares.astype(low), value.astype(low), preferred_element_type=jnp.float32)
    return mixed.reshape(*mixed.shape[:2], -1)


def feed(block, h):
    z = norm(h, block["feed_norm"])
    return h + multiply(jax.nn.silu(multiply(z, block["gate"])) * multiply(z, block["up"]), block["down"])


def forward(weights, tokens, positions, mask):
    """What each token sees: hidden states [rows, length, width], and the keys and values of each block."""

    def one(h, block):
        z = norm(h, block["attention_norm"])
        query, key = (rotate(heads(multiply(z, block[name])), positions) for name in ("query", "key"))
        value = heads(multiply(z, block["value"]))
        h = h + multiply(attend(query, key, value, mask), block["output"])
        return feed(block, h), (key, value)

    h, seen = jax.lax.scan(one, weights["embedding"][tokens], weights["blocks"])
    return norm(h, weights["norm"]), seen


def step(weights, token, position, seen, length):
    """One more token for each row: its logits, and the keys and values with it. `seen` is as `forward` gives it."""
    rows = jnp.arange(token.shape[0])
    mask = (jnp.arange(length)[None] <= position[:, None])[:, None]

    def one(h, layer):
        block, (keys, values) = layer
        z = norm(h, block["attention_norm"])
        query, key = (rotate(heads(multiply(z, block[name])), position[:, None]) for name in ("query", "key"))
        keys = keys.at[rows, position].set(key[:, 0])
        values = values.at[rows, position].set(heads(multiply(z, block["value"]))[:, 0])
        h = h + multiply(attend(query, keys, values, mask), block["output"])
        return feed(block, h), (keys, values)

    h, seen = jax.lax.scan(one, weights["embedding"][token][:, None], (weights["blocks"], seen))
    return logits(weights, norm(h, weights["norm"]))[:, 0], seen


def logits(weights, h):
    return multiply(h, weights["embedding"].T)


def loss(weights, tokens, counts, documents):
    """Mean cross-entropy of the next token over packed rows, weighted by `counts`; no document sees another."""
    inputs, targets = tokens[:, :-1], tokens[:, 1:]
    here = documents[:, :-1]
    counts = counts[:, 1:] * (documents[:, 1:] == here)
    length = inputs.shape[1]
    mask = jnp.tril(jnp.ones((length, length), bool))[None] & (here[:, :, None] == here[:, None, :])
    positions = jnp.broadcast_to(jnp.arange(length), inputs.shape)
    h, _ = forward(weights, inputs, positions, mask)
    out = logits(weights, h)
    nats = jax.nn.logsumexp(out, -1) - jnp.take_along_axis(out, targets[..., None], -1)[..., 0]
    return (nats * counts).sum() / counts.sum()
