import { defineMultiOp, sameFloat, type One } from '../../core/op.js';
import type { Tensor } from '../../core/tensor.js';
import { add, sub } from '../elementwise.js';
import { matmul } from '../matmul.js';
import { slice } from '../movement.js';
import { concat } from '../join.js';
import { batchesOf, checkMatrices, matrixAt, swap, turnedOver, leadingBatch } from './batch.js';
import { reflected } from './householder.js';
import { solveTriangle } from './solve.js';
import { tril } from './triangles.js';

/** A symmetric matrix with the lower triangle of m. */
const fromLower = (m: Tensor): Tensor => add(tril(m), swap(tril(m, -1)));

/** Of matrices with at least as many rows as columns. */
const qrOp = defineMultiOp<One, null>({
  name: 'qr',
  infer: ([{ shape, dtype }]) => {
    const n = shape.at(-1)!;
    sameFloat('qr', [dtype]);
    return [
      { shape, dtype },
      { shape: [...shape.slice(0, -2), n, n], dtype },
    ];
  },
  ref: ([q, r], [a]) => {
    const [m, n] = a.shape.slice(-2) as [number, number];
    for (let k = 0; k < batchesOf(a.shape); k++) {
      const found = reflected(turnedOver(matrixAt(a, k), m, n), m, n);
      q!.data.set(turnedOver(found.q, n, m), k * m * n);
      r!.data.set(found.r, k * n * n);
    }
  },
  batch: leadingBatch,
  // (q~ + q s) r'^-1 with s symmetric, its lower triangle that of r r~' - q~' q (Walter and
  // Lehmann 2012).
  vjp: [
    ([gq, gr], _, __, [q, r]) => {
      const parts = [gr && matmul(r!, swap(gr)), gq && matmul(swap(gq), q!)] as const;
      const m = parts[0] && parts[1] ? sub(parts[0], parts[1]) : (parts[0] ?? sub(0, parts[1]!));
      const inner = matmul(q!, fromLower(m));
      return swap(solveTriangle(r!, swap(gq ? add(gq, inner) : inner), false));
    },
  ],
});

/** Factors of a matrix. */
export interface Qr {
  /** Orthonormal columns, [..., m, k] with k the smaller of m and n. */
  readonly q: Tensor;
  /** An upper triangle, [..., k, n]. */
  readonly r: Tensor;
}

/**
 * A = Q R of matrices [..., m, n], by Householder's reflections with the signs that LAPACK has. The
 * derivative needs independent columns: the first k of them.
 * @example
 * qr(tensor([[3, 1], [4, 2]])).r; // float32[2,2] on cpu [[-5, -2.2], [0, 0.4]]
 */
export function qr(a: Tensor): Qr {
  const { shape } = checkMatrices('qr', a);
  const [m, n] = shape.slice(-2) as [number, number];
  const lead = shape.slice(0, -2);
  if (m >= n) {
    const [q, r] = qrOp([a], null);
    return { q: q!, r: r! };
  }
  const zeros = lead.map(() => 0);
  const [q, r] = qrOp([slice(a, [...zeros, 0, 0], [...lead, m, m])], null);
  const rest = slice(a, [...zeros, 0, m], [...lead, m, n - m]);
  return { q: q!, r: concat([r!, matmul(swap(q!), rest)], -1) };
}
