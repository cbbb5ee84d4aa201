#!/usr/bin/python3
"""What `weft bench train` and `weft bench decode` measure, in PyTorch: the same model and sentences
of the same sizes, written as carefully as PyTorch allows. Prints a JSON object.

    /usr/bin/python3 tools/bench/pytorch_peer.py train --emb 128 --hidden 256 --batch 32
    /usr/bin/python3 tools/bench/pytorch_peer.py decode --beam 5
    /usr/bin/python3 tools/bench/pytorch_peer.py train --preset vaswani2017 --layers 3 --emb 256 \\
        --heads 4 --ffn 1024

Careful means: a fused GRU for the encoder, keys projected once a sentence, one vocabulary projection
for all steps of a training batch. The equations are those of `bahdanau2015` (models/rnn_seq2seq.cpp);
those of `vaswani2017` are in pytorch_transformer.py. --compile uses torch.compile.
"""

import argparse
import json
import resource
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F

from pytorch_transformer import Transformer

BOS = 1
FIRST_WORD = 4  # smaller ids are special tokens
WARM_UP = 3


class Model(nn.Module):
    """`bahdanau2015` of one layer; what does not depend on the step is done once for all steps."""

    def __init__(self, options):
        super().__init__()
        E, H = options.emb, options.hidden
        features = H + 2 * H + E
        self.source_embedding = nn.Embedding(options.src_vocab, E)
        self.target_embedding = nn.Embedding(options.trg_vocab, E)
        self.encoder = nn.GRU(E, H, bidirectional=True)
        self.bridge = nn.Linear(2 * H, H)
        self.query = nn.Linear(H, H, bias=False)
        self.key = nn.Linear(2 * H, H)
        self.v = nn.Parameter(torch.empty(H).uniform_(-0.1, 0.1))
        self.decoder = nn.GRUCell(E + 2 * H, H)
        self.deep = nn.Linear(features, E) if options.readout == "deep" else None
        self.output = nn.Linear(E if self.deep else features, options.trg_vocab)

    def attend(self, query, keys, values):
        """[B, H], [S, B, H], [S, B, D] -> the context, [B, D]."""
        energies = torch.tanh(self.query(query) + keys) @ self.v  # [S, B]
        return torch.einsum("sb,sbd->bd", energies.softmax(0), values)

    def advance(self, embedded, state, keys, values):
        """The next state [B, H], and what the readout sees [B, H + D + E]."""
        context = self.attend(state, keys, values)
        state = self.decoder(torch.cat([embedded, context], 1), state)
        return state, torch.cat([state, context, embedded], 1)

    def logits(self, features):
        return self.output(torch.tanh(self.deep(features)) if self.deep else features)

    def prepare(self, source):
        """Values, keys and first state of sentences of one length, [S, B]."""
        values, last = self.encoder(self.source_embedding(source))  # [S, B, D], [2, B, H]
        return values, self.key(values), torch.tanh(self.bridge(torch.cat(tuple(last), 1)))

    def forward(self, source, target_in):
        values, keys, state = self.prepare(source)
        features = []
        for embedded in self.target_embedding(target_in):
            state, seen = self.advance(embedded, state, keys, values)
            features.append(seen)
        return self.logits(torch.stack(features)).transpose(0, 1)  # [B, T, V]

    def open(self, source, beam):
        return Session(self, source, beam)


class Session:
    """The state of decoding: rows are hypotheses, `beam` for each sentence."""

    def __init__(self, model, source, beam):
        self.model = model
        values, keys, state = model.prepare(source)
        self.values, self.keys = (x.repeat_interleave(beam, 1) for x in (values, keys))
        self.state = state.repeat_interleave(beam, 0)

    def step(self, words):
        """[N] -> logits [N, V]."""
        embedded = self.model.target_embedding(words)
        self.state, seen = self.model.advance(embedded, self.state, self.keys, self.values)
        return self.model.logits(seen)

    def select(self, rows):
        self.state = self.state[rows]


def random_words(words, length, batch):
    return torch.randint(FIRST_WORD, words, (length, batch))


def train(model, options):
    """The median time of a step, in seconds."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=options.fused)
    forward = torch.compile(model) if options.compile else model
    source = random_words(options.src_vocab, options.length, options.batch)
    target = random_words(options.trg_vocab, options.length, options.batch)
    times = []
    for _ in range(WARM_UP + options.steps):
        begin = time.perf_counter()
        optimizer.zero_grad()
        logits = forward(source, target)
        F.cross_entropy(logits.flatten(0, 1), target.t().flatten()).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1)
        optimizer.step()
        times.append(time.perf_counter() - begin)
    return statistics.median(times[WARM_UP:])


@torch.no_grad()
def search(model, source, beam, steps):
    """Beam search over sentences that do not end: all B * beam hypotheses go all the way."""
    session = model.open(source, beam)
    batch = source.shape[1]
    words = torch.full((batch * beam,), BOS)
    scores = torch.full((batch, beam), -torch.inf)
    scores[:, 0] = 0
    first = torch.arange(batch).unsqueeze(1) * beam
    sentences = torch.empty(batch * beam, 0, dtype=torch.int64)
    for _ in range(steps):
        logits = session.step(words)
        if beam == 1:
            words = logits.argmax(1)
            sentences = torch.cat([sentences, words.unsqueeze(1)], 1)
            continue
        total = (scores.view(-1, 1) + logits.log_softmax(1)).view(batch, -1)
        scores, best = total.topk(beam, 1)
        rows = (first + best // logits.shape[1]).flatten()
        words = (best % logits.shape[1]).flatten()
        session.select(rows)
        sentences = torch.cat([sentences[rows], words.unsqueeze(1)], 1)
    return sentences


def decode(model, options):
    """The median time of a batch, in seconds."""
    model.eval()
    times = []
    for _ in range(1 + options.steps):
        source = random_words(options.src_vocab, options.length, options.batch)
        begin = time.perf_counter()
        search(model, source, options.beam, options.length)
        times.append(time.perf_counter() - begin)
    return statistics.median(times[1:])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["train", "decode"])
    for name, default in [("emb", 256), ("hidden", 512), ("src-vocab", 5921), ("trg-vocab", 7859),
                          ("length", 15), ("batch", 64), ("steps", 20), ("threads", 0),
                          ("beam", 1), ("layers", 1), ("heads", 8), ("ffn", 2048)]:  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--readout", choices=["full", "deep"], default="deep")
    parser.add_argument("--preset", choices=["bahdanau2015", "vaswani2017"], default="bahdanau2015")
    parser.add_argument("--dropout", type=float, default=0.1)  # of Transformers
    parser.add_argument("--compile", action="store_true")
    options = parser.parse_args()
    options.fused = int(torch.__version__.split(".")[0]) >= 2
    if options.threads:
        torch.set_num_threads(options.threads)
    model = (Transformer if options.preset == "vaswani2017" else Model)(options)
    if options.what == "train":
        rate = options.length * options.batch / train(model, options)
        result = {"target_tokens_per_second": rate}
    else:
        result = {"sentences_per_second": options.batch / decode(model, options)}
    result["peak_rss_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(result))


if __name__ == "__main__":
    main()
