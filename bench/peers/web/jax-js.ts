import { blockUntilReady, defaultDevice, init, jit, lax, nn, numpy as np, vjp } from '@jax-js/jax';
import type { Job } from '../../gpu/jobs.js';
import { NotWritten, operandsOf, type Candidate, type Task } from '../../gpu/task.js';
import { webGpuAdapter } from './adapter.js';

type Tensor = np.Array;

// jax-js counts references: a function takes over what it is given, and `.ref` keeps one for later.

const conv = (x: Tensor, f: Tensor): Tensor =>
  lax.convGeneralDilated(
    x,
    f,
    [1, 1],
    [
      [1, 1],
      [1, 1],
    ],
  );
/** The derivative of a linear f at x, along g. */
const pulled = (f: (x: Tensor) => Tensor, x: Tensor, g: Tensor): Tensor => {
  const [y, pull] = vjp(f, [x]);
  y.dispose();
  return (pull(g) as [Tensor])[0];
};

/** What is timed, of as many operands as it has parameters. */
function functionOf({ kind }: Job): (...xs: Tensor[]) => Tensor {
  const functions: Partial<Record<Job['kind'], (...xs: Tensor[]) => Tensor>> = {
    matmul: (x, y) => np.matmul(x!, y!),
    'conv forward': (x, f, g) => {
      g!.dispose();
      return conv(x!, f!);
    },
    'conv input': (x, f, g) => pulled((z) => conv(z, f!), x!, g!),
    'conv weight': (x, f, g) => pulled((z) => conv(x!, z), f!, g!),
    add: (x, y) => x!.add(y!),
    exp: (x) => np.exp(x!),
    relu: (x) => nn.relu(x!),
    sum: (x) => np.sum(x!),
    'sum over rows': (x) => np.sum(x!, 0),
  };
  const found = functions[kind];
  if (!found) throw new NotWritten();
  return found;
}

/** jax-js on webgpu, each job compiled by its jit. */
export const jaxJs: Candidate = {
  name: 'jax-js webgpu',
  start: async () => {
    const devices = await init('webgpu');
    if (!devices.includes('webgpu')) throw new Error('jax-js: expected webgpu to be available, it was not');
    defaultDevice('webgpu');
    return {
      name: 'jax-js webgpu',
      adapter: await webGpuAdapter(),
      prepare: (job): Task<Tensor> => {
        const run = jit(functionOf(job));
        const xs = operandsOf(job).map((data, i) => np.array(data).reshape([...job.shapes[i]!]));
        return {
          run: () => run(...xs.map((x) => x.ref)),
          wait: (ys) => blockUntilReady(ys.map((y) => y.ref)),
          read: async (y) => (await y.ref.data()) as Float32Array,
          release: (y) => y.dispose(),
          end: () => xs.forEach((x) => x.dispose()),
        };
      },
      end: () => undefined,
    };
  },
};
