"""How normalisation and softmax are drawn."""

from draw_axes import axis_of, some_axes
from draw_products import image


def epsilon(d):
    return {} if d.of(25) else {'eps': d.pick([0.01, 0.1, 1.0])}


def batch_norm(op):
    def recipe(b, d):
        x = image(b, d) if d.of(50) else b.any(2)
        rank = len(x.shape)
        axes = {} if d.of(70) else {'axes': some_axes(d, rank)}
        over = axes.get('axes', [i for i in range(rank) if i != 1])
        over = [i % rank for i in (over if isinstance(over, list) else [over])]
        kept = [n for i, n in enumerate(x.shape) if i not in over]
        given = []
        if op == 'batchNorm' and d.of(40):
            given = [b.shaped(kept), b.positive(b.shaped(kept))]
        y = b.step(op, x, b.shaped(kept), b.shaped(kept), *given, **axes, **epsilon(d))
        if op == 'batchNormWithStats':
            b.step('mul', y[1], b.step('tanh', y[2]))

    return recipe


def layer_norm(b, d):
    x = b.any(1, lambda r: len(r.shape) > 0 and r.shape[-1] > 1)
    axes = {} if d.of(60) else {'axes': some_axes(d, len(x.shape))}
    over = axes.get('axes', -1)
    over = [i % len(x.shape) for i in (over if isinstance(over, list) else [over])]
    own = [n for i, n in enumerate(x.shape) if i in over]
    b.step('layerNorm', x, b.shaped(own), b.shaped(own), **axes, **epsilon(d))


def along_axis(op):
    def recipe(b, d):
        x = b.any(1)
        b.step(op, x, **({} if d.of(50) else {'axis': axis_of(d, len(x.shape))}))

    return recipe


def cross_entropy(b, d):
    x = b.any(2, lambda r: len(r.shape) == 2)
    if len(x.shape) != 2:
        x = b.step('reshape', x, shape=[-1, x.shape[-1]])
    b.step('softmaxCrossEntropy', x, labels=[d.below(x.shape[1]) for _ in range(x.shape[0])])
