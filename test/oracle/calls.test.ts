import assert from 'node:assert/strict';
import { compile, cpu, reference, type Tensor } from 'bigrad';
import { made, readCalls, resultsOf } from './calls.js';
import { check, found } from './check.js';

const calls = readCalls();

describe('single calls give what PyTorch gives, with two derivatives', () => {
  for (const [i, call] of calls.entries())
    it(`${call.op}, call ${i}`, () => {
      for (const device of [reference, cpu]) {
        const got = found(call, device, resultsOf);
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
