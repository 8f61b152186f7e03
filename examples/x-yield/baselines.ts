import type { Alloy, Measurement } from './alloy.js';
import { yieldStrength } from './simulator.js';

/** A predicted yield strength in GPa. */
export type Predictor = (alloy: Alloy) => number;

/** Learns a predictor from measurements; throws a `RangeError` when it needs some and gets none. */
export type Baseline = (train: readonly Measurement[]) => Predictor;

/** The mean strength of the training points, whatever the alloy. */
export const meanPredictor: Baseline = (train) => {
  const mean = average(train, (measurement) => measurement.strength);
  return () => mean;
};

/** The simulated strength, whatever the training points. */
export const rawSimulation: Baseline = () => (alloy) => yieldStrength(alloy.fractions, alloy.temperature);

/**
 * Least squares on one, temperature and simulated strength: `y = a + b T + c s`, from the 2 x 2
 * normal equations of the centred columns.
 *
 * Columns that are constant or collinear, as with one or two points, get a ridge of a millionth of
 * their variance, which picks (nearly) the smallest slopes that fit.
 */
export const linearInSimulation: Baseline = (train) => {
  const kilokelvin = (alloy: Alloy) => alloy.temperature / 1000; // comparable in size with GPa
  const simulated = rawSimulation(train);
  const [t0, s0, y0] = [average(train, kilokelvin), average(train, simulated), average(train, (m) => m.strength)];
  let [tt, ts, ss, ty, sy] = [0, 0, 0, 0, 0];
  for (const measurement of train) {
    const [t, s, y] = [kilokelvin(measurement) - t0, simulated(measurement) - s0, measurement.strength - y0];
    tt += t * t;
    ts += t * s;
    ss += s * s;
    ty += t * y;
    sy += s * y;
  }
  if (tt * ss - ts * ts <= 1e-10 * tt * ss) {
    const ridge = 1e-6 * (tt + ss) || 1;
    tt += ridge;
    ss += ridge;
  }
  const determinant = tt * ss - ts * ts;
  const b = (ty * ss - sy * ts) / determinant;
  const c = (sy * tt - ty * ts) / determinant;
  return (alloy) => y0 + b * (kilokelvin(alloy) - t0) + c * (simulated(alloy) - s0);
};

function average(train: readonly Measurement[], value: (measurement: Measurement) => number): number {
  if (train.length === 0) throw new RangeError('expected at least one training point, found none');
  return train.reduce((sum, measurement) => sum + value(measurement), 0) / train.length;
}
