"""A weft model in plain PyTorch: the equations of models/rnn_seq2seq.cpp with torch.nn's modules.
Transformers are in weft_transformer.py.

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
import weft_transformer

PAD, BOS = 0, 1


class Embedding(nn.Embedding):
    """Padding has the vector 0, whatever the table says (it may be the output layer's as well)."""

    def forward(self, ids):
        return super().forward(ids) * (ids != PAD).unsqueeze(-1)


class Attention(nn.Module):
    """One of `dot`, `scaled_dot`, `general`, `additive`."""

    def __init__(self, kind, query_dim, key_dim, energy):
        super().__init__()
        self.kind = kind
        if kind == "general":
            self.key = nn.Linear(key_dim, query_dim, bias=False)
        if kind == "additive":
            self.query = nn.Linear(query_dim, query_dim, bias=False)
            self.key = nn.Linear(key_dim, query_dim)
            self.v = nn.Parameter(torch.empty(query_dim))
            self.energy = {"tanh": torch.tanh, "relu": torch.relu}[energy]

    def scores(self, query, values):
        if self.kind == "additive":
            return self.energy(self.query(query) + self.key(values)) @ self.v
        keys = self.key(values) if self.kind == "general" else values
        scores = (query * keys).sum(-1)
        return scores / values.shape[-1] ** 0.5 if self.kind == "scaled_dot" else scores

    def forward(self, query, values, padding):
        """[B, H], [S, B, D], [S, B] -> the context, [B, D]."""
        weights = self.scores(query, values).masked_fill(padding, -torch.inf).softmax(0)  # [S, B]
        return (weights.unsqueeze(2) * values).sum(0)


NETWORKS = {
    "rnn": (nn.RNN, nn.RNNCell, {}),
    "rnn_relu": (nn.RNN, nn.RNNCell, {"nonlinearity": "relu"}),
    "gru": (nn.GRU, nn.GRUCell, {}),
    "lstm": (nn.LSTM, nn.LSTMCell, {}),
}


class Encoder(nn.Module):
    """Layers of one recurrent network of PyTorch each, so that a layer's input can be added to its
    output; the parameters are called as those of one network of several layers."""

    def __init__(self, config):
        super().__init__()
        E, H, L = config["emb"], config["hidden"], config["layers"]
        self.two = config["bidirectional"]
        self.residual, self.reverse = config["residual"], config["reverse_source"]
        network, _, options = NETWORKS[config["cell"]]
        whole = network(E, H, L, bidirectional=self.two, **options)
        for name, parameter in whole.named_parameters():
            self.register_parameter(name, parameter)
        D = 2 * H if self.two else H
        self.make = [
            lambda size=size: network(size, H, bidirectional=self.two, **options)
            for size in [E] + [D] * (L - 1)
        ]

    def layer(self, index):
        layer = self.make[index]()
        for name, parameter in list(layer.named_parameters()):
            setattr(layer, name, getattr(self, name.replace("_l0", f"_l{index}")))
        return layer

    def flip(self, x, lengths):
        """Each sentence the other way round, its padding where it is."""
        return torch.stack(
            [torch.cat([x[:n, b].flip(0), x[n:, b]]) for b, n in enumerate(lengths.tolist())], 1
        )

    def forward(self, x, lengths):
        """[S, B, E] -> [S, B, D], and the last h (and c) of each layer [B, D]."""
        x = self.flip(x, lengths) if self.reverse else x
        states = []
        for index in range(len(self.make)):
            packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
            output, last = self.layer(index)(packed)
            output, _ = pad_packed_sequence(output)  # zero at padding
            last = last if isinstance(last, tuple) else (last,)
            states.append([torch.cat(tuple(part), 1) for part in last])
            x = output + x if self.residual and index > 0 else output
        return (self.flip(x, lengths) if self.reverse else x), states


class RnnSeq2Seq(nn.Module):
    """`config` is the part `model` of a config.json. Dropout is left out: weights are only used."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        E, H, L = config["emb"], config["hidden"], config["layers"]
        D = 2 * H if config["bidirectional"] else H
        attends = config["attention"] != "none"
        context = D if attends else H if config["fixed_context"] else 0
        self.after = attends and config["query"] == "current"
        beside = H if config["input_feeding"] else 0 if self.after else context
        self.layers, self.readout_kind, self.bridge = L, config["readout"], config["bridge"]
        self.parts = 2 if config["cell"] == "lstm" else 1
        self.target_embedding = Embedding(config["target_vocab"], E)
        if not (config["tie_embeddings"] and config["joint_vocab"]):
            self.source_embedding = Embedding(config["source_vocab"], E)
        self.encoder = Encoder(config)
        if attends:
            self.attention = Attention(config["attention"], H, D, config["energy"])
        if config["fixed_context"]:
            self.context = nn.Linear(D, H)
        _, cell, options = NETWORKS[config["cell"]]
        for layer in range(L):
            if self.bridge in ("dense", "mean"):
                size = H if self.bridge == "dense" and config["fixed_context"] else D
                self.add_module(f"bridge_l{layer}", nn.Linear(size, H))
                if self.parts == 2:
                    self.add_module(f"bridge_c_l{layer}", nn.Linear(size, H))
            self.add_module(
                f"decoder_l{layer}", cell(E + beside if layer == 0 else H, H, **options)
            )
        if self.after:
            self.combine = nn.Linear(D + H, H, bias=False)
        features = H if self.readout_kind == "state" else H + context + E
        if self.readout_kind in ("deep", "maxout"):
            self.deep = nn.Linear(features, 2 * E if self.readout_kind == "maxout" else E)
            features = E
        self.output = nn.Linear(features, config["target_vocab"])
        if config["tie_embeddings"]:
            self.output.weight = self.target_embedding.weight

    def encode(self, source, lengths):
        """The encoder's outputs, [S, B, D], and its last states, for each layer h (and c) [B, D]."""
        table = getattr(self, "source_embedding", self.target_embedding)
        return self.encoder(table(source), lengths)

    def start(self, values, last, lengths, context):
        """The decoder's first state, for each layer h (and c) [B, H]."""
        if self.bridge == "last":
            return last
        if self.bridge == "zero":
            shape = (values.shape[1], self.config["hidden"])
            return [[torch.zeros(shape) for _ in parts] for parts in last]
        if self.bridge == "mean":
            mean = values.sum(0) / lengths.unsqueeze(1)
            last = [[mean] * self.parts for _ in last]
        elif context is not None:
            last = [[context] * self.parts for _ in last]
        first = []
        for layer, parts in enumerate(last):
            first.append([torch.tanh(self.get_submodule(f"bridge_l{layer}")(parts[0]))])
            if self.parts == 2:
                first[-1].append(self.get_submodule(f"bridge_c_l{layer}")(parts[1]))
        return first

    def cells(self, x, state):
        """The next state, and the topmost output [B, H], given what the first cell reads."""
        following = []
        for layer, parts in enumerate(state):
            cell = self.get_submodule(f"decoder_l{layer}")
            after = cell(x, tuple(parts) if self.parts == 2 else parts[0])
            following.append(list(after) if self.parts == 2 else [after])
            h = following[-1][0]
            x = h + x if self.config["residual"] and layer > 0 else h
        return following, x

    def step(self, values, padding, context, state, fed, embedded):
        """The next state, the attentional state and the logits [B, V], given the previous token's
        embedding [B, E]."""
        if self.config["attention"] != "none" and not self.after:
            context = self.attention(state[-1][0], values, padding)  # [B, D]
        x = [embedded]
        if self.config["input_feeding"]:
            x.append(fed)
        elif context is not None:
            x.append(context)
        following, output = self.cells(torch.cat(x, 1), state)
        if self.after:
            context = self.attention(output, values, padding)  # [B, D]
            output = torch.tanh(self.combine(torch.cat([context, output], 1)))
        return following, output, self.output(self.readout(output, context, embedded))

    def readout(self, output, context, embedded):
        """What the output layer takes."""
        if self.readout_kind == "state":
            return output
        parts = [output, context, embedded] if context is not None else [output, embedded]
        x = torch.cat(parts, 1)
        if self.readout_kind == "deep":
            return torch.tanh(self.deep(x))  # [B, E]
        if self.readout_kind == "maxout":
            return self.deep(x).unflatten(1, (-1, 2)).amax(2)  # [B, E]
        return x

    def forward(self, source, lengths, target_in):
        """Logits [T, B, V] when every previous token is given."""
        values, last = self.encode(source, lengths)
        padding = torch.arange(len(source)).unsqueeze(1) >= lengths  # [S, B]
        fixed = self.config["fixed_context"]
        context = torch.tanh(self.context(last[-1][0])) if fixed else None
        state = self.start(values, last, lengths, context)
        fed = torch.zeros(len(lengths), self.config["hidden"])
        logits = []
        for embedded in self.target_embedding(target_in):  # T times [B, E]
            state, fed, step_logits = self.step(values, padding, context, state, fed, embedded)
            logits.append(step_logits)
        return torch.stack(logits)


def load(directory):
    """The model that a weft model directory holds."""
    directory = pathlib.Path(directory)
    config = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    transformer = config["model"]["preset"] == "vaswani2017"
    model = (weft_transformer.Transformer if transformer else RnnSeq2Seq)(config["model"])
    parameters = safetensors_io.load(directory / "model.safetensors")
    if config["model"]["tie_embeddings"]:
        parameters["output.weight"] = parameters["target_embedding.weight"]
    model.load_state_dict(parameters)
    return model.eval()
