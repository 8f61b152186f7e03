import assert from 'node:assert/strict';
import { cast, compile, grad, mul, reference, reshape, sum, tensor, vmap, type Tensor } from 'bigrad';
import { defineMultiOp, defineOp, defineVariadicOp, unary, type One, type Two, type Vjp } from 'bigrad/extend';
import { close } from '../support/close.js';

const x = tensor([1, 2, 3], { dtype: 'float64' });

/** The derivative of an op of one input whose rule is this one. */
const derivative =
  (rule: unknown) =>
  (at: Tensor): Tensor => {
    const op = defineOp<One, null>({
      name: 'own',
      shape: ([s]) => s,
      scalar: (v) => v,
      vjp: [rule as Vjp<One, null>],
    });
    return grad((v: Tensor) => sum(mul(op([v], null), 2)))(at);
  };

describe('what a rule gives for an input', () => {
  it('has its shape and dtype', () => {
    const wide = (g: Tensor) => tensor(new Array(5).fill(g.readSync()[0]!) as number[], { dtype: 'float64' });
    assert.throws(() => derivative(wide)(x), {
      name: 'RangeError',
      message: 'own: expected the rule for input 0 to give float64 [3], got float64 [5]',
    });
    assert.throws(
      () => derivative((g: Tensor) => sum(g))(x),
      /^RangeError: own: .* give float64 \[3\], got float64 \[\]$/,
    );
    assert.throws(
      () => derivative((g: Tensor) => cast(g, 'float32'))(x),
      /^RangeError: own: .* to give float64 \[3\], got float32 \[3\]$/,
    );
  });

  it('is a tensor', () => {
    assert.throws(() => derivative(() => undefined)(x), {
      name: 'TypeError',
      message: 'own: expected the rule for input 0 to give float64 [3], got undefined',
    });
    assert.throws(() => derivative(() => 1)(x), /^TypeError: own: .* got the number 1$/);
    assert.throws(
      () =>
        grad((v: Tensor) =>
          sum(
            unary(
              'twice',
              (e) => 2 * e,
              () => null as never,
            )(v),
          ),
        )(x),
      /^TypeError: twice: .* give float64 \[3\], got null$/,
    );
  });

  it('is on its device', () => {
    assert.throws(
      () => derivative((g: Tensor) => tensor([...g.readSync()], { device: reference, dtype: 'float64' }))(x),
      /^TypeError: own: expected tensors on one device, got cpu and reference/,
    );
  });

  it('is checked for ops of other kinds too, and in every transform', () => {
    const both = defineMultiOp<Two, null>({
      name: 'both',
      infer: ([a, b]) => [a, b],
      ref: ([p, q], [a, b]) => {
        p!.data.set(a.data);
        q!.data.set(b.data);
      },
      vjp: [([g]) => g!, ([, g]) => reshape(g!, [1, 3])],
    });
    const loss = (v: Tensor) => {
      const [p, q] = both([v, v], null);
      return sum(mul(p!, q!));
    };
    const message = /^RangeError: both: expected the rule for input 1 to give float64 \[3\], got float64 \[1,3\]$/;
    assert.throws(() => grad(loss)(x), message);
    assert.throws(() => compile(grad(loss))(x), message);
    assert.throws(() => vmap(grad(loss))(mul(reshape(x, [1, 3]), tensor([[1], [2]], { dtype: 'float64' }))), message);
    const any = defineVariadicOp<null>({
      name: 'any',
      shape: ([s]) => s!,
      ref: (out, [a]) => {
        out.data.set(a!.data);
      },
      vjp: (g, at) => (at === 0 ? g : sum(g)),
    });
    assert.throws(
      () => grad((v: Tensor) => sum(any([v, v], null)))(x),
      /^RangeError: any: .* rule for input 1 to give/,
    );
  });

  it('may be what all examples share, or a constant', () => {
    const constant = derivative(() => tensor([1, 2, 3], { dtype: 'float64' }));
    close(constant(x), [1, 2, 3]);
    close(compile(constant)(x), [1, 2, 3]);
    close(vmap(constant, { size: 2, in: null })(x), [1, 2, 3, 1, 2, 3]);
    close(vmap(constant)(reshape(x, [1, 3])), [1, 2, 3]);
  });

  it('is there for every input that is differentiated', () => {
    const op = defineOp<Two, null>({
      name: 'short',
      shape: ([s]) => s,
      scalar: (v, w) => v * w,
      vjp: [(g: Tensor, [, w]: Two) => mul(g, w)] as never,
    });
    close(grad((v: Tensor) => sum(op([v, x], null)))(x), [1, 2, 3]);
    assert.throws(() => grad((v: Tensor) => sum(op([x, v], null)))(x), {
      name: 'TypeError',
      message: 'short: expected a rule or null for input 1, got a list of 1 in vjp',
    });
  });
});
