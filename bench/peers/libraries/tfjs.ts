import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { BATCH, type Direction, type Job } from '../cases.js';
import type { Library, Outputs, Start, Task } from '../library.js';
import type { Inputs } from '../read-inputs.js';

type Named = Record<string, tf.Tensor>;

// tfjs keeps images as [n,h,w,c] and filters as [r,s,c,o]: operands are turned before a run and
// results after it.

const NHWC = [0, 2, 3, 1];
const NCHW = [0, 3, 1, 2];
const HWIO = [2, 3, 1, 0];
const OIHW = [3, 2, 0, 1];
/** Columns of the linear layer: [c,h,w] to [h,w,c], and its own transpose. */
const LINEAR = [64, 64, 3, 6];

const RATE = 1e-3;
const MOMENTUM = 0.1;
const GATE = 0.1;

const dispose = (named: Named): void => {
  tf.dispose(named);
};
const read = (named: Named): Outputs =>
  Object.fromEntries(Object.entries(named).map(([name, x]) => [name, x.dataSync() as Float32Array]));

/** A result named as in bigrad, in bigrad's layout. */
const inLayout = (named: Named): Named =>
  Object.fromEntries(
    Object.entries(named).map(([name, x]) => {
      if (/^(conv.\/weight|mask)/.test(name)) return [name, tf.transpose(x, OIHW)];
      if (name === 'linear/weight') return [name, tf.transpose(x.reshape([3, 6, 64, 64]), [3, 2, 0, 1])];
      return [name, name === 'head/weight' ? x.transpose() : x];
    }),
  );

const conv = (x: tf.Tensor, f: tf.Tensor): tf.Tensor => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, 1);

/** A rank-4 convolution's gradients as tfjs's own gradient calls them, without the forward pass. */
const convolutions: Record<Direction, (x: tf.Tensor, f: tf.Tensor, g: tf.Tensor) => tf.Tensor> = {
  forward: conv,
  input: (x, f, g) =>
    tf.conv2dTranspose(g as tf.Tensor4D, f as tf.Tensor4D, x.shape as [number, number, number, number], 1, 1),
  weight: (x, f, g) =>
    tf.engine().runKernel(
      'Conv2DBackpropFilter',
      { x, dy: g },
      {
        strides: [1, 1],
        pad: 1,
        dataFormat: 'NHWC',
        filterShape: f.shape,
      },
    ) as tf.Tensor,
};

const gate = (m: tf.Tensor): tf.Tensor => {
  const square = m.square();
  return square.div(square.add(GATE));
};

/** The loss of the network while training, moving the batch norms' statistics on. */
function loss(w: Named, m: Named, x: tf.Tensor, y: tf.Tensor, running: Readonly<Record<string, tf.Variable>>) {
  let z = x;
  for (let i = 0; i < 3; i++) {
    const [mask, filters] = [m[`mask${i}`], w[`conv${i}/weight`]!];
    const convolved = conv(z, mask ? filters.mul(gate(mask)) : filters).add(w[`conv${i}/bias`]!);
    const { mean, variance } = tf.moments(convolved, [0, 1, 2]);
    const count = convolved.size / mean.size;
    for (const [name, now] of [
      [`mean${i}`, mean],
      [`variance${i}`, variance.mul(count / (count - 1))],
    ] as const)
      running[name]!.assign(running[name]!.mul(1 - MOMENTUM).add(now.mul(MOMENTUM)));
    const [shift, scale] = [w[`norm${i}/shift`]!, w[`norm${i}/scale`]!] as [tf.Tensor1D, tf.Tensor1D];
    z = tf.relu(tf.batchNorm(convolved, mean as tf.Tensor1D, variance as tf.Tensor1D, shift, scale, 1e-5));
    if (i < 2) z = tf.maxPool(z as tf.Tensor4D, 2, 2, 1, 'floor');
  }
  const features = tf.relu(z.reshape([x.shape[0]!, 1152]).matMul(w['linear/weight']!).add(w['linear/bias']!));
  const strengths = features.matMul(w['head/weight']!).reshape([-1]);
  return strengths.sub(y).square().mean() as tf.Scalar;
}

async function load(inputs: Inputs, setting: string): Promise<Library> {
  const modules = createRequire(import.meta.url);
  setWasmPaths(`${dirname(modules.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  let backend = setting;
  if (setting === 'node') {
    const native: string = '@tensorflow/tfjs-node'; // not in package.json, see `libraries.ts`
    await import(native);
    backend = 'tensorflow';
  }
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs: expected the backend '${backend}' to start, it did not`);

  const turned = (name: string, order: number[]): tf.Tensor =>
    tf.tidy(() => tf.tensor(inputs(name).data, inputs(name).shape).transpose(order));
  const plain = (name: string): tf.Tensor => tf.tensor(inputs(name).data, inputs(name).shape);
  const weights = (): Named => {
    const named: Named = {};
    for (let i = 0; i < 3; i++) {
      named[`conv${i}/weight`] = turned(`conv${i}/weight`, HWIO);
      for (const name of [`conv${i}/bias`, `norm${i}/scale`, `norm${i}/shift`]) named[name] = plain(name);
    }
    named['linear/weight'] = tf.tidy(() =>
      plain('linear/weight').reshape(LINEAR).transpose([2, 3, 1, 0]).reshape([1152, 64]),
    );
    named['linear/bias'] = plain('linear/bias');
    named['head/weight'] = turned('head/weight', [1, 0]);
    return named;
  };
  const masks = (): Named => Object.fromEntries([0, 1, 2].map((i) => [`mask${i}`, turned(`mask${i}`, HWIO)]));
  const statistics = () =>
    Object.fromEntries(
      [16, 32, 64].flatMap((c, i): [string, tf.Variable][] => [
        [`mean${i}`, tf.variable(tf.zeros([c]), false)],
        [`variance${i}`, tf.variable(tf.ones([c]), false)],
      ]),
    );
  const variables = (): Record<string, tf.Variable> =>
    Object.fromEntries(Object.entries(weights()).map(([name, x]) => [name, tf.variable(x)]));
  const rows = (images: Float32Array, strengths: Float32Array, n: number): [x: tf.Tensor, y: tf.Tensor] => [
    tf.tidy(() => tf.tensor(images.subarray(0, n * 324), [n, 2, 9, 18]).transpose(NHWC)),
    tf.tensor(strengths.subarray(0, n), [n]),
  ];
  const batch = (n: number) => rows(inputs('rows/images').data, inputs('rows/strengths').data, n);

  const single = (run: () => tf.Tensor, layout: (y: tf.Tensor) => tf.Tensor = (y) => y): Task<Named> => ({
    run: () => ({ y: run() }),
    outputs: ({ y }) => tf.tidy(() => read({ y: layout(y!) })),
    release: dispose,
  });
  const training = (next: () => [tf.Tensor, tf.Tensor], masked: Named, keep: boolean): Task<Named> => {
    const [w, running] = [variables(), statistics()];
    const optimizer = tf.train.adam(RATE, 0.9, 0.999, 1e-8);
    return {
      run: () => {
        const [x, y] = next();
        const value = optimizer.minimize(() => loss(w, masked, x, y, running), true, Object.values(w))!;
        if (!keep) tf.dispose([x, y]);
        return { loss: value };
      },
      outputs: read,
      release: dispose,
    };
  };
  const derivative = (f: () => Named): Task<Named> => ({
    run: () => tf.tidy(f),
    outputs: (named) => tf.tidy(() => read(inLayout(named))),
    release: dispose,
  });

  const prepare = (job: Job): Task<Named> => {
    switch (job.kind) {
      case 'matmul': {
        const [a, b] = [plain(`matmul${job.size}/a`), plain(`matmul${job.size}/b`)];
        return single(() => tf.matMul(a, b));
      }
      case 'conv': {
        const folder = `layer${job.layer}`;
        const [x, f, g] = [turned(`${folder}/x`, NHWC), turned(`${folder}/f`, HWIO), turned(`${folder}/g`, NHWC)];
        const back = job.direction === 'weight' ? OIHW : NCHW;
        return single(
          () => tf.tidy(() => convolutions[job.direction](x, f, g)),
          (y) => tf.transpose(y, back),
        );
      }
      case 'add': {
        const [one, two] = [tf.tensor([1]), tf.tensor([2])];
        return single(() => tf.add(one, two));
      }
      case 'step': {
        const data = batch(job.batch);
        return training(() => data, masks(), true);
      }
      case 'loop': {
        const [images, strengths, order] = ['images', 'strengths', 'order'].map((name) => inputs(`rows/${name}`).data);
        let at = 0;
        const next = (): [tf.Tensor, tf.Tensor] => {
          if (at + BATCH > order!.length) at = 0;
          const chosen = order!.subarray(at, (at += BATCH));
          const x = new Float32Array(BATCH * 324);
          chosen.forEach((row, i) => x.set(images!.subarray(row * 324, (row + 1) * 324), i * 324));
          return rows(
            x,
            Float32Array.from(chosen, (row) => strengths![row]!),
            BATCH,
          );
        };
        return training(next, {}, false);
      }
      case 'gradient': {
        const [w, m, [x, y], running] = [variables(), masks(), batch(BATCH), statistics()];
        const names = Object.keys(w);
        return derivative(() => {
          const { grads, value } = tf.variableGrads(() => loss(w, m, x, y, running), Object.values(w));
          value.dispose();
          return Object.fromEntries(names.map((name) => [name, grads[w[name]!.name]!]));
        });
      }
      case 'mixed': {
        const [w, m, [x, y], running] = [weights(), masks(), batch(BATCH), statistics()];
        const [names, maskNames] = [Object.keys(w), Object.keys(m)];
        const named = (keys: string[], xs: tf.Tensor[]): Named =>
          Object.fromEntries(keys.map((key, i) => [key, xs[i]!]));
        const slope = (...ms: tf.Tensor[]): tf.Tensor => {
          const f = (...ws: tf.Tensor[]) => loss(named(names, ws), named(maskNames, ms), x, y, running);
          const gradient = tf.grads(f)(Object.values(w));
          return tf.addN(gradient.map((g, i) => g.mul(w[names[i]!]!).mul(0.5).sum()));
        };
        return derivative(() => named(maskNames, tf.grads(slope)(Object.values(m))));
      }
      case 'bi-rpt':
        throw new Error('not written for this library');
    }
  };

  return {
    versions: { tfjs: tf.version.tfjs, node: process.versions.node },
    setting:
      { wasm: 'wasm, SIMD; it turns threads off in Node', cpu: 'plain JavaScript', node: 'native' }[setting] ?? setting,
    prepare: (job) => prepare(job) as Task,
  };
}

export const start =
  (setting: string): Start =>
  (inputs) =>
    load(inputs, setting);
