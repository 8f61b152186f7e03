import assert from 'node:assert/strict';
import * as bigrad from 'bigrad';
import { compile, createCpu, neg, onesLike, reference, tensor, vjp, type Backend, type Tensor } from 'bigrad';
import { parity } from 'bigrad/testing';
import { zeta } from '../../src/ops/special.js';
import { builds, simdOf } from '../support/builds.js';
import { values } from '../support/close.js';
import { contiguous } from '../support/memory.js';
import { ulps } from '../support/ulps.js';
import { readValues } from './values.js';

// Where devices share the function of one element, their agreement says nothing about it. These
// values come from elsewhere.

type Float = 'float32' | 'float64';
type Op = (...xs: Tensor[]) => Tensor;

const { rows, ...sections } = readValues();
const none = createCpu({ simd: 'none' });
const devices: Readonly<Record<Float, readonly (readonly [string, Backend])[]>> = {
  float64: [
    ['reference', reference],
    ['cpu', none],
  ],
  float32: [['reference', reference], ['cpu', none], ...builds.map((build) => [build, simdOf(build)] as const)],
};

const opOf = (name: string): Op =>
  name === 'zeta'
    ? zeta
    : name === 'gateGrad'
      ? (m, eps) => vjp((t: Tensor) => bigrad.gate(t, eps), m)[1](onesLike(m))
      : (bigrad as unknown as Record<string, Op>)[name]!;

/**
 * How many ulps a value may be off; exact without an entry. In float32 only SIMD kernels are off,
 * and what rounds twice.
 */
const tolerances: Readonly<Record<string, number>> = {
  ...{ exp: 1, expm1: 1, log: 1, log1p: 1, sin: 1, cos: 1, tanh: 1, pow: 1 }, // no library rounds these right throughout
  ...{ sigmoid: 2, softplus: 1, gate: 2, gateGrad: 3 },
  ...{ tan: 1, asin: 1, acos: 1, atan: 1, atan2: 1, sinh: 1, cosh: 1, asinh: 1, acosh: 1, sinc: 1, logAddExp: 1 },
  ...{ erf: 8, erfinv: 2, lgamma: 4, digamma: 16, zeta: 128 }, // PyTorch itself is off by most of the larger ones
};
const tolerances32: Readonly<Record<string, number>> = {
  ...{ rsqrt: 1, exp: 1, log: 1, tanh: 1, sigmoid: 1, leakyRelu: 1, gate: 1, gateGrad: 2 },
  ...{ expm1: 1, log1p: 1, softplus: 1, erf: 1, sin: 1, cos: 1, elu: 1 },
  ...{ sinc: 4, logAddExp: 1 },
};
const toleranceOf = (name: string, dtype: Float): number =>
  (dtype === 'float64' ? tolerances : tolerances32)[name] ?? 0;

/** The least number of a dtype that has all its digits, and the distance from 1 to the next one. */
const LEAST = { float32: 2 ** -126, float64: 2 ** -1022 } as const;
const EPSILON = { float32: 2 ** -23, float64: 2 ** -52 } as const;

/** By how much a value may be off besides, where an op promises digits of something larger. */
const slack: Readonly<Record<string, (dtype: Float, ...xs: number[]) => number>> = {
  gelu: (dtype, x) => 4 * EPSILON[dtype] * Math.abs(x), // the digits of 1 + erf
  sinc: (dtype) => 2 * EPSILON[dtype], // PyTorch rounds pi x
  erfinv: (dtype, x) => EPSILON[dtype] / (1 - Math.abs(x)), // what PyTorch's error function is off near 1
  lgamma: (dtype) => 8 * EPSILON[dtype], // near zeros below 0
  digamma: (dtype, x) => 8 * EPSILON[dtype] * (1 + (x < 0 ? Math.abs(x) / (x - Math.round(x)) ** 2 : 0)), // PyTorch rounds pi x
  gate: (dtype) => LEAST[dtype],
  gateGrad: (dtype, _, eps) => LEAST[dtype] / Math.sqrt(eps), // the largest slope is about 0.65 / sqrt(eps)
};

/** Ops of which no standard says which zero they give. */
const EITHER_ZERO = new Set('sign relu maximum minimum sinc'.split(' '));

/** What JavaScript says where PyTorch says something else. */
const expectedOf = (name: string, value: number, [x, y]: readonly number[]): number =>
  name === 'pow' && Math.abs(x!) === 1 && !Number.isFinite(y) ? NaN : value; // C has 1

function check(name: string, dtype: Float, what: string, got: number, want: number, xs: readonly number[]): void {
  const said = `${name}(${xs.join(', ')}) on ${what}: expected ${want}, got ${got}`;
  const near = Math.abs(got - want) <= (slack[name]?.(dtype, ...xs) ?? 0);
  assert.ok(near || ulps(got, want, dtype) <= toleranceOf(name, dtype), said);
  if (want === 0 && got === 0 && !EITHER_ZERO.has(name)) assert.ok(Object.is(got, want), `${said} of the other sign`);
}

/** Checks an op of a section in all ways; how many values it compared. */
function compare(section: (typeof sections)[keyof typeof sections], name: string, dtype: Float): number {
  const cast = dtype === 'float32' ? Math.fround : (x: number) => x;
  const results = section.results[name]!;
  const held = [...results.keys()].filter((i) => section.arguments.every((xs) => Object.is(cast(xs[i]!), xs[i])));
  const op = opOf(name);
  const chained = compile((...xs: Tensor[]) => neg(neg(op(...xs)))); // a generated loop, where there are any
  for (const [device, backend] of devices[dtype]) {
    const columns = section.arguments.map((xs) =>
      contiguous(
        held.map((i) => xs[i]!),
        [held.length],
        backend,
        dtype,
      ),
    );
    for (const [way, f] of [
      ['eager', op],
      ['compiled', chained],
    ] as const) {
      const got = values(f(...columns));
      held.forEach((i, k) => {
        const xs = section.arguments.map((column) => column[i]!);
        check(name, dtype, `${device}, ${way}`, got[k]!, cast(expectedOf(name, results[i]!, xs)), xs);
      });
    }
  }
  return held.length;
}

describe('values of elementwise ops are those of PyTorch', () => {
  const least = { unary: 260, binary: 1000, where: 20, zeta: 70, gate: 120 } as const;
  for (const [kind, section] of Object.entries(sections))
    for (const name of Object.keys(section.results))
      for (const dtype of ['float64', 'float32'] as const)
        it(`${name} in ${dtype}, within ${toleranceOf(name, dtype)} ulps`, () => {
          assert.ok(compare(section, name, dtype) >= least[kind as keyof typeof least]);
        });

  it('for every op that has a function of one element and a derivative', async () => {
    const seen = new Set<string>();
    const device: Backend = {
      ...reference,
      name: 'watching',
      run: (op, ...rest) => {
        if (op.scalar && op.vjp) seen.add(op.name);
        return reference.run(op, ...rest);
      },
    };
    await parity(reference, device);
    const held = new Set(Object.values(sections).flatMap(({ results }) => Object.keys(results)));
    assert.ok(seen.size > 20);
    assert.deepEqual(
      [...seen].filter((name) => !held.has(name)),
      [],
    );
  });

  it('which one ulp, one NaN or the other zero would break', () => {
    const next = 1 + EPSILON.float64;
    for (const [name, got, want] of [
      ['sqrt', next, 1],
      ['exp', 1 + 2 * EPSILON.float64, 1],
      ['add', NaN, 1],
      ['add', 1, NaN],
      ['mul', -0, 0],
      ['div', Infinity, Number.MAX_VALUE],
    ] as const)
      assert.throws(() => {
        check(name, 'float64', 'paper', got, want, [1, 1]);
      }, name);
    check('exp', 'float64', 'paper', next, 1, [1]);
    check('relu', 'float64', 'paper', -0, 0, [-0]);
  });
});

describe('values of ops over the rows of a matrix are those of PyTorch', () => {
  /** In ulps of each value; PyTorch itself is off by most of the larger ones. */
  const most: Readonly<Record<string, number>> = {
    ...{ sum: 1, mean: 2, prod: 2, logSumExp: 4, softmax: 8, logSoftmax: 32 },
    ...{ variance: 64, standardDeviation: 32 },
  };
  for (const [name, results] of Object.entries(rows.results))
    it(`${name}, within ${most[name] ?? 0} ulps in float64`, () => {
      const op = bigrad[name as 'sum'];
      for (const [device, backend] of devices.float64) {
        const x = tensor(rows.arguments, { dtype: 'float64', device: backend });
        const want = results.flat();
        values(op(x, -1)).forEach((got, i) => {
          const row = rows.arguments[Math.floor((i * rows.arguments.length) / want.length)]!;
          const off = ulps(got, want[i]!, 'float64');
          assert.ok(off <= (most[name] ?? 0), `${name}(${row.join(', ')}) on ${device}: ${want[i]} is not ${got}`);
        });
      }
    });
});
