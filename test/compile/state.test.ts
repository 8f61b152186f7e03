import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  broadcastTo,
  clamp,
  compile,
  concat,
  cpu,
  expandDims,
  flip,
  fromTypedArray,
  full,
  leaves,
  mapTree,
  matmul,
  mul,
  neg,
  oneHot,
  reference,
  relu,
  reshape,
  slice,
  sub,
  sum,
  tensor,
  transpose,
  valueAndGrad,
  vjp,
  zeros,
  type Compiled,
  type Tensor,
} from 'bigrad';
import { adam } from 'bigrad/optim';
import { createCpu } from '../../src/backends/cpu/device.js';
import { values } from '../testing/close.js';
import { memoryOf, same } from './same.js';

interface State {
  readonly w: Tensor;
  readonly m: Tensor;
  readonly n: Tensor;
  readonly s: Tensor;
  readonly d: Tensor;
  readonly none: Tensor;
}
type Step = (state: State, x: Tensor, labels: Tensor) => State;

const int32 = { dtype: 'int32' } as const;
const start = (): State => ({
  w: tensor([
    [1, 2, 0],
    [-1, 3, 1],
  ]),
  m: tensor([
    [2, 2, -2],
    [0, 1, 5],
  ]),
  n: tensor(3, int32),
  s: tensor(2),
  d: tensor([1, 2, 3], { dtype: 'float64' }),
  none: zeros([0, 3]),
});
const batch = (): Tensor =>
  tensor([
    [1, -1, 2],
    [0, 2, -3],
  ]);
const labels = (): Tensor => tensor([2, 0], int32);
const wrong = (): Tensor => tensor([2, 7], int32);
const small = (x: Tensor): Tensor => clamp(x, -5, 5); // integers, of which all sums are exact
const kept = tensor([
  [7, 7, 7],
  [1, 2, 3],
]);

/**
 * Steps that keep the structure of their state, in all ways in which its leaves may depend on one
 * another.
 */
const steps: Readonly<Record<string, Step>> = {
  'each from itself': ({ w, m, n, s, d, none }, x) => ({
    w: small(add(w, x)),
    m: small(sub(m, x)),
    n: add(n, 1),
    s: small(neg(s)),
    d: small(neg(d)),
    none: neg(neg(none)),
  }),
  'by momentum': ({ w, m, ...rest }, x) => {
    const v = small(add(mul(m, 2), x));
    return { w: small(sub(w, v)), m: v, ...rest };
  },
  'the one from the other': ({ w, m, ...rest }, x) => ({ w: small(add(m, x)), m: neg(w), ...rest }),
  'of another order': ({ w, m, n, s, d, none }, x) => ({ none, d, s, n: add(n, 1), m: small(mul(m, x)), w: relu(w) }),
  'some as they came': ({ w, ...rest }, x) => ({ ...rest, w: small(add(w, x)) }),
  exchanged: ({ w, m, ...rest }) => ({ w: m, m: w, ...rest }),
  'one twice': ({ w, m, ...rest }, x) => {
    const y = small(add(w, add(m, x)));
    return { w: y, m: y, ...rest };
  },
  'one also transposed': ({ w, ...rest }, x) => {
    const y = small(add(w, x));
    return { ...rest, w: y, m: reshape(transpose(y), [2, 3]) };
  },
  constants: (state, x) => ({ ...state, w: kept, m: zeros([2, 3]), s: sum(x) }),
  'windows on something larger': ({ w, m, ...rest }, x) => {
    const y = relu(concat([w, add(m, sum(w)), x], 0));
    return { ...rest, w: slice(y, [0, 0], [2, 3]), m: slice(relu(small(concat([w, m], 0))), [2, 0], [2, 3]) };
  },
  'the front of something larger': ({ w, m, ...rest }, x) => {
    const y = relu(broadcastTo(expandDims(small(add(x, add(sum(w), sum(m)))), 0), [40, 2, 3]));
    return { ...rest, w: reshape(slice(y, [0, 0, 0], [1, 2, 3]), [2, 3]), m: small(sum(y, 0)) };
  },
  'turned round': ({ w, m, ...rest }, x) => ({ ...rest, w: small(add(flip(w), x)), m: flip(relu(m)) }),
  'a product': ({ w, m, ...rest }, x) => ({
    ...rest,
    w: small(matmul(matmul(w, transpose(m)), x)),
    m: small(add(matmul(matmul(w, transpose(x)), m), slice(w, [0, 0], [1, 3]))),
  }),
  'by a bias': ({ w, m, s, ...rest }, x) => {
    const t = small(neg(s));
    return {
      ...rest,
      w: small(add(w, broadcastTo(add(matmul(m, reshape(slice(x, [0, 0], [1, 3]), [3, 1])), s), [2, 3]))),
      m: small(neg(m)),
      s: t,
    };
  },
  'one before products': ({ w, m, ...rest }, x) => {
    const t = add(w, x);
    const p = small(matmul(small(matmul(m, transpose(x))), small(matmul(x, full([3, 3], 1)))));
    return { ...rest, w: relu(t), m: flip(small(add(p, m)), 1) };
  },
  'with labels first': ({ w, m, n, ...rest }, x, k) => {
    const t = small(add(w, oneHot(k, 3)));
    return { ...rest, w: t, m: small(sub(m, mul(t, x))), n: add(n, 2) };
  },
  'with labels last': ({ w, m, n, s, ...rest }, x, k) => {
    const t = small(add(w, x));
    return { ...rest, w: t, n: add(n, 1), m: small(mul(m, 2)), s: small(add(s, sum(mul(oneHot(k, 3), t)))) };
  },
  'numbers alone': ({ n, s, d, ...rest }) => ({
    ...rest,
    n: add(n, n),
    s: small(add(mul(s, 3), 1)),
    d: small(mul(d, 2)),
  }),
};

const copy = (x: Tensor): Tensor => fromTypedArray(x.readSync(), x.shape);
const copies = <T>(tree: T): T => mapTree(copy, tree);

function equal(got: State, want: State): void {
  same(got, want);
  assert.deepEqual(
    leaves(got).map((x) => x.readSync()),
    leaves(want).map((x) => x.readSync()),
  ); // arrays of the same type
}

/** A state in a compiled function's hands, and what it should be. */
interface Pair {
  readonly got: State;
  readonly want: State;
}
interface World {
  readonly step: Compiled<Parameters<Step>, State>;
  readonly eager: Step;
  readonly pairs: Pair[];
  /** What the user holds on to, with the values that it has. */
  readonly held: (readonly [Tensor, number[]])[];
  hold(x: Tensor, values: number[]): void;
}
type Action = (world: World, at: number, name: keyof State) => void;

const replace = (pairs: Pair[], at: number, pair: Pair): void => void pairs.splice(at, 1, pair);
const actions: Readonly<Record<string, Action>> = {
  step: ({ step, eager, pairs }, at) => {
    const { got, want } = pairs[at]!;
    replace(pairs, at, { got: step(got, batch(), labels()), want: copies(eager(want, batch(), labels())) });
  },
  'step thrice': (world, at, name) => {
    for (let i = 0; i < 3; i++) actions['step']!(world, at, name);
  },
  'step that fails': ({ step, eager, pairs }, at) => {
    const { got, want } = pairs[at]!;
    const fails = (() => {
      try {
        return !eager(copies(want), batch(), wrong());
      } catch {
        return true;
      }
    })();
    if (fails) assert.throws(() => step(got, batch(), wrong()), /expected indices/);
    assert.throws(() => step(got, tensor([1], { device: reference }), labels()), /on one device/);
  },
  'step of what is gone': ({ step, pairs }, at, name) => {
    const { got, want } = pairs[at]!;
    const gone = mapTree((x) => x, start());
    compile((x: Tensor) => x, { donate: [0] })(gone[name]);
    assert.throws(() => step({ ...got, [name]: gone[name] }, batch(), labels()), TypeError);
    same(got[name], want[name]);
  },
  read: ({ pairs }, at) => {
    equal(pairs[at]!.got, pairs[at]!.want);
  },
  'read one': ({ pairs }, at, name) => {
    assert.deepEqual(values(pairs[at]!.got[name]), values(pairs[at]!.want[name]));
  },
  'start anew': ({ pairs }) => {
    if (pairs.length < 3) pairs.push({ got: start(), want: start() });
  },
  'keep it, go on with a copy': ({ pairs, hold }, at) => {
    const { got, want } = pairs[at]!;
    for (const name of Object.keys(got) as (keyof State)[]) hold(got[name], values(want[name]));
    replace(pairs, at, { got: copies(want), want });
  },
  'see through a view': ({ pairs, hold }, at, name) => {
    const { got, want } = pairs[at]!;
    hold(transpose(got[name]), values(transpose(want[name])));
    hold(reshape(got[name], [got[name].size]), values(want[name]));
  },
  'use eagerly': ({ pairs, hold }, at, name) => {
    hold(neg(pairs[at]!.got[name]), values(neg(pairs[at]!.want[name])));
  },
  'donate a view': ({ pairs, hold }, at, name) => {
    const { got, want } = pairs[at]!;
    const [x, now] = [got[name], values(want[name])];
    const twice = concat([expandDims(x, 0), expandDims(x, 0)], 0);
    hold(twice, [...now, ...now]);
    const half = reshape(slice(twice, x.shape.map(() => 0).concat(0), [1, ...x.shape]), x.shape);
    const view = at === 0 ? half : reshape(x, x.shape);
    if (view !== half) hold(x, now);
    replace(pairs, at, { got: { ...got, [name]: view }, want });
  },
  'take another shape, and another plan': ({ pairs }, at) => {
    const { got, want } = pairs[at]!;
    const d = full([want.d.size === 3 ? 2 : 3], 4, { dtype: 'float64' });
    replace(pairs, at, { got: { ...got, d }, want: { ...want, d: copy(d) } });
  },
  'exchange leaves': ({ pairs }, at) => {
    const { got, want } = pairs[at]!;
    replace(pairs, at, { got: { ...got, w: got.m, m: got.w }, want: { ...want, w: want.m, m: want.w } });
  },
  'give one leaf twice': (world, at, name) => {
    const { got, want } = world.pairs[at]!;
    replace(world.pairs, at, { got: { ...got, m: got.w }, want: { ...want, m: copy(want.w) } });
    actions['step']!(world, at, name);
  },
  'mix two states': ({ pairs }, at, name) => {
    const other = (at + 1) % pairs.length;
    const [a, b] = [pairs[at]!, pairs[other]!];
    replace(pairs, at, { got: { ...a.got, [name]: b.got[name] }, want: { ...a.want, [name]: b.want[name] } });
    replace(pairs, other, { got: { ...b.got, [name]: a.got[name] }, want: { ...b.want, [name]: a.want[name] } });
  },
  'give a leaf as batch': ({ step, eager, pairs, hold }, at) => {
    const { got, want } = pairs[at]!;
    const other = pairs[(at + 1) % pairs.length]!;
    const [x, now] = [other.got.m, values(other.want.m)];
    if (x === got.m) return;
    replace(pairs, at, { got: step(got, x, labels()), want: copies(eager(want, copy(other.want.m), labels())) });
    hold(x, now);
    replace(pairs, (at + 1) % pairs.length, {
      got: copies(pairs[(at + 1) % pairs.length]!.want),
      want: pairs[(at + 1) % pairs.length]!.want,
    });
  },
  'give to another compiled function': ({ pairs, hold }, at, name) => {
    const { got, want } = pairs[at]!;
    const [y, z] = compile((x: Tensor) => [neg(x), x])(got[name]) as [Tensor, Tensor];
    hold(y, values(neg(want[name])));
    hold(z, values(want[name]));
  },
  'donate to another compiled function': ({ pairs }, at, name) => {
    const { got, want } = pairs[at]!;
    const y = compile((x: Tensor) => neg(x), { donate: [0] })(got[name]);
    replace(pairs, at, { got: { ...got, [name]: y }, want: { ...want, [name]: neg(want[name]) } });
  },
  'be captured by another compiled function': ({ pairs, hold }, at, name) => {
    const { got, want } = pairs[at]!;
    const { [name]: captured } = got;
    const [x, f] = [copy(want[name]), compile((t: Tensor) => [neg(t), captured] as const)];
    hold(f(x)[1], values(want[name]));
    hold({ readSync: () => f(x)[1].readSync() } as Tensor, values(want[name])); // long after
  },
  'differentiate at it': ({ pairs, hold }, at) => {
    const { got, want } = pairs[at]!;
    const f = ({ w, m }: State) => sum(mul(mul(w, w), m));
    for (const [g, e] of [[valueAndGrad(f)(got), valueAndGrad(f)(want)]] as const) hold(g[1].w, values(e[1].w));
    const [y, pull] = vjp((w: Tensor) => mul(w, w), got.w);
    const expected = values(mul(mul(want.w, 2), batch()));
    hold(y, values(mul(want.w, want.w)));
    hold({ readSync: () => pull(batch()).readSync() } as Tensor, expected); // long after
  },
  'run inline under a gradient': ({ step, pairs, hold }, at) => {
    const { got, want } = pairs[at]!;
    const inside = (state: State, run: Step) =>
      valueAndGrad((w: Tensor) => sum(run({ ...state, w }, batch(), labels()).w))(state.w);
    const [a, b] = [inside(got, step), inside(want, (...args) => step(...args))];
    hold(a[0], values(b[0]));
  },
  'keep a variable of a gradient': ({ pairs, hold }, at) => {
    const { got, want } = pairs[at]!;
    let twin = got.w;
    valueAndGrad((w: Tensor) => {
      twin = w;
      return sum(w);
    })(got.w);
    hold(twin, values(want.w));
  },
};

describe('state that goes round through a compiled function', () => {
  const names = Object.keys(start()) as (keyof State)[];
  const moves = fc.array(
    fc.tuple(
      fc.oneof(
        { arbitrary: fc.constant('step'), weight: 8 },
        { arbitrary: fc.constantFrom(...Object.keys(actions)), weight: 16 },
      ),
      fc.nat(2),
      fc.constantFrom(...names),
    ),
    { maxLength: 14, size: 'max' },
  );

  const play = (eager: Step, maxPlans: number, trace: readonly (readonly [string, number, keyof State])[]): void => {
    const pairs: Pair[] = [{ got: start(), want: start() }];
    const held: World['held'] = [];
    const world: World = {
      step: compile(eager, { donate: [0], maxPlans }),
      eager,
      pairs,
      held,
      hold: (x, now) => void held.push([x, now]),
    };
    for (const [name, at, leaf] of trace) actions[name]!(world, at % pairs.length, leaf);
    for (const { got, want } of pairs) equal(got, want);
    for (const [x, now] of held) if (x.storage !== null) assert.deepEqual(values(copyOfValues(x)), now);
  };
  const copyOfValues = (x: Tensor): Float64Array => Float64Array.from(x.readSync());

  for (const [name, step] of Object.entries(steps))
    it(`is what it is eagerly, whatever else is done with it: ${name}`, () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 2 }), moves, (maxPlans, trace) => {
          play(step, maxPlans, trace);
        }),
        { numRuns: Math.ceil(Number(process.env['FC_RUNS'] ?? 100) / 8) },
      );
    });

  it('is computed in its place, but where that would lose something', () => {
    const staying = (step: Step): number => {
      const [fresh, inPlace] = [compile(step), compile(step, { donate: [0] })];
      for (const f of [fresh, inPlace]) f(start(), batch(), labels());
      return fresh.stats!.buffers - inPlace.stats!.buffers;
    };
    assert.deepEqual(Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, staying(step)])), {
      'each from itself': 5,
      'by momentum': 2,
      'the one from the other': 1,
      'of another order': 1,
      'some as they came': 0,
      exchanged: 0,
      'one twice': 0,
      'one also transposed': 2,
      constants: 1,
      'windows on something larger': 0,
      'the front of something larger': 1,
      'turned round': 0,
      'a product': 1,
      'by a bias': 2,
      'one before products': 1,
      'with labels first': 2,
      'with labels last': 2,
      'numbers alone': 2,
    });
  });

  it('of Adam is what it is eagerly, however its gradient lies in memory, with and without SIMD kernels', () => {
    const { init, update } = adam({ learningRate: 0.1 });
    for (const device of [cpu, createCpu({ simd: 'none' })])
      for (const dtype of ['float32', 'float64'] as const)
        for (const turn of [
          (x: Tensor) => x,
          (x: Tensor) => transpose(flip(x)),
          (x: Tensor) => broadcastTo(sum(x), [3, 3]),
        ]) {
          const f = (p: Tensor, s: ReturnType<typeof init>) => update(turn(add(p, 0.25)), s, p);
          const step = compile(f, { donate: [0, 1] });
          const first = () =>
            tensor(
              [
                [1, -2, 3],
                [4, 5, -6],
                [7, 8, 9],
              ],
              { dtype, device },
            );
          let got: ReturnType<typeof f> = [first(), init(first())];
          let want: ReturnType<typeof f> = [first(), init(first())];
          for (let i = 0; i < 4; i++) [got, want] = [step(...got), f(...want)];
          same(got, want, dtype === 'float64' ? 1e-12 : 1e-6);
        }
  });

  it('may be awaited while later calls go on', async () => {
    const step = compile((x: Tensor) => add(x, 1), { donate: [0] });
    let x = tensor([1, 2]);
    const reads: Promise<unknown>[] = [];
    for (let i = 0; i < 4; i++) {
      x = step(x);
      reads.push(x.read());
    }
    assert.deepEqual(
      await Promise.all(reads),
      [0, 1, 2, 3].map((i) => Float32Array.of(i + 2, i + 3)),
    );
  });

  it('is right when its plan is dropped for another, which makes one anew', () => {
    const step = compile((x: Tensor) => add(x, 1), { donate: [0], maxPlans: 1 });
    let [x, y] = [tensor([1, 2]), tensor([5])];
    for (let i = 0; i < 3; i++) [x, y] = [step(x), step(y)];
    assert.deepEqual([values(x), values(y), step.traces], [[4, 5], [8], 6]);
  });

  it('keeps its memory, read or not', () => {
    const step = compile((x: Tensor, y: Tensor) => [add(x, y), sub(y, x)], { donate: [0, 1] });
    let [x, y] = [tensor([1, 2]), tensor([3, 4])];
    const memory = new Set([x, y].map(memoryOf));
    for (let i = 0; i < 8; i++) {
      [x, y] = step(x, y) as [Tensor, Tensor];
      if (i % 3 === 1) memoryOf(y);
      if (i > 3)
        [x, y].forEach((t) => {
          assert.ok(memory.has(memoryOf(t)), `call ${i}`);
        });
    }
  });

  it('has memory of its own from when it is first read on', () => {
    const step = compile((x: Tensor) => add(x, 1), { donate: [0] });
    let x = step(slice(tensor([1, 2, 3]), [1], [2])); // the memory of which may not be taken over
    const memory = memoryOf(x);
    for (let i = 0; i < 3; i++) assert.equal(memoryOf((x = step(x))), memory);
    assert.deepEqual(values(x), [6, 7]);
  });

  it('outlives calls that fail between its own', () => {
    const twice = (x: Tensor, k: Tensor) => add(mul(x, 2), sum(oneHot(k, 3)));
    const step = compile(twice, { donate: [0] });
    let x = tensor([1, 2]);
    const y = tensor([5, 5]);
    for (let i = 0; i < 3; i++) {
      x = step(x, labels());
      assert.throws(() => step(y, wrong()), /expected indices/);
      assert.throws(() => step(x, wrong()), /expected indices/);
    }
    assert.deepEqual([x, y].map(values), [
      [22, 30],
      [5, 5],
    ]);
    assert.deepEqual(values(step(y, labels())), [12, 12]);
  });

  it('is left to who gives it without donating it', () => {
    const step = compile((x: Tensor, y: Tensor) => [add(x, 1), add(y, 2)], { donate: [0] });
    const both = tensor([1, 2]);
    const [, y] = step(both, both) as [Tensor, Tensor]; // both positions of which are donated
    assert.deepEqual(step(tensor([0, 0]), y).map(values), [
      [1, 1],
      [5, 6],
    ]);
    assert.deepEqual(values(y), [3, 4]);
  });
});
