import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  compile,
  conv2d,
  cpu,
  cumsum,
  grad,
  matmul,
  mul,
  ones,
  reference,
  reshape,
  sub,
  sum,
  tanh,
  tensor,
  to,
  transpose,
  type Tensor,
} from 'bigrad';
import { profile, type Profile } from 'bigrad/debug';
import { gpu } from 'bigrad/gpu';
import { programs, SHAPE } from '../support/random-programs.js';
import { x } from '../calls/values.js';
import { values } from '../support/close.js';

/** A clock that moves on by 1, 2, 3 ... milliseconds. */
const ticking = (): (() => number) => {
  let [time, step] = [0, 0];
  return () => (time += step++);
};
const counted = (p: Profile): Record<string, number> => {
  const ops: Record<string, number> = {};
  for (const name of p.steps.flatMap((s) => (s.ops.length > 0 ? s.ops : ['copy']))) ops[name] = (ops[name] ?? 0) + 1;
  return ops;
};
const close = (a: number, b: number): void => {
  assert.ok(Math.abs(a - b) < 1e-9 * Math.max(1, Math.abs(b)), `${a} is not ${b}`);
};

describe('profile of random programs', () => {
  for (const device of [cpu, reference])
    it(`has the steps of the plan on ${device.name}, each once, and their sums`, () => {
      fc.assert(
        fc.property(programs(1), (program) => {
          const f = compile(grad((v: Tensor) => sum(program.run([v]))));
          const p = profile(f, { runs: 3, now: ticking() })(to(x(SHAPE), device));
          assert.equal(p.steps.length, f.stats!.steps);
          assert.deepEqual(counted(p), f.stats!.ops);
          assert.deepEqual(
            p.steps.map(({ id }) => id).sort((a, b) => a - b),
            p.steps.map((_, i) => i),
          );
          const times = p.steps.map(({ milliseconds }) => milliseconds);
          assert.deepEqual(
            times,
            times.toSorted((a, b) => b - a),
          );
          close(
            times.reduce((a, b) => a + b, 0),
            p.total.milliseconds,
          );
          close(
            p.steps.reduce((n, { share }) => n + share, 0),
            times.length > 0 ? 1 : 0,
          );
          assert.equal(
            p.steps.reduce((n, { bytes }) => n + bytes, 0),
            p.total.bytes,
          );
        }),
        { numRuns: 10 },
      );
    });
});

describe('profile', () => {
  it('takes the least time of each step, by the clock that it is given', () => {
    const f = compile((v: Tensor) => matmul(matmul(v, v), v));
    const p = profile(f, { runs: 2, now: ticking() })(ones([4, 4]));
    // A call from 0 to 15; its steps from 1 to 3, and from 6 to 10. The next one takes longer.
    assert.deepEqual(
      p.steps.map(({ id, milliseconds }) => [id, milliseconds]),
      [
        [1, 4],
        [0, 2],
      ],
    );
    assert.deepEqual([p.runs, p.total.milliseconds, p.total.call], [2, 6, 15]);
    assert.deepEqual(
      p.chromeTrace().traceEvents.map(({ name, ts, dur }) => [name, ts, dur]),
      [
        ['call 0', 0, 15000],
        ['call 1', 21000, 45000],
        ['matmul', 1000, 2000],
        ['matmul', 6000, 4000],
        ['matmul', 28000, 8000],
        ['matmul', 45000, 10000],
      ],
    );
  });

  it('counts the work and the bytes of products, chains and views', () => {
    const once = (f: (...v: Tensor[]) => unknown, ...args: Tensor[]): Profile =>
      profile(compile(f), { runs: 1 })(...args);
    const product = once((a, b) => matmul(a, b), ones([3, 5]), ones([5, 7])).steps[0]!;
    assert.deepEqual([product.work, product.bytes], [2 * 3 * 5 * 7, 4 * (15 + 35 + 21)]);
    const images = once((a, b) => conv2d(a, b), ones([2, 3, 6, 6]), ones([4, 3, 3, 3])).steps[0]!;
    assert.deepEqual([images.work, images.outs[0]!.shape], [2 * 2 * 4 * 16 * 27, [2, 4, 4, 4]]);
    const chain = once((a, b) => sub(mul(add(a, b), 2), a), ones([8]), ones([8])).steps[0]!;
    assert.deepEqual([chain.ops, chain.work], [['add', 'mul', 'sub'], 24]);
    // What is broadcast is read once: 6 elements, 3 and 6, and those of the result.
    const spread = once((a, b) => mul(a, b), ones([2, 3]), ones([3])).steps[0]!;
    assert.equal(spread.bytes, 4 * (6 + 3 + 6));
    const copy = once((a) => reshape(transpose(a), [6]), ones([2, 3]));
    assert.deepEqual([copy.total.work, copy.steps[0]!.ops], [0, []]);
    const view = once((a) => transpose(a), ones([2, 3], { device: reference })).steps[0]!;
    assert.deepEqual([view.ops, view.work], [['transpose'], 0]);
    const total = once((a) => sum(a), ones([9])).steps[0]!;
    assert.equal(total.work, 9);
  });

  it('gives rates that are work and bytes by time', () => {
    const [step] = profile(
      compile((a: Tensor) => matmul(a, a)),
      { runs: 1, now: ticking() },
    )(ones([10, 10])).steps;
    assert.deepEqual([step!.milliseconds, step!.gigaflops, step!.gigabytes], [2, 2000 / 2 / 1e6, 1200 / 2 / 1e6]);
  });

  it('prints the slowest steps, the others, and the whole', () => {
    const f = compile((v: Tensor) => matmul(matmul(sub(mul(add(add(v, 1), v), v), v), v), v));
    const p = profile(f, { runs: 1, now: ticking() })(ones([4, 4]));
    assert.match(p.table(1), /^\| step +\| result \| +µs \| +share \| +GFLOP\/s \| +GB\/s \|\n\| -+ \| -+ \| -+: \|/);
    assert.match(p.table(1), /\n\| 2 matmul +\| \[4, 4\] \| +6000 \| +50\.0 % \|/);
    assert.throws(
      () => p.table(-1),
      /^RangeError: profile: expected the number of rows to be a positive integer, got -1/,
    );
    assert.match(p.table(1), /\n\| 2 others +\| +\| +6000 \| +50\.0 % \|/);
    const unknown = profile(compile((v: Tensor) => cumsum(v)))(ones([4]));
    assert.match(unknown.table(), /\n\| all 1 +\|[^|]*\|[^|]*\|[^|]*\| +\|/);
    assert.match(p.table(1), /\n\| all 3 +\| +\| 12000 \| 100\.0 % \|.*\n\| a whole call +\| +\| 28000 \|/);
    assert.match(String(p), /\n\| 0 add add mul and 1 more \| /);
    assert.ok(!String(p).includes('others'));
    assert.deepEqual(Object.keys(JSON.parse(JSON.stringify(p)) as object), ['runs', 'steps', 'total']);
  });

  it('writes events that the trace viewers know, steps within their calls', () => {
    const { traceEvents, displayTimeUnit } = profile(
      compile((v: Tensor) => matmul(v, tanh(v))),
      { runs: 3 },
    )(ones([2, 2])).chromeTrace();
    assert.equal(displayTimeUnit, 'ms');
    const calls = traceEvents.filter(({ cat }) => cat === 'call');
    assert.equal(calls.length, 3);
    for (const { ts, dur, cat, ph } of traceEvents) {
      assert.equal(ph, 'X');
      if (cat === 'step') assert.ok(calls.some((c) => c.ts <= ts && ts + dur <= c.ts + c.dur + 1e-6));
    }
    const product = traceEvents.find(({ name }) => name === 'matmul');
    assert.deepEqual(product?.args, {
      step: 1,
      ins: ['float32[2,2]', 'float32[2,2]'],
      outs: ['float32[2,2]'],
      bytes: 48,
      work: 16,
    });
  });

  it('leaves donated arguments as they are, and the function as fast and right as before', () => {
    const step = compile((s: { n: Tensor }) => ({ n: add(s.n, 1) }), { donate: [0] });
    const state = { n: tensor([1, 2]) };
    assert.equal(profile(step)(state).runs, 20);
    assert.deepEqual(values(state.n), [1, 2]);
    assert.deepEqual(values(step(state).n), [2, 3]);
    assert.equal(step.traces, 1);
  });

  it('measures the steps of plans on GPU.js', async () => {
    const device = await gpu({ mode: 'cpu' });
    const f = compile((v: Tensor) => matmul(v, tanh(v)));
    const p = profile(f, { runs: 2 })(ones([3, 3], { device }));
    assert.equal(p.steps.length, f.stats!.steps);
    assert.deepEqual(counted(p), f.stats!.ops);
    device.dispose();
  });

  it('refuses what it cannot measure', () => {
    const f = compile((v: Tensor) => tanh(v));
    const throws = (run: () => unknown, message: RegExp): void => {
      assert.throws(run, { name: /^(TypeError|RangeError)$/, message });
    };
    throws(
      () => profile(((v: Tensor) => v) as never),
      /^profile: expected a function that compile returned, got a function$/,
    );
    throws(() => profile(undefined as never), /^profile: expected a function that compile returned, got undefined$/);
    throws(() => profile(f, { runs: 0 }), /^profile: expected runs to be a positive integer, got 0$/);
    throws(() => profile(f, { now: 3 } as never), /^profile: expected now to be a function/);
    throws(() => profile(f as unknown as () => Tensor)(), /^compile: expected a tensor among the arguments/);
    throws(() => grad((v: Tensor) => (profile(f)(v), sum(v)))(ones([1])), /^profile: expected tensors of no transform/);
    throws(() => compile((v: Tensor) => (profile(f)(v), v))(ones([1])), /^profile: expected tensors of no transform/);
  });
});
