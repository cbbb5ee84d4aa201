"""A weft model in plain PyTorch: the equations of models/rnn_seq2seq.cpp with torch.nn's modules.

    model = weft_model.load("run/best")
    logits = model(source, lengths, target_in)  # [S, B], [B], [T, B] -> [T, B, V]

The modules have the names of weft's parameters, so `load_state_dict` takes a model.safetensors as
it is. Symbols: B sentences, S and T source and target steps, E embedding, H hidden size, V target
words, D size of an encoder state: H, or 2H if the encoder reads both ways.
"""

import json
import pathlib

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import safetensors_io

PAD, BOS = 0, 1


class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden_size, energy):
        super().__init__()
        self.query = nn.Linear(query_dim, hidden_size, bias=False)
        self.key = nn.Linear(key_dim, hidden_size)
        self.v = nn.Parameter(torch.empty(hidden_size))
        self.energy = {"tanh": torch.tanh, "relu": torch.relu}[energy]

    def forward(self, query, values, padding):
        """[B, H], [S, B, D], [S, B] -> the context, [B, D]."""
        energies = self.energy(self.query(query) + self.key(values)) @ self.v  # [S, B]
        weights = energies.masked_fill(padding, -torch.inf).softmax(0)
        return (weights.unsqueeze(2) * values).sum(0)


class RnnSeq2Seq(nn.Module):
    """`config` is the part `model` of a config.json. Dropout is left out: weights are only used."""

    def __init__(self, config):
        super().__init__()
        E, H, L = config["emb"], config["hidden"], config["layers"]
        D = 2 * H if config["bidirectional"] else H
        self.readout, self.bridge, self.layers = config["readout"], config["bridge"], L
        self.source_embedding = nn.Embedding(config["source_vocab"], E)
        self.target_embedding = nn.Embedding(config["target_vocab"], E)
        self.encoder = nn.GRU(E, H, L, bidirectional=config["bidirectional"])
        self.attention = AdditiveAttention(H, D, H, config["energy"])
        for layer in range(L):
            if self.bridge == "dense":
                self.add_module(f"bridge_l{layer}", nn.Linear(D, H))
            self.add_module(f"decoder_l{layer}", nn.GRUCell(E + D if layer == 0 else H, H))
        features = H if self.readout == "state" else H + D + E
        if self.readout == "deep":
            self.deep = nn.Linear(features, E)
            features = E
        self.output = nn.Linear(features, config["target_vocab"])

    def encode(self, source, lengths):
        """The encoder's states, [S, B, D], and its last ones, for each layer [B, D]."""
        packed = pack_padded_sequence(
            self.source_embedding(source), lengths, enforce_sorted=False
        )
        output, h_n = self.encoder(packed)  # h_n [L * directions, B, H]
        values, _ = pad_packed_sequence(output)
        final = [torch.cat(tuple(directions), 1) for directions in h_n.chunk(self.layers)]
        return values, final

    def start(self, final):
        """The decoder's first state, for each layer [B, H]."""
        if self.bridge == "copy":
            return final
        return [
            torch.tanh(self.get_submodule(f"bridge_l{layer}")(last))
            for layer, last in enumerate(final)
        ]

    def step(self, values, padding, state, embedded):
        """The next state and the logits [B, V], given the previous token's embedding [B, E]."""
        context = self.attention(state[-1], values, padding)  # [B, D]
        x = torch.cat([embedded, context], 1)
        following = []
        for layer, previous in enumerate(state):
            x = self.get_submodule(f"decoder_l{layer}")(x, previous)  # [B, H]
            following.append(x)
        if self.readout != "state":
            x = torch.cat([x, context, embedded], 1)  # [B, H + D + E]
        if self.readout == "deep":
            x = torch.tanh(self.deep(x))  # [B, E]
        return following, self.output(x)

    def forward(self, source, lengths, target_in):
        """Logits [T, B, V] when every previous token is given."""
        values, final = self.encode(source, lengths)
        padding = torch.arange(len(source)).unsqueeze(1) >= lengths  # [S, B]
        state = self.start(final)
        logits = []
        for embedded in self.target_embedding(target_in):  # T times [B, E]
            state, step_logits = self.step(values, padding, state, embedded)
            logits.append(step_logits)
        return torch.stack(logits)


def load(directory):
    """The model that a weft model directory holds."""
    directory = pathlib.Path(directory)
    config = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    model = RnnSeq2Seq(config["model"])
    model.load_state_dict(safetensors_io.load(directory / "model.safetensors"))
    return model.eval()
