"""What each op of a program computes, in PyTorch: a table to read beside ops.ts, one line for each op, in the same order.

Where PyTorch 1.13 has wrong higher derivatives, ops are written as formulas: batch norm and layer norm (third order), and x^y with a
tensor y that holds 0 (second order) or 1 (third order).
"""

import math

import torch
from torch.nn import functional as F


def dims(a, x):
    """The axes of a reduction; all of them by default."""
    axes = a.get('axes')
    return list(range(x.dim())) if axes is None else [axes] if isinstance(axes, int) else axes


def over(f):
    """A reduction `f(x, axes, keep)` in terms of attributes."""
    return lambda a, x: f(x, dims(a, x), a['keepDims'])


def product(x, axes, keep):
    for axis in axes:
        x = x.prod(axis, keepdim=True)
    return x if keep else x.squeeze() if len(axes) == x.dim() else drop(x, axes)


def drop(x, axes):
    gone = {axis % x.dim() for axis in axes}
    return x.reshape([d for i, d in enumerate(x.shape) if i not in gone])


def pair(value):
    return list(value) if isinstance(value, list) else [value, value]


def sides(a):
    """Padding as (top, bottom, left, right)."""
    p = a.get('padding', 0)
    (top, bottom), (left, right) = p if isinstance(p, list) and isinstance(p[0], list) else [[n, n] for n in pair(p)]
    return top, bottom, left, right


def framed(x, a, value=0.0):
    top, bottom, left, right = sides(a)
    return F.pad(x, (left, right, top, bottom), value=value)


def windows(a):
    return {'stride': pair(a.get('stride', 1)), 'dilation': pair(a.get('dilation', 1)), 'groups': a.get('groups', 1)}


def pooling(a):
    return {'kernel_size': pair(a['window']), 'stride': pair(a.get('stride', a['window']))}


def transposed_convolution(a, x, w):
    top, bottom, left, right = sides(a)
    y, z = pair(a.get('outputPadding', 0))
    return F.pad(F.conv_transpose2d(x, w, **windows(a)), (-left, z - right, -top, y - bottom))


def part(a, x):
    def along(start, size, step):
        return slice(start, start + (size - 1) * step + 1, step)

    starts = [s % d for s, d in zip(a['start'], x.shape)]
    return x[tuple(map(along, starts, a['size'], a.get('step', [1] * x.dim())))]


def padded(a, x):
    return F.pad(x, [n for lo_hi in reversed(a['pairs']) for n in lo_hi], value=a.get('value', 0.0))


def parts(a, x):
    lengths, axis = a['parts'], a['axis']
    return list(x.split(lengths if isinstance(lengths, list) else x.shape[axis] // lengths, axis))


def taken(a, x):
    axis, indices = a['axis'] % x.dim(), torch.tensor(a['indices'])
    picked = x.index_select(axis, indices.flatten() % x.shape[axis])
    return picked.reshape([*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]])


def squeezed(a, x):
    axes = a.get('axes')
    return drop(x, [i for i, d in enumerate(x.shape) if d == 1] if axes is None else dims(a, x))


def normalized(x, axes, eps):
    """[(x - mean) / sqrt(variance + eps), mean, variance], with axes kept."""
    mean = x.mean(axes, keepdim=True)
    variance = ((x - mean) ** 2).mean(axes, keepdim=True)
    return (x - mean) / torch.sqrt(variance + eps), mean, variance


def shared_axes(a, x):
    """Axes that share statistics in batch norm: all but 1 by default."""
    return dims(a, x) if 'axes' in a else [i for i in range(x.dim()) if i != 1]


def batch_norm(a, x, scale, shift, given_mean=None, given_variance=None):
    axes = shared_axes(a, x)
    eps = a.get('eps', 1e-5)
    y, mean, variance = normalized(x, axes, eps)
    if given_mean is not None:
        y = (x - given_mean.reshape(mean.shape)) / torch.sqrt(given_variance.reshape(mean.shape) + eps)
    y = y * scale.reshape(mean.shape) + shift.reshape(mean.shape)
    return [y, mean.reshape(scale.shape), variance.reshape(scale.shape)]


def layer_norm(a, x, scale, shift):
    axes = [axis % x.dim() for axis in dims({'axes': a.get('axes', -1)}, x)]
    own = [d if i in axes else 1 for i, d in enumerate(x.shape)]
    return normalized(x, axes, a.get('eps', 1e-5))[0] * scale.reshape(own) + shift.reshape(own)


def power(a, x, y):
    return torch.exp(y * torch.log(x)) if (x > 0).all() else x**y


def as_number(condition):
    return condition.to(torch.float64)


# (attributes, *operands) -> the result, or a list of results
OPS = {
    'less': lambda a, x, y: as_number(x < y),
    'greater': lambda a, x, y: as_number(x > y),
    'lessEqual': lambda a, x, y: as_number(x <= y),
    'greaterEqual': lambda a, x, y: as_number(x >= y),
    'where': lambda a, c, x, y: torch.where(c != 0, x, y),
    'add': lambda a, x, y: x + y,
    'sub': lambda a, x, y: x - y,
    'mul': lambda a, x, y: x * y,
    'div': lambda a, x, y: x / y,
    'pow': power,
    'maximum': lambda a, x, y: torch.maximum(x, y),
    'minimum': lambda a, x, y: torch.minimum(x, y),
    'neg': lambda a, x: -x,
    'abs': lambda a, x: x.abs(),
    'sign': lambda a, x: x.sign(),
    'square': lambda a, x: x.square(),
    'reciprocal': lambda a, x: x.reciprocal(),
    'sqrt': lambda a, x: x.sqrt(),
    'rsqrt': lambda a, x: x.rsqrt(),
    'exp': lambda a, x: x.exp(),
    'expm1': lambda a, x: x.expm1(),
    'log': lambda a, x: x.log(),
    'log1p': lambda a, x: x.log1p(),
    'sin': lambda a, x: x.sin(),
    'cos': lambda a, x: x.cos(),
    'tanh': lambda a, x: x.tanh(),
    'sigmoid': lambda a, x: x.sigmoid(),
    'softplus': lambda a, x: F.softplus(x, threshold=100),
    'relu': lambda a, x: x.relu(),
    'erf': lambda a, x: x.erf(),
    'leakyRelu': lambda a, x: F.leaky_relu(x, a['slope']),
    'elu': lambda a, x: F.elu(x, a['alpha']),
    'gelu': lambda a, x: F.gelu(x),
    'clamp': lambda a, x: x.clamp(a['lo'], a['hi']),
    'sum': over(lambda x, axes, keep: x.sum(axes, keep)),
    'mean': over(lambda x, axes, keep: x.mean(axes, keep)),
    'prod': over(lambda x, axes, keep: product(x, axes, keep)),
    'max': over(lambda x, axes, keep: x.amax(axes, keep)),
    'min': over(lambda x, axes, keep: x.amin(axes, keep)),
    'variance': over(lambda x, axes, keep: x.var(axes, False, keep)),
    'standardDeviation': over(lambda x, axes, keep: x.std(axes, False, keep)),
    'logSumExp': over(lambda x, axes, keep: x.logsumexp(axes, keep)),
    'reshape': lambda a, x: x.reshape(a['shape']),
    'transpose': lambda a, x: x.permute(a.get('perm', list(range(x.dim()))[::-1])),
    'squeeze': squeezed,
    'expandDims': lambda a, x: x.unsqueeze(a['axis']),
    'broadcastTo': lambda a, x: x.broadcast_to(a['shape']),
    'flip': lambda a, x: x.flip(dims(a, x)),
    'slice': part,
    'pad': padded,
    'concat': lambda a, *xs: torch.cat(xs, a['axis']),
    'stack': lambda a, *xs: torch.stack(xs, a['axis']),
    'split': parts,
    'cast': lambda a, x: x.to(torch.float32).to(x.dtype),
    'take': taken,
    'matmul': lambda a, x, y: x @ y,
    'dot': lambda a, *xs: sum((x * y).sum() for x, y in zip(xs[: len(xs) // 2], xs[len(xs) // 2 :])),
    'conv2d': lambda a, x, w: F.conv2d(framed(x, a), w, **windows(a)),
    'convTranspose2d': transposed_convolution,
    'maxPool2d': lambda a, x: F.max_pool2d(framed(x, a, -math.inf), **pooling(a)),
    'avgPool2d': lambda a, x: F.avg_pool2d(framed(x, a), **pooling(a)),
    'globalAvgPool2d': lambda a, x: x.mean([2, 3]),
    'batchNorm': lambda a, *xs: batch_norm(a, *xs)[0],
    'batchNormWithStats': lambda a, *xs: batch_norm(a, *xs),
    'layerNorm': layer_norm,
    'cumsum': lambda a, x: x.cumsum(a.get('axis', -1)),
    'softmax': lambda a, x: x.softmax(a.get('axis', -1)),
    'logSoftmax': lambda a, x: x.log_softmax(a.get('axis', -1)),
    'softmaxCrossEntropy': lambda a, x: F.cross_entropy(x, torch.tensor(a['labels']), reduction='none'),
    'gate': lambda a, m, eps: m * m / (m * m + eps),
    'stopGradient': lambda a, x: x.detach(),
}
