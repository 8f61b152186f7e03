import assert from 'node:assert/strict';
import {
  add,
  cholesky,
  broadcastTo,
  compile,
  cpu,
  flip,
  fromTypedArray,
  grad,
  mul,
  neg,
  onesLike,
  reference,
  reshape,
  slice,
  square,
  stopGradient,
  sum,
  tanh,
  tensor,
  transpose,
  vjp,
  zeros,
  type Tensor,
} from 'bigrad';
import { binary } from 'bigrad/extend';
import { values } from '../support/close.js';
import { memoryOf, same } from '../support/same.js';

const matrix = (): Tensor =>
  tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
const gone = /^TypeError: \w+: expected a tensor with values, got one that was donated to a compiled function/;

describe('the results of a compiled function', () => {
  it('are fresh: neither its arguments, nor windows on them, nor each other', () => {
    const kept = tensor([1, 2]);
    const f = (x: Tensor): Tensor[] => {
      const y = neg(x);
      return [x, x, y, y, transpose(x), reshape(y, [6]), flip(y), slice(x, [0, 1], [2, 2]), kept, kept];
    };
    const [x, compiled] = [matrix(), compile(f)];
    const [first, second] = [compiled(x), compiled(x)];
    same(first, f(x));
    same(second, f(x));
    const memory = [x, kept, ...first, ...second].map(memoryOf);
    assert.equal(new Set(memory).size, memory.length);
  });

  it('stay what they are when the function is called again', () => {
    const compiled = compile((x: Tensor) => [x, tanh(x), transpose(tanh(x))]);
    const results = compiled(matrix());
    const before = results.map(values);
    compiled(mul(matrix(), -3));
    assert.deepEqual(results.map(values), before);
  });

  it('are right for one tensor in several places', () => {
    const f = (x: Tensor, { y, z }: { y: Tensor; z: Tensor }) => add(mul(x, y), z);
    const x = matrix();
    same(compile(f)(x, { y: x, z: x }), f(x, { y: x, z: x }));
  });

  it('are right for views: transposed, flipped, cut and repeated arguments and results', () => {
    const f = (x: Tensor): Tensor[] => [transpose(x), flip(tanh(x), 0), broadcastTo(x, [2, ...x.shape]), add(x, x)];
    for (const x of [
      transpose(matrix()),
      flip(matrix()),
      slice(matrix(), [0, 1], [2, 1]),
      broadcastTo(tensor([1, 2]), [3, 2]),
    ])
      same(compile(f)(x), f(x));
  });

  it('may be empty or scalar, of any dtype', () => {
    const f = (...xs: Tensor[]): Tensor[] => xs.map((x) => add(x, x)).concat(xs.map((x) => reshape(x, [1, x.size])));
    const xs = [
      zeros([0, 3]),
      tensor(2, { dtype: 'float64' }),
      tensor([1, 2, 3], { dtype: 'int32' }),
      tensor(0.1),
      tensor([0.1], { dtype: 'float64' }),
      zeros([0], { dtype: 'int32' }),
    ];
    for (const device of [cpu, reference]) {
      const there = xs.map((x) => fromTypedArray(x.readSync(), x.shape, { device }));
      same(compile(f)(...there), f(...there));
    }
  });
});

describe('donated arguments', () => {
  it('pass their memory on, and say so when used', async () => {
    const step = compile((s: { w: Tensor; n: Tensor }) => ({ w: tanh(s.w), n: add(s.n, 1) }), { donate: [0] });
    const s = { w: matrix(), n: tensor(1, { dtype: 'int32' }) };
    const memory = [s.w, s.n].map(memoryOf);
    const next = step(s);
    assert.deepEqual([next.w, next.n].map(memoryOf), memory);
    for (const x of [s.w, s.n]) {
      assert.throws(() => x.readSync(), gone);
      assert.throws(() => neg(x), gone);
      assert.throws(() => compile(neg)(x), gone);
      assert.throws(() => step({ ...next, w: s.w }), gone);
      await assert.rejects(x.read(), gone);
    }
    assert.throws(() => compile((x: Tensor) => mul(x, s.w))(matrix()), gone);
  });

  it('go to one result each, even when one tensor is given twice', () => {
    const f = (x: Tensor, y: Tensor): Tensor[] => [add(x, y), mul(x, y), tanh(x)];
    for (const donate of [[0], [1], [0, 1]]) {
      const x = matrix();
      const expected = f(x, x);
      const results = compile(f, { donate })(x, x);
      same(results, expected);
      assert.equal(new Set(results.map(memoryOf)).size, 3);
      assert.throws(() => x.readSync(), gone);
    }
  });

  it('keep their memory where a view sees it', () => {
    const step = compile((x: Tensor) => neg(x), { donate: [0] });
    const [x, y] = [matrix(), matrix()];
    const [window, whole] = [transpose(x), reshape(y, [6])];
    step(x);
    step(whole);
    step(slice(y, [0, 0], [1, 3]));
    assert.deepEqual(
      [values(window), values(y)],
      [
        [1, 4, 2, 5, 3, 6],
        [1, 2, 3, 4, 5, 6],
      ],
    );
  });

  it('keep their memory where a gradient still needs it', () => {
    const step = compile((x: Tensor) => neg(x), { donate: [0] });
    const x = mul(matrix(), 0.1);
    const [y, pull] = vjp((t: Tensor) => tanh(square(t)), x); // of which one needs its input, the other its output
    const expected = values(pull(matrix()));
    step(x);
    step(y);
    assert.deepEqual(values(pull(matrix())), expected);

    let inside = tensor(0);
    let copy = tensor(0);
    grad((t: Tensor) => {
      inside = tanh(t);
      copy = stopGradient(inside);
      return sum(inside);
    })(matrix());
    const before = values(copy);
    step(inside);
    assert.deepEqual(values(copy), before);
  });

  it('may be windows themselves, and of any size', () => {
    const step = compile((x: Tensor) => [transpose(x), sum(x)], { donate: [0] });
    for (const x of [transpose(matrix()), zeros([0, 2]), tensor([[7]])]) {
      const expected = [transpose(x), sum(x)];
      const copies = expected.map((t) => fromTypedArray(t.readSync(), t.shape));
      same(step(x), copies);
      assert.throws(() => x.readSync(), gone);
    }
  });

  it('may be one number in every place', () => {
    const scale = binary('scale', (x, y) => x * y, [(_, __, y) => y, null]); // the gradient is the number beside x
    const step = compile((x: Tensor) => [neg(x), tanh(x)], { donate: [0] });
    for (const x of [tensor([1]), matrix()]) {
      const slope = grad((t: Tensor) => sum(scale(t, 3)))(x);
      same(step(slope), [mul(onesLike(x), -3), tanh(mul(onesLike(x), 3))]);
      assert.throws(() => slope.readSync(), gone);
    }
  });

  it('may be captured as well', () => {
    const c = matrix();
    const step = compile((x: Tensor) => mul(x, c), { donate: [0] });
    assert.deepEqual(values(step(c)), [1, 4, 9, 16, 25, 36]);
    assert.deepEqual(values(step(matrix())), [1, 4, 9, 16, 25, 36]); // as they were when the function was traced
  });

  it('do not harm what the function makes anew at each call', () => {
    const start = tensor([1, 2]);
    for (const f of [(_: Tensor) => zeros([2]), (_: Tensor) => start]) {
      const step = compile(f, { donate: [0] });
      let x = tensor([5, 5]);
      for (let i = 0; i < 3; i++) x = step(x);
      same(x, f(x));
    }
  });

  it('stay as they are where a matrix is refused after a result was made', () => {
    const step = compile((x: Tensor, a: Tensor) => [add(x, 1), cholesky(a)], { donate: [0] });
    const one = tensor([[4]]);
    let x = tensor([1, 2]);
    for (let i = 0; i < 2; i++) x = step(x, one)[0]!;
    assert.throws(() => step(x, tensor([[-1]])), /^RangeError: cholesky/);
    assert.deepEqual(values(x), [3, 4]);
    assert.deepEqual(values(step(x, one)[0]!), [4, 5]);
  });

  it('stay readable when the call fails, runs inline, or names a place that is not there', () => {
    const x = matrix();
    const failing = (t: Tensor): Tensor => {
      throw new RangeError(`no: ${t.shape.join()}`);
    };
    assert.throws(() => compile(failing, { donate: [0] })(x), /no: 2,3/);
    assert.throws(() => compile((t: Tensor, _: unknown) => neg(t), { donate: [0] })(x, new Map()), /got a Map/);
    grad((t: Tensor) => sum(compile(tanh, { donate: [0] })(t)))(x);
    compile((t: Tensor) => compile(tanh, { donate: [0] })(t))(x);
    compile((t: Tensor) => tanh(t), { donate: [3] })(x);
    assert.deepEqual(values(x), [1, 2, 3, 4, 5, 6]);
  });

  it('are given up on the reference device too', () => {
    const x = tensor([1, 2], { device: reference });
    assert.deepEqual(values(compile((t: Tensor) => t, { donate: [0] })(x)), [1, 2]);
    assert.throws(() => x.readSync(), gone);
  });
});
