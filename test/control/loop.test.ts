import assert from 'node:assert/strict';
import {
  add,
  argmax,
  at,
  cast,
  checkpoint,
  compile,
  cpu,
  createCpu,
  customVjp,
  flip,
  grad,
  hvp,
  leaves,
  linearSolve,
  matmul,
  mul,
  reference,
  scan,
  sin,
  stack,
  stopGradient,
  sub,
  sum,
  tanh,
  tensor,
  to,
  transpose,
  vmap,
  zeros,
  type ScanOptions,
  type Tensor,
} from 'bigrad';
import type { AnyOp, Program } from '../../src/core/tensor.js';
import { owning } from '../../src/core/storage.js';
import { near } from '../support/close.js';
import { f64, wave } from '../support/numbers.js';

/** The elements of a tree as one number. */
const weigh = (tree: unknown): Tensor =>
  leaves(tree)
    .filter((x) => x.dtype !== 'int32')
    .map((x, i) => sum(mul(x, sin(add(x, 1.7 * i + 0.3)))))
    .reduce((a, b) => add(a, b));

type Model = (w: Tensor, c: Tensor, xs: Tensor, how: ScanOptions) => unknown;

const double = customVjp(
  ({ x, w }: { x: Tensor; w: Tensor }) => mul(x, w),
  (g, { x, w }) => ({ x: mul(mul(g, w), 3), w: mul(mul(g, x), 5) }), // a rule that tells itself from the true one
);

/** Loops whose steps use what histories are made for, and what plans have to take care of. */
const models: Record<string, Model> = {
  'a recurrent network, with a product made outside of its steps': (w, c, xs, how) => {
    const v = mul(w, 0.5);
    return scan((h: Tensor, x: Tensor) => [tanh(add(matmul(h, v), mul(x, w))), sin(h)], c, xs, how);
  },
  'ops of what is captured, made by the step': (w, c, xs, how) =>
    scan((h: Tensor, x: Tensor) => [tanh(add(matmul(h, transpose(sin(w))), x)), w], c, xs, how),
  'what is carried changes places': (w, c, xs, how) =>
    scan(
      ([a, b, k]: Tensor[], x: Tensor) => [[mul(b!, x), a!, w], flip(k!)] as const,
      [c, mul(c, 0.3), w] as Tensor[],
      xs,
      how,
    ),
  'what is carried stays, or is seen from behind': (w, c, xs, how) =>
    scan(
      ([a, b]: Tensor[], x: Tensor) => [[a!, transpose(b!)], add(mul(a!, x), b!)] as const,
      [c, mul(w, w)] as Tensor[],
      xs,
      how,
    ),
  'integers decide': (w, c, xs, how) =>
    scan(
      ([k, h]: Tensor[], x: Tensor) =>
        [[add(k!, 1), add(mul(h!, cast(k!, 'float64')), at(w, [argmax(x, -1)]))], mul(h!, x)] as const,
      [tensor(0, { dtype: 'int32' }), c] as Tensor[],
      xs,
      how,
    ),
  'steps with a gradient in them': (w, c, xs, how) =>
    scan(
      (h: Tensor, x: Tensor) => [sub(h, mul(grad((v: Tensor) => sum(sin(mul(matmul(v, w), x))))(h), 0.1)), null],
      c,
      xs,
      how,
    ),
  'rules of their own': (w, c, xs, how) =>
    scan(
      (h: Tensor, x: Tensor) => [add(double({ x: h, w }), mul(stopGradient(w), stopGradient(mul(h, x)))), null],
      c,
      xs,
      how,
    ),
  'checkpoints in the step': (w, c, xs, how) =>
    scan((h: Tensor, x: Tensor) => [checkpoint((v: Tensor) => tanh(add(matmul(v, w), x)))(h), null], c, xs, how),
  'a solve in the step': (w, c, xs, how) =>
    scan(
      (h: Tensor, x: Tensor) => [
        linearSolve((v: Tensor) => add(mul(v, 2), mul(w, v)), add(h, x), { method: 'dense' }).x,
        null,
      ],
      c,
      xs,
      how,
    ),
  'a batch in the step': (w, c, xs, how) =>
    scan((h: Tensor, x: Tensor) => [vmap((row: Tensor) => tanh(matmul(row, w)))(add(h, x)), null], c, xs, how),
  'a capture that only a batch in the step sees': (w, _, xs, how) =>
    scan(
      (h: Tensor, x: Tensor) => [vmap((row: Tensor) => tanh(matmul(row, w)))(add(h, x)), null],
      zeros(at(xs, [0]).shape, { dtype: 'float64' }),
      stopGradient(xs),
      how,
    ),
  'a loop in the step': (w, c, xs, how) =>
    scan(
      (h: Tensor, x: Tensor) =>
        scan((s: Tensor, row: Tensor) => [mul(add(s, row), sin(matmul(row, w))), sum(s)], h, x, how),
      at(c, [0]),
      xs,
      how,
    ),
  'a loop of what is captured alone': (w, c, xs, how) =>
    scan((s: Tensor) => [add(mul(s, 0.5), sum(mul(w, c))), mul(sum(xs), s)], f64(0), null, { ...how, length: 5 }),
};

const [w, c, xs] = [wave([2, 2]), wave([2, 2], 4), wave([5, 2, 2], 9)];
const ways: ScanOptions[] = [{}, { reverse: true, checkpoint: 2 }];

describe('a loop in a plan', () => {
  Object.entries(models).forEach(([name, model], i) => {
    for (const how of i === 0 ? ways : [ways[i % 2]!])
      it(`gives values and two derivatives: ${name}, ${JSON.stringify(how)}`, () => {
        const f = (args: Tensor[]): Tensor => weigh(model(args[0]!, args[1]!, args[2]!, how));
        const args = [w, c, xs];
        const step = compile((a: Tensor[]) => [f(a), grad(f)(a), hvp(f, a, a)]);
        near(step(args), [f(args), grad(f)(args), hvp(f, args, args)], 1e-10);
        assert.ok(step.stats!.ops['scan']! > 0);
      });
  });

  it('has third derivatives', () => {
    const f = (v: Tensor) =>
      weigh(models['a recurrent network, with a product made outside of its steps']!(v, c, xs, {}));
    const third = (v: Tensor) => hvp((u: Tensor) => sum(mul(grad(f)(u), u)), v, w);
    near(compile(third)(w), third(w), 1e-10);
  });

  for (const name of ['integers decide', 'a loop in the step'])
    it(`gives examples of a batch what they get alone: ${name}`, () => {
      const f = (v: Tensor, h: Tensor, x: Tensor) => {
        const loss = (u: Tensor, start: Tensor, t: Tensor) => weigh(models[name]!(add(u, v), start, t, {}));
        return [loss(w, h, x), grad((u: Tensor) => sum(mul(grad((z: Tensor) => loss(z, h, x))(u), u)))(w)];
      };
      const two = (x: Tensor) => stack([x, mul(x, -0.5)]);
      const total = (v: Tensor) => grad((u: Tensor) => weigh(vmap((h: Tensor) => f(u, h, xs))(two(c))))(v);
      for (const axes of [
        [0, null, null],
        [null, 0, 0],
      ]) {
        const all = [w, c, xs].map((x, i) => (axes[i] === 0 ? two(x) : x)) as [Tensor, Tensor, Tensor];
        const mapped = vmap(f, { in: axes });
        near(compile(mapped)(...all), mapped(...all), 1e-10);
      }
      near(compile(total)(w), total(w), 1e-10);
    });

  const network = models['a recurrent network, with a product made outside of its steps']!;
  const single = (x: Tensor) => cast(x, 'float32');
  it('is the same in float32, with SIMD kernels or without, on threads, and op by op', () => {
    const big = [mul(wave([16, 16]), 0.3), wave([16, 16], 4), wave([9, 16, 16], 9)];
    const f = (args: Tensor[]) => [
      weigh(network(args[0]!, args[1]!, args[2]!, {})),
      grad((v: Tensor) => weigh(network(v, args[1]!, args[2]!, { checkpoint: true })))(args[0]!),
    ];
    const expected = f(big);
    for (const device of [cpu, createCpu({ simd: 'none' }), reference]) {
      const args = big.map((x) => to(single(x), device));
      near(compile(f)(args), expected, 2e-4);
      near(compile(f)(big.map((x) => to(x, device))), expected, 1e-10);
    }
    near(compile(f, { threads: 2 })(big.map(single)), expected, 2e-4);
  });

  it('takes the steps of its body, whatever its length', () => {
    const facts = (n: number, f: (...args: Tensor[]) => unknown) => {
      const step = compile(f);
      step(single(w), single(c), zeros([n, 2, 2]));
      return step.stats!;
    };
    const loss = (how: ScanOptions) => (v: Tensor, h: Tensor, x: Tensor) =>
      sum((network(v, h, x, how) as Tensor[])[0]!);
    const kept = 2 * 2 * 4; // bytes of a carry, and of a slice of xs
    for (const [f, each] of [
      [loss({}), 1],
      [grad(loss({})), 2],
    ] as const) {
      const [short, long] = [facts(10, f), facts(1010, f)];
      assert.deepEqual([long.steps, long.ops, long.buffers], [short.steps, short.ops, short.buffers]);
      assert.ok(long.steps < 40, `${long.steps} steps`);
      assert.ok(Math.abs(long.bytes - short.bytes - 1000 * each * kept) < 500, `${long.bytes - short.bytes} bytes`);
    }
  });

  it('keeps what is carried at the starts of segments only, with checkpoint', () => {
    const n = 1024;
    const bytes = (how: ScanOptions, order: number) => {
      const last = (h: Tensor) => scan((s: Tensor) => [sin(mul(s, s)), null], h, null, { ...how, length: n })[0];
      const slope = grad((h: Tensor) => sum(last(h)));
      const step = compile(order === 1 ? slope : grad((h: Tensor) => sum(slope(h))));
      step(zeros([256]));
      return step.stats!.bytes / 1024; // a carry has 1,024 bytes
    };
    for (const [order, most] of [
      [1, 120],
      [2, 400],
    ] as const) {
      const [all, root, eight] = [
        bytes({}, order),
        bytes({ checkpoint: true }, order),
        bytes({ checkpoint: 8 }, order),
      ];
      assert.ok(all >= n, `${all} carries`);
      assert.ok(root <= most, `${root} carries`);
      assert.ok(eight > root && eight < all / 2, `${eight} carries`);
    }
  });
});

describe('a guarded loop', () => {
  it('makes no step where its guard is 0: what is carried stays, and slices are 0', () => {
    const one = { shape: [], dtype: 'float64' } as const;
    const three = { shape: [3], dtype: 'float64' } as const;
    const plus: AnyOp = {
      name: 'plus',
      infer: () => [one],
      ref: ([out], [x, y]) => (out!.data[0] = x!.data[0]! + y!.data[0]!),
      vjp: null,
    };
    const body: Program = {
      values: [one, one, one, one],
      inputs: [0, 1, 2],
      constants: new Map(),
      calls: [{ op: plus, ins: [0, 1], outs: [3], attrs: null }],
      outputs: [3, 3],
    };
    const loop = { program: body, carried: 1, sliced: 1, length: 3, reverse: false, guarded: true };
    const op: AnyOp = { name: 'loop', infer: () => [one, three], loop: () => loop, vjp: null };
    const plan = cpu.plan!({
      values: [one, three, one, one, three],
      inputs: [0, 1, 2],
      constants: new Map(),
      calls: [{ op, ins: [0, 1, 2], outs: [3, 4], attrs: null }],
      outputs: [3, 4],
    });
    const run = (guard: number) =>
      plan
        .run(
          [f64(10), f64([1, 2, 3]), f64(guard)].map((x) => x.storage),
          [false, false, false],
        )
        .map((storage, k) => owning([one, three][k]!, cpu, storage));
    near(run(1), [16, 11, 13, 16]);
    near(run(0), [10, 0, 0, 0]);
    near(run(NaN), [16, 11, 13, 16]);
  });
});
