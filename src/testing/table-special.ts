import * as op from '../ops/index.js';
import { awayFrom0, call, entry, positive, single, type OpEntry } from './op-case.js';

const inside = (u: number): number => 0.8 * u;
/** Below -0.5 and above 0.6, away from the poles of the gamma function. */
const besidePoles = (u: number): number => (u < 0 ? 0.3 * u - 0.55 : 0.6 + 2 * u);

const pair = (
  name: 'mod' | 'atan2' | 'logAddExp',
  left?: (u: number) => number,
  right?: (u: number) => number,
): OpEntry => entry(name, [call('[2,1] and [3]', (m) => [m([2, 1], left), m([3], right)], op[name])]);

/** Trigonometric, hyperbolic and special functions, and rounding. */
export const special: readonly OpEntry[] = [
  single('ceil', (u) => 3 * awayFrom0(u), 0),
  single('round', (u) => 3 * awayFrom0(u), 0),
  pair(
    'mod',
    (u) => 2.5 + 0.4 * u,
    (u) => 1 + 0.01 * u,
  ),
  ...(['tan', 'atan', 'sinh', 'cosh', 'asinh', 'sinc'] as const).map((name) => single(name)),
  ...(['asin', 'acos', 'atanh', 'erfinv'] as const).map((name) => single(name, inside)),
  single('acosh', (u) => 1 + positive(u)),
  pair('atan2', positive),
  single('lgamma', besidePoles, 3),
  single('digamma', besidePoles),
  pair('logAddExp'),
];
