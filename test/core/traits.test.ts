import assert from 'node:assert/strict';
import {
  add,
  concat,
  matmul,
  maxPool2d,
  ones,
  reference,
  transpose,
  vjp,
  zeros,
  type Backend,
  type DType,
  type Tensor,
} from 'bigrad';
import { parity } from 'bigrad/testing';
import { Tensor as Made, type AnyOp, type Spec, type Traits, type View } from '../../src/core/tensor.js';
import { dense } from '../../src/core/view.js';
import { values } from '../support/close.js';

/** One run of an op on the reference device. */
interface Ran {
  readonly op: AnyOp;
  readonly ins: readonly Tensor[];
  readonly outs: readonly Spec[];
  readonly attrs: unknown;
  readonly results: readonly Tensor[];
}

const again = ({ op, outs, attrs }: Ran, ins: readonly Tensor[]): readonly number[][] =>
  reference.run(op, ins, outs, attrs).map((storage) => Array.from(dense(storage as View)));
const at = (device: Backend, { shape, dtype, storage }: Tensor): Tensor => new Made(shape, dtype, device, storage);
const fullOfOnes = (shape: readonly number[], dtype: DType): unknown =>
  ones(shape, { dtype, device: reference }).storage;
const swapped = (x: Tensor): Tensor => {
  const last = x.shape.length - 1;
  return transpose(
    x,
    [...x.shape.keys()].map((i) => (i < last - 1 ? i : 2 * last - 1 - i)),
  );
};

/** Zeros in place of the inputs. */
const empty = ({ ins }: Ran): readonly Tensor[] =>
  ins.map(({ shape, dtype }) => new Made(shape, dtype, reference, zeros(shape, { dtype, device: reference }).storage));

/** By trait: what is true of each run of an op that has it. */
const holds: { readonly [K in keyof Required<Traits<unknown>>]: (ran: Ran) => void } = {
  total: (ran) => {
    const far = ran.ins.map((x) =>
      x.dtype === 'int32'
        ? new Made(
            x.shape,
            x.dtype,
            reference,
            reference.upload(
              Int32Array.from(values(x), (v, i) => (v + 1) * (-1) ** i * 1_000_003),
              x.shape,
            ),
          )
        : x,
    );
    again(ran, far);
  },
  mayFail: (ran) => {
    if (!(ran.attrs as { unit?: boolean } | null)?.unit) assert.throws(() => again(ran, empty(ran)), RangeError);
  },
  skipsEmpty: (ran) => {
    assert.deepEqual(
      again(
        ran,
        ran.ins.filter((x) => x.size > 0),
      ),
      ran.results.map(values),
    );
  },
  addition: ({ ins, results }) => {
    const sums = ins[0]!.dtype === 'float32' ? (v: number) => Math.fround(v) : (v: number) => v;
    const [x, y] = ins.map(values) as [number[], number[]];
    assert.deepEqual(
      values(results[0]!),
      x.map((v, i) => sums(v + y[i]!)),
    );
  },
  reversedByTranspose: ({ ins, results }) => {
    const turned = matmul(swapped(ins[1]!), swapped(ins[0]!));
    assert.deepEqual(values(swapped(turned)), values(results[0]!));
  },
  work: (ran) => {
    const { op, ins, outs, attrs } = ran;
    const counts = ins.map(({ shape, dtype }) => new Made(shape, dtype, reference, fullOfOnes(shape, dtype)));
    // Of ones, each product that is added up counts one, but for those on padding, which are 0.
    const counted =
      again(ran, counts)
        .flat()
        .reduce((n, v) => n + v, 0) * ins.length;
    const { padding } = (attrs ?? {}) as { padding?: readonly (readonly number[])[] };
    const work = op.traits!.work!(ins, outs, attrs);
    if (padding?.flat().some((p) => p > 0)) assert.ok(work > counted);
    else assert.equal(work, counted);
  },
  fill: ({ op, attrs, results }) => {
    const value = op.traits!.fill!(attrs);
    assert.ok(values(results[0]!).every((v) => v === value || Object.is(v, Math.fround(value))));
  },
  permutation: ({ op, attrs, ins, results }) => {
    const perm = op.traits!.permutation!(attrs);
    const [x, y] = [ins[0]!.storage as View, results[0]!.storage as View];
    assert.deepEqual(
      [y.shape, y.stride, y.offset],
      [perm.map((i) => x.shape[i]), perm.map((i) => x.stride[i]), x.offset],
    );
  },
};

describe('the traits of ops', () => {
  it('are true of every run over the op table, two derivatives included', async () => {
    const checked: Record<string, Set<string>> = {};
    const checkedZeros = new Set<string>();
    const device: Backend = {
      ...reference,
      name: 'checking',
      run: (op, ins, outs, attrs) => {
        const storages = reference.run(op, ins, outs, attrs);
        const results = outs.map(({ shape, dtype }, i) => new Made(shape, dtype, reference, storages[i]));
        const ran = { op, ins: ins.map((x) => at(reference, x)), outs, attrs, results };
        if (!op.traits?.mayFail && !checkedZeros.has(op.name)) again(ran, empty(ran));
        checkedZeros.add(op.name);
        for (const trait of Object.keys(op.traits ?? {}) as (keyof typeof holds)[]) {
          holds[trait](ran);
          (checked[trait] ??= new Set()).add(op.name);
        }
        return storages;
      },
    };
    await parity(reference, device);
    concat([ones([2, 3], { device }), zeros([0, 3], { device }), ones([1, 3], { device })]);
    add(ones([3], { device }), 2 ** -30);
    const pull = (g: Tensor) => vjp((t: Tensor) => maxPool2d(t, 2), ones([1, 1, 4, 4], { device }))[1](g);
    vjp(pull, ones([1, 1, 2, 2], { device }))[1](ones([1, 1, 4, 4], { device }));
    assert.deepEqual(Object.keys(checked).sort(), Object.keys(holds).sort());
    assert.ok(checked['total']!.has('poolGather'));
  });
});
