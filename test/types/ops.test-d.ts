import { expectTypeOf } from 'expect-type';
import {
  clamp,
  add,
  arange,
  argmax,
  argmin,
  batchNormWithStats,
  cast,
  concat,
  conv2d,
  fromTypedArray,
  full,
  leaves,
  matmul,
  mul,
  pad,
  randomNormal,
  randomKey,
  randomPermutation,
  reshape,
  split,
  splitKey,
  stopGradient,
  sum,
  tensor,
  toArray,
  zeros,
  type Buffer,
  type DType,
  type IntTensor,
  type Tensor,
} from 'bigrad';
import { defineMultiOp, defineOp as ownOp, type MultiOp, type One, type SimpleOp } from 'bigrad/extend';
import { defineOp, type Two } from '../../src/core/op.js';

// Compiled by `npm run types`, never run: what the ops take, give and refuse.

declare const x: Tensor;
expectTypeOf(tensor([[1, 2], [3]])).toEqualTypeOf<Tensor>();
expectTypeOf(add(1, x)).toEqualTypeOf<Tensor>();
expectTypeOf(x.readSync()).toEqualTypeOf<Buffer>();
expectTypeOf(x.read()).toEqualTypeOf<Promise<Buffer>>();
expectTypeOf(x.dtype).toEqualTypeOf<DType>();
expectTypeOf(x.shape).toEqualTypeOf<readonly number[]>();
expectTypeOf(split(x, 2)).toEqualTypeOf<Tensor[]>();
expectTypeOf(splitKey(x)).toEqualTypeOf<[Tensor, Tensor]>();
expectTypeOf(splitKey(x, 3)).toEqualTypeOf<[Tensor, Tensor, Tensor]>();
declare const howMany: number;
expectTypeOf(splitKey(x, howMany)).toEqualTypeOf<Tensor[]>();
expectTypeOf(splitKey(x, 1000)).toEqualTypeOf<Tensor[]>();
expectTypeOf(splitKey(x, 1.5)).toEqualTypeOf<Tensor[]>();
expectTypeOf(x.item()).toEqualTypeOf<number>();

// What is known to be int32 says so.
expectTypeOf(tensor([1, 2], { dtype: 'int32' })).toEqualTypeOf<IntTensor>();
expectTypeOf(tensor([1, 2], { dtype: 'float64' })).toEqualTypeOf<Tensor>();
expectTypeOf(fromTypedArray(new Int32Array(2), [2])).toEqualTypeOf<IntTensor>();
expectTypeOf(fromTypedArray(new Float32Array(2), [2])).toEqualTypeOf<Tensor>();
expectTypeOf(arange(3, { dtype: 'int32' })).toEqualTypeOf<IntTensor>();
expectTypeOf(arange(0, 3, { dtype: 'int32', step: 2 })).toEqualTypeOf<IntTensor>();
expectTypeOf(arange(3)).toEqualTypeOf<Tensor>();
expectTypeOf(cast(x, 'int32')).toEqualTypeOf<IntTensor>();
declare const dtype: DType;
expectTypeOf(cast(x, dtype)).toEqualTypeOf<Tensor>();
expectTypeOf(tensor(1, { dtype })).toEqualTypeOf<Tensor>();
expectTypeOf(argmin(x)).toEqualTypeOf<IntTensor>();
expectTypeOf(randomPermutation(x, 3)).toEqualTypeOf<IntTensor>();
expectTypeOf(argmax(x)).toExtend<Tensor>();
expectTypeOf(leaves({ a: x })).toEqualTypeOf<Tensor[]>();
expectTypeOf(toArray(x)).toEqualTypeOf<Promise<unknown>>();
expectTypeOf(stopGradient({ a: x, b: 'name' })).toEqualTypeOf<{ a: Tensor; b: string }>();
expectTypeOf(batchNormWithStats(x, x, x)).toExtend<Readonly<Record<'y' | 'mean' | 'variance', Tensor>>>();
expectTypeOf(randomNormal(randomKey(1), [2], { dtype: 'float64' })).toEqualTypeOf<Tensor>();

// @ts-expect-error there is no such dtype
zeros([2], { dtype: 'float16' });
// @ts-expect-error cast needs a dtype
cast(x);
// @ts-expect-error there is no such dtype
cast(x, 'f32');
// @ts-expect-error dtype is an option, not an argument
zeros([2], 'float64');
// @ts-expect-error a misspelt option
zeros([2], { dType: 'float64' });
// @ts-expect-error full needs a value
full([2]);
// @ts-expect-error a device is not a name
zeros([2], { device: 'cpu' });
// @ts-expect-error a misspelt option
sum(x, 0, { keepDim: true });
// @ts-expect-error axes are numbers
sum(x, 'rows');
// @ts-expect-error a shape is a list
reshape(x, 6);
// @ts-expect-error concat takes a list
concat(x, 0);
// @ts-expect-error padding is a pair for each axis
pad(x, [1, 1]);
// @ts-expect-error there is no such option
conv2d(x, x, { strides: 2 });
// @ts-expect-error padding has no names
conv2d(x, x, { padding: 'same' });
// @ts-expect-error matmul takes tensors only
matmul(x, 2);
// @ts-expect-error ops take tensors and numbers
mul(x, [1, 2]);
// @ts-expect-error a shape cannot be changed
x.shape[0] = 3;
// @ts-expect-error nor a dtype
x.dtype = 'float64';
// @ts-expect-error a step is an option
arange(0, 4, 2);
// @ts-expect-error indices are tensors
argmax(x).length;

declare const limit: number | undefined;
clamp(x, 0);
clamp(x, undefined, 1);
clamp(x, limit, 1);
clamp(x, 0, limit);
// @ts-expect-error at least one limit
clamp(x);
// @ts-expect-error that is known
clamp(x, limit);

// Forgetting a rule is a type error.
const shape = (): readonly number[] => [];
defineOp<Two, null>({ name: 'both', shape, vjp: [(g, [, y]) => mul(g, y), null] });
// @ts-expect-error a rule for each input
defineOp<Two, null>({ name: 'one', shape, vjp: [(g, [, y]) => mul(g, y)] });
// @ts-expect-error or null, said aloud
defineOp<Two, null>({ name: 'none', shape });
// @ts-expect-error no more rules than inputs
defineOp<Two, null>({ name: 'three', shape, vjp: [null, null, null] });
// @ts-expect-error a rule gives a tensor
defineOp<Two, null>({ name: 'number', shape, vjp: [() => 1, null] });
// @ts-expect-error a shape is needed
defineOp<Two, null>({ name: 'shapeless', vjp: [null, null] });
ownOp<Two, null>({ name: 'product', shape, scalar: (v, w) => v * w, vjp: null });
ownOp<Two, null>({
  name: 'first',
  shape,
  ref: (out, [v]) => {
    out.data.set(v.data);
  },
  vjp: null,
});
// A record of the exported type is accepted.
declare const simple: SimpleOp<One, null>;
declare const multi: MultiOp<One, null>;
ownOp(simple);
defineMultiOp(multi);
