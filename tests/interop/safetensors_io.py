"""Reads and writes safetensors files with PyTorch alone.

The format (https://github.com/huggingface/safetensors#format): the header's length as a
little-endian uint64, the header as JSON, then the data of all tensors without holes. The header
gives each tensor's dtype, shape and place in the data, and optional texts under `__metadata__`.
"""

import json
import math
import pathlib
import struct

import torch

DTYPES = {"F64": torch.float64, "F32": torch.float32, "I64": torch.int64, "BOOL": torch.bool}
NAMES = {dtype: name for name, dtype in DTYPES.items()}


def save(path, tensors, metadata=None):
    """Writes a dictionary of tensors, those with wide elements first, so that all are aligned."""
    ordered = sorted(tensors.items(), key=lambda item: -item[1].element_size())
    header = {"__metadata__": metadata} if metadata else {}
    data = bytearray()
    for name, tensor in ordered:
        tensor = tensor.detach().contiguous()
        begin = len(data)
        data += bytes(tensor.flatten().view(torch.uint8).tolist())
        header[name] = {
            "dtype": NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [begin, len(data)],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


def load(path):
    """The tensors of a file by name. Raises ValueError if it breaks a rule of the format."""
    content = pathlib.Path(path).read_bytes()
    (header_size,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8 : 8 + header_size])
    header.pop("__metadata__", None)
    data = bytearray(content[8 + header_size :])  # torch.frombuffer wants it writable
    tensors = {}
    position = 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        dtype, shape, (begin, end) = DTYPES[entry["dtype"]], entry["shape"], entry["data_offsets"]
        count = math.prod(shape)
        size = count * torch.empty((), dtype=dtype).element_size()
        if begin != position or end - begin != size:
            raise ValueError(f"{path}: tensor '{name}': wrong data_offsets {begin}, {end}")
        position = end
        flat = (
            torch.frombuffer(data, dtype=dtype, count=count, offset=begin)
            if count
            else torch.empty(0, dtype=dtype)
        )
        tensors[name] = flat.reshape(shape)
    if position != len(data):
        raise ValueError(f"{path}: {len(data)} bytes of data; expected {position}")
    return tensors
