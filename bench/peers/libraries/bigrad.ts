import { availableParallelism } from 'node:os';
import { add, conv2d, fromTypedArray, matmul, mul, ones, vjp, type Tensor } from 'bigrad';
import { batchesOf, startTraining, type Rows } from '../../loop.js';
import { modeOf, type Mode } from '../../mode.js';
import { start as startNetwork, type Batch, type TrunkMasks } from '../../network.js';
import { settingNow } from '../../setting.js';
import { startBiRpt, startGradient, startMixed } from '../../steps.js';
import { BATCH, type Direction, type Job } from '../cases.js';
import type { Library, Outputs, Start, Task } from '../library.js';
import { namedMasks, namedWeights } from '../names.js';
import type { Inputs } from '../read-inputs.js';

const read = (named: Readonly<Record<string, Tensor>>): Outputs =>
  Object.fromEntries(Object.entries(named).map(([name, x]) => [name, x.readSync() as Float32Array]));

/** A task whose result is one tensor. */
const single = (name: string, run: () => Tensor): Task<Tensor> => ({ run, outputs: (y) => read({ [name]: y }) });

const forward = (x: Tensor, f: Tensor): Tensor => conv2d(x, f, { padding: 1 });
const pullbacks = {
  input: (x: Tensor, f: Tensor) => vjp((z: Tensor) => forward(z, f), x)[1],
  weight: (x: Tensor, f: Tensor) => vjp((z: Tensor) => forward(x, z), f)[1],
};

/**
 * A convolution or one of its gradients: in eager mode the pullback alone; in a compiled one
 * nothing else is left.
 */
function convolution(direction: Direction, mode: Mode, x: Tensor, f: Tensor, g: Tensor): () => Tensor {
  const by = modeOf(mode);
  if (direction === 'forward') {
    const run = by(forward);
    return () => run(x, f);
  }
  const pullback = pullbacks[direction];
  if (mode === 'eager') {
    const pull = pullback(x, f);
    return () => pull(g);
  }
  const run = by((a: Tensor, b: Tensor, c: Tensor) => pullback(a, b)(c));
  return () => run(x, f, g);
}

function prepare(job: Job, inputs: Inputs, mode: Mode): Task {
  const tensor = (name: string): Tensor => {
    const { data, shape } = inputs(name);
    return fromTypedArray(data, shape);
  };
  const rows = (): Rows => ({
    images: inputs('rows/images').data,
    strengths: inputs('rows/strengths').data,
    order: Int32Array.from(inputs('rows/order').data),
  });
  /** The first `n` rows. */
  const batch = (n: number): Batch => batchesOf({ ...rows(), order: Int32Array.from({ length: n }, (_, i) => i) }, n)();
  const by = modeOf(mode);

  if (job.kind === 'matmul') {
    const [a, b] = [tensor(`matmul${job.size}/a`), tensor(`matmul${job.size}/b`)];
    const f = by((x: Tensor, y: Tensor) => matmul(x, y));
    return single('y', () => f(a, b));
  }
  if (job.kind === 'conv') {
    const [x, f, g] = ['x', 'f', 'g'].map((name) => tensor(`layer${job.layer}/${name}`)) as [Tensor, Tensor, Tensor];
    return single('y', convolution(job.direction, mode, x, f, g));
  }
  if (job.kind === 'step') {
    const data = batch(job.batch);
    return single(
      'loss',
      startTraining(() => data, [startNetwork().masks], mode),
    );
  }
  if (job.kind === 'loop') return single('loss', startTraining(batchesOf(rows(), BATCH), [], mode));
  if (job.kind === 'gradient')
    return {
      run: startGradient(mode, batch(BATCH)),
      outputs: (y) => read(namedWeights(y as Parameters<typeof namedWeights>[0])),
    };
  if (job.kind === 'mixed')
    return { run: startMixed(mode, batch(BATCH)), outputs: (y) => read(namedMasks(y as TrunkMasks)) };
  if (job.kind === 'bi-rpt') return { run: startBiRpt(mode), outputs: () => ({}) };
  const [one, two] = [ones([1]), mul(ones([1]), 2)];
  const f = by((x: Tensor, y: Tensor) => add(x, y));
  return single('y', () => f(one, two));
}

/** bigrad in one mode. */
export const bigrad = (inputs: Inputs, mode: Mode): Library => {
  const { bigrad: version, node, v8 } = settingNow();
  return {
    versions: { bigrad: version, node, v8 },
    setting: mode === 'threads' ? `compiled, ${availableParallelism()} threads` : `${mode}, 1 thread`,
    prepare: (job) => prepare(job, inputs, mode),
  };
};

export const start =
  (setting: string): Start =>
  (inputs) =>
    Promise.resolve(bigrad(inputs, setting as Mode));
