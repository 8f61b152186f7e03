import assert from 'node:assert/strict';
import {
  add,
  arange,
  cast,
  compile,
  concat,
  cpu,
  eye,
  fromTypedArray,
  full,
  grad,
  linspace,
  mul,
  ones,
  randomBernoulli,
  randomKey,
  randomNormal,
  randomPermutation,
  randomUniform,
  reference,
  reshape,
  splitKey,
  sum,
  take,
  tensor,
  transpose,
  valueAndGrad,
  where,
  zeros,
  Tensor,
} from 'bigrad';
import {
  checkAlike,
  defineMultiOp,
  defineOp,
  defineVariadicOp,
  type One,
  type Op,
  type Three,
  type Two,
} from '../../src/core/op.js';
import type { AnyOp, Backend } from '../../src/core/tensor.js';
import { neg } from '../../src/ops/index.js';
import { close, values } from '../support/close.js';
import { recording } from './recording.js';

const x = tensor([1, 2, 3]);
const y = tensor([4, 5, 6]);

describe('an op with one rule per input', () => {
  let asked: string[] = [];
  const fused: Op<Three, { by: number }> = defineOp<Three, { by: number }>({
    name: 'fused',
    shape: ([a]) => a,
    ref: (out, [a, b, c], { by }) => {
      for (let i = 0; i < out.data.length; i++) out.data[i] = by * a.data[i]! * b.data[i]! + c.data[i]!;
    },
    vjp: [(g, [, b], { by }) => (asked.push('a'), mul(mul(g, b), by)), null, (g) => (asked.push('c'), g)],
  });
  beforeEach(() => {
    asked = [];
  });

  it('gives zeros for an input without a rule', () => {
    const [da, db, dc] = grad((v: Tensor[]) => sum(fused([v[0]!, v[1]!, v[2]!], { by: 2 })))([x, y, x]);
    assert.deepEqual(
      [da, db, dc].map((d) => values(d!)),
      [
        [8, 10, 12],
        [0, 0, 0],
        [1, 1, 1],
      ],
    );
  });

  it('asks only for the rules of inputs that are differentiated', () => {
    grad((v: Tensor) => sum(fused([x, y, v], { by: 2 })))(x);
    assert.deepEqual(asked, ['c']);
  });

  it('asks for no rule at all where only an input without one depends on the variable', () => {
    close(grad((v: Tensor) => sum(fused([x, v, y], { by: 2 })))(x), [0, 0, 0]);
    assert.deepEqual(asked, []);
  });
});

describe('a variadic op', () => {
  const positions: number[] = [];
  const total = defineVariadicOp<null>({
    name: 'total',
    shape: (shapes) => shapes[0]!,
    ref: (out, xs) => {
      xs.forEach(({ data }, k) => {
        data.forEach((v, i) => (out.data[i]! += (k + 1) * v));
      });
    },
    vjp: (g, at) => (positions.push(at), mul(g, at + 1)),
  });

  it('tells its rule which input it is for', () => {
    const d = grad((v: Tensor[]) => sum(total([v[0]!, x, v[1]!], null)))([x, y]);
    assert.deepEqual(d.map(values), [
      [1, 1, 1],
      [3, 3, 3],
    ]);
    assert.deepEqual(positions.sort(), [0, 2]);
  });

  it('adds up the cotangents of an input given twice', () => {
    close(grad((v: Tensor) => sum(total([v, v], null)))(x), [3, 3, 3]);
    close(grad((v: Tensor) => sum(concat([v, v, v])))(x), [3, 3, 3]);
  });

  it('takes any number of inputs, but not none', () => {
    assert.deepEqual(values(total([x], null)), [1, 2, 3]);
    assert.throws(() => total([], null), /^TypeError: total: expected at least one tensor or a device/);
  });
});

describe('an op with several outputs', () => {
  let seen: boolean[] = [];
  /** [2 x, x^2, an int32 copy]: the rule reads the cotangents that came, and an output. */
  const both = defineMultiOp<One, null>({
    name: 'both',
    infer: ([a]) => [a, a, { shape: a.shape, dtype: 'int32' }],
    ref: (outs, [a]) => {
      a.data.forEach((v, i) => {
        outs[0]!.data[i] = 2 * v;
        outs[1]!.data[i] = v * v;
        outs[2]!.data[i] = v;
      });
    },
    vjp: [
      (gs, _, __, outs) => {
        seen = gs.map((g) => g !== null);
        const parts = [gs[0] && mul(gs[0], 2), gs[1] && mul(gs[1], outs[0]!)].filter((p) => p instanceof Tensor);
        return parts.reduce((a, b) => add(a, b));
      },
    ],
  });
  const run = (v: Tensor): [Tensor, Tensor, Tensor] => both([v], null) as [Tensor, Tensor, Tensor];

  it('gives null for the cotangent of an output that nothing used', () => {
    close(grad((v: Tensor) => sum(run(v)[0]))(x), [2, 2, 2]);
    assert.deepEqual(seen, [true, false, false]);
    close(grad((v: Tensor) => sum(run(v)[1]))(x), [2, 4, 6]);
    assert.deepEqual(seen, [false, true, false]);
  });

  it('runs its rule once, with both cotangents, where both outputs are used', () => {
    const f = (v: Tensor): Tensor => {
      const [a, b] = run(v);
      return sum(add(mul(a, b), b)); // 2 x^3 + x^2
    };
    close(grad(f)(x), [6 + 2, 24 + 4, 54 + 6]);
    assert.deepEqual(seen, [true, true, false]);
    close(grad((v: Tensor) => sum(grad(f)(v)))(x), [12 + 2, 24 + 2, 36 + 2]);
  });

  it('tracks its float outputs and none of its integer ones', () => {
    grad((v: Tensor) => {
      const [a, b, c] = run(v);
      assert.ok(a.node !== null && a.node === b.node);
      assert.equal(c.node, null);
      return sum(a);
    })(x);
  });
});

describe('int32 tensors', () => {
  it('are never tracked, and get no gradient', () => {
    const params = { w: x, count: tensor([1, 2], { dtype: 'int32' }) };
    const [[, aux], g] = valueAndGrad(
      ({ w, count }: typeof params) => {
        assert.equal(count.node, null);
        const rounded = cast(w, 'int32');
        assert.equal(rounded.node, null);
        return [sum(take(w, count)), { rounded, next: add(count, 1) }];
      },
      { hasAux: true },
    )(params);
    assert.equal(g.count, undefined);
    assert.ok('count' in g);
    assert.deepEqual(values(g.w), [0, 1, 1]);
    assert.deepEqual(values(aux.next), [2, 3]);
  });

  it('cut the derivative: what is computed through one is constant', () => {
    close(grad((v: Tensor) => sum(mul(v, cast(cast(v, 'int32'), 'float32'))))(x), [1, 2, 3]);
  });
});

describe('devices and dtypes', () => {
  const there = tensor([1, 2, 3], { device: reference });
  const wide = tensor([1, 2, 3], { dtype: 'float64' });

  it('are not mixed, and the message says how to help it', () => {
    assert.throws(() => add(x, there), {
      name: 'TypeError',
      message: 'add: expected tensors on one device, got cpu and reference; move one with to(x, device)',
    });
    assert.throws(() => mul(x, wide), {
      name: 'TypeError',
      message: 'mul: expected equal dtypes, got float32 and float64; convert one with cast(x, dtype)',
    });
    assert.throws(() => where(tensor([1, 0, 1], { device: reference }), x, x), /one device, got reference and cpu/);
    assert.throws(() => concat([x, there]), /^TypeError: concat: expected tensors on one device/);
  });

  it('are those of the tensor beside a number', () => {
    for (const t of [there, wide]) {
      const z = add(2, mul(t, 3));
      assert.deepEqual([z.device, z.dtype], [t.device, t.dtype]);
    }
  });

  it('stay in derivatives of every order', () => {
    const g = grad((v: Tensor) => sum(grad((u: Tensor) => sum(mul(u, mul(u, u))))(v)))(wide);
    assert.deepEqual([g.dtype, g.device], ['float64', cpu]);
  });
});

describe('every op goes through run, creation and randomness included', () => {
  const key = () => randomKey(1, { device: reference });
  const calls: [string, string[], (device: ReturnType<typeof recording>['device']) => unknown][] = [
    ['zeros', ['full'], (device) => zeros([2], { device })],
    ['ones', ['full'], (device) => ones([2], { device })],
    ['full', ['full'], (device) => full([2], 3, { device })],
    ['arange', ['arange'], (device) => arange(3, { device })],
    ['linspace', ['linspace'], (device) => linspace(0, 1, 3, { device })],
    ['eye', ['eye'], (device) => eye(2, { device })],
    ['a number beside a tensor', ['full', 'broadcastTo', 'add'], (device) => add(tensor([1, 2], { device }), 1)],
    ['reshape', ['reshape'], (device) => reshape(tensor([1, 2], { device }), [2, 1])],
    ['transpose', ['transpose'], (device) => transpose(tensor([[1, 2]], { device }))],
    ['splitKey', ['randomBits'], (device) => splitKey(randomKey(1, { device }), 1)],
    ['randomUniform', ['randomUniform'], (device) => randomUniform(randomKey(1, { device }), [2])],
    ['randomNormal', ['randomNormal'], (device) => randomNormal(randomKey(1, { device }), [2])],
    ['randomBernoulli', ['randomUniform', 'less', 'cast'], (device) => randomBernoulli(randomKey(1, { device }), [2])],
    ['randomPermutation', ['randomPermutation'], (device) => randomPermutation(randomKey(1, { device }), 3)],
    ['a gradient', ['neg', 'sum', 'neg'], (device) => grad((v: Tensor) => sum(neg(v)))(tensor([1, 2], { device }))],
  ];
  for (const [what, ops, call] of calls)
    it(`${what} runs ${ops.join(', ')}`, () => {
      const { device, ran } = recording();
      call(device);
      for (const op of ops) assert.ok(ran.includes(op), `${op} among ${ran.join(', ')}`);
    });

  it('and its results are those of the device it runs on', () => {
    const { device } = recording();
    close(randomUniform(randomKey(1, { device }), [4]), randomUniform(key(), [4]));
    assert.equal(randomUniform(randomKey(1, { device }), [4]).device, device);
  });

  it('as do ops defined elsewhere, which need no kernel to run on the cpu device', () => {
    const twice: Op<Two, null> = defineOp<Two, null>({
      name: 'twice',
      shape: ([a]) => a,
      ref: (out, [a, b]) => {
        a.data.forEach((v, i) => (out.data[i] = v + 2 * b.data[i]!));
      },
      vjp: [(g) => g, (g) => mul(g, 2)],
    });
    close(twice([x, y], null), [9, 12, 15]);
    close(twice([transpose(fromTypedArray(Float32Array.of(1, 2, 3, 4), [2, 2])), zeros([2, 2])], null), [1, 3, 2, 4]);
  });

  it('with what their record has, and nothing else', () => {
    const records: AnyOp[] = [];
    const device: Backend = {
      ...reference,
      run(op, ins, outs, attrs) {
        records.push(op);
        return reference.run(op, ins, outs, attrs);
      },
    };
    const [scalar, integer, traits] = [(v: number) => -v, (v: number) => v | 0, { total: true } as const];
    const full = defineOp<One, null>({
      name: 'whole',
      shape: ([a]) => a,
      ref: (out, [a]) => {
        a.data.forEach((v, i) => (out.data[i] = -v));
      },
      scalar,
      integer,
      traits,
      vjp: null,
    });
    const view = defineOp<One, null>({ name: 'window', shape: ([a]) => a, view: (v) => v, vjp: [(g) => g] });
    const there = tensor([1, 2, 3], { device });
    const watched = grad((v: Tensor) => sum(add(view([v], null), full([v], null))));
    close(watched(there), [1, 1, 1]);
    const find = (name: string) => records.find((r) => r.name === name)!;
    assert.deepEqual(Object.keys(find('whole')).sort(), [
      'infer',
      'integer',
      'kernel',
      'name',
      'ref',
      'scalar',
      'traits',
      'vjp',
    ]);
    assert.deepEqual(Object.keys(find('window')).sort(), ['infer', 'kernel', 'name', 'view', 'vjp']);
    assert.deepEqual([find('whole').scalar, find('whole').integer, find('whole').traits], [scalar, integer, traits]);
    assert.equal(find('whole').vjp, null);
  });
});

describe('tensors that must be alike', () => {
  const there = tensor([1, 2, 3], { device: reference });

  it('have one dtype and one device, however many they are', () => {
    checkAlike('f', []);
    checkAlike('f', [x]);
    checkAlike('f', [x, y]);
    assert.throws(() => {
      checkAlike('f', [x, cast(x, 'float64')]);
    }, /^TypeError: f: expected equal dtypes/);
    assert.throws(() => {
      checkAlike('f', [x, there]);
    }, /^TypeError: f: expected tensors on one device, got cpu and ref/);
  });

  it('are so where a trace meets the device that it is for, in any order', () => {
    const f = (v: Tensor): Tensor => {
      checkAlike('f', [x, v]);
      checkAlike('f', [v, x]);
      return add(x, mul(v, y));
    };
    close(compile(f)(x), [5, 12, 21]);
  });
});
