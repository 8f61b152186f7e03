"""Building a program: instructions are tried on values, and refused where derivatives would be undefined or numbers large."""

from collections import Counter

import torch

from chance import size_of
from limits import LIMITS
from program import call, number

MOST_ELEMENTS = 96
MOST_INPUTS = 4
LARGEST = 25.0


class Refused(Exception):
    """Why an instruction or a program does not do."""


def broadcast(*shapes):
    """Whether shapes broadcast, to something that is not too large."""
    try:
        return size_of(torch.broadcast_shapes(*shapes)) <= MOST_ELEMENTS
    except RuntimeError:
        return False


class Register:
    """A value on the way, and whether it is a condition, which only `where` reads."""

    def __init__(self, value, condition=False):
        self.value = value
        self.condition = condition

    @property
    def shape(self):
        return list(self.value.shape)


class Builder:
    def __init__(self, chance, roomy=False):
        self.chance = chance
        self.roomy = roomy
        self.inputs = []
        self.steps = []
        self.registers = []
        self.refused = Counter()

    # Instructions

    def input(self, shape):
        values = [0.0 if self.chance.of(4) else x for x in self.chance.shorts(size_of(shape))]
        data = number(values).reshape(shape)
        self.inputs.append(Register(data))
        self.registers.append(self.inputs[-1])
        return self.inputs[-1]

    def step(self, op, *operands, condition=False, **attributes):
        """Adds an instruction, of which operands are registers and numbers; its result, or the list of several."""
        values = [number(x) if isinstance(x, float) else x.value for x in operands]
        if op in LIMITS and not LIMITS[op](attributes, *values) > 1:
            raise Refused(f'{op}: a value near a kink or a pole')
        results = call(op, values, attributes)
        if not all(y.isfinite().all() for y in results):
            raise Refused(f'{op}: a value that is not finite')
        if not self.roomy and any(y.numel() > MOST_ELEMENTS for y in results):
            raise Refused(f'{op}: more than {MOST_ELEMENTS} elements')
        if any(y.numel() > 0 and y.abs().max() > LARGEST for y in results):
            raise Refused(f'{op}: a value above {LARGEST}')
        made = [Register(y, condition) for y in results]
        self.steps.append((op, operands, attributes, made))
        self.registers += made
        return made[0] if len(made) == 1 else made

    def attempt(self, recipe, *args):
        """Follows a recipe; where it is refused everything is as it was."""
        lengths = len(self.inputs), len(self.steps), len(self.registers)
        try:
            recipe(self, self.chance, *args)
            return True
        except Refused as reason:
            self.refused[str(reason)] += 1
            for xs, n in zip((self.inputs, self.steps, self.registers), lengths):
                del xs[n:]
            return False

    # Operands

    def unread(self):
        read = {id(x) for _, operands, _, _ in self.steps for x in operands}
        return [r for r in self.registers if id(r) not in read]

    def any(self, rank=0, fits=lambda r: True):
        """A register of at least this rank, often the newest."""
        found = [r for r in self.registers if not r.condition and len(r.shape) >= rank and fits(r)]
        if not found:
            return self.shaped(self.chance.shape(max(rank, 1)))
        return found[-1] if self.chance.of(65) else self.chance.pick(found)

    def shaped(self, shape):
        """A register of this shape: one that is there, a new input, or what is made of another register."""
        found = [r for r in self.registers if not r.condition and r.shape == list(shape)]
        if found and self.chance.of(70):
            return self.chance.pick(found)
        if len(self.inputs) < MOST_INPUTS and self.chance.of(65):
            return self.input(list(shape))
        return self.made(list(shape), self.any())

    def made(self, shape, x):
        if x.shape == shape:
            return x
        if shape == []:
            return self.step('mean', x, keepDims=False)
        n, size = size_of(x.shape), size_of(shape)
        if size != n:
            start, stride = self.chance.below(n), self.chance.pick([1, 1, 2, 3])
            flat = x if len(x.shape) == 1 else self.step('reshape', x, shape=[-1])
            x = self.step('take', flat, indices=[(start + i * stride) % n for i in range(size)], axis=0)
        return x if x.shape == shape else self.step('reshape', x, shape=shape)

    def beside(self, *xs):
        """A register that broadcasts with others."""
        shape = torch.broadcast_shapes(*(x.shape for x in xs))
        found = [r for r in self.registers if not r.condition and r not in xs and broadcast(r.shape, shape)]
        if found and self.chance.of(75):
            return self.chance.pick(found)
        kept = [1 if self.chance.of(25) else d for d in shape]
        return self.shaped(kept[self.chance.below(len(kept) + 1) :])

    def tame(self, x, most=2.5):
        """x, or something like it of at most this size."""
        if isinstance(x, float) or x.value.abs().max() <= most:
            return x
        return self.step(self.chance.pick(['tanh', 'sin', 'softmax'] if x.shape else ['tanh', 'sin']), x)

    def positive(self, x):
        """x, or something like it that is well above 0."""
        if x.value.min() > 0.25:
            return x
        how = self.chance.pick(['exp', 'sigmoid', 'softplus', 'square', 'abs'])
        y = self.step(how, self.tame(x)) if how != 'abs' or x.value.abs().min() > 0.05 else self.step('square', x)
        return y if y.value.min() > 0.25 else self.step('add', y, self.chance.pick([0.5, 1.0]))

    # The finished program

    def program(self):
        """The program as data, with its inputs in front; its results are the registers that nothing reads."""
        ordered = self.inputs + [r for _, _, _, made in self.steps for r in made]
        at = {id(r): i for i, r in enumerate(ordered)}
        steps = [
            [op, [[x] if isinstance(x, float) else at[id(x)] for x in operands], attributes]
            for op, operands, attributes, _ in self.steps
        ]
        return {'steps': steps, 'results': sorted(at[id(r)] for r in self.unread())}
