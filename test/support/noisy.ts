import { reference, type Backend, type Buffer } from 'bigrad';
import { drawer } from '../../src/testing/draw.js';

/** Noise, relative to a number: a few roundings to float32. */
const NOISE = 2 ** -20;

/**
 * The reference device, but that float32 inputs and results of ops are off by a few roundings, up
 * or down at random. How far its results lie from those of the reference device tells what float32
 * can promise of a call (Monte Carlo arithmetic).
 */
export function noisy(seed: number): Backend {
  const draw = drawer(seed);
  const blur = (data: Buffer): void => {
    if (data instanceof Float32Array)
      data.forEach((v, i) => {
        data[i] = v * (1 + Math.sign(draw()) * NOISE);
      });
  };
  return {
    ...reference,
    run: (op, ins, outs, attrs) => {
      const made = reference.run(op, ins, outs, attrs) as readonly { readonly data: Buffer }[];
      if (!op.view) for (const { data } of made) blur(data); // which is theirs alone
      return made;
    },
    upload: (data, shape) => {
      const copy = data.slice();
      blur(copy);
      return reference.upload(copy, shape);
    },
  };
}
