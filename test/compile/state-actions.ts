import assert from 'node:assert/strict';
import {
  compile,
  concat,
  expandDims,
  fromTypedArray,
  full,
  leaves,
  mapTree,
  mul,
  neg,
  reference,
  reshape,
  slice,
  sum,
  tensor,
  transpose,
  valueAndGrad,
  vjp,
  type Compiled,
  type Tensor,
} from 'bigrad';
import { values } from '../support/close.js';
import { same } from '../support/same.js';
import { batch, labels, start, wrong, type State, type Step } from '../support/state-steps.js';

const copy = (x: Tensor): Tensor => fromTypedArray(x.readSync(), x.shape);

const copies = <T>(tree: T): T => mapTree(copy, tree);

export function equal(got: State, want: State): void {
  same(got, want);
  assert.deepEqual(
    leaves(got).map((x) => x.readSync()),
    leaves(want).map((x) => x.readSync()),
  ); // arrays of the same type
}

/** A state in a compiled function's hands, and what it should be. */
export interface Pair {
  readonly got: State;
  readonly want: State;
}

export interface World {
  readonly step: Compiled<Parameters<Step>, State>;
  readonly eager: Step;
  readonly pairs: Pair[];
  /** What the user holds on to, with the values that it has. */
  readonly held: (readonly [Tensor, number[]])[];
  hold(x: Tensor, values: number[]): void;
}

type Action = (world: World, at: number, name: keyof State) => void;

const replace = (pairs: Pair[], at: number, pair: Pair): void => void pairs.splice(at, 1, pair);

export const actions: Readonly<Record<string, Action>> = {
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
