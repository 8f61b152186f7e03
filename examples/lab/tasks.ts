import { cast, reshape, type Tensor } from 'bigrad';
import { crossEntropy, meanSquaredError } from 'bigrad/nn';
import { accuracy, meanSquaredError as meanSquare } from '../x-yield/metrics.js';
import type { Metric, Prediction, Task } from './records.js';

type Named<I> = Pick<Task<I>, 'name' | 'title' | 'label'>;

const first = (predictions: readonly Prediction[]): number[] => predictions.map((p) => p[0]!);
const average = (xs: readonly number[]): number => xs.reduce((s, x) => s + x, 0) / xs.length;

/** The class of the largest probability. */
export const likeliest = (p: Prediction): number => p.indexOf(Math.max(...p));

/** Item by item, what the members of an ensemble say. */
const byItem = <T>(members: readonly (readonly Prediction[])[], f: (said: Prediction[]) => T): T[] =>
  (members[0] ?? []).map((_, i) => f(members.map((m) => m[i]!)));

/** Squared error in the square of a unit. */
const squaredError = (unit: string): Metric => ({
  name: 'MSE',
  unit: `${unit}²`,
  better: 'smaller',
  digits: 3,
  of: (predictions, labels) => meanSquare(first(predictions), labels),
});

const ACCURACY: Metric = {
  name: 'accuracy',
  unit: '%',
  better: 'larger',
  digits: 1,
  of: (predictions, labels) => 100 * accuracy(predictions.map(likeliest), labels),
};

/**
 * A quantity by least squares. An ensemble predicts the mean of its members. The spread of their
 * means, and what they say of their own deviations, make its standard deviation.
 */
export const regression = <I>(named: Named<I>, unit: string): Task<I> => ({
  ...named,
  outputs: 1,
  kind: 'value',
  loss: (outputs: Tensor, labels: Tensor) => meanSquaredError(reshape(outputs, [-1]), labels),
  predictions: (outputs) => outputs.map(([y]) => [y!]),
  combine: (members) =>
    byItem(members, (said) => {
      const mean = average(first(said));
      const variance = average(said.map(([y, sd = 0]) => (y! - mean) ** 2 + sd ** 2));
      return [mean, Math.sqrt(variance)];
    }),
  metrics: [squaredError(unit)],
});

/** One of several classes by cross entropy; an ensemble averages probabilities. */
export const classification = <I>(named: Named<I>, classes: number): Task<I> => ({
  ...named,
  outputs: classes,
  kind: 'class',
  loss: (outputs: Tensor, labels: Tensor) => crossEntropy(outputs, cast(labels, 'int32')),
  predictions: (outputs) => outputs.map(softmax),
  combine: (members) => byItem(members, (said) => said[0]!.map((_, k) => average(said.map((p) => p[k]!)))),
  metrics: [ACCURACY],
});

function softmax(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const powers = logits.map((x) => Math.exp(x - most));
  const sum = powers.reduce((s, x) => s + x, 0);
  return powers.map((x) => x / sum);
}
