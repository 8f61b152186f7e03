import { compile, type PlanStats, type Tensor } from 'bigrad';
import { same } from './same.js';

/** Runs `f` eagerly and, twice, compiled; what the plan costs. */
export function ran(f: (...xs: Tensor[]) => unknown, xs: readonly Tensor[], tolerance = 0): PlanStats {
  const compiled = compile(f);
  const expected = f(...xs);
  same(compiled(...xs), expected, tolerance, 'the first call,');
  same(compiled(...xs), expected, tolerance, 'the second call,');
  return compiled.stats!;
}

/** Steps of the plan of a function of one tensor, whose results are those of eager ops to 1e-6. */
export const stepsOf = (f: (x: Tensor) => unknown, x: Tensor): number => ran(f, [x], 1e-6).steps;
