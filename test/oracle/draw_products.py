"""How products and ops over windows of images are drawn."""

from build import Refused
from ops import pair, sides


def matmul(b, d):
    m, n = d.length(), d.length()
    x = b.any(1)
    k = x.shape[-1]
    if len(x.shape) == 1:
        y = b.shaped(d.pick([[k], [k, n], [2, k, n]]))
    else:
        lead = [1 if d.of(30) else r for r in x.shape[:-2]]
        y = b.shaped(d.pick([[k], [k, n], [k, n], [*lead, k, n], [d.between(1, 2), *lead, k, n]]))
    if d.of(40) and len(y.shape) > 1:
        x, y = swapped(b, y), (x if len(x.shape) == 1 else swapped(b, x))
    b.step('matmul', x, y)


def swapped(b, x):
    rank = len(x.shape)
    return b.step('transpose', x, perm=[*range(rank - 2), rank - 1, rank - 2])


def dot(b, d):
    xs = [b.any() for _ in range(d.between(1, 2))]
    b.step('dot', *xs, *(b.shaped(x.shape) for x in xs))


def image(b, d, channels=None, least=2):
    """A register [n,c,h,w]."""
    small = [r for r in b.registers if len(r.shape) == 4 and min(r.shape[2:]) >= least and not r.condition]
    found = [r for r in small if channels is None or r.shape[1] % channels == 0]
    if found and d.of(75):
        return d.pick(found)
    c = channels or d.between(1, 2)
    return b.shaped([d.pick([1, 1, 2]) if c < 3 else 1, c, d.between(least, 4), d.between(least, 4)])


def one_or_two(d, lo, hi):
    """A number for both axes, or a pair."""
    return d.between(lo, hi) if d.of(50) else [d.between(lo, hi), d.between(lo, hi)]


def padding(d, most):
    """Padding in one of its three forms, on each axis at most so much."""
    if d.of(30):
        return d.between(0, min(most))
    if d.of(50):
        return [d.between(0, most[0]), d.between(0, most[1])]
    return [[d.between(0, n), d.between(0, n)] for n in most]


def options(d, **values):
    """Some of the options, the others left at their defaults."""
    return {name: value for name, value in values.items() if d.of(70)}


def pads(geometry):
    """[before, after] on each axis."""
    top, bottom, left, right = sides(geometry)
    return [[top, bottom], [left, right]]


def conv2d(b, d):
    groups = d.pick([1, 1, 1, 2, 2])
    x = image(b, d, groups)
    filters = [d.between(1, min(3, x.shape[2])), d.between(1, min(3, x.shape[3]))]
    w = b.shaped([groups * d.between(1, 2), x.shape[1] // groups, *filters])
    geometry = options(d, stride=one_or_two(d, 1, 3), padding=padding(d, [2, 2]), dilation=one_or_two(d, 1, 2))
    fits_in(x, w, geometry)
    b.step('conv2d', x, w, **geometry, **({'groups': groups} if groups > 1 else {}))


def fits_in(x, w, geometry):
    for axis in range(2):
        span = pair(geometry.get('dilation', 1))[axis] * (w.shape[axis + 2] - 1) + 1
        if x.shape[axis + 2] + sum(pads(geometry)[axis]) < span:
            raise Refused('conv2d: a filter larger than the image')


def conv_transpose2d(b, d):
    groups = d.pick([1, 1, 2])
    x = image(b, d, groups, 1)
    w = b.shaped([x.shape[1], d.between(1, 2), d.between(1, 3), d.between(1, 3)])
    geometry = options(d, stride=one_or_two(d, 1, 2), padding=padding(d, [1, 1]), dilation=one_or_two(d, 1, 2))
    stride, dilation = pair(geometry.get('stride', 1)), pair(geometry.get('dilation', 1))
    extra = [d.below(s) for s in stride]
    for axis in range(2):
        size = (x.shape[axis + 2] - 1) * stride[axis] + dilation[axis] * (w.shape[axis + 2] - 1) + 1
        if size - sum(pads(geometry)[axis]) + extra[axis] < 1:
            raise Refused('convTranspose2d: nothing is left')
    if any(extra):
        geometry['outputPadding'] = extra
    b.step('convTranspose2d', x, w, **geometry, **({'groups': groups} if groups > 1 else {}))


def pool(op):
    def recipe(b, d):
        x = image(b, d)
        window = one_or_two(d, 1, 3)
        size = pair(window)
        geometry = options(d, stride=one_or_two(d, 1, 3), padding=padding(d, [min(n - 1, 1) for n in size]))
        stride = pair(geometry.get('stride', size))
        for axis in range(2):
            before, after = pads(geometry)[axis]
            room = x.shape[axis + 2] + before + after - size[axis]
            if room < 0 or room // stride[axis] * stride[axis] - before >= x.shape[axis + 2]:
                raise Refused(f'{op}: a window that does not meet the image')
        b.step(op, x, window=window, **geometry)

    return recipe
