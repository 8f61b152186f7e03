/** `p` applications of a pure step, state = step(state, i) for i = 0 .. p-1; differentiable because the step is. */
export function unroll<S>(step: (state: S, i: number) => S, state: S, p: number): S {
  if (!Number.isInteger(p) || p < 0) throw new RangeError(`unroll: expected a non-negative number of steps, got ${p}`);
  for (let i = 0; i < p; i++) state = step(state, i);
  return state;
}
