"""Writes a weft Transformer in the format of CTranslate2 (https://github.com/OpenNMT/CTranslate2).

    python3 tests/interop/ctranslate2_model.py DIR OUT

DIR is a model directory of weft (such as run/best) with the preset vaswani2017 and the tokenizer
spm; OUT must not exist. The result has no positions beyond MAX_POSITIONS. CTranslate2 reads the
source as weft does, without an end token. Needs the packages ctranslate2, sentencepiece and torch.
"""

import json
import pathlib
import sys

import numpy as np
import sentencepiece
from ctranslate2.specs import common_spec, transformer_spec

import safetensors_io
from weft_transformer import waves

MAX_POSITIONS = 1024
ACTIVATIONS = {
    "relu": common_spec.Activation.RELU,
    "gelu": common_spec.Activation.GELU,
    "silu": common_spec.Activation.SWISH,
}


def set_linear(spec, weights, name):
    spec.weight, spec.bias = weights[f"{name}.weight"], weights[f"{name}.bias"]


def set_norm(spec, weights, name):
    spec.gamma, spec.beta = weights[f"{name}.weight"], weights[f"{name}.bias"]


def set_attention(spec, weights, name, crosses):
    """Queries, keys and values are one product; if it reads the source, its queries are another."""
    W, b = weights[f"{name}.in_proj_weight"], weights[f"{name}.in_proj_bias"]
    E = W.shape[1]
    bounds = [0, E, 3 * E] if crosses else [0, 3 * E]
    for linear, first, last in zip(spec.linear, bounds, bounds[1:]):
        linear.weight, linear.bias = W[first:last], b[first:last]
    set_linear(spec.linear[-1], weights, f"{name}.out_proj")


def set_layer(spec, weights, name, decodes):
    set_attention(spec.self_attention, weights, f"{name}.self_attn", False)
    set_norm(spec.self_attention.layer_norm, weights, f"{name}.norm1")
    if decodes:
        set_attention(spec.attention, weights, f"{name}.multihead_attn", True)
        set_norm(spec.attention.layer_norm, weights, f"{name}.norm2")
    set_linear(spec.ffn.linear_0, weights, f"{name}.linear1")
    set_linear(spec.ffn.linear_1, weights, f"{name}.linear2")
    set_norm(spec.ffn.layer_norm, weights, f"{name}.norm{3 if decodes else 2}")


def positions(learned, E):
    """The vectors of positions; those behind a table of learned ones share its last row."""
    if learned is None:
        return waves(MAX_POSITIONS, E).numpy()
    rows = np.minimum(np.arange(max(MAX_POSITIONS, len(learned))), len(learned) - 1)
    return learned[rows]


def set_side(spec, weights, side, decodes, config):
    for i, layer in enumerate(spec.layer):
        set_layer(layer, weights, f"{side}.layers.{i}", decodes)
    if config["norm"] == "pre":
        set_norm(spec.layer_norm, weights, f"{side}.norm")
    spec.position_encodings.encodings = positions(
        weights.get(f"{'target' if decodes else 'source'}_positions.weight"), config["emb"])
    embeddings = spec.embeddings if decodes else spec.embeddings[0]
    embeddings.weight = weights["target_embedding.weight"] if decodes else weights.get(
        "source_embedding.weight", weights["target_embedding.weight"])
    spec.scale_embeddings = True


def specification(config, weights):
    """The model as CTranslate2's converters describe it."""
    spec = transformer_spec.TransformerSpec.from_config(
        (config["layers"], config["decoder_layers"] or config["layers"]),
        config["heads"],
        pre_norm=config["norm"] == "pre",
        activation=ACTIVATIONS[config["activation"]],
    )
    set_side(spec.encoder, weights, "encoder", False, config)
    set_side(spec.decoder, weights, "decoder", True, config)
    spec.decoder.projection.weight = weights.get(
        "output.weight", weights["target_embedding.weight"])
    spec.decoder.projection.bias = weights["output.bias"]
    return spec


def pieces(path):
    processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
    return [processor.id_to_piece(i) for i in range(len(processor))]


def convert(directory, out):
    """Writes the model of `directory` to the new folder `out`."""
    directory = pathlib.Path(directory)
    config = json.loads((directory / "config.json").read_text())["model"]
    if (config["preset"] != "vaswani2017" or config["source_features"]
            or config["positions"] == "rotary"
            or config.get("decoder_cell", "attention") != "attention"):
        sys.exit(f"ctranslate2_model: {directory}: expected vaswani2017 with tokens, positions that "
                 "are added, and self-attention in the decoder")
    weights = {name: tensor.numpy()
               for name, tensor in safetensors_io.load(directory / "model.safetensors").items()}
    spec = specification(config, weights)
    spec.register_source_vocabulary(pieces(directory / "source.spm"))
    spec.register_target_vocabulary(pieces(directory / "target.spm"))
    spec.config.bos_token, spec.config.eos_token, spec.config.unk_token = "<bos>", "<eos>", "<unk>"
    spec.config.decoder_start_token = "<bos>"
    spec.config.add_source_bos = spec.config.add_source_eos = False
    spec.validate()
    spec.optimize(quantization=None)
    pathlib.Path(out).mkdir(parents=True)
    spec.save(str(out))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    convert(*sys.argv[1:])
