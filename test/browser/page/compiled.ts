import { compile, grad, leaves, reference, transpose, type Backend, type Tensor } from 'bigrad';
import { gpu, type Mode } from 'bigrad/gpu';
import { batch, biRpt, chains, loss, mask, net, optimizer, trainingStep, wave } from '../../backends/gpu/programs.js';

/**
 * What compiled functions give on a device: their largest errors, what they launch beside eager
 * ones, and the live buffers of a training loop.
 */
export interface Compiled {
  readonly errors: Readonly<Record<string, number>>;
  readonly launches: Readonly<Record<string, readonly [compiled: number, eager: number]>>;
  readonly buffers: readonly number[];
}

const programs: Readonly<
  Record<string, readonly [f: (...args: never[]) => unknown, args: (device: Backend) => unknown[]]>
> = {
  chains: [chains, (d) => [wave(d, [3, 4]), transpose(wave(d, [4, 3], 1)), 1.5]],
  gradient: [grad(loss), (d) => [net(d), [mask(d, 1)], batch(d, 3)]],
  training: [trainingStep, (d) => [net(d), optimizer.init(net(d)), batch(d, 1)]],
  biRpt: [biRpt, (d) => [net(d), mask(d, 1), mask(d, 2), batch(d, 3), batch(d, 5), 0.1]],
};

/**
 * The compiled programs of the tests on a mode, beside their eager selves and the reference device.
 */
export async function compiled(mode: Mode): Promise<Compiled> {
  const device = await gpu({ mode });
  const errors: Record<string, number> = {};
  const launches: Record<string, readonly [number, number]> = {};
  for (const [name, [f, args]] of Object.entries(programs)) {
    const run = f as (...args: unknown[]) => unknown;
    const count = async (call: (...args: unknown[]) => unknown): Promise<[number, Tensor[]]> => {
      const given = args(device);
      const before = device.describe().launches;
      const results = leaves(call(...given));
      const made = device.describe().launches - before;
      await Promise.all(results.map((x) => x.read()));
      return [made, results];
    };
    const fast = compile(run);
    await count(fast); // makes the plan, constants included
    const [mine, got] = await count(fast);
    launches[name] = [mine, (await count(run))[0]];
    const wanted = leaves(run(...args(reference))).map((x) => x.readSync());
    errors[name] = 0;
    for (const [i, x] of got.entries())
      (await x.read()).forEach((v, k) => {
        const error = Math.abs(v - wanted[i]![k]!);
        if (!(error <= errors[name]!)) errors[name] = error;
      });
  }
  device.dispose();
  return { errors, launches, buffers: await trained(mode) };
}

/** Live buffers at every 20th of 100 steps whose state is donated. */
async function trained(mode: Mode): Promise<number[]> {
  const device = await gpu({ mode });
  const step = compile(trainingStep, { donate: [0, 1] });
  const b = batch(device, 4);
  let w = net(device);
  let s = optimizer.init(w);
  const buffers: number[] = [];
  for (let i = 0; i <= 100; i++) {
    let value: Tensor;
    [w, s, value] = step(w, s, b);
    if (i % 20 === 0) await Promise.all(leaves([w, s, value]).map((x) => x.read()));
    device.dispose(value);
    if (i % 20 === 0 && i > 0) buffers.push(device.memory().buffers);
  }
  device.dispose();
  return buffers;
}
