import { BYTES } from '../../../../core/dtype.js';
import { sizeOf } from '../../../../core/shape.js';
import type { Spec, View } from '../../../../core/tensor.js';
import { isContiguous, offsetsOf } from '../../../../core/view.js';
import { cut, LEAST_PRODUCTS } from '../threads/tasks.js';
import type { Task } from '../threads/task.js';
import type { Simd } from '../wasm/instance.js';
import type { Pointer } from '../wasm/kernels.js';
import { halved, type Matched } from './batches.js';
import type { Layout, Part, Planned } from './op.js';

// What the kernels of kernels/simd/ops/linalg.ts are told of matrices.

/** Where the matrices [..., m, n] of an operand lie; distances in bytes. */
export interface Matrices {
  readonly m: number;
  readonly n: number;
  /** From the first one to each. */
  readonly at: ArrayLike<number>;
  /** From a row to the next one, and from a column. */
  readonly row: number;
  readonly col: number;
  /** Whether they are of float32, and not of float64. */
  readonly single: boolean;
}

export function matricesOf({ view, dtype }: Layout): Matrices {
  const { shape, stride } = view;
  const bytes = BYTES[dtype];
  const [m, n] = shape.slice(-2) as [number, number];
  const [row, col] = stride.slice(-2) as [number, number];
  const at = offsetsOf(shape.slice(0, -2), stride.slice(0, -2), 0).map((offset) => bytes * offset);
  return { m, n, at, row: bytes * row, col: bytes * col, single: dtype === 'float32' };
}

/** A run that has scratch memory of so many bytes for each purpose. */
export function within<const K extends string>(
  bytes: Readonly<Record<K, number>>,
  run: (at: readonly Pointer[], places: Readonly<Record<K, Pointer>>) => void,
): Planned {
  const names = Object.keys(bytes) as K[];
  const offsets = {} as Record<K, number>;
  let end = 0;
  for (const name of names) {
    offsets[name] = end;
    end += Math.ceil(bytes[name] / 16) * 16;
  }
  const placed = {} as Record<K, Pointer>;
  return {
    scratch: end,
    run: (at, scratch) => {
      for (const name of names) placed[name] = scratch + offsets[name];
      run(at, placed);
    },
  };
}

/** x [..., m, k] times y [..., k, n] in float64, by all threads where that is worth it. */
export function planDoubles(simd: Simd, x: Layout, y: Layout): Planned {
  const { kernels, team } = simd;
  const [a, b] = [matricesOf(x), matricesOf(y)];
  const [m, k, n] = [a.m, a.n, b.n];
  const count = a.at.length;
  const alone = ([xAt, yAt, out]: readonly Pointer[], scratch: Pointer): void => {
    for (let i = 0; i < count; i++) {
      const [c, left, right] = [out! + 8 * i * m * n, xAt! + a.at[i]!, yAt! + b.at[i]!];
      kernels.multiplyDoubles(c, 8 * n, left, a.row, a.col, right, b.row, b.col, m, n, k, scratch);
    }
  };
  const scratch = kernels.doublesScratch(0);
  if (!team || count * m * n * k < LEAST_PRODUCTS) return { scratch, run: alone };
  const parts = cut(m, count < team.threads ? team.threads : 1, 4);
  const tasks = ([xAt, yAt, out]: readonly Pointer[]): Task[] =>
    Array.from({ length: count }, (_, i) =>
      parts.map(([from, rows]): Task => {
        const [c, left] = [out! + 8 * n * (i * m + from), xAt! + a.at[i]! + from * a.row];
        return [['multiplyDoubles', c, 8 * n, left, a.row, a.col, yAt! + b.at[i]!, b.row, b.col, rows, n, k]];
      }),
    ).flat();
  return {
    scratch,
    run: (at) => {
      team.run(tasks(at));
    },
  };
}

/** Bytes of operands and results; of a view, as much again may lie between its elements. */
const bytesOf = (ins: readonly View[], outs: readonly Spec[]): number =>
  ins.reduce((sum, x) => sum + (isContiguous(x) ? 1 : 2) * x.data.BYTES_PER_ELEMENT * x.size, 0) +
  outs.reduce((sum, { shape, dtype }) => sum + BYTES[dtype] * sizeOf(shape), 0);

/** Which matrices of a batch a part of it has, for errors. */
export interface Whole {
  readonly of?: { readonly shape: readonly number[]; readonly first: number };
}

/** An op on batches of matrices in parts of as many of them as fit. */
export const byMatrices = {
  bytes: (_: Simd, ins: readonly View[], outs: readonly Spec[]): number => bytesOf(ins, outs),
  cut: <A>(_: Simd, limit: number, ins: readonly View[], outs: readonly View[], attrs: A) => {
    const { shape } = ins[0]!;
    const fits = (part: Matched): boolean => bytesOf(part.ins, part.outs.map(specOf)) <= limit;
    const parts = halved({ ins, outs, first: 0 }, fits);
    if (!parts.every(fits)) return undefined;
    return parts.map((part): Part<A & Whole> => ({ ...part, attrs: { ...attrs, of: { shape, first: part.first } } }));
  },
};
const specOf = ({ shape, dtype }: View): Spec => ({ shape, dtype });
