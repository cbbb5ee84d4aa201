#!/usr/bin/python3
"""GRUs of PyTorch for weft to load, and what they compute.

    /usr/bin/python3 tests/interop/pytorch_gru.py

writes tests/fixtures/pytorch_gru.safetensors: a GRU of two directions, an input and its results.
"""

import pathlib

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import safetensors_io

FIXTURE = pathlib.Path(__file__).parent.parent / "fixtures" / "pytorch_gru.safetensors"


def make(layers, bidirectional, seed=1):
    """The tensors of a new GRU's file: `state.*`, x [T, B, I], lengths [B]; and its results."""
    torch.manual_seed(seed)
    gru = torch.nn.GRU(5, 6, layers, bidirectional=bidirectional)
    lengths = torch.tensor([4, 7, 1, 6])
    x = torch.randn(7, 4, 5)
    with torch.no_grad():
        packed, h_n = gru(pack_padded_sequence(x, lengths, enforce_sorted=False))
        output, _ = pad_packed_sequence(packed)  # 0 at padding
    inputs = {f"state.{name}": tensor for name, tensor in gru.state_dict().items()}
    inputs |= {"x": x, "lengths": lengths}
    return inputs, {"output": output, "h_n": h_n}


if __name__ == "__main__":
    gru_inputs, gru_results = make(layers=1, bidirectional=True)
    made_by = {"made_by": f"tests/interop/pytorch_gru.py with PyTorch {torch.__version__}"}
    safetensors_io.save(FIXTURE, gru_inputs | gru_results, made_by)
