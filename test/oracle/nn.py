"""Makes nn.json.gz: calls of layers, activations and losses with their values and derivatives, as calls.py does for ops.

    python3 test/oracle/nn.py

Debian 12's python3-torch 1.13 made the table. What PyTorch 1.13 does not have, or cannot differentiate twice, is written as a formula.
Arguments are those of the function behind its tensors, or those that make the layer; the tensors of a layer are its input and its parameters.
An op whose name ends in 'kinks' is called at its kinks. Other words behind a name say what nn.test.ts does with the tensors.
"""

from pathlib import Path

import torch
from torch.nn import functional as F

from calls import table
from drawn import Drawn, drawn, ints, positive, upward

FILE = Path(__file__).parent / 'nn.json.gz'
INF = float('inf')


def between(*shape):
    """From -3 to 3, at least 1/64 away from multiples of 1/32, where kinks are."""
    return Drawn(shape, draw=lambda u: 2 * u + 1 / 64)


def probabilities(*shape):
    """From 0.1 to 0.9."""
    return Drawn(shape, draw=lambda u: 0.5 + u / 3.75)


def given(data, *shape):
    return Drawn(shape or [len(data)], data)


def labels(*data):
    return ints(list(data))


def once(native, formula):
    """The formula, for what PyTorch differentiates once, or with an eps, or in float32; value and gradient must be PyTorch's."""

    def f(*xs):
        y, own = formula(*xs), native(*xs)
        floats = [x for x in xs if x.requires_grad]
        slopes = [torch.autograd.grad(v.sum(), floats, retain_graph=True) for v in (y, own)]
        assert torch.allclose(y, own, 1e-13, 1e-13) and all(torch.allclose(a, b, 1e-7, 1e-7) for a, b in zip(*slopes))
        return y

    return f


def hard_sigmoid(x):
    return torch.where((x > -3) & (x < 3), x / 6 + 0.5, (x >= 3).double())


# (name, arguments, function in PyTorch, its kinks)
ACTIVATIONS = [
    ('relu', [], F.relu, [0.0]),
    ('leakyRelu', [0.1], lambda x: F.leaky_relu(x, 0.1), [0.0]),
    ('elu', [0.5], lambda x: F.elu(x, 0.5), [0.0]),
    ('celu', [2], lambda x: F.celu(x, 2.0), [0.0]),
    ('selu', [], F.selu, [0.0]),
    ('gelu', [], F.gelu, None),
    ('geluTanh', [], lambda x: F.gelu(x, approximate='tanh'), None),
    ('silu', [], F.silu, None),
    ('mish', [], F.mish, None),
    ('relu6', [], F.relu6, [0.0, 6.0]),
    ('hardTanh', [-0.5, 1.25], lambda x: F.hardtanh(x, -0.5, 1.25), [-0.5, 1.25]),
    ('hardSigmoid', [], once(F.hardsigmoid, hard_sigmoid), [-3.0, 3.0]),
    ('hardSwish', [], F.hardswish, [-3.0, 3.0]),
    ('softsign', [], F.softsign, [0.0]),
    ('softplus', [], F.softplus, None),
    ('sigmoid', [], torch.sigmoid, None),
    ('tanh', [], torch.tanh, None),
    ('logSigmoid', [], F.logsigmoid, None),
    ('tanhShrink', [], F.tanhshrink, None),
    ('softShrink', [0.75], lambda x: F.softshrink(x, 0.75), [-0.75, 0.75]),
    ('hardShrink', [0.75], lambda x: F.hardshrink(x, 0.75), [-0.75, 0.75]),
    ('threshold', [0.5, 2], lambda x: F.threshold(x, 0.5, 2.0), [0.5]),
    ('softmax', [0], lambda x: F.softmax(x, 0), None),
    ('logSoftmax', [0], lambda x: F.log_softmax(x, 0), None),
    ('softmin', [0], lambda x: F.softmin(x, 0), None),
    ('glu', [0], lambda x: F.glu(x, 0), None),
]
FAR = [-30.0, -8.0, -3.5, 3.5, 5.5, 7.0, 30.0, 0.25]


def reduced(f, *names):
    return [({'reduction': name}, lambda *xs, name=name: f(*xs, reduction=name)) for name in names or ('mean', 'sum', 'none')]


SIGNS = given([1.0, -1.0, 1.0])
PAIR = [between(2, 3), between(2, 3)]
WEIGHTS = [0.5, 2.0, 1.25, 0.75]


def weight():
    return torch.tensor(WEIGHTS, dtype=torch.float64)


VECTORS = [between(3, 4), between(3, 4)]


def hinge(x, y):
    return (1 - x * y).clamp_min(0)


def probable(p, t):
    return -(t * p.log() + (1 - t) * (1 - p).log()).mean()


def poisson(x, t, **options):
    return F.poisson_nll_loss(x, t, reduction='none', **options)


LOSSES = [
    *(('meanSquaredError', PAIR, [o], f) for o, f in reduced(F.mse_loss)),
    *(('meanAbsoluteError', PAIR, [o], f) for o, f in reduced(F.l1_loss, 'mean')),
    ('meanAbsoluteError kinks', [given([1.0, 2.0]), given([1.0, 1.0])], [], F.l1_loss),
    ('huber', PAIR, [{'delta': 0.75}], lambda x, y: F.huber_loss(x, y, delta=0.75)),
    ('smoothL1', PAIR, [{'beta': 0.75, 'reduction': 'sum'}], lambda x, y: F.smooth_l1_loss(x, y, beta=0.75, reduction='sum')),
    *(('crossEntropy', [drawn(3, 4), labels(1, 3, 0)], [o], f) for o, f in reduced(F.cross_entropy)),
    *(('crossEntropy', [drawn(3, 4), labels(1, 3, 0)], [{**o, 'smoothing': 0.2}], f) for o, f in reduced(lambda x, t, **o: F.cross_entropy(x, t, label_smoothing=0.2, **o))),
    *(('crossEntropy', [drawn(3, 4), labels(1, 2, 0)], [{**o, 'smoothing': 0.2, 'ignore': 2}], f) for o, f in reduced(lambda x, t, **o: F.cross_entropy(x, t, label_smoothing=0.2, ignore_index=2, **o))),
    *(('crossEntropy', [drawn(3, 4), probabilities(3, 4)], [{**o, 'smoothing': 0.2}], f) for o, f in reduced(lambda x, t, **o: F.cross_entropy(x, t, label_smoothing=0.2, **o), 'mean')),
    ('crossEntropy', [drawn(3, 4), probabilities(3, 4)], [], F.cross_entropy),
    *(('crossEntropy', [drawn(2, 3, 2), ints([[1, 2], [2, 0]])], [{**o, 'smoothing': 0.2, 'ignore': 2}], f) for o, f in reduced(lambda x, t, **o: F.cross_entropy(x, t, label_smoothing=0.2, ignore_index=2, **o))),
    ('crossEntropy', [drawn(2, 3, 2), probabilities(2, 3, 2)], [{'reduction': 'none'}], lambda x, t: F.cross_entropy(x, t, reduction='none')),
    *(('crossEntropy weights', [drawn(3, 4), labels(1, 2, 0)], [{**o, 'smoothing': 0.2, 'ignore': 2, 'weights': WEIGHTS}], f) for o, f in reduced(lambda x, t, **o: F.cross_entropy(x, t, weight(), label_smoothing=0.2, ignore_index=2, **o))),
    *(('crossEntropy weights', [drawn(3, 4), labels(1, 2, 0)], [{**o, 'weights': WEIGHTS}], f) for o, f in reduced(lambda x, t, **o: F.cross_entropy(x, t, weight(), **o))),
    *(('crossEntropy weights', [drawn(3, 4), probabilities(3, 4)], [{**o, 'smoothing': 0.2, 'weights': WEIGHTS}], f) for o, f in reduced(lambda x, t, **o: F.cross_entropy(x, t, weight(), label_smoothing=0.2, **o))),
    *(('negativeLogLikelihood', [drawn(3, 4), labels(1, 3, 0)], [o], f) for o, f in reduced(F.nll_loss)),
    *(('negativeLogLikelihood weights', [drawn(2, 4, 2), ints([[1, 3], [0, 2]])], [{**o, 'ignore': 3, 'weights': WEIGHTS}], f) for o, f in reduced(lambda x, t, **o: F.nll_loss(x, t, weight(), ignore_index=3, **o))),
    *(('binaryCrossEntropy', [drawn(2, 3), probabilities(2, 3)], [o], f) for o, f in reduced(F.binary_cross_entropy_with_logits)),
    ('binaryCrossEntropy', [given([-1e4, -800.0, 0.0, 800.0, 1e4]), given([0.0, 1.0, 0.5, 0.0, 1.0])], [{'reduction': 'none'}], lambda x, t: F.binary_cross_entropy_with_logits(x, t, reduction='none')),
    ('binaryCrossEntropyOfProbabilities', [probabilities(2, 3), probabilities(2, 3)], [], once(F.binary_cross_entropy, probable)),
    ('klDivergence', [drawn(2, 3), probabilities(2, 3)], [{'reduction': 'batchMean'}], lambda x, t: F.kl_div(x, t, reduction='batchmean')),
    ('klDivergence', [drawn(2, 3), drawn(2, 3)], [{'logTarget': True, 'reduction': 'none'}], lambda x, t: F.kl_div(x, t, reduction='none', log_target=True)),
    ('gaussianNll', [drawn(2, 3), drawn(2, 3), positive(2, 3)], [{'full': True}], lambda x, t, v: F.gaussian_nll_loss(x, t, v, full=True)),
    ('gaussianNll kinks', [drawn(2), drawn(2), given([0.25, 0.75])], [{'eps': 0.5, 'reduction': 'none'}], lambda x, t, v: F.gaussian_nll_loss(x, t, v, eps=0.5, reduction='none')),
    ('poissonNll', [drawn(2, 3), positive(2, 3)], [{'reduction': 'none'}], poisson),
    ('poissonNll', [positive(2), given([0.5, 3.25])], [{'reduction': 'none', 'logRate': False, 'full': True, 'eps': 0.125}], lambda x, t: poisson(x, t, log_input=False, full=True, eps=0.125)),
    ('hinge', [between(4), given([1.0, -1.0, 1.0, -1.0])], [{'reduction': 'none'}], hinge),
    ('hingeEmbedding', [between(4), given([1.0, -1.0, 1.0, -1.0])], [{'margin': 0.75}], lambda x, y: F.hinge_embedding_loss(x, y, 0.75)),
    ('hingeEmbedding kinks', [given([1.0, 1.0]), given([1.0, -1.0])], [{'reduction': 'sum'}], lambda x, y: F.hinge_embedding_loss(x, y, reduction='sum')),
    ('marginRanking', [between(3), between(3), SIGNS], [{'margin': 0.25, 'reduction': 'none'}], lambda x, y, s: F.margin_ranking_loss(x, y, s, 0.25, reduction='none')),
    ('tripletMargin', [between(3, 4)] * 3, [{'reduction': 'none', 'margin': 2}], lambda a, p, n: F.triplet_margin_loss(a, p, n, 2.0, reduction='none')),
    ('tripletMargin', [between(3, 4)] * 3, [{'order': 3, 'swap': True, 'margin': 3}], lambda a, p, n: F.triplet_margin_loss(a, p, n, 3.0, p=3, swap=True)),
    ('cosineEmbedding', [*VECTORS, SIGNS], [{'reduction': 'none', 'margin': -0.9}], lambda x, y, s: F.cosine_embedding_loss(x, y, s, -0.9, reduction='none')),
    ('cosineSimilarity', VECTORS, [], lambda x, y: F.cosine_similarity(x, y, -1)),
    ('cosineSimilarity', VECTORS, [{'axis': 0}], lambda x, y: F.cosine_similarity(x, y, 0)),
    ('pairwiseDistance', VECTORS, [], F.pairwise_distance),
    ('pairwiseDistance', [upward(3, 4), probabilities(3, 4)], [{'order': 1, 'eps': 0.125, 'keepDims': True}], lambda x, y: F.pairwise_distance(x, y, 1, 0.125, True)),
    ('normalize', [between(3, 4)], [], lambda x: F.normalize(x, dim=-1)),
    ('normalize', [between(3, 4)], [{'order': 3, 'axis': 0}], lambda x: F.normalize(x, 3, 0)),
]

def rms_norm(x, w, eps=1e-6):
    return x / (x.square().mean(-1, keepdim=True) + eps).sqrt() * w


def angles(length, width, base, start):
    return (start + torch.arange(length, dtype=torch.float64))[:, None] / base ** (torch.arange(0, width, 2, dtype=torch.float64) / width)


def sinusoidal(x, base=10_000, start=0):
    a = angles(*x.shape[-2:], base, start)
    return x + torch.stack([a.sin(), a.cos()], -1).flatten(-2)


def rotary(x, base=10_000, start=0, halves=False):
    """Complex numbers times e^(i angle)."""
    a = angles(*x.shape[-2:], base, start)
    pairs = torch.stack(x.chunk(2, -1), -1) if halves else x.unflatten(-1, (-1, 2))
    y = torch.view_as_real(torch.view_as_complex(pairs) * torch.polar(torch.ones_like(a), a))
    return torch.cat([y[..., 0], y[..., 1]], -1) if halves else y.flatten(-2)


def shares(q, k, causal=False, mask=None, bias=0, scale=None):
    scores = q @ k.transpose(-1, -2) * (scale or q.shape[-1] ** -0.5) + bias
    if causal:
        scores = scores.masked_fill(torch.ones(scores.shape[-2:]).tril() == 0, -INF)
    return (scores if mask is None else scores.masked_fill(mask == 0, -INF)).softmax(-1)


def attention(q, k, v, *more, **options):
    return shares(q, k, *more, **options) @ v


def heads(n, causal=False, context=False):
    """PyTorch's own attention with several heads, and its shares."""

    def f(x, w, b, o, c, *more):
        x, y = x.transpose(0, 1), more[0].transpose(0, 1) if context else x.transpose(0, 1)
        hidden = torch.ones(len(x), len(y)).tril() == 0 if causal else None
        y, seen = F.multi_head_attention_forward(
            x, y, y, x.shape[2], n, w, b, None, None, False, 0.0, o, c, training=False, attn_mask=hidden, average_attn_weights=False)
        return [y.transpose(0, 1), seen]

    return f


MASK = ints([[1, 1, 0], [0, 1, 1]])
QKV = [drawn(2, 2, 4), drawn(2, 3, 4), drawn(2, 3, 2)]
MHA = [drawn(2, 3, 4), drawn(12, 4), drawn(12), drawn(4, 4), drawn(4)]

def padded(x, *sides, **more):
    return F.pad(x, sides, **more)


def resized(size, **options):
    return lambda x: F.interpolate(x, size, **options)


def recurrent(f, biases=True, reverse=False):
    """The rows that PyTorch's own layer gives, and its last state."""

    def run(x, w, u, *more):
        own = [w, u, *(more[:2] if biases else [])]
        state = more[2:] or [torch.zeros(1, len(x), u.shape[1], dtype=x.dtype)] * (2 if f is torch.lstm else 1)
        first = [h if h.dim() == 3 else h[None] for h in state]
        y, *last = f(x.flip(1) if reverse else x, first if f is torch.lstm else first[0], own, biases, 1, 0.0, False, False, True)
        return [y.flip(1) if reverse else y, *(h[0] for h in last)]

    return run


def memory(gates, *state, biases=2):
    return [drawn(2, 3, 2), drawn(3 * gates, 2), drawn(3 * gates, 3), *[drawn(3 * gates)] * biases, *state]


RECURRENT = [
    ('gru', memory(3), [2, 3], recurrent(torch.gru)),
    ('gru', memory(3, biases=0), [2, 3, {'reverse': True}], recurrent(torch.gru, False, True)),
    ('gru', memory(3, drawn(2, 3)), [2, 3, {'checkpoint': 2}], recurrent(torch.gru)),
    ('lstm', memory(4), [2, 3], recurrent(torch.lstm)),
    ('lstm', memory(4, drawn(2, 3), drawn(2, 3)), [2, 3, {'reverse': True}], recurrent(torch.lstm, reverse=True)),
]

APART = Drawn([1, 2, 4, 3, 4], [((37 * i) % 97) / 32 for i in range(96)])  # no two are equal
WINDOWS = [
    ('conv1d', [drawn(2, 2, 5), drawn(3, 2, 3)], [], F.conv1d),
    ('conv1d', [drawn(2, 2, 6), drawn(4, 1, 2)], [{'stride': 2, 'padding': [[3, 0]], 'dilation': 2, 'groups': 2}], lambda x, w: F.conv1d(padded(x, 3, 0), w, None, 2, 0, 2, 2)),
    ('conv3d', [drawn(1, 2, 3, 3, 2), drawn(2, 2, 2, 2, 1)], [], F.conv3d),
    ('conv3d', [drawn(2, 2, 4, 3, 4), drawn(4, 1, 2, 2, 2)], [{'stride': [2, 1, 2], 'padding': [1, 0, 1], 'dilation': [2, 1, 1], 'groups': 2}], lambda x, w: F.conv3d(x, w, None, (2, 1, 2), (1, 0, 1), (2, 1, 1), 2)),
    ('conv', [drawn(2, 2, 5), drawn(3, 2, 3), drawn(3)], [2, 3, [3], {'padding': 1}], lambda x, w, b: F.conv1d(x, w, b, padding=1)),
    ('conv', [drawn(1, 2, 3, 3), drawn(4, 1, 2, 2), drawn(4)], [2, 4, 2, {'groups': 2}], lambda x, w, b: F.conv2d(x, w, b, groups=2)),
    ('conv', [drawn(1, 1, 3, 3, 3), drawn(2, 1, 2, 2, 2), drawn(2)], [1, 2, [2, 2, 2], {'stride': [1, 2, 1]}], lambda x, w, b: F.conv3d(x, w, b, (1, 2, 1))),
    ('maxPool1d', [drawn(2, 2, 5)], [2, {'stride': 1}], lambda x: F.max_pool1d(x, 2, 1)),
    ('maxPool1d', [drawn(2, 2, 5)], [3, {'padding': 1}], lambda x: F.max_pool1d(x, 3, padding=1)),
    ('avgPool1d', [drawn(2, 2, 5)], [3, {'padding': 1, 'stride': 1}], lambda x: F.avg_pool1d(x, 3, 1, 1)),
    ('maxPool3d', [APART], [[2, 1, 3], {'stride': [1, 1, 2], 'padding': [1, 0, 1]}], lambda x: F.max_pool3d(x, (2, 1, 3), (1, 1, 2), (1, 0, 1))),
    ('maxPool3d kinks', [given([1.0, 2, 2, 1, 2, 0, 2, 2], 1, 1, 2, 2, 2)], [2], lambda x: F.max_pool3d(x, 2)),
    ('avgPool3d', [drawn(1, 2, 4, 3, 4)], [2, {'padding': [1, 0, 1]}], lambda x: F.avg_pool3d(x, 2, padding=(1, 0, 1))),
    ('globalMaxPool2d', [drawn(2, 2, 2, 3)], [], lambda x: F.adaptive_max_pool2d(x, 1).flatten(1)),
    ('adaptiveAvgPool', [drawn(1, 2, 5)], [3], lambda x: F.adaptive_avg_pool1d(x, 3)),
    ('adaptiveAvgPool', [drawn(1, 2, 5, 3)], [[2, 4]], lambda x: F.adaptive_avg_pool2d(x, (2, 4))),
    ('adaptiveAvgPool', [drawn(1, 1, 3, 2, 2)], [[2, 1, 2]], lambda x: F.adaptive_avg_pool3d(x, (2, 1, 2))),
    ('resize', [drawn(1, 2, 3)], [7], resized(7)),
    ('resize', [drawn(1, 1, 3, 5)], [[5, 3]], resized((5, 3))),
    ('resize', [drawn(1, 1, 2, 3, 2)], [[3, 4, 1]], resized((3, 4, 1))),
    ('resize', [drawn(1, 2, 4)], [7, {'method': 'linear'}], resized(7, mode='linear')),
    ('resize', [drawn(1, 1, 3, 5)], [[5, 3], {'method': 'linear'}], resized((5, 3), mode='bilinear')),
    ('resize', [drawn(1, 1, 3, 5)], [[5, 1], {'method': 'linear', 'alignCorners': True}], resized((5, 1), mode='bilinear', align_corners=True)),
    ('resize', [drawn(1, 1, 2, 3, 2)], [[3, 4, 1], {'method': 'linear'}], resized((3, 4, 1), mode='trilinear')),
]

# (layer, its input and parameters, arguments, function in PyTorch)
LAYERS = [
    ('prelu', [between(2, 3, 2), drawn(3)], [3], F.prelu),
    ('prelu', [between(2, 3), drawn(1)], [], F.prelu),
    ('layerNorm', [drawn(2, 3, 4), drawn(4), drawn(4)], [4], lambda x, w, b: F.layer_norm(x, [4], w, b)),
    ('layerNorm', [drawn(2, 3, 2), drawn(3, 2), drawn(3, 2)], [[3, 2], {'eps': 0.125}], lambda x, w, b: F.layer_norm(x, [3, 2], w, b, 0.125)),
    ('layerNorm', [drawn(2, 4)], [4, {'affine': False}], lambda x: F.layer_norm(x, [4])),
    ('rmsNorm', [drawn(2, 4), drawn(4)], [4], rms_norm),
    ('rmsNorm', [drawn(2, 4), drawn(4)], [4, {'eps': 0.125}], lambda x, w: rms_norm(x, w, 0.125)),
    ('groupNorm', [drawn(2, 4, 3), drawn(4), drawn(4)], [2, 4], lambda x, w, b: F.group_norm(x, 2, w, b)),
    ('groupNorm', [drawn(2, 6, 1, 2), drawn(6), drawn(6)], [3, 6, {'eps': 0.125}], lambda x, w, b: F.group_norm(x, 3, w, b, 0.125)),
    ('instanceNorm', [drawn(2, 2, 3, 2)], [2], F.instance_norm),
    ('instanceNorm', [drawn(2, 2, 4), drawn(2), drawn(2)], [2, {'affine': True}], lambda x, w, b: F.instance_norm(x, weight=w, bias=b)),
    ('embedding', [ints([[2, 0], [2, 3]]), drawn(4, 3)], [4, 3], F.embedding),
    ('learnedPositions', [drawn(2, 2, 3), drawn(4, 3)], [4, 3], lambda x, w: x + w[:2]),
    ('sinusoidalPositions', [drawn(3, 4)], [], sinusoidal),
    ('sinusoidalPositions', [drawn(2, 3, 6)], [{'base': 100, 'start': 5}], lambda x: sinusoidal(x, 100, 5)),
    ('rotary', [drawn(3, 4)], [], rotary),
    ('attentionWeights', QKV[:2], [], shares),
    ('scaledDotProductAttention', QKV, [], attention),
    ('scaledDotProductAttention', QKV, [{'causal': True, 'scale': 0.75}], lambda *x: attention(*x, causal=True, scale=0.75)),
    ('scaledDotProductAttention', [drawn(2, 2, 4), drawn(3, 4), drawn(3, 2)], [], attention),
    ('scaledDotProductAttention mask', [*QKV, MASK], None, lambda q, k, v, m: attention(q, k, v, mask=m)),
    ('scaledDotProductAttention bias', [*QKV, drawn(2, 3)], None, lambda q, k, v, b: attention(q, k, v, bias=b, causal=True)),
    ('multiHeadAttention', MHA, [4, 2], heads(2)),
    ('multiHeadAttention', MHA, [4, 1, {'causal': True}], heads(1, causal=True)),
    ('multiHeadAttention context', [*MHA, drawn(2, 2, 4)], [4, 2], heads(2, context=True)),
    ('rotary', [drawn(2, 3, 6)], [{'base': 100, 'start': 5}], lambda x: rotary(x, 100, 5)),
    ('rotary', [drawn(2, 3, 6)], [{'pairs': 'halves'}], lambda x: rotary(x, halves=True)),
]

CALLS = [
    *((name, [between(8)], arguments, f) for name, arguments, f, _ in ACTIVATIONS),
    *((name, [given(FAR)], arguments, f) for name, arguments, f, _ in ACTIVATIONS),
    *((f'{name} kinks', [given(kinks)], arguments, f) for name, arguments, f, kinks in ACTIVATIONS if kinks),
    *LOSSES,
    *LAYERS,
    *WINDOWS,
    *RECURRENT,
]

if __name__ == '__main__':
    table(CALLS, FILE)
