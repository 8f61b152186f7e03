import assert from 'node:assert/strict';
import { randomKey, type Shape } from 'bigrad';
import { constantInit, kaimingNormal, kaimingUniform, xavierNormal, xavierUniform, type Initializer } from 'bigrad/nn';
import { kindFor, refuses } from '../support/refuses.js';
import { near, values } from '../support/close.js';
import { double } from '../support/numbers.js';

const key = randomKey(7);
const weight: Shape = [40, 25, 3, 2]; // fan in 150, fan out 240
const [fanIn, fanOut] = [150, 240];

interface Case {
  name: string;
  make: () => Initializer;
  /** Expected, from the papers. */
  variance: number;
  bound?: number;
}
const uniform = (name: string, make: () => Initializer, bound: number): Case => ({
  name,
  make,
  variance: bound ** 2 / 3,
  bound,
});
const cases: Case[] = [
  { name: 'kaimingNormal', make: () => kaimingNormal(), variance: 2 / fanIn },
  { name: 'kaimingNormal of fan out', make: () => kaimingNormal({ fan: 'out' }), variance: 2 / fanOut },
  { name: 'kaimingNormal of gain 1', make: () => kaimingNormal({ gain: 1 }), variance: 1 / fanIn },
  uniform('kaimingUniform', () => kaimingUniform(), Math.sqrt(6 / fanIn)),
  uniform('kaimingUniform of fan out', () => kaimingUniform({ fan: 'out' }), Math.sqrt(6 / fanOut)),
  uniform('kaimingUniform of gain 1', () => kaimingUniform({ gain: 1 }), Math.sqrt(3 / fanIn)),
  { name: 'xavierNormal', make: () => xavierNormal(), variance: 2 / (fanIn + fanOut) },
  { name: 'xavierNormal of gain 3', make: () => xavierNormal({ gain: 3 }), variance: 18 / (fanIn + fanOut) },
  uniform('xavierUniform', () => xavierUniform(), Math.sqrt(6 / (fanIn + fanOut))),
  uniform('xavierUniform of gain 3', () => xavierUniform({ gain: 3 }), 3 * Math.sqrt(6 / (fanIn + fanOut))),
];

describe('initialisers', () => {
  for (const { name, make, variance, bound } of cases)
    for (const dtype of ['float32', 'float64'] as const)
      it(`${name} has mean 0 and variance ${variance.toFixed(5)} in ${dtype}`, () => {
        const x = make()(key, weight, { dtype });
        assert.deepEqual([x.dtype, x.shape], [dtype, weight]);
        const xs = values(x);
        const mean = xs.reduce((s, v) => s + v, 0) / xs.length;
        const found = xs.reduce((s, v) => s + (v - mean) ** 2, 0) / xs.length;
        // 6000 numbers: five standard errors of the mean, and of the variance of a normal
        assert.ok(Math.abs(mean) < 5 * Math.sqrt(variance / xs.length), `mean ${mean}`);
        assert.ok(Math.abs(found / variance - 1) < 5 * Math.sqrt(2 / xs.length), `variance ${found}`);
        const largest = Math.max(...xs.map(Math.abs));
        if (bound) assert.ok(largest <= bound && largest > 0.99 * bound, `largest ${largest}`);
        else assert.ok(largest > 3 * Math.sqrt(variance), 'a normal has tails');
      });

  it('take matrices, [out, in]', () => {
    const xs = values(kaimingUniform({ gain: 1 })(key, [500, 3], double));
    assert.ok(Math.max(...xs) <= 1 && Math.max(...xs) > 0.99);
  });

  it('depend on the key alone', () => {
    for (const { make } of cases) {
      const init = make();
      near(init(key, [3, 2], double), init(key, [3, 2], double), 0);
      assert.notDeepEqual(values(init(key, [3, 2], double)), values(init(randomKey(8), [3, 2], double)));
    }
  });

  it('take shapes without elements, whose fans may be 0', () => {
    for (const { make } of cases)
      for (const shape of [
        [0, 2],
        [2, 0],
        [0, 0],
      ])
        assert.deepEqual(make()(key, shape).shape, shape);
  });

  it('constantInit gives one value everywhere, float32 by default', () => {
    near(constantInit(-0.5)(key, [2, 2], double), [-0.5, -0.5, -0.5, -0.5], 0);
    assert.deepEqual([constantInit(1)(key, []).dtype, constantInit(1)(key, [3], double).dtype], ['float32', 'float64']);
  });
});

describe('initialisers refuse', () => {
  const makers = { kaimingNormal, kaimingUniform, xavierNormal, xavierUniform };
  for (const [name, make] of Object.entries(makers)) {
    it(`${name}: gains that are not above 0, and shapes without fans`, () => {
      for (const gain of [0, -1, NaN, Infinity, '1' as never])
        refuses(() => make({ gain }), kindFor(gain), name, 'gain', String(gain));
      for (const shape of [[], [3]])
        refuses(() => make()(key, shape), RangeError, name, '[out, in', `[${shape.join()}]`);
    });
    if (name.startsWith('kaiming'))
      it(`${name}: fans other than in and out`, () => {
        refuses(() => make({ fan: 'both' } as never), RangeError, name, "'in' or 'out'", '"both"');
      });
    it(`${name}: keys that are none, and whole numbers`, () => {
      assert.throws(() => make()(3 as never, [2, 2]), TypeError);
      assert.throws(() => make()(key, [2, 2], { dtype: 'int32' }), TypeError);
    });
  }
  it('constantInit: values that are no finite numbers, and keys that are none', () => {
    for (const bad of [NaN, Infinity, '1' as never])
      refuses(() => constantInit(bad), kindFor(bad), 'constantInit', String(bad));
    refuses(() => constantInit(1)(undefined as never, [2]), TypeError, 'constantInit', 'tensor', 'undefined');
  });
});
