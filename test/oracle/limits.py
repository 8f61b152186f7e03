"""How far the operands of an op have to be from where it has no derivative, or a huge one."""

import math

import torch
from torch.nn import functional as F

from ops import dims, framed, pair, shared_axes

KINK = 0.02
POLE = 0.2
ROOM = 0.05


def least(x):
    return x.min().item() if x.numel() > 0 else math.inf


def gap(rows):
    """Between the largest and the second of each row."""
    if rows.shape[-1] < 2:
        return math.inf
    top = rows.topk(2, -1).values
    return least(top[..., 0] - top[..., 1])


def rows(a, x):
    """The elements that meet in a reduction, as rows."""
    axes = [axis % x.dim() for axis in dims(a, x)]
    others = [i for i in range(x.dim()) if i not in axes]
    return x.permute(others + axes).reshape([*(x.shape[i] for i in others), -1])


def images(a, x):
    """The windows of pooling, as rows."""
    padded = framed(x, a, -1e9)
    n, c, h, w = padded.shape
    columns = F.unfold(padded.reshape(n * c, 1, h, w), pair(a['window']), stride=pair(a.get('stride', a['window'])))
    return columns.transpose(1, 2)


def from_zero(a, x):
    return least(x.abs()) / KINK


def apart(a, x, y):
    return least((x - y).abs()) / KINK


def above_pole(a, x):
    return least(x) / POLE


def power(a, x, y):
    """Of a number y any base that is not near 0 will do, if y is an integer."""
    whole = y.dim() == 0 and y.item() == round(y.item())
    return least(x.abs() if whole else x) / POLE


def spread_of(x, axes):
    return x.var(axes, False)


def room(a, variance):
    return least(variance + a.get('eps', 1e-5)) / ROOM


# Distance from trouble, in units of what is enough; ops that are not here are smooth everywhere.
LIMITS = {
    'less': apart,
    'greater': apart,
    'lessEqual': apart,
    'greaterEqual': apart,
    'div': lambda a, x, y: least(y.abs()) / POLE,
    'pow': power,
    'maximum': apart,
    'minimum': apart,
    'abs': from_zero,
    'sign': from_zero,
    'reciprocal': lambda a, x: least(x.abs()) / POLE,
    'sqrt': above_pole,
    'rsqrt': above_pole,
    'log': above_pole,
    'log1p': lambda a, x: least(x + 1) / POLE,
    'relu': from_zero,
    'leakyRelu': from_zero,
    'elu': from_zero,
    'clamp': lambda a, x: min(least((x - a['lo']).abs()), least((x - a['hi']).abs())) / KINK,
    'max': lambda a, x: gap(rows(a, x)) / KINK,
    'min': lambda a, x: gap(-rows(a, x)) / KINK,
    'standardDeviation': lambda a, x: least(spread_of(x, dims(a, x))) / ROOM,
    'maxPool2d': lambda a, x: gap(images(a, x)) / KINK,
    'batchNorm': lambda a, x, s, t, *given: room(a, given[1] if given else spread_of(x, shared_axes(a, x))),
    'batchNormWithStats': lambda a, x, s, t: room(a, spread_of(x, shared_axes(a, x))),
    'layerNorm': lambda a, x, s, t: room(a, spread_of(x, dims({'axes': a.get('axes', -1)}, x))),
    'gate': lambda a, m, eps: least(eps) / POLE,
}
