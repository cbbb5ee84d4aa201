#!/usr/bin/env python3
"""Compares weft's greedy translations with those of CTranslate2, with the same weights.

    WEFT=build/release/weft PYTHON tests/interop/compare_ctranslate2.py

Small Transformers of several shapes are trained for some steps on made-up sentences and written in
CTranslate2's format (ctranslate2_model.py). At least 99 % of the lines must be equal: ties in the
last bits may go either way. Exits with 77, which ctest knows as "skipped", without the packages
(tools/bench/peers installs them).
"""

import os
import pathlib
import random
import subprocess
import sys
import tempfile

try:
    import ctranslate2
    import sentencepiece

    import ctranslate2_model
except ImportError as error:
    print(f"skipped: {sys.executable} has no {error.name}; hint: tools/bench/peers")
    sys.exit(77)

WEFT = os.environ.get("WEFT", "build/release/weft")
SHAPES = (
    "--norm post --activation relu --tie-embeddings true",
    "--norm pre --activation gelu --tie-embeddings false",
    "--norm pre --activation silu --decoder-layers 1 --joint-vocab false",
    "--positions learned --max-positions 30",
)


def weft(*arguments):
    result = subprocess.run([WEFT, *map(str, arguments)], text=True, capture_output=True)
    if result.returncode:
        sys.exit(f"weft {arguments[0]} failed:\n{result.stderr}")
    return result.stdout.splitlines()


def sentences(count):
    """Words of two letters, and the same in reverse order with other letters."""
    generator = random.Random(1)
    for _ in range(count):
        words = [f"{generator.choice('bdfgk')}{generator.choice('aeiou')}"
                 for _ in range(generator.randint(2, 9))]
        yield " ".join(words), " ".join(word.upper() for word in reversed(words))


def check(shape, folder):
    """Whether enough lines are equal."""
    folder.mkdir()
    pairs = list(sentences(600))
    (folder / "train.tsv").write_text("".join(f"{a}\t{b}\n" for a, b in pairs))
    (folder / "lines").write_text("".join(f"{a}\n" for a, _ in pairs[:200]))
    weft("train", "--preset", "vaswani2017", "--train-tsv", folder / "train.tsv", "--out",
         folder / "run", "--layers", 2, "--emb", 32, "--heads", 4, "--ffn", 48, "--tokenizer", "spm",
         "--vocab-size", 320, "--steps", 60, "--epochs", 50, "--lr", 0.003, "--warmup", 20, "--quiet",
         *shape.split())
    model = folder / "run" / "last"
    expected = weft("translate", "--model", model, "--input", folder / "lines", "--tokens", "--quiet")
    ctranslate2_model.convert(model, folder / "ct2")
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(model / "source.spm"))
    tokens = [pieces.encode(a, out_type=str) for a, _ in pairs[:200]]
    found = ctranslate2.Translator(str(folder / "ct2")).translate_batch(
        tokens, beam_size=1, min_decoding_length=0,
        max_decoding_length=max(2 * len(line) + 10 for line in tokens))
    # weft's limit of a line depends on its length
    lines = [" ".join(x.hypotheses[0][: 2 * len(y) + 10]) for x, y in zip(found, tokens)]
    equal = sum(a == b for a, b in zip(expected, lines))
    print(f"{shape}: {equal} of {len(lines)} lines equal, {len(set(lines))} different ones")
    return equal >= 0.99 * len(lines) and len(set(lines)) > 20


def main():
    with tempfile.TemporaryDirectory() as folder:
        results = [check(shape, pathlib.Path(folder) / str(i)) for i, shape in enumerate(SHAPES)]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
