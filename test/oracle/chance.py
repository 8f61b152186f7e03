"""Random choices that are the same in every version of Python: only Random.random() is promised to be."""

from random import Random


class Chance:
    def __init__(self, seed):
        self.random = Random(seed).random

    def below(self, n):
        return int(self.random() * n)

    def between(self, lo, hi):
        """An integer from lo to hi, both included."""
        return lo + self.below(hi - lo + 1)

    def of(self, percent):
        return self.random() * 100 < percent

    def pick(self, xs):
        return xs[self.below(len(xs))]

    def shuffled(self, xs):
        return [x for _, x in sorted(((self.random(), i), x) for i, x in enumerate(xs))]

    def some(self, xs):
        """Some of a list, at least one, in a random order."""
        return self.shuffled(xs)[: self.between(1, len(xs))]

    def short(self, lo, hi):
        """A multiple of 1/64 in [lo, hi], not 0: exact in float32, and short in a table."""
        return self.between(int(lo * 64), int(hi * 64)) / 64 or 1 / 64

    def shorts(self, n, lo=-1.5, hi=1.5):
        return [self.short(lo, hi) for _ in range(n)]

    def length(self):
        return self.pick([1, 1, 2, 2, 2, 3, 3, 3, 4, 5])

    def shape(self, rank=None, most=36):
        """A shape of at most so many elements."""
        while True:
            lengths = [self.length() for _ in range(self.pick([0, 1, 1, 2, 2, 2, 3, 3, 4]) if rank is None else rank)]
            if size_of(lengths) <= most:
                return lengths


def size_of(shape):
    n = 1
    for d in shape:
        n *= d
    return n
