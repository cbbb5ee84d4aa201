"""The Transformer of models/transformer_seq2seq.cpp in PyTorch 2, for pytorch_peer.py: post-norm, relu,
sinusoidal positions, target embeddings tied to the output, dropout of embeddings and sublayers.

Careful means: queries, keys and values of self-attention in one product, keys and values of
cross-attention in another, PyTorch's fused attention, and for decoding a cache of keys and values.
Tensors are [B, T, E] here, as PyTorch's attention wants them.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F


def waves(T, E):
    t = torch.arange(T).unsqueeze(1)
    angles = t * torch.exp(torch.arange(0, E, 2) * (-math.log(10000.0) / E))
    table = torch.zeros(T, E)
    table[:, 0::2], table[:, 1::2] = angles.sin(), angles.cos()
    return table


class Attention(nn.Module):
    def __init__(self, E, heads, cross):
        super().__init__()
        self.heads = heads
        if cross:
            self.query, self.memory = nn.Linear(E, E), nn.Linear(E, 2 * E)
        else:
            self.all = nn.Linear(E, 3 * E)
        self.out = nn.Linear(E, E)

    def split(self, x):
        """[B, T, E] -> [B, heads, T, d]."""
        return x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)

    def keys(self, memory):
        return [self.split(x) for x in self.memory(memory).chunk(2, -1)]

    def attend(self, q, k, v, causal=False):
        y = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
        return self.out(y.transpose(1, 2).flatten(2))


class Layer(nn.Module):
    def __init__(self, options, decoder):
        super().__init__()
        E = options.emb
        self.p = options.dropout
        self.self_attn = Attention(E, options.heads, False)
        self.cross_attn = Attention(E, options.heads, True) if decoder else None
        self.up, self.down = nn.Linear(E, options.ffn), nn.Linear(options.ffn, E)
        self.norms = nn.ModuleList(nn.LayerNorm(E) for _ in range(3 if decoder else 2))

    def add(self, i, x, y):
        return self.norms[i](x + F.dropout(y, self.p, self.training))

    def forward(self, x, cross=None, cache=None):
        """`cross`: keys and values of the source; `cache`: those of earlier tokens, extended here."""
        attention = self.self_attn
        q, k, v = (attention.split(part) for part in attention.all(x).chunk(3, -1))
        if cache is not None:
            if cache:
                k, v = torch.cat([cache[0], k], 2), torch.cat([cache[1], v], 2)
            cache[:] = [k, v]
        x = self.add(0, x, attention.attend(q, k, v, cross is not None and cache is None))
        if cross is not None:
            q = self.cross_attn.split(self.cross_attn.query(x))
            x = self.add(1, x, self.cross_attn.attend(q, *cross))
        return self.add(-1 % len(self.norms), x, self.down(F.relu(self.up(x))))


class Transformer(nn.Module):
    def __init__(self, options):
        super().__init__()
        E = options.emb
        self.p, self.scale = options.dropout, math.sqrt(E)
        self.source_embedding = nn.Embedding(options.src_vocab, E)
        self.target_embedding = nn.Embedding(options.trg_vocab, E)
        for table in (self.source_embedding, self.target_embedding):
            nn.init.normal_(table.weight, 0, 1 / self.scale)
        self.register_buffer("positions", waves(2 * options.length + 1, E), persistent=False)
        self.encoder = nn.ModuleList(Layer(options, False) for _ in range(options.layers))
        self.decoder = nn.ModuleList(Layer(options, True) for _ in range(options.layers))
        self.bias = nn.Parameter(torch.zeros(options.trg_vocab))

    def embed(self, table, ids, first=0):
        """[T, B] -> [B, T, E]."""
        x = table(ids.t()) * self.scale + self.positions[first : first + len(ids)]
        return F.dropout(x, self.p, self.training)

    def encode(self, source):
        """The keys and values that each layer of the decoder reads."""
        x = self.embed(self.source_embedding, source)
        for layer in self.encoder:
            x = layer(x)
        return [layer.cross_attn.keys(x) for layer in self.decoder]

    def logits(self, x):
        return F.linear(x, self.target_embedding.weight, self.bias)

    def forward(self, source, target_in):
        """[S, B], [T, B] -> [B, T, V]."""
        cross = self.encode(source)
        x = self.embed(self.target_embedding, target_in)
        for layer, keys in zip(self.decoder, cross):
            x = layer(x, keys)
        return self.logits(x)

    def open(self, source, beam):
        return Session(self, source, beam)


class Session:
    """The state of decoding: rows are hypotheses, `beam` for each sentence."""

    def __init__(self, model, source, beam):
        self.model = model
        self.cross = [[x.repeat_interleave(beam, 0) for x in keys] for keys in model.encode(source)]
        self.caches = [[] for _ in self.cross]
        self.steps = 0

    def step(self, words):
        """[N] -> logits [N, V]."""
        x = self.model.embed(self.model.target_embedding, words.unsqueeze(0), self.steps)
        for layer, keys, cache in zip(self.model.decoder, self.cross, self.caches):
            x = layer(x, keys, cache)
        self.steps += 1
        return self.model.logits(x[:, 0])

    def select(self, rows):
        for cache in self.caches:
            cache[:] = [x[rows] for x in cache]
