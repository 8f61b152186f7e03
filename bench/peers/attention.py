"""Times attention in PyTorch on one thread, on the shapes of bench/attention.ts: the fastest run of each, in milliseconds.

    python3 bench/peers/attention.py
"""

import torch

from fastest import report

torch.set_num_threads(1)
qkv = [torch.randn(8, 256, 64) for _ in range(3)]
past = torch.ones(256, 256, dtype=torch.bool).tril()
scores = torch.randn(8, 256, 256)


def attention(q, k, v, causal=False):
    products = q @ k.transpose(-1, -2) / 8
    return torch.softmax(products.masked_fill(~past, float('-inf')) if causal else products, -1) @ v


def gradient(causal):
    given = [x.clone().requires_grad_() for x in qkv]
    (attention(*given, causal) * given[2]).sum().backward()


def still(*args):
    with torch.no_grad():
        return attention(*args)


def by_heads(*args):
    """The same, but products of two matrices, which this build of PyTorch multiplies faster than batches."""
    return torch.stack([still(*head) for head in zip(*args)])


CASES = {
    'attention [8,256,64]': lambda: still(*qkv),
    'attention [8,256,64], head by head': lambda: by_heads(*qkv),
    'causal attention [8,256,64]': lambda: still(*qkv, True),
    'the gradient of attention [8,256,64]': lambda: gradient(False),
    'the gradient of causal attention [8,256,64]': lambda: gradient(True),
    'softmax of shares [8,256,256]': lambda: torch.softmax(scores, -1),
}

report(CASES, f'PyTorch {torch.__version__}')
