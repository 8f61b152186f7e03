"""How ops that move elements are drawn."""

from build import Refused
from chance import size_of
from draw_axes import axis_of, some_axes



def reshape(b, d):
    x = b.any()
    to, rest = [], size_of(x.shape)
    while rest > 1:
        to.append(d.pick([n for n in range(2, rest + 1) if rest % n == 0]))
        rest //= to[-1]
    if d.of(40):
        to.insert(d.below(len(to) + 1), 1)
    if to and d.of(40):
        to[d.below(len(to))] = -1
    b.step('reshape', x, shape=to)


def transpose(b, d):
    x = b.any(2)
    perm = [i - len(x.shape) if d.of(25) else i for i in d.shuffled(list(range(len(x.shape))))]
    b.step('transpose', x, **({} if d.of(30) else {'perm': perm}))


def squeeze(b, d):
    x = b.any(1, lambda r: 1 in r.shape)
    ones = [i for i, n in enumerate(x.shape) if n == 1]
    if not ones:
        x = b.step('expandDims', x, axis=axis_of(d, len(x.shape) + 1))
        ones = [i for i, n in enumerate(x.shape) if n == 1]
    b.step('squeeze', x, **({} if d.of(30) else {'axes': d.some(ones)}))


def expand_dims(b, d):
    x = b.any()
    b.step('expandDims', x, axis=axis_of(d, len(x.shape) + 1))


def broadcast_to(b, d):
    x = b.any()
    longer = [d.between(2, 3) if n == 1 else n for n in x.shape]
    b.step('broadcastTo', x, shape=d.pick([[], [2], [1], [3, 1]]) + longer)


def flip(b, d):
    x = b.any(1)
    b.step('flip', x, **({} if d.of(30) else {'axes': some_axes(d, len(x.shape))}))


def part(b, d):
    x = b.any(1)
    start, size, step = [], [], []
    for n in x.shape:
        by = d.pick([1, 1, 2, 3])
        most = (n + by - 1) // by
        many = most if d.of(50) else d.between(1, most)
        first = d.below(n - (many - 1) * by)
        start.append(first - n if d.of(25) else first)
        size.append(many)
        step.append(by)
    b.step('slice', x, start=start, size=size, **({} if all(by == 1 for by in step) else {'step': step}))


def pad(b, d):
    x = b.any(1)
    pairs = [[d.pick([0, 0, 1, 2]), d.pick([0, 0, 1])] for _ in x.shape]
    b.step('pad', x, pairs=pairs, **({} if d.of(50) else {'value': d.pick([1.0, -0.5])}))


def concat(b, d):
    x = b.any(1)
    axis = axis_of(d, len(x.shape))
    others = [x if d.of(25) else b.shaped(resized(x.shape, axis, d.between(1, 3))) for _ in range(d.between(1, 2))]
    b.step('concat', *d.shuffled([x, *others]), axis=axis)


def resized(shape, axis, length):
    return [length if i == axis % len(shape) else n for i, n in enumerate(shape)]


def stack(b, d):
    x = b.any()
    others = [x if d.of(25) else b.shaped(x.shape) for _ in range(d.between(1, 2))]
    b.step('stack', x, *others, axis=axis_of(d, len(x.shape) + 1))


def split(b, d):
    x = b.any(1, lambda r: max(r.shape, default=0) > 1)
    axis = d.below(len(x.shape))
    n = x.shape[axis]
    if n == 1:
        raise Refused('split: length 1')
    first = d.between(1, n - 1)
    parts = b.step('split', x, parts=d.pick([[first, n - first], n]), axis=axis)
    b.step('mul', parts[-1], b.beside(parts[-1]))


def take(b, d):
    x = b.any(1)
    axis = axis_of(d, len(x.shape))
    n = x.shape[axis]

    def nested(shape):
        return [nested(shape[1:]) for _ in range(shape[0])] if shape else d.between(-n, n - 1)

    b.step('take', x, indices=nested(d.pick([[1], [2], [4], [2, 2]])), axis=axis)
