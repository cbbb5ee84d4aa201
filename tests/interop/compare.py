#!/usr/bin/python3
"""Compares weft with PyTorch, in float32, and prints the largest differences.

    WEFT=build/release/weft INTEROP_LOGITS=build/release/tests/interop_logits \\
        /usr/bin/python3 tests/interop/compare.py

A weft model loaded in PyTorch (weft_model.py) gives the same logits, for each preset and each part
that a model can be made of, and so do weights that PyTorch has drawn, loaded in weft; the weights of a PyTorch GRU (pytorch_gru.py) loaded in weft give the same
outputs and final states. Fails if a difference exceeds TOLERANCE; exits with 77, which ctest knows
as "skipped", if PyTorch is not installed.
"""

import itertools
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import torch
except ImportError:
    print(f"skipped: {sys.executable} has no PyTorch; hint: apt-get install python3-torch")
    sys.exit(77)

import pytorch_gru
import safetensors_io
import weft_model

TOLERANCE = 1e-5

# Words of the pairs that the tiny models are trained on: ids 4 to 9.
SENTENCES = ["a b c d\tu v w", "e f\tx y z u", "c a e\tv"]

# Source and target ids of the sentences compared: lengths differ on both sides.
PAIRS = [([4, 5, 6, 7, 8], [4, 5]), ([9], [6, 7, 8, 9]), ([7, 3, 4], []), ([8, 9], [5, 3, 4])]


def run(*command):
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)


# Flags that between them make every part of a model, beside those of the presets.
PRESETS = ("bahdanau2015", "cho2014", "luong2015", "sutskever2014", "tutorial")
PARTS = [
    *(f"--preset {preset} --readout {readout} --layers {layers}"
      for preset in PRESETS
      for readout in ("state", "full", "deep", "maxout")
      for layers in (1, 2)),
    *(f"--preset {preset} --cell {cell} --layers 2"
      for preset in ("bahdanau2015", "cho2014", "luong2015")
      for cell in ("rnn", "rnn_relu", "gru", "lstm")),
    *(f"--preset {preset} --bidirectional false --attention {attention} --layers 2"
      for preset in ("bahdanau2015", "luong2015")
      for attention in ("dot", "scaled_dot", "general", "additive")),
    *(f"--preset {preset} --bridge {bridge} --cell lstm --layers 2"
      for preset in ("bahdanau2015", "cho2014")
      for bridge in ("mean", "dense", "zero")),
    "--preset bahdanau2015 --query current --readout full",
    "--preset luong2015 --input-feeding false",
    *(f"--preset {preset} --residual true --layers 3" for preset in PRESETS),
    "--preset bahdanau2015 --tie-embeddings true",
]  # fmt: skip


SIZES = "--emb 6 --hidden 8"

# What torch.nn.Transformer can be, beside the recurrent models.
TRANSFORMERS = [
    "",
    "--norm pre --activation gelu",
    "--activation silu --layers 1 --decoder-layers 3",
    "--positions learned --max-positions 4",
    "--tie-embeddings false --norm pre",
    "--joint-vocab true",
]
TRANSFORMER_SIZES = "--preset vaswani2017 --layers 2 --emb 6 --heads 3 --ffn 10 --dropout 0"


def train(folder, flags):
    """The directory of a tiny model after three steps."""
    corpus = folder / "train.tsv"
    corpus.write_text("\n".join(SENTENCES) + "\n", encoding="utf-8")
    out = folder / flags.replace(" ", "")
    run(os.environ["WEFT"], "train", "--train-tsv", corpus, "--out", out, *flags.split(),
        "--steps", 3, "--batch", 1, "--lr", 0.05, "--quiet")  # fmt: skip
    return out / "last"


def pad(rows):
    """Lists of ids -> [T, B]."""
    tensors = [torch.tensor(row, dtype=torch.int64) for row in rows]
    return torch.nn.utils.rnn.pad_sequence(tensors, padding_value=weft_model.PAD)


def pytorch_logits(model):
    source = pad([source for source, _ in PAIRS])  # [S, B]
    lengths = torch.tensor([len(source) for source, _ in PAIRS])
    target_in = pad([[weft_model.BOS, *target] for _, target in PAIRS])  # [T, B]
    with torch.no_grad():
        return {"logits": model(source, lengths, target_in)}


def weft_logits(folder, directory, *weights):
    ids = folder / "ids.txt"
    lines = [" ".join(map(str, side)) + "\n" for pair in PAIRS for side in pair]
    ids.write_text("".join(lines), encoding="ascii")
    return weft_results(folder, "logits", directory, ids, *weights)


def drawn_anew(model):
    """Random parameters, as weft names them; a table that is tied stands once."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.3)
    return {name: parameter for name, parameter in model.named_parameters()}


def compare_model(folder, flags):
    """Whether a trained model agrees, and the same model with weights that PyTorch draws."""
    directory = train(folder, flags)
    model = weft_model.load(directory)
    trained = compare(flags, weft_logits(folder, directory), pytorch_logits(model))
    weights = folder / "weights.safetensors"
    safetensors_io.save(weights, drawn_anew(model))
    drawn = compare(
        "PyTorch's weights", weft_logits(folder, directory, weights), pytorch_logits(model)
    )
    return trained and drawn


def weft_gru(folder, inputs):
    safetensors_io.save(folder / "gru.safetensors", inputs)
    return weft_results(folder, "gru", folder / "gru.safetensors")


def weft_results(folder, *arguments):
    """What the program interop_logits writes for these arguments."""
    out = folder / "out.safetensors"
    out.unlink(missing_ok=True)  # weft writes no file that exists
    run(os.environ["INTEROP_LOGITS"], *arguments, out)
    return safetensors_io.load(out)


def compare(case, weft, pytorch):
    """Prints a line for each tensor; whether all are close."""
    all_close = True
    for name, expected in pytorch.items():
        assert weft[name].shape == expected.shape, (case, name, weft[name].shape, expected.shape)
        difference = (weft[name] - expected).abs().max().item()
        is_close = difference <= TOLERANCE  # false for NaN, too
        all_close &= is_close
        print(f"{case:76} {name:7} {difference:10.2e}  {'ok' if is_close else 'DIFFERS'}")
    return all_close


def main():
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for flags in PARTS:
            results.append(compare_model(folder, f"{flags} {SIZES}"))
        for flags in TRANSFORMERS:
            results.append(compare_model(folder, f"{TRANSFORMER_SIZES} {flags}"))
        for layers, bidirectional in itertools.product((1, 2), (False, True)):
            inputs, expected = pytorch_gru.make(layers, bidirectional)
            case = f"PyTorch GRU, layers {layers}, directions {1 + bidirectional}"
            results.append(compare(case, weft_gru(folder, inputs), expected))
    print(f"{sum(results)} of {len(results)} cases agree within {TOLERANCE:g}")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
