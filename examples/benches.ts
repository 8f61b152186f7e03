import { DIGITS } from './digits/bench.js';
import { IMAGES } from './images/bench.js';
import type { Bench } from './lab/records.js';
import { ALLOYS } from './x-yield/bench.js';

/** The testbeds that a command can name, the default first. */
export const BENCHES: readonly Bench<unknown>[] = [ALLOYS, ...DIGITS, IMAGES];
