"""Times PyTorch's order and indexing on one thread, on the shapes of bench/order.ts: the fastest run of each, in milliseconds.

    python3 bench/peers/order.py
"""

import torch

from fastest import report

torch.set_num_threads(1)
N, TARGETS = 2**20, 1000
x = torch.rand(N)
square, medium, narrow = x.reshape(1024, 1024), x.reshape(16384, 64), x.reshape(65536, 16)
indices = torch.randint(0, TARGETS, (N,))
zeros = torch.zeros(TARGETS)


def gradient(f):
    y = x.clone().requires_grad_()
    f(y, 0).sum().backward()
    return y.grad


def few_gradient():
    y, v = x.clone().requires_grad_(), x[:10].clone().requires_grad_()
    y.scatter(0, indices[:10], v).sum().backward()
    return y.grad, v.grad


CASES = {
    f'sort [{N}]': lambda: torch.sort(x),
    'sort [1024,1024]': lambda: torch.sort(square),
    'sort [16384,64]': lambda: torch.sort(medium),
    'sort [65536,16]': lambda: torch.sort(narrow),
    f'argsort [{N}]': lambda: torch.argsort(x),
    f'topK, 10 of [{N}]': lambda: torch.topk(x, 10),
    'topK, 10 of each row, [1024,1024]': lambda: torch.topk(square, 10),
    'cumsum [1024,1024]': lambda: torch.cumsum(square, 1),
    f'cumprod [{N}]': lambda: torch.cumprod(x, 0),
    f'the gradient of cumprod [{N}]': lambda: gradient(torch.cumprod),
    f'cummax [{N}]': lambda: torch.cummax(x, 0),
    'cummax, axis 0 of [1024,1024]': lambda: torch.cummax(square, 0),
    f'the gradient of cummax [{N}]': lambda: gradient(lambda y, axis: torch.cummax(y, axis)[0]),
    'softmax [1024,1024]': lambda: torch.softmax(square, 1),
    'softmax, axis 0 of [1024,1024]': lambda: torch.softmax(square, 0),
    'logSoftmax [1024,1024]': lambda: torch.log_softmax(square, 1),
    f'takeAlong [{N}]': lambda: torch.gather(x, 0, indices),
    f'scatterSet to {TARGETS} from [{N}]': lambda: zeros.scatter(0, indices, x),
    f'scatterSet of 10 to [{N}]': lambda: x.scatter(0, indices[:10], x[:10]),
    f'the gradient of scatterSet of 10 to [{N}]': few_gradient,
    f'scatterAdd to {TARGETS} from [{N}]': lambda: zeros.scatter_add(0, indices, x),
}

report(CASES, f'PyTorch {torch.__version__}')
