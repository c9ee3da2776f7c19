"""Is the recipe what it says? `python check_recipe.py`, about two minutes. Rows lose nothing and don't depend on readers; a training
that was stopped ends as one that was not; what is exported is in the file.
"""
import json
import random
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import numpy as np

import corpus
import evaluate
import train

MEMBER = {
    **json.loads((corpus.HERE / "members/tiny-1.json").read_text()),
    "name": "check", "shape": {"width": 32, "layers": 2, "feedForward": 64}, "rows": 4, "tokens": 4 * 168 * 12,
}


def options(folder, **change):
    return SimpleNamespace(out=str(folder), readers=1, stop_after=None, **change)


class Rows(unittest.TestCase):
    def test_keep_documents_whole_and_apart(self):
        chance = random.Random(1)
        documents = [([1, *(chance.randrange(3, 1000) for _ in range(chance.randrange(2, 60)))], None) for _ in range(300)]
        documents = [(tokens, [1.0] * len(tokens)) for tokens, _ in documents]
        tokens, weights, numbers = corpus.pack(documents, 100)
        found = [tuple(row[places == number].tolist()) for row, places in zip(tokens, numbers) for number in range(1, places.max() + 1)]
        self.assertEqual(sorted(found), sorted(tuple(tokens) for tokens, _ in documents))
        self.assertTrue((weights[numbers == 0] == 0).all())
        self.assertGreater((numbers > 0).mean(), 0.9)

    def test_are_the_same_with_more_readers_and_from_the_middle(self):
        with tempfile.TemporaryDirectory() as folder:
            bundle = Path(folder) / "questions.mjs"
            corpus.write_bundle(bundle)
            settings = {"vocabulary": str(corpus.HERE / MEMBER["vocabulary"]), "seed": 5, "weights": {}, "questions": str(bundle), "length": 169}
            one = corpus.Rows(settings, 1)
            first, at = one.take(500), one.at
            rest = one.take(1500)
            one.close()
            other = corpus.Rows(settings, 2)
            for mine, theirs in zip(first, other.take(500)):
                np.testing.assert_array_equal(mine, theirs)
            other.close()
            later = corpus.Rows(settings, 2, at)
            for mine, theirs in zip(rest, later.take(1500)):
                np.testing.assert_array_equal(mine, theirs)
            later.close()


class Training(unittest.TestCase):
    def test_ends_alike_when_it_was_stopped(self):
        with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as parts:
            self.assertTrue(train.train(MEMBER, options(whole), lambda: False))
            calls = iter([False, True])
            self.assertFalse(train.train(MEMBER, options(parts), lambda: next(calls)))
            self.assertTrue(train.train(MEMBER, options(parts), lambda: False))
            with np.load(Path(whole) / "check.npz") as one, np.load(Path(parts) / "check.npz") as other:
                self.assertEqual(one.files, other.files)
                for name in one.files:
                    np.testing.assert_array_equal(one[name], other[name])

    def test_does_not_go_on_with_other_questions(self):
        with tempfile.TemporaryDirectory() as folder:
            calls = iter([False, True])
            train.train(MEMBER, options(folder), lambda: next(calls))
            with mock.patch.object(train, "origin", lambda *_: "others"), self.assertRaises(SystemExit):
                train.train(MEMBER, options(folder), lambda: False)


class Rounding(unittest.TestCase):
    def test_changes_little(self):
        with tempfile.TemporaryDirectory() as folder:
            train.train({**MEMBER, "tokens": 4 * 168 * 4}, options(folder), lambda: False)
            path = Path(folder) / "check.npz"
            _, exact = evaluate.load(path, rounded=False)
            _, rounded = evaluate.load(path, rounded=True)
            off = np.abs(np.asarray(exact["blocks"]["gate"]) - np.asarray(rounded["blocks"]["gate"])).max()
            self.assertGreater(off, 0)
            self.assertLess(off, 0.01)


if __name__ == "__main__":
    unittest.main()
