"""How each op is drawn: a table of recipes, which add one instruction (and what it needs) to a program that is being built."""

from draw_axes import some_axes
from draw_movement import broadcast_to, concat, expand_dims, flip, pad, part, reshape, split, squeeze, stack, take, transpose
from draw_norms import along_axis, batch_norm, cross_entropy, layer_norm
from draw_products import conv2d, conv_transpose2d, dot, image, matmul, pool


def unary(op, prepare=lambda b, x: x, **attributes):
    return lambda b, d: b.step(op, prepare(b, b.any()), **{name: d.pick(values) for name, values in attributes.items()})


def tame(b, x):
    return b.tame(x)


def positive(b, x):
    return b.positive(x)


def away(b, x):
    """x as it is, where no element is near 0."""
    return x if x.value.abs().min() > 0.25 else b.positive(x)


def two(b, d, left=lambda b, x: x, right=lambda b, x: x):
    """Operands that broadcast, one of which may be a number; each prepared."""
    x = b.any()
    y = d.pick([0.5, 2.0, -1.5, 0.75, 3.0]) if d.of(15) else b.beside(x)
    if d.of(50) and not (isinstance(y, float) and y < 0):
        x, y = y, x
    return x if isinstance(x, float) else left(b, x), y if isinstance(y, float) else right(b, y)


def binary(op, left=lambda b, x: x, right=lambda b, x: x):
    return lambda b, d: b.step(op, *two(b, d, left, right))


def power(b, d):
    how = d.below(4)
    if how == 0:
        b.step('pow', away(b, b.any()), d.pick([2.0, 3.0, -1.0, -2.0]))
    elif how == 1:
        b.step('pow', positive(b, b.any()), d.pick([0.5, 1.5, -0.5]))
    elif how == 2:
        b.step('pow', d.pick([0.5, 2.0, 3.0]), tame(b, b.any()))
    else:
        x = b.any()
        b.step('pow', positive(b, tame(b, x)), tame(b, b.beside(x)))


def where(comparison):
    def recipe(b, d):
        x = b.any()
        y = 0.5 if d.of(15) else b.beside(x)
        sides = [x] if isinstance(y, float) else [x, y]
        z = b.beside(*sides)
        w = 0.25 if d.of(20) else b.beside(*sides, z)
        b.step('where', b.step(comparison, *d.shuffled([z, w]), condition=True), *d.shuffled([x, y]))

    return recipe


def signed(op):
    def recipe(b, d):
        x = b.any()
        y = b.step(op, x)
        b.step('mul', y, x if d.of(50) else b.beside(y))

    return recipe


def reduction(op):
    def recipe(b, d):
        x = b.any(d.pick([0, 1, 1, 1]))
        axes = {} if d.of(25) or not x.shape else {'axes': some_axes(d, len(x.shape))}
        b.step(op, x, **axes, keepDims=d.of(50))

    return recipe


def gate(b, d):
    m = b.any()
    b.step('gate', m, d.pick([0.25, 0.5, 1.0]) if d.of(40) else b.positive(b.beside(m)))


RECIPES = {
    'less': where('less'),
    'greater': where('greater'),
    'lessEqual': where('lessEqual'),
    'greaterEqual': where('greaterEqual'),
    'add': binary('add'),
    'sub': binary('sub'),
    'mul': binary('mul'),
    'div': binary('div', right=away),
    'pow': power,
    'maximum': binary('maximum'),
    'minimum': binary('minimum'),
    'neg': unary('neg'),
    'abs': unary('abs'),
    'sign': signed('sign'),
    'square': unary('square'),
    'reciprocal': unary('reciprocal', away),
    'sqrt': unary('sqrt', positive),
    'rsqrt': unary('rsqrt', positive),
    'exp': unary('exp', tame),
    'expm1': unary('expm1', tame),
    'log': unary('log', positive),
    'log1p': unary('log1p', positive),
    'sin': unary('sin'),
    'cos': unary('cos'),
    'tanh': unary('tanh'),
    'sigmoid': unary('sigmoid'),
    'softplus': unary('softplus'),
    'relu': unary('relu'),
    'erf': unary('erf'),
    'leakyRelu': unary('leakyRelu', slope=[0.01, 0.25]),
    'elu': unary('elu', alpha=[1.0, 0.5]),
    'gelu': unary('gelu'),
    'clamp': unary('clamp', lo=[-1.0, -0.5], hi=[0.25, 1.0]),
    'sum': reduction('sum'),
    'mean': reduction('mean'),
    'prod': reduction('prod'),
    'max': reduction('max'),
    'min': reduction('min'),
    'variance': reduction('variance'),
    'standardDeviation': reduction('standardDeviation'),
    'logSumExp': reduction('logSumExp'),
    'reshape': reshape,
    'transpose': transpose,
    'squeeze': squeeze,
    'expandDims': expand_dims,
    'broadcastTo': broadcast_to,
    'flip': flip,
    'slice': part,
    'pad': pad,
    'concat': concat,
    'stack': stack,
    'split': split,
    'cast': unary('cast'),
    'take': take,
    'matmul': matmul,
    'dot': dot,
    'conv2d': conv2d,
    'convTranspose2d': conv_transpose2d,
    'maxPool2d': pool('maxPool2d'),
    'avgPool2d': pool('avgPool2d'),
    'globalAvgPool2d': lambda b, d: b.step('globalAvgPool2d', image(b, d)),
    'batchNorm': batch_norm('batchNorm'),
    'batchNormWithStats': batch_norm('batchNormWithStats'),
    'layerNorm': layer_norm,
    'cumsum': along_axis('cumsum'),
    'softmax': along_axis('softmax'),
    'logSoftmax': along_axis('logSoftmax'),
    'softmaxCrossEntropy': cross_entropy,
    'gate': gate,
    'stopGradient': signed('stopGradient'),
}
