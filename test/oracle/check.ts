import assert from 'node:assert/strict';
import { dot, grad, leaves, type Backend, type Tensor } from 'bigrad';
import { values } from '../support/close.js';
import { made, type OracleCall } from './calls.js';

/** The results of a call on tensors. */
export type ResultsOf = (call: OracleCall, xs: readonly Tensor[]) => readonly Tensor[];

/** Relative to the larger of 1 and the largest element. */
const TOLERANCE = 1e-11;

const isFloat = (x: Tensor): boolean => x.dtype !== 'int32';
const floats = (tree: unknown): Tensor[] => leaves(tree).filter(isFloat);

/** Values, gradient and second derivative of a call, as the table has them. */
export function found(
  call: OracleCall,
  device: Backend,
  resultsOf: ResultsOf,
): Record<'outputs' | 'first' | 'second', readonly Tensor[]> {
  const xs = call.inputs.map((x) => made(x, device));
  const [weights, directions] = [call.weights, call.directions].map((list) => list.map((x) => made(x, device)));
  const total = (ys: readonly Tensor[]): Tensor => dot(floats(resultsOf(call, ys)), weights);
  const first = grad(total);
  const slope = (ys: readonly Tensor[]): Tensor => dot(floats(first(ys)), directions);
  return { outputs: resultsOf(call, xs), first: floats(first(xs)), second: floats(grad(slope)(xs)) };
}

/** Asserts that tensors are what is written. */
export function check(got: readonly Tensor[], want: OracleCall['outputs'], what: string): void {
  assert.equal(got.length, want.length, what);
  got.forEach((x, i) => {
    const { shape, data } = want[i]!;
    assert.deepEqual(x.shape, shape, what);
    const scale = Math.max(1, ...data.map(Math.abs).filter(Number.isFinite));
    values(x).forEach((v, k) => {
      const right = Object.is(v, data[k]) || Math.abs(v - data[k]!) <= TOLERANCE * scale;
      assert.ok(right, `${what} ${i}, element ${k}: expected ${data[k]}, got ${v}`);
    });
  });
}
