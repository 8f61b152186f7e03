"""Makes bilevel.json.gz: hypergradients of a small network by PyTorch in float64.

    /usr/bin/python3 test/oracle/bilevel.py

Debian 12's python3-torch 1.13 made the table. The loops, optimizers and modes are written out here with torch.autograd alone. The network is
that of test/bilevel/hypergradient/small-problem.ts.
"""

import gzip
import json
from pathlib import Path

import torch

FILE = Path(__file__).parent / 'bilevel.json.gz'
STEPS, RATE = 4, 0.2
SHAPES = {'first': (3, 2), 'last': (2,), 'ms': (2,), 'mt': (1, 2), 'carried': (3, 2)}


def wave(shape, start=0.0):
    n = torch.Size(shape).numel()
    return torch.sin(start + 1.7 * torch.arange(n, dtype=torch.float64) + 0.3).reshape(shape)


def gate(m):
    return m * m / (m * m + 0.4)


def predict(w, gates, x):
    return torch.tanh(x @ (w[0] * gates)) @ w[1]


def lower(w, ms, batch, c):
    """The loss, and what is carried; the state c is None where nothing is."""
    x, y = batch
    error = ((predict(w, gate(ms), x) - y) ** 2).mean()
    if c is None:
        return error, None
    return error + 0.1 * (w[0] ** 2 * c).sum(), 0.7 * c + 0.3 * w[0] * error


def upper(w, ms, mt, batch, c):
    x, y = batch
    loss = ((predict(w, gate(ms) * gate(mt), x) - y) ** 2).mean() + 0.05 * (ms**2).sum()
    return loss if c is None else loss + 0.2 * (c**2).sum()


def grad(y, xs, **more):
    """The gradients, with zeros for what y does not depend on."""
    return [torch.zeros_like(x) if g is None else g for g, x in zip(torch.autograd.grad(y, xs, allow_unused=True, **more), xs)]


def plain(state, w, g, t):
    return state, [p - RATE * d for p, d in zip(w, g)]


def momentum(state, w, g, t):
    v = [0.9 * u + d for u, d in zip(state or [torch.zeros_like(p) for p in w], g)]
    return v, [p - 0.1 * (d + 0.9 * u) for p, d, u in zip(w, g, v)]


def adam(state, w, g, t):
    ms, vs = state or ([torch.zeros_like(p) for p in w], [torch.zeros_like(p) for p in w])
    ms = [0.9 * m + 0.1 * d for m, d in zip(ms, g)]
    vs = [0.999 * v + 0.001 * d * d for v, d in zip(vs, g)]
    step = [0.05 * (m / (1 - 0.9**t)) / (torch.sqrt(v / (1 - 0.999**t)) + 1e-3) for m, v in zip(ms, vs)]
    return (ms, vs), [p - d for p, d in zip(w, step)]


def rmsprop(state, w, g, t):
    vs = [0.99 * v + 0.01 * d * d for v, d in zip(state or [torch.zeros_like(p) for p in w], g)]
    return vs, [p - 0.03 * d / (torch.sqrt(v) + 1e-2) for p, d, v in zip(w, g, vs)]


OPTIMIZERS = {'plain': plain, 'momentum': momentum, 'adam': adam, 'rmsprop': rmsprop}


class Problem:
    def __init__(self):
        start = {name: wave(shape, k) for k, (name, shape) in enumerate(SHAPES.items())}
        self.w = [start['first'].requires_grad_(), start['last'].requires_grad_()]
        self.ms, self.mt = start['ms'].requires_grad_(), start['mt'].requires_grad_()
        self.carried = start['carried']
        self.batches = [(wave((4, 3), 5 * i), wave((4,), 7 * i + 1)) for i in range(STEPS + 1)]

    def loop(self, phases, carries, detached=0, summed=False):
        """The state after the steps of all phases, with a graph of all but the first few."""
        w, c, t = self.w, self.carried if carries else None, 0
        for name, steps in phases:
            state = None
            for k in range(steps):
                at = [p.detach().requires_grad_() for p in w] if summed else w
                loss, c = lower(at, self.ms, self.batches[t], c)
                g = grad(loss, at, create_graph=True)
                state, w = OPTIMIZERS[name](state, w, g, k + 1)
                t += 1
                if t <= detached:
                    state, w, c = cut(state), cut(w), cut(c)
        return w, c

    def above(self, w, c):
        return upper(w, self.ms, self.mt, self.batches[STEPS], c)

    def unrolled(self, phases, carries=False, **how):
        w, c = self.loop(phases, carries, **how)
        return grad(self.above(w, c), [self.ms])[0]

    def at_the_end(self, phases, carries=False):
        """Where the lower level ends, without a history, and the gradients there."""
        w, c = self.loop(phases, carries)
        w, c = [p.detach().requires_grad_() for p in w], cut(c)
        value = self.above(w, c)
        *a, h, dMt = grad(value, [*w, self.ms, self.mt])
        return {'value': value, 'theta': w, 'dTheta': a, 'dMt': dMt, 'h': h, 'c': c}

    def hessian(self, w, c):
        """The Hessian of the last lower loss as a matrix, and its mixed derivatives with ms."""
        loss = lower(w, self.ms, self.batches[STEPS - 1], c)[0]
        flat = torch.cat([g.reshape(-1) for g in grad(loss, w, create_graph=True)])
        rows = [grad(x, [*w, self.ms], retain_graph=True) for x in flat]
        return torch.stack([torch.cat([r.reshape(-1) for r in row[:-1]]) for row in rows]), torch.stack([row[-1] for row in rows])

    def implicit(self, phases, solve):
        end = self.at_the_end(phases)
        h, mixed = self.hessian(end['theta'], end['c'])
        a = torch.cat([x.reshape(-1) for x in end['dTheta']])
        return end['h'] - mixed.T @ solve(h, a)

    def penalty(self, phases, weight, steps, rate):
        end = self.at_the_end(phases)
        batch = self.batches[STEPS - 1]
        y = z = end['theta']
        for _ in range(steps):
            gy = grad(lower(y, self.ms, batch, None)[0] + self.above(y, None) / weight, y)
            gz = grad(lower(z, self.ms, batch, None)[0], z)
            y = [(p - rate * d).detach().requires_grad_() for p, d in zip(y, gy)]
            z = [(p - rate * d).detach().requires_grad_() for p, d in zip(z, gz)]
        gap = self.above(y, None) + weight * (lower(y, self.ms, batch, None)[0] - lower(z, self.ms, batch, None)[0])
        return grad(gap, [self.ms])[0]


def cut(x):
    """The same without its history; weights are variables again."""
    if x is None:
        return None
    if isinstance(x, torch.Tensor):
        return x.detach().requires_grad_()
    return type(x)(cut(part) for part in x)


def series(steps, scale):
    def solve(h, a):
        x, r = torch.zeros_like(a), a
        for _ in range(steps):
            x, r = x + scale * r, r - scale * (h @ r)
        return x

    return solve


def rows():
    """(optimizers and steps of the phases, whether a state is carried, the mode as bigrad writes it, dMs)."""
    def ridge(r):
        return lambda h, a: torch.linalg.solve(h + r * torch.eye(len(a), dtype=a.dtype), a)

    for name in OPTIMIZERS:
        for carries in (False, True):
            for mode, how in (('exact', {}), ({'truncated': 2}, {'detached': 2}), ('paper', {'detached': 3}), ('summed', {'summed': True})):
                if not carries or mode != 'summed':
                    yield [(name, STEPS)], carries, mode, lambda p, n=name, c=carries, h=how: p.unrolled([(n, STEPS)], c, **h)
        end = [(name, STEPS)]
        yield end, False, 'firstOrder', lambda p, e=end: p.at_the_end(e)['h']
        for method in ('cg', 'gmres', 'dense'):
            mode = {'implicit': {'method': method, 'ridge': 5, 'tolerance': 1e-12}}
            yield end, False, mode, lambda p, e=end: p.implicit(e, ridge(5))
        mode = {'implicit': {'method': 'neumann', 'scale': 0.3, 'maxSteps': 5, 'failure': 'report'}}
        yield end, False, mode, lambda p, e=end: p.implicit(e, series(5, 0.3))
        yield end, False, {'nystrom': {'rank': 8, 'ridge': 2}}, lambda p, e=end: p.implicit(e, ridge(2))
        mode = {'penalty': {'weight': 30, 'steps': 3, 'learningRate': 0.1}}
        yield end, False, mode, lambda p, e=end: p.penalty(e, 30, 3, 0.1)
    phases = [('momentum', 1), ('adam', 2), ('plain', 1)]
    for mode, how in (('exact', {}), ({'truncated': 3}, {'detached': 1})):
        yield phases, True, mode, lambda p, h=how: p.unrolled(phases, True, **h)


def flat(x):
    return x.detach().reshape(-1).tolist() if isinstance(x, torch.Tensor) else [v for part in x for v in flat(part)]


def main():
    found = []
    for phases, carries, mode, solve in rows():
        problem = Problem()
        end = problem.at_the_end(phases, carries)
        expected = {name: flat(end[name]) for name in ('value', 'theta', 'dTheta', 'dMt')}
        found.append({'phases': phases, 'carries': carries, 'mode': mode, **expected, 'dMs': flat(solve(problem))})
    text = json.dumps(found, separators=(',', ':'), allow_nan=False)
    FILE.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f'{len(found)} rows; {FILE.stat().st_size} bytes')


if __name__ == '__main__':
    main()
