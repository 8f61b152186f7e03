import * as b from 'bigrad';
import type { IntTensor, Tensor } from 'bigrad';
import { axesOf, fromFront, numbersOf, type Call, type Expression } from '../node.js';

type Reduction = (x: Tensor, axes: readonly number[] | undefined, options: b.ReduceOptions) => Tensor;

/** A reduction along axes, which are kept unless said otherwise. */
const along =
  (f: Reduction): Expression =>
  (call, x) => {
    const axes = axesOf(call);
    if ((axes?.length ?? 0) === 0 && call.int('noop_with_empty_axes', 0)) return x;
    return f(x, axes?.length ? axes : undefined, { keepDims: call.int('keepdims', 1) === 1 });
  };

/** Where the largest or the smallest is: the first, or the last. */
const place =
  (f: (x: Tensor, axis: number, options: b.ReduceOptions) => IntTensor): Expression =>
  (call, x) => {
    const axis = fromFront(call.int('axis', 0), x.shape.length);
    const options = { keepDims: call.int('keepdims', 1) === 1 };
    if (call.int('select_last_index', 0) === 0) return f(x, axis, options);
    return b.sub(x.shape[axis]! - 1, f(b.flip(x, axis), axis, options));
  };

function cumsum(call: Call, x: Tensor, at: Tensor): Tensor {
  const axis = fromFront(numbersOf(at)[0]!, x.shape.length);
  const reverse = call.int('reverse', 0) === 1;
  const y = b.cumsum(x, axis, { reverse });
  if (call.int('exclusive', 0) === 0) return y;
  // Each sum moves on by one place.
  const start = x.shape.map((_, i) => (i === axis && reverse ? 1 : 0));
  const part = b.slice(
    y,
    start,
    x.shape.map((d, i) => (i === axis ? d - 1 : d)),
  );
  return b.pad(
    part,
    x.shape.map((_, i): [number, number] => (i !== axis ? [0, 0] : reverse ? [0, 1] : [1, 0])),
  );
}

/** One at the largest, and 0 elsewhere. */
function hardmax(call: Call, x: Tensor): Tensor {
  const axis = fromFront(call.int('axis', -1), x.shape.length);
  const first = b.argmax(x, axis, { keepDims: true });
  return b.scatterSet(b.zerosLike(x), first, b.ones(first.shape, { dtype: x.dtype }), axis);
}

function topK(call: Call, x: Tensor, k: Tensor): Tensor[] {
  const axis = fromFront(call.int('axis', -1), x.shape.length);
  const largest = call.int('largest', 1) === 1;
  const { values, indices } = b.topK(largest ? x : b.neg(x), numbersOf(k)[0]!, axis);
  return [largest ? values : b.neg(values), indices];
}

function gemm(call: Call, x: Tensor, y: Tensor, c: Tensor | undefined): Tensor {
  const turned = (t: Tensor, name: string): Tensor => (call.int(name, 0) ? b.transpose(t) : t);
  const product = b.mul(b.matmul(turned(x, 'transA'), turned(y, 'transB')), call.float('alpha', 1));
  return c ? b.add(product, b.mul(c, call.float('beta', 1))) : product;
}

/** Operators that reduce axes, look along them, or multiply matrices. */
export const reductions: Readonly<Record<string, Expression>> = {
  ArgMax: place(b.argmax),
  ArgMin: place(b.argmin),
  ReduceL1: along((x, ...rest) => b.sum(b.abs(x), ...rest)),
  ReduceL2: along((x, ...rest) => b.sqrt(b.sum(b.square(x), ...rest))),
  ReduceLogSum: along((x, ...rest) => b.log(b.sum(x, ...rest))),
  ReduceLogSumExp: along(b.logSumExp),
  ReduceMax: along(b.max),
  ReduceMean: along(b.mean),
  ReduceMin: along(b.min),
  ReduceProd: along(b.prod),
  ReduceSum: along(b.sum),
  ReduceSumSquare: along((x, ...rest) => b.sum(b.square(x), ...rest)),
  CumSum: (call, x, at) => cumsum(call, x, at),
  Hardmax: hardmax,
  TopK: (call, x, k) => topK(call, x, k),
  Det: (_, x) => b.determinant(x),
  Einsum: (call, ...xs) => b.einsum(call.text('equation', ''), ...xs),
  Gemm: (call, x, y, c) => gemm(call, x, y, c),
  MatMul: (_, x, y) => b.matmul(x, y),
};
