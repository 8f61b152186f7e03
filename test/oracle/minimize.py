"""Makes minimize.json.gz: a logistic regression with a ridge by PyTorch in float64.

    /usr/bin/python3 test/oracle/minimize.py

Debian 12's python3-torch 1.13 made it. Newton steps with whole Hessians find the minimum.
"""

import gzip
import json
from pathlib import Path

import torch

FILE = Path(__file__).parent / 'minimize.json.gz'
RIDGE = 0.05


def main():
    torch.manual_seed(0)
    x = torch.randn(20, 4, dtype=torch.float64)
    y = torch.sign(x @ torch.tensor([1.0, -2, 0.5, 0], dtype=torch.float64) + torch.randn(20, dtype=torch.float64))

    def loss(w):
        return torch.nn.functional.softplus(-y * (x @ w)).mean() + RIDGE / 2 * (w**2).sum()

    w = torch.zeros(4, dtype=torch.float64)
    for _ in range(20):
        gradient = torch.autograd.functional.jacobian(loss, w)
        w = w - torch.linalg.solve(torch.autograd.functional.hessian(loss, w), gradient)
    assert torch.autograd.functional.jacobian(loss, w).norm() < 1e-14
    row = {'x': x.flatten().tolist(), 'y': y.tolist(), 'ridge': RIDGE, 'w': w.tolist(), 'value': loss(w).item()}
    FILE.write_bytes(gzip.compress(json.dumps(row).encode(), mtime=0))
    print(w, loss(w))


main()
