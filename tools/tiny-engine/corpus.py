"""Rows of tokens for training: read from the generator's blocks, turned into tokens, packed.

Deterministic: row n depends on the seed, the vocabulary and the row's length alone, not on how many readers there are or
when a training stopped and went on. Each reader is a process of its own with a generator of its own.
"""
import json
import multiprocessing
import queue as queues
import os
import subprocess
from pathlib import Path

import numpy as np
import sentencepiece

HERE = Path(__file__).parent
BOS = 1
USER, BOT, END = "<|user|>", "<|bot|>", "<|end|>"
# Questions are learned, too, but little: they teach how words go together, and must not use up what answers need.
QUESTION_WEIGHT = 0.1
# Of an open row; the more, the fewer gaps at the ends of rows.
OPEN_ROWS = 24


class Tokens:
    """The vocabulary, and a conversation as its numbers."""

    def __init__(self, path):
        self.pieces = sentencepiece.SentencePieceProcessor(str(path))
        self.user, self.bot, self.end = (self.pieces.piece_to_id(name) for name in (USER, BOT, END))

    def encode(self, conversations):
        """Each conversation's turns as numbers. All texts in one call: one by one takes twice as long."""
        encoded = iter(self.pieces.encode([turn for turns in conversations for turn in turns], num_threads=1))
        return [[next(encoded) for _ in turns] for turns in conversations]

    def prompts(self, conversations):
        """The tokens of all turns, the last of which is a person's, up to where the engine's answer begins."""
        return [[BOS, *(token for index, turn in enumerate(turns) for token in self._turn(index, turn))] for turns in self.encode(conversations)]

    def _turn(self, index, turn):
        return [self.user, *turn, self.bot] if index % 2 == 0 else [*turn, self.end]

    def documents(self, conversations):
        """The tokens of conversations that end with an answer, and how much each counts."""
        return [self._document(turns) for turns in self.encode(conversations)]

    def _document(self, turns):
        tokens, weights = [BOS], [0.0]
        for index, turn in enumerate(turns):
            tokens += self._turn(index, turn)
            weights += [0.0] + [QUESTION_WEIGHT] * len(turn) + [0.0] if index % 2 == 0 else [1.0] * (len(turn) + 1)
        return tokens, weights


def pack(documents, length):
    """Whole documents side by side in rows of `length`: tokens, weights, and which document each token is of.

    Documents that are longer than a row are left out; with our questions and a row of 256 there are none.
    """
    rows, open_rows = [], []
    for tokens, weights in documents:
        if len(tokens) > length:
            continue
        row = next((row for row in open_rows if len(row[0]) + len(tokens) <= length), None)
        if row is None:
            if len(open_rows) == OPEN_ROWS:
                rows.append(open_rows.pop(max(range(OPEN_ROWS), key=lambda index: len(open_rows[index][0]))))
            row = ([], [], [])
            open_rows.append(row)
        row[0].extend(tokens)
        row[1].extend(weights)
        row[2].extend([row[2][-1] + 1 if row[2] else 1] * len(tokens))
    rows += open_rows
    filled = lambda part, kind: np.array([row[part] + [0] * (length - len(row[part])) for row in rows], kind)
    return filled(0, np.int16), filled(1, np.float16), filled(2, np.int16)


def generator(arguments, questions):
    """A process that writes questions to its standard output."""
    ready = ["--questions", str(questions)] if questions else []
    return subprocess.Popen(["node", str(HERE / "corpus.mjs"), *arguments, *ready], stdout=subprocess.PIPE, text=True, encoding="utf-8")


def write_bundle(path):
    """The generator as one file, made once for all readers; where there are no packages to make it with, it has to be there."""
    if path.exists() and not (HERE / "../../node_modules").exists():
        return
    subprocess.run(["node", str(HERE / "corpus.mjs"), "--bundle", str(path)], check=True)


def read_blocks(settings, first, step, out):
    """A reader's life: block after block into its queue."""
    os.nice(1)
    tokens = Tokens(settings["vocabulary"])
    arguments = ["--blocks", f"{first}:{step}", "--seed", str(settings["seed"])]
    if settings["weights"]:
        arguments += ["--weights", json.dumps(settings["weights"])]
    with generator(arguments, settings["questions"]) as process:
        block = []
        for line in process.stdout:
            if line != "\n":
                block.append(json.loads(line)[1:])
                continue
            out.put(pack(tokens.documents(block), settings["length"]))
            block = []


class Rows:
    """Batches of rows in the one order that the seed gives. `at` says where the next one begins: keep it, go on there later."""

    def __init__(self, settings, readers=1, at=(0, 0)):
        block, row = at
        context = multiprocessing.get_context("spawn")
        self.queues = [context.Queue(2) for _ in range(readers)]
        self.processes = [
            context.Process(target=read_blocks, args=(settings, block + reader, readers, queue), daemon=True) for reader, queue in enumerate(self.queues)
        ]
        for process in self.processes:
            process.start()
        self.first, self.block, self.row, self.rows = block, block, row, None

    @property
    def at(self):
        return self.block, self.row

    def _block(self):
        reader = (self.block - self.first) % len(self.queues)
        while True:
            try:
                return self.queues[reader].get(timeout=5)
            except queues.Empty:
                if not self.processes[reader].is_alive():
                    raise SystemExit("A reader of questions has ended: its words are above.") from None

    def take(self, count):
        """Tokens, weights and documents of the next `count` rows."""
        parts = []
        while count > 0:
            if self.rows is None:
                self.rows = self._block()
            taken = tuple(part[self.row : self.row + count] for part in self.rows)
            parts.append(taken)
            count -= len(taken[0])
            self.row += len(taken[0])
            if self.row == len(self.rows[0]):
                self.block, self.row, self.rows = self.block + 1, 0, None
        return tuple(np.concatenate(part) for part in zip(*parts))

    def close(self):
        for process in self.processes:
            process.terminate()
