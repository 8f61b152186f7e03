import { sizeOf } from '../../core/shape.js';
import { offsetsOf } from '../../core/view.js';
import { multiplyPanels, pack, panelSize } from './gemm.js';
import type { KernelTable } from './kernel.js';

const DEPTH = 512; // of one packed block: panels of both operands stay in cache

export const matmul: KernelTable = {
  matmul: ([out], [x, y]) => {
    const rank = x!.shape.length;
    const [m, k, n] = [x!.shape[rank - 2]!, x!.shape[rank - 1]!, y!.shape[rank - 1]!];
    const lead = x!.shape.slice(0, rank - 2);
    if (sizeOf(lead) * m * n * k === 0) return true;
    const [xs, ys] = [x!, y!].map((v) => offsetsOf(lead, v.stride.slice(0, rank - 2), v.offset)) as [
      Int32Array,
      Int32Array,
    ];
    const [xRow, xCol, yRow, yCol] = [
      x!.stride[rank - 2]!,
      x!.stride[rank - 1]!,
      y!.stride[rank - 2]!,
      y!.stride[rank - 1]!,
    ];
    const depth = Math.min(k, DEPTH);
    const a = new Float64Array(panelSize(m, depth));
    const b = new Float64Array(panelSize(n, depth));
    xs.forEach((from, batch) => {
      for (let p = 0; p < k; p += depth) {
        const deep = Math.min(depth, k - p);
        pack(a, x!.data, from + p * xCol, m, xRow, deep, xCol);
        pack(b, y!.data, ys[batch]! + p * yRow, n, yCol, deep, yRow);
        multiplyPanels(out!.data, batch * m * n, m, n, deep, a, b);
      }
    });
    return true;
  },
};
