#!/usr/bin/env python3
"""The ops of `weft bench ops` in PyTorch: the peer that `weft bench ops --peer` talks to.

Reads lines "OP ELEMENTS THREADS REPETITIONS" and answers each with the mean microseconds of a forward
and of a backward pass, or "none" for an op it does not have. tools/measure/op_cases.cpp says what each
name means.
"""

import sys
import time

import torch

WIDTH = 256


def normal(*shape):
    return torch.randn(*shape).requires_grad_()


def positive(*shape):
    return torch.empty(*shape).uniform_(0.5, 2).requires_grad_()


def rows(n):
    return n // WIDTH, WIDTH


def unary(function, make=normal):
    return lambda n: ([make(n)], function)


def binary(function, second=positive):
    return lambda n: ([normal(n), second(n)], function)


def on_rows(function):
    return lambda n: ([normal(*rows(n))], function)


def with_row(function):
    return lambda n: ([normal(*rows(n)), positive(WIDTH)], function)


def with_column(function):
    return lambda n: ([normal(*rows(n)), positive(n // WIDTH, 1)], function)


def where(n):
    mask = torch.randn(n) > 0
    return [normal(n), normal(n)], lambda a, b: torch.where(mask, a, b)


def masked_fill(n):
    mask = torch.randn(n) > 0
    return [normal(n)], lambda x: x.masked_fill(mask, 0)


def gather(n):
    at = torch.randint(WIDTH, rows(n))
    return [normal(*rows(n))], lambda x: x.gather(1, at)


def index_select(n):
    at = torch.randint(n // WIDTH, (n // WIDTH,))
    return [normal(*rows(n))], lambda x: x.index_select(0, at)


def embedding(n):
    # Sparse, as weft's gradient is one of rows.
    at = torch.randint(8000, (n // WIDTH,))
    return [normal(8000, WIDTH)], lambda w: torch.nn.functional.embedding(at, w, sparse=True)


def two_halves(function):
    return lambda n: ([normal(*rows(n // 2)), normal(*rows(n // 2))], function)


def attention(length, causal=False):
    def make(n):
        shape = max(1, n // (4 * length * 64)), 4, length, 64
        return ([normal(*shape) for _ in range(3)],
                lambda q, k, v: torch.nn.functional.scaled_dot_product_attention(
                    q, k, v, is_causal=causal))
    return make


def conv1d(n):
    return ([normal(max(1, n // (64 * 128)), 64, 128), normal(64, 64, 3), normal(64)],
            lambda x, w, b: torch.nn.functional.conv1d(x, w, b, padding=1))


def conv2d(channels, side, kernel, stride, padding):
    def make(n):
        x = normal(max(1, n // (channels * side * side)), channels, side, side)
        return ([x, normal(64, channels, kernel, kernel), normal(64)],
                lambda x, w, b: torch.nn.functional.conv2d(x, w, b, stride, padding))
    return make


def pictures(function):
    return lambda n: ([normal(n // 1024, 4, 16, 16)], function)


CASES = {
    "add": binary(torch.add),
    "sub": binary(torch.sub),
    "mul": binary(torch.mul),
    "div": binary(torch.div),
    "maximum": binary(torch.maximum),
    "minimum": binary(torch.minimum),
    "pow": lambda n: ([positive(n), normal(n)], torch.pow),
    "neg": unary(torch.neg),
    "abs": unary(torch.abs),
    "square": unary(torch.square),
    "sqrt": unary(torch.sqrt, positive),
    "exp": unary(torch.exp),
    "log": unary(torch.log, positive),
    "log1p": unary(torch.log1p, positive),
    "sin": unary(torch.sin),
    "cos": unary(torch.cos),
    "erf": unary(torch.erf),
    "tanh": unary(torch.tanh),
    "sigmoid": unary(torch.sigmoid),
    "relu": unary(torch.relu),
    "gelu": unary(torch.nn.functional.gelu),
    "softplus": unary(torch.nn.functional.softplus),
    "clamp": unary(lambda x: x.clamp(-1, 1)),
    "mul_number": unary(lambda x: x * 3.0),
    "where": where,
    "masked_fill": masked_fill,
    "dropout": unary(lambda x: torch.nn.functional.dropout(x, 0.1)),
    "add_row": with_row(torch.add),
    "mul_row": with_row(torch.mul),
    "mul_column": with_column(torch.mul),
    "softmax": on_rows(lambda x: x.softmax(1)),
    "log_softmax": on_rows(lambda x: x.log_softmax(1)),
    "logsumexp": on_rows(lambda x: x.logsumexp(1)),
    "layer_norm": lambda n: ([normal(*rows(n)), positive(WIDTH), normal(WIDTH)],
                             lambda x, w, b: torch.nn.functional.layer_norm(x, (WIDTH,), w, b)),
    "sum_all": on_rows(torch.sum),
    "sum_last": on_rows(lambda x: x.sum(1)),
    "sum_first": on_rows(lambda x: x.sum(0)),
    "max_last": on_rows(lambda x: x.max(1).values),
    "cumsum": on_rows(lambda x: x.cumsum(1)),
    "softmax_first": on_rows(lambda x: x.softmax(0)),
    # weft's arrays are contiguous: what PyTorch makes as a view must be copied there to be used.
    "transpose": on_rows(lambda x: x.t().contiguous()),
    "heads": lambda n: ([normal(n // 1024, 4, 4, 64)], lambda x: x.transpose(1, 2).contiguous()),
    "expand": lambda n: ([normal(WIDTH)], lambda x: x.expand(rows(n)).contiguous()),
    "flip": on_rows(lambda x: x.flip(1)),
    "cat": two_halves(lambda a, b: torch.cat([a, b], 1)),
    "stack": two_halves(lambda a, b: torch.stack([a, b])),
    "split": on_rows(lambda x: [half.contiguous() for half in x.split(WIDTH // 2, 1)]),
    "narrow": on_rows(lambda x: x.narrow(1, WIDTH // 4, WIDTH // 2).contiguous()),
    "gather": gather,
    "index_select": index_select,
    "embedding": embedding,
    "rms_norm": lambda n: ([normal(*rows(n)), positive(WIDTH)],
                           lambda x, w: torch.nn.functional.rms_norm(x, (WIDTH,), w, 1e-6)),
    "permute": lambda n: ([normal(n // 1024, 8, 8, 16)],
                          lambda x: x.permute(0, 3, 1, 2).contiguous()),
    "max_pool2d": pictures(lambda x: torch.nn.functional.max_pool2d(x, 2)),
    "avg_pool2d": pictures(lambda x: torch.nn.functional.avg_pool2d(x, 2)),
    "attention_32": attention(32),
    "attention_128": attention(128),
    "attention_512": attention(512),
    "causal_128": attention(128, causal=True),
    "conv1d": conv1d,
    "conv2d": conv2d(64, 28, 3, 1, 1),
    "conv2d_stride": conv2d(32, 56, 3, 2, 1),
    "conv2d_1x1": conv2d(64, 28, 1, 1, 0),
    "conv2d_patch": conv2d(3, 224, 16, 16, 0),
}


class Timed:
    """A case at one size, ready to be timed again and again."""

    def __init__(self, op, elements):
        self.inputs, self.function = CASES[op](elements)
        outputs = self.outputs()
        self.cotangents = [torch.randn_like(y) for y in outputs]

    def outputs(self):
        y = self.function(*self.inputs)
        return [y] if isinstance(y, torch.Tensor) else list(y)

    def run(self, repetitions):
        forward = backward = 0
        for _ in range(repetitions):
            start = time.perf_counter()
            outputs = self.outputs()
            middle = time.perf_counter()
            torch.autograd.backward(outputs, self.cotangents)
            backward += time.perf_counter() - middle
            forward += middle - start
            for x in self.inputs:
                x.grad = None
        return forward / repetitions * 1e6, backward / repetitions * 1e6


def main():
    current = None
    for line in sys.stdin:
        op, elements, threads, repetitions = line.split()
        torch.set_num_threads(int(threads))
        if op not in CASES:
            print("none", flush=True)
            continue
        if current != (op, elements):
            timed = Timed(op, int(elements))
            timed.run(3)
            current = op, elements
        print(*timed.run(int(repetitions)), flush=True)


if __name__ == "__main__":
    main()
