/** f'(0) by differences, and how far it may be off. */
export interface Estimate {
  readonly value: number;
  readonly error: number;
}

/** The step that is tried first. */
const STEP = 1e-3;
/** How often the step is halved. */
const HALVINGS = 8;

/** f'(0) by the five-point rule: off by about h^4 times the fifth derivative, and by 1e-16 / h. */
export const difference = (f: (h: number) => number, h = STEP): number =>
  (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);

/**
 * f'(0) by the step whose half changes it least. That change is the error. One halving divides the
 * error by 16 at most, so a change that is smaller than 1/16 of the one before is a coincidence.
 * The error is infinite where no two steps give numbers.
 */
export function settled(f: (h: number) => number): Estimate {
  let best: Estimate = { value: difference(f), error: Infinity };
  let [last, before] = [best.value, 0];
  for (let k = 1; k <= HALVINGS; k++) {
    const value = difference(f, STEP / 2 ** k);
    const change = Math.abs(value - last);
    const error = Math.max(change, before / 16);
    if (error < best.error) best = { value, error };
    [last, before] = [value, Number.isFinite(change) ? change : 0];
  }
  return best;
}
