import { compiled } from './compiled.js';
import { cpuDevice } from './cpu.js';
import { parityOf } from './parity.js';
import { facts, reading } from './reading.js';
import { wrongSizes } from './sizes.js';
import { denormals, precision, sineError, specialValues } from './special.js';
import { refusal, threads } from './threads.js';
import { training } from './training.js';

/** What the tests call in the page. */
const functions = {
  compiled,
  cpuDevice,
  parityOf,
  specialValues,
  denormals,
  sineError,
  precision,
  training,
  reading,
  facts,
  threads,
  refusal,
  wrongSizes,
};

export type Functions = typeof functions;
Object.assign(globalThis, functions, { ready: true });
