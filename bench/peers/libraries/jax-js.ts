import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { numpy } from '@jax-js/jax';
import { BATCH, type Direction, type Job } from '../cases.js';
import type { Library, Outputs, Start, Task } from '../library.js';
import type { Inputs } from '../read-inputs.js';
import { fakeBrowser, fakeWorkers } from './browser-globals.js';

type Tensor = numpy.Array;
type Named = Record<string, Tensor>;

// jax-js counts references: a function takes over what it is given, and `.ref` keeps one for later.

const refs = (named: Named): Named => Object.fromEntries(Object.entries(named).map(([name, x]) => [name, x.ref]));
const dispose = (named: Named): void => {
  for (const x of Object.values(named)) x.dispose();
};
const read = async (named: Named): Promise<Outputs> =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(named).map(async ([name, x]) => [name, (await x.ref.data()) as Float32Array] as const),
    ),
  );

const [RATE, BETA1, BETA2, EPS] = [1e-3, 0.9, 0.999, 1e-8];
const MOMENTUM = 0.1;
const GATE = 0.1;

async function load(inputs: Inputs, setting: string): Promise<Library> {
  fakeBrowser();
  if (setting === 'threads') fakeWorkers();
  const {
    blockUntilReady,
    defaultDevice,
    grad,
    init,
    jit,
    jvp,
    lax,
    nn,
    numpy: np,
    valueAndGrad,
    vjp,
  } = await import('@jax-js/jax');
  await init('wasm');
  defaultDevice('wasm');

  const tensor = (name: string): Tensor => {
    const { data, shape } = inputs(name);
    return np.array(data.slice()).reshape(shape);
  };
  const names = [0, 1, 2]
    .flatMap((i) => [`conv${i}/weight`, `conv${i}/bias`, `norm${i}/scale`, `norm${i}/shift`])
    .concat('linear/weight', 'linear/bias', 'head/weight');
  const weights = (): Named => Object.fromEntries(names.map((name) => [name, tensor(name)]));
  const masks = (): Named => Object.fromEntries([0, 1, 2].map((i) => [`mask${i}`, tensor(`mask${i}`)]));
  const rows = (images: Float32Array, strengths: Float32Array, n: number): { x: Tensor; y: Tensor } => ({
    x: np.array(images.slice(0, n * 324)).reshape([n, 2, 9, 18]),
    y: np.array(strengths.slice(0, n)),
  });
  const batch = (n: number) => rows(inputs('rows/images').data, inputs('rows/strengths').data, n);

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
  const perChannel = (x: Tensor): Tensor => x.reshape([1, -1, 1, 1]);
  /** 2x2 windows of what is at least 0, so that zeros around it change no maximum. */
  const pool = (x: Tensor): Tensor => {
    const around = np.pad(x, [
      [0, 0],
      [0, 0],
      [1, 1],
      [1, 1],
    ]);
    const [n, c, h, w] = around.shape.map((d, i) => (i < 2 ? d : Math.floor(d / 2))) as [
      number,
      number,
      number,
      number,
    ];
    return np.max(around.slice([], [], [0, 2 * h], [0, 2 * w]).reshape([n, c, h, 2, w, 2]), [3, 5]);
  };
  const gate = (m: Tensor): Tensor => {
    const square = np.square(m);
    return square.ref.div(square.add(GATE));
  };
  const normalize = (x: Tensor, scale: Tensor, shift: Tensor): [Tensor, mean: Tensor, variance: Tensor] => {
    const count = x.size / x.shape[1]!;
    const mean = np.mean(x.ref, [0, 2, 3], { keepdims: true });
    const d = x.sub(mean.ref);
    const variance = np.mean(np.square(d.ref), [0, 2, 3], { keepdims: true });
    const y = d
      .mul(np.reciprocal(np.sqrt(variance.ref.add(1e-5))))
      .mul(perChannel(scale))
      .add(perChannel(shift));
    return [y, lax.stopGradient(mean), lax.stopGradient(variance.mul(count / (count - 1)))];
  };

  /** The loss, and the batch norms' statistics moved on. */
  const loss = (w: Named, m: Named, x: Tensor, y: Tensor, running: Named): [Tensor, Named] => {
    let z = x;
    const moved: Named = {};
    for (let i = 0; i < 3; i++) {
      const mask = m[`mask${i}`];
      const filters = w[`conv${i}/weight`]!;
      const convolved = conv(z, mask ? filters.mul(gate(mask)) : filters).add(perChannel(w[`conv${i}/bias`]!));
      const [normalized, mean, variance] = normalize(convolved, w[`norm${i}/scale`]!, w[`norm${i}/shift`]!);
      for (const [name, now] of [
        [`mean${i}`, mean],
        [`variance${i}`, variance],
      ] as const)
        moved[name] = running[name]!.mul(1 - MOMENTUM).add(now.mul(MOMENTUM));
      z = nn.relu(normalized);
      if (i < 2) z = pool(z);
    }
    const flat = z.reshape([z.shape[0]!, 1152]);
    const features = nn.relu(np.matmul(flat, w['linear/weight']!.transpose()).add(w['linear/bias']!));
    const strengths = np.matmul(features, w['head/weight']!.transpose()).reshape([-1]);
    return [np.mean(np.square(strengths.sub(y))), moved];
  };
  const statistics = (): Named =>
    Object.fromEntries(
      [16, 32, 64].flatMap((c, i): [string, Tensor][] => [
        [`mean${i}`, np.zeros([1, c, 1, 1])],
        [`variance${i}`, np.ones([1, c, 1, 1])],
      ]),
    );
  const zeros = (named: Named): Named =>
    Object.fromEntries(Object.entries(named).map(([name, x]) => [name, np.zeros(x.shape)]));

  /** Forward, backward and Adam, in one compiled function. */
  const update = jit(
    (w: Named, m1: Named, m2: Named, t: Tensor, running: Named, masked: Named, x: Tensor, y: Tensor) => {
      const f = (v: Named) => loss(v, masked, x, y, running);
      const [[value, moved], gradient] = valueAndGrad(f, { hasAux: true })(refs(w)) as [[Tensor, Named], Named];
      const now = t.add(1);
      const correction = (beta: number): Tensor => np.subtract(1, np.exp(now.ref.mul(Math.log(beta))));
      const [c1, c2] = [correction(BETA1), correction(BETA2)];
      const next: [Named, Named, Named] = [{}, {}, {}];
      for (const [name, p] of Object.entries(w)) {
        const g = gradient[name]!;
        const first = m1[name]!.mul(BETA1).add(g.ref.mul(1 - BETA1));
        const second = m2[name]!.mul(BETA2).add(np.square(g).mul(1 - BETA2));
        const direction = first.ref.div(c1.ref).div(np.sqrt(second.ref.div(c2.ref)).add(EPS));
        next[0][name] = p.sub(direction.mul(RATE));
        next[1][name] = first;
        next[2][name] = second;
      }
      c1.dispose();
      c2.dispose();
      return [...next, now, moved, value] as [Named, Named, Named, Tensor, Named, Tensor];
    },
  );
  const training = (next: () => { x: Tensor; y: Tensor }, masked: Named): Task<Named> => {
    const w = weights();
    let state: [Named, Named, Named, Tensor, Named] = [w, zeros(w), zeros(w), np.array(0), statistics()];
    return {
      run: async () => {
        const { x, y } = next();
        const [w1, m1, m2, t, running, value] = update(...state, refs(masked), x, y);
        state = [w1, m1, m2, t, running];
        await blockUntilReady([value, w1]);
        return { loss: value };
      },
      outputs: read,
      release: dispose,
    };
  };

  const task = (f: (...args: Tensor[]) => Tensor, ...args: Tensor[]): Task<Named> => {
    const run = jit(f);
    return {
      run: async () => {
        const y = run(...args.map((x) => x.ref));
        await blockUntilReady(y);
        return { y };
      },
      outputs: read,
      release: dispose,
    };
  };
  const convolutions: Record<Direction, (x: Tensor, f: Tensor, g: Tensor) => Tensor> = {
    forward: (x, f, g) => {
      g.dispose();
      return conv(x, f);
    },
    input: (x, f, g) => {
      const [y, pull] = vjp((z: Tensor) => conv(z, f), [x]);
      y.dispose();
      return (pull(g) as [Tensor])[0];
    },
    weight: (x, f, g) => {
      const [y, pull] = vjp((z: Tensor) => conv(x, z), [f]);
      y.dispose();
      return (pull(g) as [Tensor])[0];
    },
  };
  /** The derivatives of the gated network in its weights or masks. */
  const lossOf = (w: Named, m: Named, x: Tensor, y: Tensor): Tensor => {
    const [value, moved] = loss(w, m, x, y, statistics());
    dispose(moved);
    return value;
  };
  const derivative = (f: (w: Named, m: Named, x: Tensor, y: Tensor) => Named): Task<Named> => {
    const [w, m, { x, y }] = [weights(), masks(), batch(BATCH)];
    const run = jit(f);
    return {
      run: async () => {
        const all = run(refs(w), refs(m), x.ref, y.ref);
        await blockUntilReady(all);
        return all;
      },
      outputs: read,
      release: dispose,
    };
  };

  const prepare = (job: Job): Task<Named> => {
    switch (job.kind) {
      case 'matmul':
        return task((a, b) => np.matmul(a!, b!), tensor(`matmul${job.size}/a`), tensor(`matmul${job.size}/b`));
      case 'conv': {
        const [x, f, g] = ['x', 'f', 'g'].map((name) => tensor(`layer${job.layer}/${name}`));
        return task((a, b, c) => convolutions[job.direction](a!, b!, c!), x!, f!, g!);
      }
      case 'add':
        return task((a, b) => a!.add(b!), np.array([1]), np.array([2]));
      case 'step': {
        const { x, y } = batch(job.batch);
        return training(() => ({ x: x.ref, y: y.ref }), masks());
      }
      case 'loop': {
        const [images, strengths, order] = ['images', 'strengths', 'order'].map((name) => inputs(`rows/${name}`).data);
        let at = 0;
        return training(() => {
          if (at + BATCH > order!.length) at = 0;
          const chosen = order!.subarray(at, (at += BATCH));
          const x = new Float32Array(BATCH * 324);
          chosen.forEach((row, i) => x.set(images!.subarray(row * 324, (row + 1) * 324), i * 324));
          return rows(
            x,
            Float32Array.from(chosen, (row) => strengths![row]!),
            BATCH,
          );
        }, {});
      }
      case 'gradient':
        return derivative((w, m, x, y) => grad((v: Named) => lossOf(v, m, x, y))(w) as Named);
      case 'mixed':
        // Forward over reverse: the derivative, along half the weights, of the gradient in the
        // masks.
        return derivative((w, m, x, y) => {
          const half = Object.fromEntries(Object.entries(w).map(([name, p]) => [name, p.ref.mul(0.5)]));
          const inMasks = (v: Named): Named => grad((k: Named) => lossOf(v, k, x.ref, y.ref))(refs(m)) as Named;
          const [gradient, product] = jvp(inMasks, [w], [half]) as [Named, Named];
          dispose(gradient);
          return product;
        });
      case 'bi-rpt':
        throw new Error('not written for this library');
    }
  };

  const manifest = readFileSync(new URL('../node_modules/@jax-js/jax/package.json', import.meta.url), 'utf8');
  const threads = setting === 'threads' ? `${availableParallelism()} threads, by a Worker that Node lacks` : '1 thread';
  return {
    versions: { 'jax-js': (JSON.parse(manifest) as { version: string }).version, node: process.versions.node },
    setting: `wasm, jit, SIMD (relaxed where the engine has it), ${threads}`,
    prepare: (job) => prepare(job) as Task,
  };
}

export const start =
  (setting: string): Start =>
  (inputs) =>
    load(inputs, setting);
