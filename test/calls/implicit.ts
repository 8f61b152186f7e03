import * as bigrad from 'bigrad';
import { call, type Any, type Call } from './call.js';
import { mapped, x } from './values.js';

const { mul } = bigrad;
const tree = () => ({ w: x([2]), b: [x([1, 2]), x([])] });
const scaled = (by: number) => (v: unknown) => mapped(v, (t) => (t.dtype === 'int32' ? t : mul(t, by)));
const linear = () => ({ method: 'gmres', tolerance: 1e-4, maxSteps: 20, restart: 5, scale: 0.4, failure: 'report' });
const solver = () => ({ ...linear(), ridge: 0.5, preconditioner: scaled(0.5) });
const root = () => ({ tolerance: 1e-3, failure: 'report', linear: linear() });
const solved = () => ({ x: tree(), steps: 2 });

/** Calls of solvers, and of the functions that they return. */
export const implicit: readonly Call[] = [
  call('linearSolve', () => [scaled(2), tree(), solver()], bigrad.linearSolve as Call['call'], {
    options: 2,
    trees: [1],
    endless: ['2.maxSteps'],
    allow: (place, v) => place === '2.ridge' && (v instanceof bigrad.Tensor || typeof v === 'number'),
  }),
  call('customRoot', () => [scaled(0), solved, root()], bigrad.customRoot as Call['call'], {
    options: 2,
    use: (f: Any) => f(),
    endless: ['2.linear.maxSteps'],
  }),
  call(
    'customRoot()',
    () => [tree()],
    bigrad.customRoot((v: unknown) => scaled(0)(v) as Any, solved),
    {
      trees: [0],
    },
  ),
  call('customFixedPoint', () => [scaled(1), solved, root()], bigrad.customFixedPoint as Call['call'], {
    options: 2,
    use: (f: Any) => f(),
    endless: ['2.linear.maxSteps'],
  }),
  call(
    'customFixedPoint()',
    () => [tree()],
    bigrad.customFixedPoint((v: unknown) => scaled(1)(v) as Any, solved),
    { trees: [0] },
  ),
  call('fixedPoint', () => [scaled(0.5), tree(), { ...root(), maxSteps: 20 }], bigrad.fixedPoint as Call['call'], {
    options: 2,
    trees: [1],
    endless: ['2.maxSteps', '2.linear.maxSteps'],
  }),
];
