"""Programs with small inputs and results, but with values on the way that are large enough for threads and generated loops."""


def spread(b, d, rows, columns):
    """A large value made of two small inputs."""
    x = b.step(d.pick(['add', 'mul', 'sub']), b.input(rows), b.input(columns))
    for op in d.shuffled(['tanh', 'sin', 'sigmoid', 'cos'])[:2]:
        x = b.step(op, x)
    return x


def matmul(b, d):
    m, k, n = d.between(64, 68), d.between(64, 68), d.between(64, 68)
    x, y = spread(b, d, [m, 1], [k]), spread(b, d, [k, 1], [n])
    return b.step('mul', b.step('matmul', x, y), 1 / 16)


def conv2d(b, d):
    x, w = spread(b, d, [4, 1, 16, 1], [4, 1, 16]), spread(b, d, [8, 1, 3, 1], [4, 1, 3])
    return b.step('mul', b.step('conv2d', x, w, padding=[1, 1]), 1 / 8)


def conv_transpose2d(b, d):
    x, w = spread(b, d, [4, 8, 12, 1], [1, 1, 14]), spread(b, d, [8, 1, 3, 3], [6, 1, 1])
    return b.step('mul', b.step('convTranspose2d', x, w, stride=2, padding=1, outputPadding=1), 1 / 8)


KINDS = {'wide matmul': matmul, 'wide conv2d': conv2d, 'wide convTranspose2d': conv_transpose2d}


def wide(b, d, kind):
    product = KINDS[kind](b, d)
    y = b.step(d.pick(['sin', 'tanh', 'sigmoid', 'softplus']), product)
    if len(y.shape) == 2:
        y = b.step(d.pick(['softmax', 'logSoftmax']), y, axis=d.pick([-1, 0]))
        b.step('logSumExp', b.step('mul', y, product), axes=d.pick([0, 1]), keepDims=False)
    else:
        channels = [y.shape[1]]
        y = b.step('batchNorm', y, b.input(channels), b.made(channels, b.inputs[0]), eps=0.1)
        b.step('mean', b.step('mul', y, b.step('tanh', product)), axes=[0, 2, 3], keepDims=False)
