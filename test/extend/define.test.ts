import assert from 'node:assert/strict';
import { add, compile, cpu, grad, leaves, mul, reference, sum, tensor, vmap, type Backend, type Tensor } from 'bigrad';
import {
  binary,
  defineMultiOp,
  defineOp,
  defineVariadicOp,
  unary,
  type AnyOp,
  type Dense,
  type MultiOp,
  type One,
  type SimpleOp,
} from 'bigrad/extend';
import { checkGrads, opTable } from 'bigrad/testing';
import { entriesOf } from '../../src/backends/gpu/ops/table.js';
import { functionOf } from '../../src/backends/gpu/ops/elementwise.js';
import { elementwiseOps } from '../../kernels/simd/generated/wasm.js';
import { maker } from '../../src/testing/op-case.js';
import { kindOf } from '../../src/core/words.js';
import { close, values } from '../support/close.js';
import { refuses } from '../support/refuses.js';

/** A device that tells the records of the ops that it runs. */
function telling(): { device: Backend; records: Map<string, AnyOp> } {
  const records = new Map<string, AnyOp>();
  const device: Backend = {
    ...reference,
    run(op, ins, outs, attrs) {
      records.set(op.name, op);
      return reference.run(op, ins, outs, attrs);
    },
  };
  return { device, records };
}

/** Every op that the cases of the op table run, their rules included. */
const library = (() => {
  const { device, records } = telling();
  for (const { cases, order } of opTable)
    for (const { inputs, f } of cases) {
      const make = maker(device, 'float32');
      f(...inputs(make));
      if (order > 0) grad((xs: Tensor[]) => total(f(...xs)))(inputs(make));
    }
  return records;
})();

/** The sum of the squares of all floats of a result. */
function total(y: unknown): Tensor {
  const floats = leaves(y).filter(({ dtype }) => dtype !== 'int32');
  return floats.map((t) => sum(mul(t, t))).reduce((a, b) => add(a, b));
}

/** The names of all kernels. */
const names = [...library].filter(([, { kernel }]) => kernel !== undefined).map(([name]) => name);

const hard = (v: number): number => Math.min(1, Math.max(0, v / 6 + 0.5));
const odd = (v: number, w: number): number => 3 * v - w;
const backwards = (out: Dense, [x]: readonly Dense[]): void => {
  x!.data.forEach((v, i) => (out.data[out.data.length - 1 - i] = v + 1));
};
const ramp = (n: number, dtype: 'float32' | 'float64'): Tensor =>
  tensor(
    Array.from({ length: n }, (_, i) => (i % 31) / 4 - 4),
    { dtype },
  );

/** What ops of one's own give that have this name. */
function resultsOf(name: string, x: Tensor, y: Tensor): Tensor[] {
  const u = unary(name, hard, (g) => g);
  const b = binary(name, odd, null);
  const one = defineOp<One, null>({ name, shape: ([s]) => s, ref: backwards, vjp: null });
  const many = defineMultiOp<One, null>({
    name,
    infer: ([s]) => [s, s],
    ref: ([p, q], ins) => {
      backwards(p!, ins);
      backwards(q!, [p!]);
    },
    vjp: null,
  });
  const any = defineVariadicOp<null>({
    name,
    shape: ([s]) => s!,
    ref: (out, [v, w]) => {
      v!.data.forEach((e, i) => (out.data[i] = e - 2 * w!.data[i]!));
    },
    vjp: null,
  });
  return [u(x), b(x, y), one([x], null), ...many([x], null), any([x, y], null), mul(u(add(x, 1)), 2)];
}

describe('an op from outside of the library', () => {
  it('has as its neighbours all ops that have kernels', () => {
    for (const name of ['sigmoid', 'add', 'sum', 'cholesky', 'argsort', 'cumsum', 'maxPool2d', 'where'])
      assert.ok(
        names.some((n) => n.startsWith(name)),
        name,
      );
    for (const name of elementwiseOps.flat()) assert.ok(names.includes(name), name);
  });

  it('computes what its record says, whatever its name, in small and in large', () => {
    for (const [n, dtype] of [
      [3, 'float32'],
      [3000, 'float32'],
      [3000, 'float64'],
    ] as const) {
      const [x, y] = [ramp(n, dtype), mul(ramp(n, dtype), 2)];
      const expected = resultsOf('anOpOfNoLibrary', x, y).map((t) => t.readSync());
      assert.deepEqual(
        [...expected[0]!].map(Math.fround),
        [...x.readSync()].map((v) => Math.fround(hard(v))),
      );
      for (const name of names)
        assert.deepEqual(
          resultsOf(name, x, y).map((t) => t.readSync()),
          expected,
          name,
        );
    }
  });

  it('and in a plan, among its neighbours', () => {
    const [x, y] = [ramp(2000, 'float32'), ramp(2000, 'float32')];
    const chain = (name: string) => {
      const [u, b] = [unary(name, hard, null), binary(name, odd, null)];
      return (v: Tensor, w: Tensor) => mul(u(add(b(v, w), 1)), 2);
    };
    const all = compile((v: Tensor, w: Tensor) => names.map((name) => chain(name)(v, w)));
    const expected = chain('anOpOfNoLibrary')(x, y).readSync();
    all(x, y).forEach((z, i) => {
      assert.deepEqual(z.readSync(), expected, names[i]);
    });
    const matrix = compile((v: Tensor) => names.flatMap((name) => resultsOf(name, v, v).slice(2, 6)));
    const alone = resultsOf('anOpOfNoLibrary', x, x).slice(2, 6);
    matrix(x).forEach((z, i) => {
      assert.deepEqual(z.readSync(), alone[i % 4]!.readSync());
    });
  });

  it('has no kernel of a GPU either', () => {
    const entries = entriesOf('cpu', Infinity);
    const own = (name: string): AnyOp => {
      const { device, records } = telling();
      unary(name, hard, null)(tensor([1], { device }));
      return records.get(name)!;
    };
    for (const name of names) {
      assert.equal(entries(own(name)), undefined, name);
      assert.equal(functionOf(own(name)), undefined, name);
    }
    assert.ok(names.filter((name) => entries(library.get(name)!)).length > 60);
  });

  it('has derivatives under the name of another op', () => {
    const sigmoid = unary(
      'sigmoid',
      (v) => v * v,
      (g, x) => mul(g, mul(x, 2)),
    );
    const x = ramp(2000, 'float32');
    close(
      grad((v: Tensor) => sum(sigmoid(v)))(x),
      [...x.readSync()].map((v) => 2 * v),
    );
    close(
      vmap(sigmoid)(x),
      [...x.readSync()].map((v) => v * v),
    );
    checkGrads(sigmoid, [ramp(3, 'float64')], { compile: true, vmap: true });
  });
});

describe('the record of an op', () => {
  const shape: SimpleOp<One, null>['shape'] = ([s]) => s;

  it('may be an object with methods', () => {
    class Scaled implements MultiOp<One, null> {
      readonly name = 'scaled';
      readonly kernel = 'neg'; // a field of its own that means nothing to us
      readonly by = 3;
      readonly vjp = null;
      infer: MultiOp<One, null>['infer'] = ([x]) => [x];
      ref([out]: readonly Dense[], [x]: readonly [Dense]): void {
        x.data.forEach((v, i) => (out!.data[i] = this.by * v));
      }
    }
    const x = ramp(2000, 'float32');
    const [y] = defineMultiOp<One, null>(new Scaled())([x], null);
    assert.deepEqual(values(y!), values(mul(x, 3)));
  });

  it('may say no more than what one element is', () => {
    for (const device of [cpu, reference]) {
      const halved = defineOp<One, null>({
        name: 'halved',
        shape,
        scalar: (v) => v / 2,
        integer: (v) => v >> 1,
        vjp: null,
      });
      close(halved([tensor([1, 4], { device })], null), [0.5, 2]);
      close(halved([tensor([5, -4], { device, dtype: 'int32' })], null), [2, -2]);
    }
  });

  it('is refused without a value, a name or a shape', () => {
    type Loose = (...args: unknown[]) => unknown;
    const loose = (define: unknown) => define as Loose;
    assert.throws(
      () => loose(defineOp)({ name: 'f', shape, vjp: null }),
      /^TypeError: defineOp: expected the record of f to have ref or scalar or view, got none of these$/,
    );
    assert.throws(
      () => loose(defineMultiOp)({ name: 'f', infer: ([x]: unknown[]) => [x], scalar: hard, vjp: null }),
      /^TypeError: defineMultiOp: expected the record of f to have ref or view, got none of these$/,
    );
    assert.throws(
      () => loose(defineVariadicOp)({ name: 'f', shape, vjp: null }),
      /^TypeError: defineVariadicOp: expected ref of f to be a function, got undefined$/,
    );
    assert.throws(
      () => loose(defineOp)({ name: 'f', ref: backwards, vjp: null }),
      /^TypeError: defineOp: expected shape of f to be a function, got undefined$/,
    );
    assert.throws(
      () => loose(defineOp)({ shape, ref: backwards, vjp: null }),
      /^TypeError: defineOp: expected the name to be a string, got undefined$/,
    );
    assert.throws(() => loose(defineOp)(null), /^TypeError: defineOp: expected the record of an op, got null$/);
    assert.throws(
      () => loose(unary)('f', 1),
      /^TypeError: unary: expected the value of f to be a function, got the number 1$/,
    );
    assert.throws(
      () => loose(binary)('f'),
      /^TypeError: binary: expected the value of f to be a function, got undefined$/,
    );
    defineOp<One, null>({ name: 'f', shape, view: (v) => v, vjp: null });
  });

  it('is refused without derivative rules, and with what is none; null says that there are none', () => {
    type Loose = (...args: unknown[]) => unknown;
    const rule = (g: Tensor) => g;
    const infer = ([x]: unknown[]) => [x];
    const list = 'to be a list of functions and nulls, or null';
    const one = 'to be a function or null';
    const cases: [Loose, string, string, unknown[]][] = [
      [(vjp) => (defineOp as Loose)({ name: 'f', shape, scalar: hard, vjp }), 'defineOp', list, [rule]],
      [(vjp) => (defineMultiOp as Loose)({ name: 'f', infer, ref: backwards, vjp }), 'defineMultiOp', list, [1]],
      [(vjp) => (defineVariadicOp as Loose)({ name: 'f', shape, ref: backwards, vjp }), 'defineVariadicOp', one, [[]]],
      [(vjp) => (unary as Loose)('f', hard, vjp), 'unary', one, [[rule]]],
      [(vjp) => (binary as Loose)('f', odd, vjp), 'binary', list, [rule]],
    ];
    for (const [define, who, words, bad] of cases) {
      for (const vjp of [undefined, 'g', ...bad])
        refuses(
          () => define(vjp),
          TypeError,
          `${who}: expected the derivative rule`,
          `of f ${words}, got ${kindOf(vjp)}`,
        );
      define(null);
    }
    for (const [define, who] of cases.filter(([, , words]) => words === list))
      refuses(
        () => define([rule, undefined]),
        TypeError,
        `${who}: expected the derivative rule of f for input 1 to be`,
        'got undefined',
      );
    refuses(() => (binary as Loose)('f', odd, [rule]), TypeError, 'binary: expected 2 derivative rules of f, got 1');
  });

  it('of an op of several outputs may have one rule for all inputs', () => {
    const twice = defineMultiOp<One, null>({
      name: 'twice',
      infer: ([x]) => [x],
      ref: ([out], [x]) => {
        x.data.forEach((v, i) => (out!.data[i] = 2 * v));
      },
      vjp: (g) => mul(g, 2),
    });
    close(grad((x: Tensor) => sum(twice([x], null)[0]!))(tensor([1, 3])), [2, 2]);
  });
});
