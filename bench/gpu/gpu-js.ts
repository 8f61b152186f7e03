import type { Mode } from 'bigrad/gpu';
import { NotWritten, operandsOf, type Candidate, type Task } from './task.js';

/** The kernel of GPU.js's README, as text, since bundlers break functions; `size` is its 512. */
const source = (size: number): string => `function (a, b) {
  let sum = 0;
  for (let i = 0; i < ${size}; i++) {
    sum += a[this.thread.y][i] * b[i][this.thread.x];
  }
  return sum;
}`;

type Rows = Float32Array[];

interface Kernel {
  (a: Rows, b: Rows): Rows | Promise<Rows>;
  readonly kernel: { readonly constructor: { readonly mode: string } };
}
/** The part of GPU.js that is used here, whose own types are narrower than what it does. */
interface Gpu {
  createKernel(source: string): { setOutput(shape: number[]): Kernel };
  destroy(): unknown;
}
type GpuClass = new (settings: { mode: string }) => Gpu;

const rowsOf = (data: Float32Array, n: number): Rows =>
  Array.from({ length: data.length / n }, (_, i) => data.subarray(i * n, (i + 1) * n));

/**
 * GPU.js itself: the matrix product of its README, rows in and rows out, both of which cross to the
 * device at each run.
 */
export const gpuJsOn = (mode: Mode): Candidate => ({
  name: `GPU.js ${mode}`,
  start: async () => {
    const module = (await import('gpu.js')) as unknown as { GPU?: GpuClass; default?: { GPU: GpuClass } };
    const gpu = new (module.GPU ?? module.default!.GPU)({ mode });
    return {
      name: `GPU.js ${mode}`,
      adapter: '',
      prepare: (job): Task<Rows | Promise<Rows>> => {
        const n = job.shapes[0]![0]!;
        if (job.kind !== 'matmul' || job.shapes.flat().some((d) => d !== n)) throw new NotWritten();
        const [a, b] = operandsOf(job).map((data) => rowsOf(data, n));
        const kernel = gpu.createKernel(source(n)).setOutput([n, n]);
        return {
          run: () => kernel(a!, b!),
          wait: async (ys) => {
            await Promise.all(ys);
            const ran = kernel.kernel.constructor.mode;
            if (ran !== (mode.includes('gl') ? 'gpu' : mode)) throw new Error(`GPU.js ran it on '${ran}'`);
          },
          read: async (y) => Float32Array.from((await y).flatMap((row) => [...row])),
          release: () => undefined,
          end: () => undefined,
        };
      },
      end: () => void gpu.destroy(),
    };
  },
});
