import { bilevel } from './bilevel.js';
import type { Call } from './call.js';
import { create } from './create.js';
import { debug } from './debug.js';
import { implicit } from './implicit.js';
import { io } from './io.js';
import { searches } from './minimize.js';
import { layers } from './nn.js';
import { ops } from './ops.js';
import { training } from './optim.js';
import { checks } from './testing.js';
import { transforms } from './transforms.js';

/**
 * Valid calls of every public function, by the module that exports it; `bigrad/gpu` apart, whose
 * calls make a device.
 */
export const tables: Readonly<Record<string, readonly Call[]>> = {
  bigrad: [...ops, ...create, ...transforms, ...implicit],
  'bigrad/nn': layers,
  'bigrad/optim': [...training, ...searches],
  'bigrad/bilevel': bilevel,
  'bigrad/debug': debug,
  'bigrad/io': io,
  'bigrad/testing': checks,
};

/** All of them, in a fixed order. */
export const calls: readonly Call[] = Object.values(tables).flat();

export { gpus } from './gpu.js';
export type { Any, Call } from './call.js';
