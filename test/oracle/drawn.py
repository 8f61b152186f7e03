"""Inputs of single calls, drawn as multiples of 1/64: exact in float32, and short in a table."""

import math

import torch


class Drawn:
    """A tensor of float64 numbers: those given, or one draw for each element."""

    def __init__(self, shape, data=None, draw=None):
        self.shape, self.data, self.draw = shape, data, draw

    def tensor(self, chance):
        data = self.data or [self.draw(chance.randint(-96, 96) / 64) for _ in range(math.prod(self.shape))]
        return torch.tensor(data, dtype=torch.float64).reshape(self.shape)


class Given:
    """An integer tensor."""

    def __init__(self, data):
        self.data = data

    def tensor(self, _):
        return torch.tensor(self.data)


def drawn(*shape, most=1.5):
    """From -most to most."""
    return Drawn(shape, draw=lambda u: u * most / 1.5)


def positive(*shape):
    """From 0.5 to 2."""
    return Drawn(shape, draw=lambda u: 1.25 + u / 2)


def away(*shape):
    """From 1 to 1.5, or its negative."""
    return Drawn(shape, draw=lambda u: math.copysign(1 + abs(u) / 3, u))


def upward(*shape):
    """From 1.125 to 4.125."""
    return Drawn(shape, draw=lambda u: 2.625 + u)


def ints(data):
    return Given(data)
