import assert from 'node:assert/strict';
import type { Tensor } from 'bigrad';
import { checkGrads, GradientError } from 'bigrad/testing';
import { defineOp, type One, type Op } from '../../src/core/op.js';
import { f64 } from './numbers.js';

/** Where the rules of tests are looked at. */
export const x = f64([0.4, -0.7, 1.1]);

type Rule = (g: Tensor, x: Tensor, out: Tensor) => Tensor;

/** An op of one input with a rule that may be wrong. */
export function planted(name: string, f: (x: number) => number, rule: Rule): (x: Tensor) => Tensor {
  const op: Op<One, null> = defineOp<One, null>({
    name,
    shape: ([s]) => s,
    ref: (out, [a]) => {
      a.data.forEach((v, i) => {
        out.data[i] = f(v);
      });
    },
    vjp: [(g, [a], _, out) => rule(g, a, out)],
  });
  return (a) => op([a], null);
}

/** The error that checkGrads must throw. */
export function caught(
  name: string,
  f: (...xs: Tensor[]) => unknown,
  args: Tensor[] = [x],
  options = {},
): GradientError {
  let error: unknown;
  try {
    checkGrads(f, args, { name, shrink: false, ...options });
  } catch (e) {
    error = e;
  }
  assert.ok(error instanceof GradientError, `expected a GradientError, got ${String(error)}`);
  assert.equal(error.op, name);
  return error;
}
