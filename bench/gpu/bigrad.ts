import {
  add,
  batchNorm,
  conv2d,
  cpu,
  exp,
  fromTypedArray,
  gate,
  leaves,
  mapTree,
  matmul,
  maxPool2d,
  ones,
  relu,
  slice,
  sum,
  to,
  vjp,
  zeros,
  type Backend,
  type Tensor,
} from 'bigrad';
import { gpu, type Mode } from 'bigrad/gpu';
import { start } from '../network.js';
import { startStep } from '../steps.js';
import type { Job } from './jobs.js';
import { operandsOf, type Candidate, type Task } from './task.js';

const EPS = 0.1;
const padded = { padding: 1 };

/**
 * What is timed, on operands that are on their device; what a gradient remembers is made here,
 * before.
 */
export function runOf({ kind }: Job, [x, y, g]: readonly Tensor[], device: Backend): () => Tensor {
  const a = x!;
  const channels = kind.startsWith('batch norm')
    ? [ones([a.shape[1]!], { device }), zeros([a.shape[1]!], { device })]
    : [];
  const normal = (v: Tensor): Tensor => batchNorm(v, channels[0]!, channels[1]!);
  const pool = (v: Tensor): Tensor => maxPool2d(v, 2, padded);
  const gradient = (f: (v: Tensor) => Tensor, at: Tensor, along: Tensor): (() => Tensor) => {
    const [, pull] = vjp(f, at);
    return () => pull(along);
  };
  switch (kind) {
    case 'matmul':
      return () => matmul(a, y!);
    case 'conv forward':
      return () => conv2d(a, y!, padded);
    case 'conv input':
      return gradient((v) => conv2d(v, y!, padded), a, g!);
    case 'conv weight':
      return gradient((v) => conv2d(a, v, padded), y!, g!);
    case 'batch norm':
      return () => normal(a);
    case 'batch norm gradient':
      return gradient(normal, a, y!);
    case 'gate':
      return () => gate(a, EPS);
    case 'gate gradient':
      return gradient((v) => gate(v, EPS), a, y!);
    case 'max pool':
      return () => pool(a);
    case 'max pool gradient':
      return gradient(pool, a, y!);
    case 'add':
      return () => add(a, y!);
    case 'exp':
      return () => exp(a);
    case 'relu':
      return () => relu(a);
    case 'sum':
      return () => sum(a);
    case 'sum over rows':
      return () => sum(a, 0);
    case 'training step': {
      const step = startStep(
        'compiled',
        { x: a, y: y! },
        mapTree((x: Tensor) => to(x, device), start()),
      );
      return () => firstMoment(step());
    }
  }
}

/** Adam's first moment of the first weights: a tenth of their gradient. */
const firstMoment = ([, , [, { m }]]: ReturnType<ReturnType<typeof startStep>>): Tensor => leaves(m)[0]!;

/** The right result, by the cpu device. */
export const expectedOf = (job: Job): Float32Array =>
  runOf(
    job,
    operandsOf(job).map((data, i) => fromTypedArray(data, job.shapes[i]!)),
    cpu,
  )().readSync() as Float32Array;

/** One element of a tensor: reading it waits for all that was dispatched before. */
const corner = (y: Tensor): Tensor =>
  slice(
    y,
    y.shape.map(() => 0),
    y.shape.map(() => 1),
  );

/** A device of bigrad, and how results on it are waited for and given back. */
interface Place {
  readonly device: Backend;
  readonly adapter: string;
  scope<T>(fn: () => T): T;
  dispose(...xs: readonly Tensor[]): void;
}

const candidate = (name: string, open: () => Place | Promise<Place>): Candidate => ({
  name,
  start: async () => {
    const { device, adapter, scope, dispose } = await open();
    return {
      name,
      adapter,
      prepare: (job): Task<Tensor> => {
        const operands = operandsOf(job).map((data, i) => fromTypedArray(data, job.shapes[i]!, { device }));
        const run = runOf(job, operands, device);
        return {
          run: () => scope(run),
          wait: (ys) =>
            scope(async () => {
              await corner(ys.at(-1)!).read();
            }),
          read: async (y) => (await y.read()) as Float32Array,
          release: dispose,
          end: () => {
            dispose(...operands);
          },
        };
      },
      end: () => {
        dispose();
      },
    };
  },
});

/**
 * bigrad's GPU device in a mode; mode cpu by the name that the examples give it, for it is not the
 * default device.
 */
export const bigradOn = (
  mode: Mode,
  options: { readonly leastWork?: number; readonly name?: string } = {},
): Candidate => {
  const { leastWork, name = `bigrad ${mode === 'cpu' ? 'gpu-cpu' : mode}` } = options;
  return candidate(name, async () => {
    const device = await gpu({ mode, ...(leastWork !== undefined && { leastWork }) });
    return { device, adapter: device.describe().adapter, scope: device.scope, dispose: device.dispose };
  });
};

/** webgpu without shaders of our own. */
export const bigradKernels: Candidate = bigradOn('webgpu', { leastWork: Infinity, name: 'bigrad webgpu, kernels' });

/** The default device, which needs no GPU.js: one thread of WebAssembly SIMD. */
export const bigradCpu: Candidate = candidate('bigrad cpu', () => ({
  device: cpu,
  adapter: 'one thread of WebAssembly SIMD, no GPU.js',
  scope: (fn) => fn(),
  dispose: () => undefined,
}));
