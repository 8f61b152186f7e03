"""Makes calls.json.gz: single calls of ops that random programs do not use, with their values and derivatives.

    python3 test/oracle/calls.py

Values are PyTorch's in float64; Debian 12's python3-torch 1.13 made the table. Each call is paired with weights: `first` is the gradient of the sum
of weights times results, and `second` that of the sum of directions times `first`. Arguments are written as bigrad takes them, and stand behind
the tensors. An op that PyTorch does not have is written as a formula.
"""

import gzip
import json
import math
import random
from pathlib import Path

import torch

from calls_linalg import LINALG
from drawn import Drawn, away, drawn, ints, positive, upward

FILE = Path(__file__).parent / 'calls.json.gz'
NAN = math.nan


def backwards(f):
    return lambda x, axis: f(x.flip(axis), axis).flip(axis)


def scattered(x, indices, y):
    """x with y in place of elements; PyTorch leaves open which of two counts."""
    rows = [list(row) for row in x]
    for i, row in enumerate(indices.tolist()):
        for j, at in enumerate(row):
            rows[i][at] = y[i, j]
    return torch.stack([torch.stack(row) for row in rows])


def nan_variance(x):
    return torch.stack([row[~row.isnan()].var(unbiased=False) for row in x])


class Digamma(torch.autograd.Function):
    """PyTorch's derivative of digamma has nine digits, and its zeta function all."""

    @staticmethod
    def forward(c, x):
        c.save_for_backward(x)
        return torch.digamma(x)

    @staticmethod
    def backward(c, g):
        return g * torch.special.zeta(2.0, c.saved_tensors[0])


class LogGamma(torch.autograd.Function):
    @staticmethod
    def forward(c, x):
        c.save_for_backward(x)
        return torch.lgamma(x)

    @staticmethod
    def backward(c, g):
        return g * Digamma.apply(c.saved_tensors[0])


HOLED = Drawn([2, 4], [0.5, NAN, -1.25, 0.75, 2.0, 0.25, NAN, -0.5])

# (op, tensors, arguments, function of the tensors in PyTorch)
CALLS = [
    ('mod', [drawn(2, 3), away(3)], [], torch.remainder),
    ('atan2', [drawn(2, 3), drawn(3)], [], torch.atan2),
    ('logAddExp', [drawn(2, 3), drawn(2, 1)], [], torch.logaddexp),
    *((name, [drawn(5)], [], getattr(torch, name)) for name in ('tan', 'atan', 'sinh', 'cosh', 'asinh')),
    ('sinc', [Drawn([4], [0.125, -0.5, 1.375, -2.0])], [], torch.sinc),
    *((name, [drawn(5, most=0.9)], [], getattr(torch, name)) for name in ('asin', 'acos', 'atanh', 'erfinv')),
    ('acosh', [upward(4)], [], torch.acosh),
    ('lgamma', [upward(5)], [], LogGamma.apply),
    ('takeAlong', [drawn(3, 4), ints([[0, 2], [3, 3], [1, 0]])], [1], lambda x, i: x.take_along_dim(i, 1)),
    ('scatterAdd', [drawn(2, 3), ints([[0, 2, 2], [1, 1, 0]]), drawn(2, 3)], [1], lambda x, i, y: x.scatter_add(1, i, y)),
    ('scatterSet', [drawn(2, 3), ints([[0, 2, 2], [1, 1, 0]]), drawn(2, 3)], [1], scattered),
    ('sort', [drawn(2, 5)], [0, {'descending': True}], lambda x: x.sort(0, descending=True)[0]),
    ('topK', [drawn(2, 5)], [3], lambda x: [*x.topk(3)]),
    ('cumprod', [drawn(2, 4)], [], lambda x: x.cumprod(1)),
    ('cumprod', [drawn(4, 2)], [0, {'reverse': True}], lambda x: backwards(torch.cumprod)(x, 0)),
    ('cumprod', [Drawn([5], [0.5, 0.0, -1.5, 0.0, 2.0])], [], lambda x: x.cumprod(0)),
    ('cummax', [drawn(2, 6)], [], lambda x: torch.cummax(x, 1)[0]),
    ('cummax', [Drawn([5], [0.5, 0.5, -1.0, 0.5, 2.0])], [0, {'reverse': True}], lambda x: backwards(lambda y, d: torch.cummax(y, d)[0])(x, 0)),
    ('roll', [drawn(3, 4)], [[1, -2], [0, 1]], lambda x: x.roll([1, -2], [0, 1])),
    ('roll', [drawn(3, 4)], [5], lambda x: x.roll(5)),
    ('tile', [drawn(2, 3)], [[2, 1, 2]], lambda x: x.tile(2, 1, 2)),
    ('tile', [drawn(2, 3)], [[2]], lambda x: x.tile(2)),
    ('repeat', [drawn(2, 3)], [[2, 0, 1], 1], lambda x: x.repeat_interleave(torch.tensor([2, 0, 1]), 1)),
    ('repeat', [drawn(2, 3)], [2], lambda x: x.repeat_interleave(2)),
    ('at', [drawn(3, 4, 5)], [[1, 'new', [None, None, 2], [1, -1]]], lambda x: x[1, None, ::2, 1:-1]),
    ('at', [drawn(3, 4, 5)], [['...', [3, None, -2]]], lambda x: x[..., :].flip(2)[..., 1::2]),
    ('unique', [Drawn([5], [0.5, -1.0, 0.5, 2.0, -1.0])], [], lambda x: [x[[1, 0, 3]], *torch.unique(x, return_inverse=True, return_counts=True)[1:]]),
    ('quantile', [drawn(5, 2)], [[0.25, 0.6], 0], lambda x: x.quantile(torch.tensor([0.25, 0.6], dtype=x.dtype), 0)),
    ('median', [drawn(3, 4)], [1], lambda x: x.quantile(0.5, 1)),
    ('cov', [drawn(3, 5)], [], torch.cov),
    ('cov', [drawn(5)], [{'correction': 0}], lambda x: torch.cov(x, correction=0)),
    ('corrcoef', [drawn(3, 5)], [], torch.corrcoef),
    ('nanSum', [HOLED], [1], lambda x: x.nansum(1)),
    ('nanMean', [HOLED], [1], lambda x: x.nanmean(1)),
    ('nanProd', [HOLED], [1], lambda x: x.nan_to_num(1.0).prod(1)),
    ('nanMax', [HOLED], [1], lambda x: x.nan_to_num(-99.0).amax(1)),
    ('nanMin', [HOLED], [1], lambda x: x.nan_to_num(99.0).amin(1)),
    ('nanVariance', [HOLED], [1], nan_variance),
    ('nanStandardDeviation', [HOLED], [1], lambda x: nan_variance(x).sqrt()),
    ('digamma', [upward(4)], [], Digamma.apply),
    ('bincount', [ints([0, 2, 2, 3]), positive(4)], None, lambda i, w: torch.zeros(5, dtype=w.dtype).index_add(0, i, w)),
    ('meshgrid', [drawn(2), drawn(3)], None, lambda x, y: torch.meshgrid(x, y, indexing='xy')),
    *LINALG,
]


def listed(y):
    return [*y] if isinstance(y, (list, tuple)) else [y]


def written(x):
    """A tensor as JSON has it: NaN and infinities as text."""
    plain = x.detach() + torch.zeros(x.shape, dtype=x.dtype)  # some zeros have no memory
    data = [v if math.isfinite(v) else str(v).replace('nan', 'NaN').replace('inf', 'Infinity') for v in plain.flatten().tolist()]
    return {'shape': list(x.shape), 'data': data, 'int': not x.is_floating_point()}


def row(op, tensors, arguments, f, chance):
    xs = [t.tensor(chance) for t in tensors]
    floats = [x.requires_grad_() for x in xs if x.is_floating_point()]
    outs = listed(f(*xs))
    like = lambda x: torch.tensor([chance.randint(-64, 64) / 64 for _ in range(x.numel())], dtype=torch.float64).reshape(x.shape)
    known = [y for y in outs if y.is_floating_point()]
    weights = [like(y) for y in known]
    total = sum((w * y).sum() for w, y in zip(weights, known))
    first = torch.autograd.grad(total, floats, create_graph=True, allow_unused=True)
    first = [torch.zeros_like(x) if g is None else g for g, x in zip(first, floats)]
    directions = [like(x) for x in floats]
    slope = sum((d * torch.where(x.isnan(), 0.0, g)).sum() for d, g, x in zip(directions, first, floats))
    second = torch.autograd.grad(slope, floats, allow_unused=True) if slope.requires_grad else [None] * len(floats)
    second = [torch.zeros_like(x) if g is None else g for g, x in zip(second, floats)]
    lists = {'inputs': xs, 'outputs': outs, 'weights': weights, 'directions': directions, 'first': first, 'second': second}
    return {'op': op, 'arguments': arguments, **{name: [written(x) for x in ys] for name, ys in lists.items()}}


def table(calls, file):
    torch.set_num_threads(1)
    rows = [row(*call, random.Random(k)) for k, call in enumerate(calls)]
    file.write_bytes(gzip.compress(json.dumps(rows, separators=(',', ':'), allow_nan=False).encode(), 9, mtime=0))
    print(f'{len(rows)} calls of {len({r["op"] for r in rows})} ops; {file.stat().st_size} bytes')


if __name__ == '__main__':
    table(CALLS, FILE)
