import assert from 'node:assert/strict';
import { compile, cpu, dot, grad, leaves, reference, type Backend, type Tensor } from 'bigrad';
import { values } from '../support/close.js';
import { made, readCalls, resultsOf, type OracleCall } from './calls.js';

const calls = readCalls();
/** Relative to the larger of 1 and the largest element. */
const TOLERANCE = 1e-11;

const isFloat = (x: Tensor): boolean => x.dtype !== 'int32';
const floats = (tree: unknown): Tensor[] => leaves(tree).filter(isFloat);

/** Values, gradient and second derivative of a call, as the table has them. */
function found(call: OracleCall, device: Backend): Record<'outputs' | 'first' | 'second', Tensor[]> {
  const xs = call.inputs.map((x) => made(x, device));
  const [weights, directions] = [call.weights, call.directions].map((list) => list.map((x) => made(x, device)));
  const total = (ys: readonly Tensor[]): Tensor => dot(floats(resultsOf(call, ys)), weights);
  const first = grad(total);
  const slope = (ys: readonly Tensor[]): Tensor => dot(floats(first(ys)), directions);
  return { outputs: resultsOf(call, xs), first: floats(first(xs)), second: floats(grad(slope)(xs)) };
}

function check(got: readonly Tensor[], want: OracleCall['outputs'], what: string): void {
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

describe('single calls give what PyTorch gives, with two derivatives', () => {
  for (const [i, call] of calls.entries())
    it(`${call.op}, call ${i}`, () => {
      for (const device of [reference, cpu]) {
        const got = found(call, device);
        for (const what of ['outputs', 'first', 'second'] as const)
          check(got[what], call[what], `${call.op} on ${device.name}: ${what}`);
      }
    });

  it('compiled too, but for those that read values', () => {
    for (const call of calls.filter(({ op }) => op !== 'unique')) {
      const f = compile((xs: readonly Tensor[]) => resultsOf(call, xs));
      check(f(call.inputs.map((x) => made(x, cpu))), call.outputs, call.op);
    }
  });

  it('and a digit, a shape or a NaN elsewhere would be noticed', () => {
    const wrong = { shape: [2], data: [1, NaN], int: false };
    for (const x of [
      { ...wrong, data: [1 + 1e-9, NaN] },
      { ...wrong, data: [NaN, 1] },
      { ...wrong, shape: [2, 1] },
    ])
      assert.throws(() => {
        check([made(x, reference)], [wrong], 'x');
      });
    check([made(wrong, reference)], [wrong], 'x');
  });
});
