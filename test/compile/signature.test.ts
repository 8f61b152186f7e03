import assert from 'node:assert/strict';
import {
  add,
  cast,
  clamp,
  compile,
  cpu,
  mul,
  randomKey,
  randomNormal,
  reference,
  reshape,
  splitKey,
  sum,
  tensor,
  zeros,
  type DType,
  type Tensor,
} from 'bigrad';
import { dropout } from 'bigrad/nn';
import { sgd } from 'bigrad/optim';
import { signatureOf } from '../../src/compile/signature.js';
import { createCpu } from '../../src/backends/cpu/device.js';
import { values } from '../support/close.js';
import { wrong } from '../support/refusals.js';
import { same } from '../support/same.js';

const x = tensor([1, 2]);

describe('the arguments of a compiled function', () => {
  it('may be numbers, which change without a new trace', () => {
    const scale = compile((t: Tensor, by: number) => mul(t, by));
    for (const by of [2, 0.1, -0, NaN, Infinity]) assert.deepEqual(values(scale(x, by)), values(mul(x, by)));
    assert.equal(scale.traces, 1);
  });

  it('get numbers as scalars of the first float dtype among them, float32 without', () => {
    const dtypes = compile((_: unknown, n: number) => reshape(n as never, []));
    const float64 = tensor(1, { dtype: 'float64' });
    const int = tensor(1, { dtype: 'int32' });
    assert.equal(dtypes(x, 0.1).dtype, 'float32');
    assert.equal(dtypes([int, float64, x], 0.1).dtype, 'float64');
    assert.deepEqual(values(dtypes(float64, 0.1)), [0.1]);
    assert.equal(dtypes(int, 3).dtype, 'float32');
    assert.deepEqual(dtypes(x, 0.1).shape, []);
  });

  it('choose the plan by shapes, dtypes, structure, strings and booleans, and by nothing else', () => {
    const f = compile((..._: unknown[]) => null, { device: cpu, maxPlans: 100 });
    const kinds: unknown[][] = [
      [],
      [x],
      [zeros([2, 1])],
      [cast(x, 'float64')],
      [cast(x, 'int32')],
      [x, x],
      [[x]],
      [{ x }],
      [{ y: x }],
      [[x, x]],
      [x, [x]],
      [[x], x],
      [{ x: { x } }],
      [{ x: {}, y: x }],
      [null],
      [undefined],
      [true],
      [false],
      ['true'],
      ['null'],
      ['undefined'],
      [1],
      ['number'],
      ['1'],
      ['float32[2]'],
      [{}],
      [[]],
      [{ undefined: true }],
      [{ x: undefined }],
      [{ x: null }],
      [{ string: 'a' }],
      ['a'],
      ['string a'],
      [''],
    ];
    kinds.forEach((args, i) => {
      f(...args);
      assert.equal(f.traces, i + 1, JSON.stringify(args));
    });
    for (const args of kinds) f(...args);
    f(mul(x, 5));
    f(-7);
    assert.equal(f.traces, kinds.length);
  });

  it('that are static keep their numbers, which choose the plan', () => {
    const reduced = compile((t: Tensor, how: { axes: number[] }, by: number) => mul(sum(t, how.axes), by), {
      static: [1],
    });
    const t = tensor([
      [1, 2],
      [3, 4],
    ]);
    for (const by of [1, 2])
      for (const axes of [[0], [1], [0, 1]]) same(reduced(t, { axes }, by), mul(sum(t, axes), by));
    assert.equal(reduced.traces, 3);
    const kinds = compile((_: unknown) => null, { static: [0], device: cpu, maxPlans: 100 });
    const different = [0, -0, NaN, Infinity, 1, '1', [1], [1, 2], [12], { a: 1 }, '#1', [[1], 2], [[1, 2]], true];
    for (const _ of [1, 2]) for (const value of different) kinds(value);
    assert.equal(kinds.traces, different.length);
    assert.throws(() => kinds([x]), {
      name: 'TypeError',
      message: 'compile: expected static arguments without tensors, got a Tensor in one',
    });
  });

  it('that became tensors are named where a number is needed, and only there', () => {
    const hint = '; compile makes tensors of numbers among its arguments: see its option static';
    const f = compile((t: Tensor, axis: number) => sum(t, axis));
    assert.throws(() => f(x, 0), { name: 'TypeError', message: `sum: expected axes as a list, got a Tensor${hint}` });
    assert.throws(
      () => compile((t: Tensor, n: number) => (n > 1 ? t : x))(x, 2),
      (error: Error) => error.message.startsWith('tensor: expected an op') && error.message.endsWith(hint),
    );
    assert.throws(() => compile((t: Tensor) => sum(t, t as never))(x), {
      message: 'sum: expected axes as a list, got a Tensor',
    });
    assert.throws(() => compile((t: Tensor, _: number) => sum(t, 5))(x, 1), /for rank 1, got 5$/);
    const learningRate = (_: Tensor, rate: number) => sgd({ learningRate: rate });
    for (const [wants, got] of [
      [(_: Tensor, n: number) => zeros([n]), 'got [a Tensor]'],
      [(t: Tensor, n: number) => clamp(t, 0, n), 'got the number 0 and a Tensor'],
      [
        (t: Tensor, n: number) => dropout(n).apply(undefined, t, undefined, { training: true, key: randomKey(1) }),
        'got a Tensor',
      ],
      [learningRate, 'got a Tensor; write learningRate: () => rate'],
    ] as [(t: Tensor, n: number) => unknown, string][])
      assert.throws(
        () => compile(wants)(x, 1),
        (error: Error) => error.message.endsWith(`${got}${hint}`),
      );
    const fixed = compile((t: Tensor, axis: number) => sum(t, axis), { static: [1] });
    same(fixed(x, 0), sum(x, 0));
  });

  it('may be no integers that float32 cannot hold, where they would become others', () => {
    const f = compile((t: unknown, n: number) => [t, mul(n, 1)]);
    for (const n of [2 ** 24 + 1, -(2 ** 24) - 1, Number.MAX_SAFE_INTEGER])
      assert.throws(() => f(x, n), {
        name: 'RangeError',
        message: `compile: expected numbers that float32 can hold among the arguments, got ${n}; make the argument static, or pass a tensor of int32 or float64`,
      });
    for (const n of [2 ** 24, 2 ** 24 + 2, -(2 ** 40), 1e20, 0.1, NaN, Infinity]) f(x, n);
    f(cast(x, 'float64'), Number.MAX_SAFE_INTEGER);
    const fixed = compile((_: Tensor, n: { seed: number }) => n.seed, { static: [1] });
    assert.equal(fixed(x, { seed: 2 ** 24 + 1 }), 2 ** 24 + 1);
  });

  it('that are numbers are named beside a tensor of another dtype', () => {
    const by = (dtype: DType) => compile((_: Tensor, t: Tensor, n: number) => mul(t, n))(x, cast(x, dtype), 2);
    for (const dtype of ['float64', 'int32'] as const)
      assert.throws(() => by(dtype), {
        name: 'TypeError',
        message: `mul: expected equal dtypes, got ${dtype} and float32; convert one with cast(x, dtype); compile makes float32 tensors of numbers among its arguments: pass a tensor of ${dtype} instead, or see its option static`,
      });
    const unlike = (_: number) => add(cast(x, 'float64'), cast(x, 'int32'));
    assert.throws(() => compile(unlike, { device: cpu })(1), /cast\(x, dtype\)$/);
    assert.throws(() => compile(add)(x, cast(x, 'int32')), /cast\(x, dtype\)$/);
    same(by('float32'), mul(x, 2));
  });

  it('may be absent, or not used at all', () => {
    const f = (t: Tensor, more: { a?: Tensor | undefined; b?: Tensor }, _: Tensor) => (more.a ? add(t, more.a) : t);
    const compiled = compile(f);
    for (const more of [{ a: x }, { a: undefined }, {}, { b: x }]) same(compiled(x, more, zeros([3])), f(x, more, x));
    assert.equal(compiled.traces, 4);
  });

  it('may be keys, labels and counters: equal keys give equal numbers, others others', () => {
    const noise = (key: Tensor, step: Tensor) => {
      const [a, b] = splitKey(key, 2);
      return [randomNormal(a, [3]), b, add(step, 1)];
    };
    const compiled = compile(noise);
    const step = tensor(7, { dtype: 'int32' });
    for (const seed of [1, 2, 1]) same(compiled(randomKey(seed), step), noise(randomKey(seed), step));
    assert.notDeepEqual(values(compiled(randomKey(1), step)[0]!), values(compiled(randomKey(2), step)[0]!));
    assert.equal(compiled.traces, 1);
  });

  it('may not contain itself, and is not written down again and again until that is found', () => {
    const own: Record<string, unknown> = { words: 'x'.repeat(2e6) }; // hundreds of it are no string
    own['again'] = [own];
    assert.throws(
      () => compile((_: unknown) => x)(own),
      /^TypeError: compile: expected a tree of at most 1000 levels, got a deeper one or a cycle$/,
    );
    const twice = [x];
    assert.equal(compile((a: { b: Tensor[]; c: Tensor[] }) => a.c[0]!)({ b: twice, c: twice }).size, x.size);
  });

  it('may not hide tensors from it: class instances, functions and the like are refused, as results too', () => {
    const f = compile((_: unknown, y?: unknown) => y as never);
    for (const [bad, name] of [
      [new Map(), 'a Map'],
      [new Float32Array(1), 'a Float32Array'],
      [() => x, 'a function'],
      [1n, 'the bigint 1'],
      [Object.create(Object.create(null)), 'an object'], // that no string can be made of
    ] as const)
      assert.throws(() => f(x, { deep: [bad] }), {
        name: 'TypeError',
        message: `compile: expected trees of tensors, numbers, strings and booleans as arguments, got ${name}`,
      });
    assert.equal(f.traces, 0);
    assert.throws(() => compile((net: Map<string, Tensor>) => net.get('w'))(new Map([['w', x]])), /got a Map$/);
    for (const [bad, name] of [
      [() => Promise.resolve(x), 'a Promise'],
      [() => [() => x], 'a function'],
      [() => ({ m: new Map() }), 'a Map'],
    ] as const)
      assert.throws(() => compile(wrong(bad))(x), {
        name: 'TypeError',
        message: `compile: expected trees of tensors, numbers, strings and booleans as results, got ${name}`,
      });
  });

  it('are trees without holes and cycles, as results are', () => {
    const cycle: unknown[] = [x];
    cycle.push(cycle);
    const hollow = new Array<Tensor>(2);
    for (const tree of [cycle, hollow]) {
      assert.throws(() => compile((_: unknown) => x)(tree), /^TypeError: compile: expected/);
      assert.throws(() => compile((_: Tensor) => tree)(x), /^TypeError: compile: expected/);
    }
  });

  it('live on one device, whatever the devices are called', () => {
    const there = tensor([1, 2], { device: reference });
    assert.throws(() => compile(add)(x, there), /expected arguments on one device, got cpu and reference/);
    const [one, two] = [createCpu({ simd: 'none' }), createCpu({ simd: 'none' })];
    const double = compile((t: Tensor) => add(t, t));
    for (const device of [one, two, reference, one]) {
      const y = double(tensor([1, 2], { device }));
      assert.equal(y.device, device);
      assert.deepEqual(values(y), [2, 4]);
    }
    assert.equal(double.traces, 3);
  });

  it('name a device by one tensor at least, or the option does', () => {
    assert.throws(
      () => compile(() => 1)(),
      /^TypeError: compile: expected a tensor among the arguments, or the option/,
    );
  });

  it('may hold no tensor, when a device is named', () => {
    for (const device of [cpu, reference]) {
      const y = compile((n: number) => mul(add(n, 1), tensor(2, { device })), { device })(4);
      assert.equal(y.device, device);
      assert.deepEqual(values(y), [10]);
      assert.deepEqual(compile(() => 'nothing', { device })(), 'nothing');
    }
  });
});

describe('the signature of arguments', () => {
  it('lists tensors and numbers in one order, depth first', () => {
    const { leaves, tensors, odd } = signatureOf([{ b: x, a: [3, 'text'] }, true, 4]);
    assert.deepEqual(leaves, [x, 3, 4]);
    assert.deepEqual(tensors, [x]);
    assert.equal(odd, undefined);
  });

  it('names the first leaf that a key cannot tell from others', () => {
    assert.deepEqual(signatureOf([Math.sin, new Map()]).odd, { leaf: Math.sin });
  });

  it('is not made of holes or cycles', () => {
    const cycle: unknown[] = [x];
    cycle.push(cycle);
    assert.throws(() => signatureOf([cycle]), /^TypeError: compile: expected a tree of at most 1000 levels/);
    assert.throws(() => signatureOf([new Array(1)]), /^TypeError: compile: expected arrays in a tree without holes/);
  });
});
