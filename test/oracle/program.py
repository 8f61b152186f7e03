"""A program: a list of instructions on numbered registers, of which the inputs are the first.

An instruction is [op, operands, attributes]. An operand is the number of a register, or a list with one number that stands for itself.
An op with several results fills several registers. The results of a program are the registers that nothing reads.
"""

import torch

from ops import OPS


def number(x):
    return torch.tensor(x, dtype=torch.float64)


def call(op, operands, attributes, ops=OPS):
    """The list of results of one instruction on tensors."""
    y = ops[op](attributes, *operands)
    return y if isinstance(y, list) else [y]


def run(program, inputs, ops=OPS):
    """The results of a program."""
    registers = list(inputs)
    for op, operands, attributes in program['steps']:
        values = [number(x[0]) if isinstance(x, list) else registers[x] for x in operands]
        registers += call(op, values, attributes, ops)
    return [registers[i] for i in program['results']]


def loss(program, inputs, ops=OPS):
    """The weighted sum of all results."""
    return sum((w * y).sum() for w, y in zip(program['weights'], run(program, inputs, ops)))
