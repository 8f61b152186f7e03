import { sizeOf } from '../../../core/shape.js';
import { offsetsOf } from '../../../core/view.js';
import { COLUMNS, multiplyPanels, pack, panels, ROWS } from './gemm.js';
import type { KernelTable } from './kernel.js';

const DEPTH = 256; // of one packed block: panels of both operands stay in cache

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
    const a = panels(m, ROWS, depth);
    const b = panels(n, COLUMNS, depth);
    const c = new Float64Array(m * n);
    xs.forEach((from, batch) => {
      c.fill(0);
      for (let p = 0; p < k; p += depth) {
        const deep = Math.min(depth, k - p);
        pack(a, ROWS, x!.data, from + p * xCol, m, xRow, deep, xCol);
        pack(b, COLUMNS, y!.data, ys[batch]! + p * yRow, n, yCol, deep, yRow);
        multiplyPanels(c, m, n, deep, a, b);
      }
      out!.data.set(c, batch * m * n);
    });
    return true;
  },
};
