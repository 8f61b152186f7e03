"""Makes programs.json.gz: random programs, their values and derivatives by PyTorch in float64.

    python3 test/oracle/generate.py

Debian 12's python3 3.11 and python3-torch 1.13 made the table; it takes about a minute. Twice on one machine gives the same bytes. Another
processor or another PyTorch may round the last digits otherwise, and so may draw other programs.

Each program is about one op, so that all have their turn, with others drawn at random around it. Programs are refused, and the reasons counted
and printed, where a value lies near a kink or a pole, numbers are large, or a derivative is zero throughout. Every derivative is also compared with
the difference quotient of the one of lower order; where they disagree the script stops.
"""

import gzip
import json
from collections import Counter
from pathlib import Path
from sys import stderr

import torch

from build import Builder, Refused, broadcast
from chance import Chance
from derivatives import apart, derivatives, disagreement
from draw import RECIPES
from ops import OPS
from program import loss, number, run
from wide import KINDS, wide

SEED = 1
COUNT = 300
WIDE = 3  # programs whose values on the way are large enough for threads
LARGEST = 3e3
SMALLEST = 1e-3
AGREEMENT = 1e-9
ROUNDING = 1e-5  # by which a program may differ from what it is without its casts
FILE = Path(__file__).parent / 'programs.json.gz'


def body(b, chance, about):
    """Instructions about one op and others, joined so that few results are left."""
    for _ in range(chance.between(2, 3)):
        b.input(chance.shape())
    names = list(RECIPES)
    for _ in range(chance.between(0, 1)):
        b.attempt(RECIPES[chance.pick(names)])
    for _ in range(30):
        if b.attempt(RECIPES[about]):
            break
    else:
        raise Refused(f'{about}: no place for it')
    for _ in range(chance.between(1, 3)):
        b.attempt(RECIPES[chance.pick(names)])
    for _ in range(50):
        if len(b.unread()) <= chance.between(1, 2):
            return
        b.attempt(join)
    raise Refused('results that nothing joins')


SUMMARIES = ['mean', 'sum', 'logSumExp', 'variance', 'standardDeviation', 'prod', 'max', 'min']


def join(b, chance):
    """Makes one of two results."""
    x, y = chance.shuffled(b.unread())[:2]
    if chance.of(30) or not broadcast(x.shape, y.shape):
        y = b.step(chance.pick(SUMMARIES), y, keepDims=False)
    how = chance.pick(['mul', 'mul', 'mul', 'add', 'sub', 'maximum', 'minimum'])
    b.step(how, *chance.shuffled([b.tame(x, 10), b.tame(y)]))


def draw(chance, about):
    """A program about an op, with inputs, weights of its results and two directions."""
    b = Builder(chance, roomy=about in KINDS)
    try:
        (wide if about in KINDS else body)(b, chance, about)
    except Refused as reason:
        b.refused[str(reason)] += 1
        return None, b.refused
    xs = [x.value for x in b.inputs]
    program = b.program()
    if any(x in program['results'] for x in range(len(xs))):
        b.refused['an input that nothing reads'] += 1
        return None, b.refused

    def like(y):
        return number(chance.shorts(y.numel(), -1, 1)).reshape(y.shape)

    program['weights'] = [like(y) for y in run(program, xs)]
    return (program, xs, [like(x) for x in xs], [like(x) for x in xs]), b.refused


def unfit(found):
    """Why numbers do not do, if so."""
    if len(found['gradient']) < 2:
        return 'a single input'
    for name, ys in found.items():
        if not all(y.isfinite().all() for y in ys):
            return f'{name}: not finite'
        if max(y.abs().max() for y in ys) > LARGEST:
            return f'{name}: above {LARGEST}'
        if max(y.abs().max() for y in ys) < SMALLEST:
            return f'{name}: zero, or nearly'
    return 'a gradient of zero' if any(g.abs().max() == 0 for g in found['gradient']) else None


def smooth_ops(program, xs):
    """Ops by which differences are taken: a rounding has none, so it is left out; what stopGradient gives stays what it is at xs."""
    kept = {}

    def keep(a, x):
        kept[id(a)] = x  # each instruction has attributes of its own
        return x

    ops = {**OPS, 'cast': lambda a, x: x}
    run(program, xs, {**ops, 'stopGradient': keep})
    return {**ops, 'stopGradient': lambda a, x: kept[id(a)]}


def check(program, xs, v, u, found):
    """The largest disagreement of derivatives with differences; stops where one is too large."""
    ops = smooth_ops(program, xs)

    def smooth(ys):
        return loss(program, ys, ops)

    exact = derivatives(smooth, xs, v, u)
    errors = min((disagreement(smooth, xs, v, u, exact, h) for h in (1e-3, 2e-4)), key=lambda e: max(e.values()))
    rounded = max(apart(found[name], exact[name]) for name in errors)
    if max(errors.values()) > AGREEMENT or rounded > ROUNDING:
        raise SystemExit(f'PyTorch and differences disagree: {errors} in {program["steps"]}')
    return errors


def made(k):
    """Program k with its numbers; what was refused before it; how well differences agree."""
    chance = Chance(SEED * 100_000 + k)
    subjects = list(KINDS if k < WIDE else RECIPES)
    about = subjects[k % len(subjects)]
    refused = Counter()
    while True:
        drawn, reasons = draw(chance, about)
        refused += reasons
        if drawn is None:
            continue
        program, xs, v, u = drawn
        found = derivatives(lambda ys: loss(program, ys), xs, v, u)
        reason = unfit(found)
        if reason is None:
            return row(about, program, xs, v, u, found), refused, check(program, xs, v, u, found)
        refused[reason] += 1


def row(about, program, xs, v, u, found):
    def flat(ys):
        return [y.flatten().tolist() for y in ys]

    results = run(program, xs)
    return {
        'about': about,
        'shapes': [list(x.shape) for x in xs],
        'steps': program['steps'],
        'results': program['results'],
        'resultShapes': [list(y.shape) for y in results],
        'inputs': flat(xs),
        'weights': flat(program['weights']),
        'v': flat(v),
        'u': flat(u),
        'expected': {'value': flat(results), **{name: flat(ys) for name, ys in found.items()}},
    }


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    rows, refused, errors, used = [], Counter(), Counter(), Counter()
    for k in range(COUNT):
        program, reasons, agreement = made(k)
        rows.append(program)
        refused += reasons
        errors |= Counter(agreement)
        used += Counter({op for op, _, _ in program['steps']})
        print(f'\r{k + 1} of {COUNT}', end='', file=stderr, flush=True)
    text = json.dumps(rows, separators=(',', ':'), allow_nan=False)
    FILE.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f'\n{COUNT} programs of {sum(len(p["steps"]) for p in rows)} instructions; {FILE.stat().st_size} bytes')
    print('how many programs use each op:', dict(sorted(used.items(), key=lambda e: e[1])))
    print('largest disagreement with differences:', {name: f'{e:.1e}' for name, e in errors.items()})
    print('refused:', *(f'{n:7} {reason}' for reason, n in refused.most_common()), sep='\n')


if __name__ == '__main__':
    main()
