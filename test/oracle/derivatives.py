"""Derivatives of a scalar function of several tensors, by PyTorch; and a second way to find them, by differences."""

import torch


def gradient(y, xs, keep=True):
    """The gradient of y in each x; zeros where y does not depend on it."""
    if not y.requires_grad:
        return [torch.zeros_like(x) for x in xs]
    gs = torch.autograd.grad(y, xs, create_graph=keep, retain_graph=True, allow_unused=True)
    return [torch.zeros_like(x) if g is None else g for x, g in zip(xs, gs)]


def dot(xs, ys):
    return sum((x * y).sum() for x, y in zip(xs, ys))


def derivatives(f, xs, v, u):
    """Gradient g; Hessian-vector product H v; mixed product d2f/dx1 dx0 v0; and the gradient of u' H v."""
    xs = [x.detach().clone().requires_grad_() for x in xs]
    y = f(xs)
    g = gradient(y, xs)
    hvp = gradient(dot(g, v), xs)
    mixed = gradient((g[0] * v[0]).sum(), [xs[1]])
    third = gradient(dot(hvp, u), xs, keep=False)
    found = {'loss': [y], 'gradient': g, 'hvp': hvp, 'mixed': mixed, 'third': third}
    return {name: [x.detach() + 0.0 for x in ys] for name, ys in found.items()}  # zeros without memory get some


# Weights of f(x - 3h) ... f(x + 3h) in the derivative to sixth order, in 1/h
STENCIL = [(-3, -1 / 60), (-2, 3 / 20), (-1, -3 / 4), (1, 3 / 4), (2, -3 / 20), (3, 1 / 60)]


def difference(f, xs, along, h):
    """The derivative of the list f(xs) along a direction."""
    parts = [[w / h * y for y in f([x + k * h * a for x, a in zip(xs, along)])] for k, w in STENCIL]
    return [sum(ys) for ys in zip(*parts)]


def apart(got, expected):
    """The largest difference, relative to the largest of 1 and the numbers."""
    size = max([1.0, *(y.abs().max().item() for y in expected if y.numel())])
    return max([0.0, *((x - y).abs().max().item() for x, y in zip(got, expected) if y.numel())]) / size


def disagreement(f, xs, v, u, found, h):
    """How far each derivative is from the difference quotient of the one of lower order."""

    def of(name, point):
        return derivatives(f, point, v, u)[name]

    first = [v[0], *(torch.zeros_like(x) for x in xs[1:])]
    return {
        'gradient': apart([dot(found['gradient'], v)], difference(lambda p: [f(p)], xs, v, h)),
        'hvp': apart(found['hvp'], difference(lambda p: of('gradient', p), xs, v, h)),
        'mixed': apart(found['mixed'], difference(lambda p: of('gradient', p)[1:2], xs, first, h)),
        'third': apart(found['third'], difference(lambda p: of('hvp', p), xs, u, h)),
    }
