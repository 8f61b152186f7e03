import { allocate, type Buffer } from '../core/dtype.js';
import { sizeOf, type Shape } from '../core/shape.js';
import type { AnyOp, Dense, Spec, Tensor, View } from '../core/tensor.js';
import { dense, viewOf } from '../core/view.js';
import { viewOfStorage } from './resident.js';

// What the backends of main memory share: storage is an ndarray view of a typed array.

export const viewOfTensor = (x: Tensor): View => viewOfStorage(x.storage);

const denseOf = (x: Tensor): Dense => ({ data: dense(viewOfTensor(x)), shape: x.shape });

/** Runs an op's own definition: its zero-copy view, or its reference kernel on row-major copies. */
export function runReference(op: AnyOp, ins: readonly Tensor[], outs: readonly Spec[], attrs: unknown): View[] {
  if (op.view) {
    const [x, { shape }] = [viewOfTensor(ins[0]!), outs[0]!];
    return [(op.view(x, shape, attrs) ?? op.view(viewOf(dense(x), x.shape), shape, attrs))!];
  }
  return runOnDense(op, ins.map(denseOf), outs, attrs).map(({ data, shape }) => viewOf(data, shape));
}

/** Runs the reference kernel of an op. */
export function runOnDense(op: AnyOp, ins: readonly Dense[], outs: readonly Spec[], attrs: unknown): Dense[] {
  const results = outs.map(({ shape, dtype }): Dense => ({ data: allocate(dtype, sizeOf(shape), op.name), shape }));
  op.ref!(results, ins, attrs);
  return results;
}

export const upload = (data: Buffer, shape: Shape): View => viewOf(data.slice(), shape);

export const readSync = (x: Tensor): Buffer => {
  const view = viewOfTensor(x);
  const data = dense(view);
  return data.buffer === view.data.buffer ? data.slice() : data;
};

// eslint-disable-next-line @typescript-eslint/require-await -- what it throws becomes a rejection
export const read = async (x: Tensor): Promise<Buffer> => readSync(x);
