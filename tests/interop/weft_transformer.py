"""A weft Transformer around torch.nn.Transformer, with the names of weft's parameters.

Symbols: B sentences, S and T source and target steps, E the width, P positions of a table.
"""

import math

import torch
from torch import nn

PAD = 0


def waves(T, E):
    """Sinusoidal positions [T, E] (Vaswani et al. 2017, section 3.5)."""
    t = torch.arange(T, dtype=torch.float64).unsqueeze(1)
    i = torch.arange(E).div(2, rounding_mode="floor").unsqueeze(0)
    angle = t * 10000 ** (-2 * i.double() / E)
    return torch.where(torch.arange(E) % 2 == 0, angle.sin(), angle.cos()).float()


class Transformer(nn.Module):
    """`config` is the part `model` of a config.json. Dropout is left out: weights are only used."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        E = config["emb"]
        pre = config["norm"] == "pre"
        options = {
            "dim_feedforward": config["ffn"],
            "dropout": 0,
            "activation": getattr(nn.functional, config["activation"]),
            "norm_first": pre,
        }
        encoder = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(E, config["heads"], **options),
            config["layers"],
            nn.LayerNorm(E) if pre else None,
            enable_nested_tensor=False,
        )
        decoder = nn.TransformerDecoder(
            nn.TransformerDecoderLayer(E, config["heads"], **options),
            config["decoder_layers"] or config["layers"],
            nn.LayerNorm(E) if pre else None,
        )
        core = nn.Transformer(E, custom_encoder=encoder, custom_decoder=decoder)
        self.core = [core]  # in a list: its parameters are known as those of encoder and decoder
        self.encoder, self.decoder = encoder, decoder
        self.target_embedding = nn.Embedding(config["target_vocab"], E, padding_idx=PAD)
        if not (config["tie_embeddings"] and config["joint_vocab"]):
            self.source_embedding = nn.Embedding(config["source_vocab"], E, padding_idx=PAD)
        if config["positions"] == "learned":
            self.source_positions = nn.Embedding(config["max_positions"], E)
            self.target_positions = nn.Embedding(config["max_positions"], E)
        self.output = nn.Linear(E, config["target_vocab"])
        if config["tie_embeddings"]:
            self.output.weight = self.target_embedding.weight

    def embed(self, side, ids):
        """Tokens [T, B] -> [T, B, E]."""
        table = getattr(self, f"{side}_embedding", self.target_embedding)
        x = table(ids) * (ids != PAD).unsqueeze(-1) * math.sqrt(self.config["emb"])
        if self.config["positions"] == "learned":
            rows = torch.arange(len(ids)).clamp(max=self.config["max_positions"] - 1)
            return x + getattr(self, f"{side}_positions")(rows).unsqueeze(1)
        return x + waves(len(ids), self.config["emb"]).unsqueeze(1)

    def forward(self, source, lengths, target_in):
        """Logits under teacher forcing: [S, B], [B], [T, B] -> [T, B, V]."""
        padding = torch.arange(len(source)) >= lengths.unsqueeze(1)  # [B, S]
        T = len(target_in)
        y = self.core[0](
            self.embed("source", source),
            self.embed("target", target_in),
            tgt_mask=torch.ones(T, T, dtype=torch.bool).triu(1),
            src_key_padding_mask=padding,
            memory_key_padding_mask=padding,
        )
        return self.output(y)
