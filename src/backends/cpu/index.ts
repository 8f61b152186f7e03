import type { Backend } from '../../core/tensor.js';
import { emptyView } from '../../core/view.js';
import { read, readSync, runReference, upload, viewOfTensor } from '../ndarray-storage.js';
import { conv } from './conv.js';
import { elementwise, mapElements } from './elementwise.js';
import type { KernelTable } from './kernel.js';
import { matmul } from './matmul.js';
import { normalize } from './normalize.js';
import { pool } from './pool.js';
import { reduce } from './reduce.js';

/** Where a faster kernel plugs in: under the name of its op. Ops without one run their own definition. */
const kernels: KernelTable = { ...elementwise, ...reduce, ...matmul, ...conv, ...pool, ...normalize };

/** The default device: main memory, with typed-array kernels for the ops that matter. */
export const cpu: Backend = {
  name: 'cpu',
  run(op, ins, outs, attrs) {
    if (op.view) return runReference(op, ins, outs, attrs);
    const kernel = kernels[op.name];
    if (kernel || op.scalar) {
      const views = ins.map(viewOfTensor);
      const results = outs.map(({ shape, dtype }) => emptyView(dtype, shape));
      if (kernel?.(results, views, attrs)) return results;
      if (op.scalar && mapElements(op.scalar, results[0]!, views)) return results;
    }
    return runReference(op, ins, outs, attrs);
  },
  upload,
  read,
  readSync,
};
