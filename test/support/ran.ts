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
