"""The hypergradients of bench:hypergradient in PyTorch on one thread.

    torch_hypergradient.py < requests

Each line is a request in JSON, and each answer is a line. {"load": file, "problem": name, "rate": r, "ridge": r} reads operands. {"mode": name,
"p": p} gives the hypergradient. {"mode", "p", "seconds"} gives the fastest of the runs in that time.
The algorithms are those of bigrad: a reverse loop of mixed products, and one graph of the gradient for all products with a Hessian.
"""

import json
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent.parent / "peers"))
from torch_step import NAMES, loss, read_inputs

torch.set_num_threads(1)
INNER, WEIGHT = 10, 100


def grad(y, xs, **more):
    """The gradients, with zeros for what y does not depend on."""
    found = torch.autograd.grad(y, xs, allow_unused=True, **more)
    return [torch.zeros_like(x) if g is None else g for g, x in zip(found, xs)]


def leaf(xs):
    return [x.detach().requires_grad_() for x in xs]


def dot(xs, ys):
    return sum((x * y).sum() for x, y in zip(xs, ys))


class Ridge:
    def __init__(self, inputs):
        self.inputs = inputs
        self.theta, self.ms = [inputs["theta"]], [inputs["ms"]]

    def error(self, w, side):
        return 0.5 * ((self.inputs[f"{side}/x"] @ w[0] - self.inputs[f"{side}/y"]) ** 2).mean()

    def lower(self, w, ms):
        return self.error(w, "lower") + 0.5 * (ms[0].exp() * w[0] ** 2).sum()

    def upper(self, w, ms):
        return self.error(w, "upper")


class Network:
    def __init__(self, inputs):
        self.inputs = inputs
        self.theta, self.ms = [inputs[name] for name in NAMES], [inputs[f"mask{i}"] for i in range(3)]
        self.running = [(torch.zeros(c), torch.ones(c)) for c in (16, 32, 64)]

    def level(self, w, ms, side):
        return loss(dict(zip(NAMES, w)), ms, self.inputs[f"{side}/x"], self.inputs[f"{side}/y"], self.running)

    def lower(self, w, ms):
        return self.level(w, ms, "lower")

    def upper(self, w, ms):
        return self.level(w, ms, "upper")


PROBLEMS = {"ridge regression": Ridge, "X-Yield network": Network}


class Solver:
    def __init__(self, problem, rate, ridge):
        self.problem, self.rate, self.ridge = problem, rate, ridge

    def solve(self, mode, p):
        problem, name = self.problem, mode.split(",")[0]
        fixed, ms = [m.detach() for m in problem.ms], leaf(problem.ms)
        depth = {"exact": p, "summed": p, "truncated": min(p, INNER), "paper": 1}.get(name, 0)
        w, states = leaf(problem.theta), []
        for t in range(p):
            if t >= p - depth:
                states.append(w)
            w = leaf(x - self.rate * g for x, g in zip(w, grad(problem.lower(w, fixed), w)))
        top = grad(problem.upper(w, ms), [*w, *ms])
        a, h = top[: len(w)], top[len(w) :]
        if name == "gradient":
            return grad(problem.lower(w, fixed), w)
        if name == "implicit":
            return self.through(w, ms, self.cg(w, fixed, a), h, 1)
        if name == "nystrom":
            return self.through(w, ms, self.nystrom(w, fixed, a), h, 1)
        if name == "penalty":
            return self.penalty(w, ms, fixed)
        return self.back(states, ms, a, h, name == "summed")

    def through(self, w, ms, x, h, rate):
        slope = grad(self.problem.lower(w, ms), w, create_graph=True)
        return [c - rate * d for c, d in zip(h, grad(slope, ms, grad_outputs=x))]

    def back(self, states, ms, a, h, summed):
        for t in reversed(range(len(states))):
            w = states[t]
            if t == 0 or summed:
                h = self.through(w, ms, a, h, self.rate)
                continue
            slope = grad(self.problem.lower(w, ms), w, create_graph=True)
            d = grad(slope, [*w, *ms], grad_outputs=a)
            a = [c - self.rate * e for c, e in zip(a, d)]
            h = [c - self.rate * e for c, e in zip(h, d[len(w) :])]
        return h

    def product(self, w, ms):
        slope = grad(self.problem.lower(w, ms), w, create_graph=True)
        return lambda v: grad(slope, w, grad_outputs=v, retain_graph=True)

    def cg(self, w, ms, b):
        apply = self.product(w, ms)
        x, r, p = [torch.zeros_like(v) for v in b], b, b
        rr = dot(r, r)
        for _ in range(INNER):
            q = [v + self.ridge * u for v, u in zip(apply(p), p)]
            alpha = rr / dot(p, q)
            x = [v + alpha * u for v, u in zip(x, p)]
            r = [v - alpha * u for v, u in zip(r, q)]
            rr, before = dot(r, r), rr
            p = [v + (rr / before) * u for v, u in zip(r, p)]
        return x

    def nystrom(self, w, ms, a):
        apply, ridge = self.product(w, ms), max(self.ridge, 0.1)
        sizes = [v.numel() for v in a]
        flat = lambda vs: torch.cat([v.reshape(-1) for v in vs])
        shaped = lambda v: [part.reshape(like.shape) for part, like in zip(v.split(sizes), a)]
        at = torch.arange(INNER) * (sum(sizes) // INNER)
        columns = []
        for i in at:
            unit = torch.zeros(sum(sizes))
            unit[i] = 1
            columns.append(flat(apply(shaped(unit))))
        c = torch.stack(columns, 1)
        b = flat(a)
        gram = ridge * c[at] + c.T @ c
        inner = torch.linalg.solve(gram + 1e-6 * gram.diagonal().abs().mean() * torch.eye(INNER), c.T @ b)
        return shaped((b - c @ inner) / ridge)

    def penalty(self, w, ms, fixed):
        lower, upper = self.problem.lower, self.problem.upper
        move = lambda x, g: leaf(u - self.rate * d for u, d in zip(x, g))
        y, z = w, w
        for _ in range(INNER):
            gy = grad(lower(y, fixed) + upper(y, fixed) / WEIGHT, y)
            y, z = move(y, gy), move(z, grad(lower(z, fixed), z))
        return grad(upper([v.detach() for v in y], ms) + WEIGHT * (lower([v.detach() for v in y], ms) - lower([v.detach() for v in z], ms)), ms)


def fastest(run, seconds):
    end, best = time.perf_counter() + seconds, float("inf")
    while best == float("inf") or time.perf_counter() < end:
        begin = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - begin)
    return 1e3 * best


def main():
    solver = None
    for line in sys.stdin:
        request = json.loads(line)
        if "load" in request:
            solver = Solver(PROBLEMS[request["problem"]](read_inputs(request["load"])), request["rate"], request["ridge"])
            answer = {"torch": torch.__version__}
        else:
            run = lambda: solver.solve(request["mode"], request["p"])
            if "seconds" in request:
                answer = {"ms": fastest(run, request["seconds"])}
            else:
                answer = {"dMs": [v for x in run() for v in x.detach().reshape(-1).tolist()]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
