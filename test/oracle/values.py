"""Makes values.json.gz: functions of one, two or three numbers, and of rows of numbers, at plain and at extreme arguments.

    python3 test/oracle/values.py

Values are PyTorch's in float64. Debian 12's python3-torch 1.13 made the table, by its functions of single numbers, since those of vectors are
wrong at the ends of the range. Some are put together from several of its functions, where the one function loses digits, NaN or the end of the range:

- sign of NaN, sigmoid from -709 down, softplus far from 0, elu near 0, gelu far below 0, sinc at integers, logAddExp everywhere.

PyTorch has no gate: it and its slope are worked out in fractions, which are rounded once.
"""

import gzip
import json
import math
import os
import random
from fractions import Fraction
from pathlib import Path

os.environ['ATEN_CPU_CAPABILITY'] = 'default'  # no vectors
import torch
from torch.nn import functional as F

FILE = Path(__file__).parent / 'values.json.gz'
LEAST, SMALL = 5e-324, 2.0**-1022  # the least numbers of float64, subnormal and not
LEAST32, SMALL32, LARGE32 = 2.0**-149, 2.0**-126, (2 - 2.0**-23) * 2.0**127  # of float32, and its largest
LARGE = (2 - 2.0**-52) * 2.0**1023
INF, NAN = math.inf, math.nan
chance = random.Random(1)


def single(x):
    """The nearest float32."""
    return torch.tensor(x, dtype=torch.float32).double().item()


def beside(*xs):
    """Numbers with their neighbours in both precisions, where functions change from one formula to another."""
    steps = (1, 1 - 2.0**-53, 1 + 2.0**-52, 1 - 2.0**-24, 1 + 2.0**-23)
    return [x * step for x in xs for step in steps]


POSITIVE = [
    *(0.0, LEAST, 1e-310, SMALL, 1e-300, 1e-200, 1e-160, 1e-100, LEAST32, 2.0**-140, SMALL32, 2.0**-125, 1e-30),
    *(2.0**-70, 1e-16, 2.0**-53, 2.0**-40, 1e-8, 2.0**-24, 1e-5, 2.0**-10, 1e-3, 0.1, 0.25, 0.3, 0.625, 0.9, 1.1),
    *beside(0.5, 1, 2, 3, 6, math.pi / 2, math.pi),  # erf changes at 3 and 6
    *(1.5, 2.5, 4, 5, 5.9, 7, 8, 9, 10, 17, 18.5, 20, 22, 25, 30, 36, 37, 40, 50, 80, 87, 87.5, 88.5, 88.75, 89, 95, 100),
    *(103, 104, 105, 150, 355, 700, 708, 709, 709.78, 709.79, 710, 740, 745, 745.2, 746, 800, 1e3, 8192, 1e5, 2.0**24 + 1),
    *(1e8, 2.0**31, 1e10, 1e15, 2.0**53, 1e22, 1e30, 2.0**126, LARGE32, 1e40, 1e100, 1e154, 2e154, 1e200, 1e300, LARGE, INF),
    *(single(4 * chance.random()) for _ in range(40)),
    *(single(2.0 ** chance.uniform(-30, 30)) for _ in range(20)),
]
UNARY = [*POSITIVE, *(-x for x in POSITIVE), NAN]

PARTNERS = [
    *(0.0, LEAST, SMALL, 1e-300, LEAST32, SMALL32, 1e-8, 0.1, 0.5, 1 - 2.0**-53, 1, 1 + 2.0**-52, 1.5, 2, 3, 7, 1e3),
    *(2.0**24, 2.0**53, 2.0**100, LARGE32, 1e154, 1e300, LARGE, INF),
]
SIGNED = [*PARTNERS, *(-x for x in PARTNERS), NAN]
BINARY = [
    *((x, y) for x in SIGNED for y in SIGNED),
    *((single(4 * chance.random()), single(chance.uniform(-6, 6))) for _ in range(60)),
]
CONDITIONS = [(c, x, y) for c in (0.0, -0.0, 1, -2, LEAST, INF, NAN) for x, y in ((1, 2), (NAN, 3), (3, NAN), (INF, -0.0))]

EPS = [1e-300, 1e-30, LEAST32, SMALL32, 2.0**-20, 1e-5, 0.1, 1, 3, 1e10, 1e300]
MASKS = [0.0, LEAST, 1e-300, 1e-160, LEAST32, 2.0**-60, 1e-8, 2.0**-10, 0.1, 0.5, 1, 3, 100, 2.0**40, LARGE32, 1e200, LARGE, INF]
GATES = [(sign * m, eps) for eps in EPS for m in MASKS for sign in (1, -1)] + [(NAN, 0.1)]

ZETAS = [(s, x) for s in (2, 3, 4, 5, 6, 9) for x in (0.0, LEAST32, 0.1, 0.5, 1, 1.5, 2, 3, 7.25, 11.9, 12, 40, 1e3, 1e8)]

ROWS = [
    [1, 2, 3, 4, 5],
    [0.1, -0.7, 0.3, 0.2, -0.4],
    [3, 1, 3, -2, 3],
    [7, 7, 7, 7, 7],
    [0.0, -0.0, 0.0, -0.0, 0.0],
    [0, 2, 0, 3, 1],
    [-1, -2, 0, -3, -4],
    [1000, 1001, 999, 1000, 998],
    [-1000, -1001, -999, -1000, -998],
    [1e300, 2e300, -1e300, 5e299, 1e299],
    [LEAST, 2 * LEAST, 5 * LEAST, 0, LEAST],
    [LEAST32, 2 * LEAST32, 5 * LEAST32, 0, LEAST32],
    [1e-8, 1, 1e8, 1e-16, 1e16],
    [2.0**24, 1, -1, 2.0**24, 0.5],
    [1e4 + 1, 1e4 + 2, 1e4 + 3, 1e4 + 4, 1e4 + 5],
    [INF, 1, 2, 3, 4],
    [1, -INF, 2, 3, 4],
    [INF, 1, INF, 2, -3],
    [-INF, 1, -INF, 2, -3],
    [INF, -INF, 0, 1, 2],
    [INF] * 5,
    [-INF] * 5,
    [NAN, 1, 2, 3, 4],
    [1, 2, NAN, 3, 4],
    [1, 2, 3, 4, NAN],
    [NAN, 5, NAN, 6, 1],
    [NAN, INF, 1, 2, 3],
    [-INF, 1, NAN, 2, 3],
    *([single(chance.gauss(0, 2)) for _ in range(5)] for _ in range(12)),
]


def gate(m, eps):
    """m^2 / (m^2 + eps), rounded once."""
    if math.isnan(m):
        return m
    return 1.0 if math.isinf(m) else float(Fraction(m) ** 2 / (Fraction(m) ** 2 + Fraction(eps)))


def slope(m, eps):
    """The derivative of the gate in m, rounded once."""
    if math.isnan(m) or math.isinf(m):
        return m if math.isnan(m) else math.copysign(0.0, m)
    exact = 2 * Fraction(m) * Fraction(eps) / (Fraction(m) ** 2 + Fraction(eps)) ** 2
    return math.copysign(INF, exact) if abs(exact) > Fraction(LARGE) else float(exact)


def elementwise(f, arguments):
    """f of columns of arguments."""
    columns = [torch.tensor(column, dtype=torch.float64) for column in zip(*arguments)]
    return f(*columns).double().tolist()


unary = {
    'neg': torch.neg,
    'abs': torch.abs,
    'sign': lambda x: torch.where(x.isnan(), x, torch.sign(x)),
    'floor': torch.floor,
    'square': torch.square,
    'ceil': torch.ceil,
    'round': torch.round,
    'tan': torch.tan,
    'asin': torch.asin,
    'acos': torch.acos,
    'atan': torch.atan,
    'sinh': torch.sinh,
    'cosh': torch.cosh,
    'asinh': torch.asinh,
    'acosh': torch.acosh,
    'atanh': torch.atanh,
    'erfinv': torch.erfinv,
    'lgamma': torch.lgamma,
    'digamma': torch.digamma,
    'sinc': lambda x: torch.where((x == x.round()) & x.isfinite(), (x == 0).double(), torch.sinc(x)),
    'reciprocal': torch.reciprocal,
    'sqrt': torch.sqrt,
    'rsqrt': torch.rsqrt,
    'exp': torch.exp,
    'expm1': torch.expm1,
    'log': torch.log,
    'log1p': torch.log1p,
    'sin': torch.sin,
    'cos': torch.cos,
    'tanh': torch.tanh,
    'sigmoid': lambda x: torch.where(x < -700, torch.exp(x), torch.sigmoid(x)),
    'softplus': lambda x: torch.clamp(x, min=0) + torch.log1p(torch.exp(-x.abs())),
    'relu': torch.relu,
    'erf': torch.erf,
    'leakyRelu': F.leaky_relu,
    'elu': lambda x: torch.where(x > 0, x, torch.expm1(x)),
    'gelu': lambda x: torch.where(x == -INF, NAN, x * (torch.erfc(-x * math.sqrt(0.5)) / 2)),
}
binary = {
    'add': torch.add,
    'sub': torch.sub,
    'mul': torch.mul,
    'div': torch.div,
    'pow': torch.pow,
    'mod': torch.remainder,
    'atan2': torch.atan2,
    'logAddExp': lambda x, y: torch.where(x == y, x + math.log(2), torch.maximum(x, y) + torch.log1p(torch.exp(-(x - y).abs()))),
    'maximum': torch.maximum,
    'minimum': torch.minimum,
    'less': torch.less,
    'greater': torch.greater,
    'lessEqual': torch.less_equal,
    'greaterEqual': torch.greater_equal,
    'equal': torch.eq,
    'notEqual': torch.ne,
}
rows = {
    'sum': torch.sum,
    'mean': torch.mean,
    'prod': torch.prod,
    'max': torch.amax,
    'min': torch.amin,
    'argmax': torch.argmax,
    'argmin': torch.argmin,
    'variance': lambda x, dim: torch.var(x, dim, unbiased=False),
    'standardDeviation': lambda x, dim: torch.std(x, dim, unbiased=False),
    'logSumExp': torch.logsumexp,
    'any': torch.any,
    'all': torch.all,
    'softmax': F.softmax,
    'logSoftmax': F.log_softmax,
}


def written(x):
    """A number as JSON has it; what JSON lacks as text that JavaScript reads as that number."""
    if isinstance(x, list):
        return [written(v) for v in x]
    if math.isnan(x):
        return 'NaN'
    if math.isinf(x):
        return 'Infinity' if x > 0 else '-Infinity'
    if x == 0 and math.copysign(1, x) < 0:
        return '-0'
    return int(x) if x == int(x) and abs(x) < 2**53 else x


def section(arguments, results):
    """Arguments by column, and results by op."""
    columns = [[float(v) for v in column] for column in zip(*arguments)]
    return {'arguments': written(columns), 'results': {name: written(values) for name, values in results.items()}}


table = {
    'unary': section([(x,) for x in UNARY], {name: elementwise(f, [(x,) for x in UNARY]) for name, f in unary.items()}),
    'binary': section(BINARY, {name: elementwise(f, BINARY) for name, f in binary.items()}),
    'where': section(CONDITIONS, {'where': elementwise(lambda c, x, y: torch.where(c != 0, x, y), CONDITIONS)}),
    'zeta': section(ZETAS, {'zeta': elementwise(torch.special.zeta, ZETAS)}),
    'gate': section(GATES, {'gate': [gate(*at) for at in GATES], 'gateGrad': [slope(*at) for at in GATES]}),
    'rows': section(
        list(zip(*ROWS)),
        {name: f(torch.tensor(ROWS, dtype=torch.float64), dim=-1).double().tolist() for name, f in rows.items()},
    ),
}
FILE.write_bytes(gzip.compress(json.dumps(table, separators=(',', ':')).encode(), mtime=0))
print(f'{FILE.name}: {FILE.stat().st_size} bytes')
