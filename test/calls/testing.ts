import fc from 'fast-check';
import * as bigrad from 'bigrad';
import * as testing from 'bigrad/testing';
import { call, type Any, type Call } from './call.js';
import { doubled, x } from './values.js';

const drawn = (a: fc.Arbitrary<unknown>) => fc.sample(a, { numRuns: 5, seed: 3 });
const shapes = () => ({ maxRank: 2, maxLength: 3, minLength: 1 });
const double = () => x([2], 'float64');

/** Calls of `bigrad/testing`. */
export const checks: readonly Call[] = [
  call('shapeArbitrary', () => [shapes()], testing.shapeArbitrary, { options: 0, use: drawn }),
  call('broadcastableArbitrary', () => [2, shapes()], testing.broadcastableArbitrary, { options: 1, use: drawn }),
  call(
    'tensorArbitrary',
    () => [[2, 3], { dtype: 'float32', device: bigrad.cpu, awayFrom: [0], range: [-2, 2] }],
    testing.tensorArbitrary,
    { options: 1, use: drawn },
  ),
  call('tensorArbitrary', () => [testing.shapeArbitrary()], testing.tensorArbitrary, { use: drawn }),
  call(
    'treeArbitrary',
    () => [{ tensors: testing.tensorArbitrary([2]), others: fc.constant(3), maxDepth: 2 }],
    testing.treeArbitrary,
    { options: 0, use: drawn },
  ),
  call(
    'checkGrads',
    () => [
      (...v: unknown[]) => doubled(v),
      [double(), { b: double() }],
      {
        order: 2,
        tolerance: 1e-5,
        seed: 2,
        elements: 1,
        fast: false,
        compile: false,
        vmap: false,
        float32: 1e-3,
        shrink: true,
        name: 'twice',
      },
    ],
    testing.checkGrads,
    {
      options: 2,
      also: ['twice'],
      endless: ['2.order'],
      allow: (place, v) => place === '2.name' && typeof v === 'string',
    },
  ),
  call(
    'parity',
    () => [bigrad.cpu, bigrad.reference, ['add', 'sum'], { dtype: 'float64', tolerance: 1e-6 }],
    testing.parity as (...args: Any[]) => unknown,
    { options: 3 },
  ),
];
