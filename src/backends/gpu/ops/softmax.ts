import type { Shape } from '../../../core/shape.js';
import type { Entry, EntryTable } from './entry.js';
import { hostIntegers } from '../engine/host.js';
import type { Launcher } from '../engine/launcher.js';
import type { Window } from '../engine/memory.js';
import { maxOver, sumOver } from './reduce.js';
import { spread } from './spread.js';

/** The largest element along an axis, and the sum of e^(x - top). */
function topAndTotal(gpu: Launcher, x: Window, axis: number): [Window, Window] {
  const { shape } = x.view;
  const top = maxOver(gpu, x, [axis]);
  const shifted = gpu.map('shiftedExpOf', [x, spread(gpu, top, shape)], shape);
  return [top, sumOver(gpu, shifted, [axis])];
}

const softmaxBy =
  (fn: string): Entry =>
  (gpu, [x], [out], { axis }: { axis: number }) => {
    const { shape } = out!;
    const [top, total] = topAndTotal(gpu, x!, axis);
    return [gpu.map(fn, [x!, spread(gpu, top, shape), spread(gpu, total, shape)], shape)];
  };

/** Labels outside 0 .. k-1 are refused wherever they can be seen. */
function checkLabels(who: string, gpu: Launcher, labels: Window, [, k]: Shape): void {
  hostIntegers(gpu, labels).forEach((c, i) => {
    if (c < 0 || c >= k!) throw new RangeError(`${who}: expected labels from 0 to ${k! - 1}, got ${c} at row ${i}`);
  });
}

/** Softmax and its cross entropy. */
export const softmax: EntryTable = {
  softmax: softmaxBy('softmaxOf'),
  logSoftmax: softmaxBy('logSoftmaxOf'),
  softmaxCrossEntropy: (gpu, [logits, labels], [out], { who }: { who: string }) => {
    checkLabels(who, gpu, labels!, logits!.view.shape);
    const x = gpu.dense(logits!);
    const rows = topAndTotal(gpu, x, 1);
    return [gpu.kernel('crossEntropy', [x, labels!, ...rows], out!.shape, { k: logits!.view.shape[1]! })];
  },
  softmaxCrossEntropyGrad: (gpu, [g, logits, labels], [out], { who }: { who: string }) => {
    checkLabels(who, gpu, labels!, out!.shape);
    const x = gpu.dense(logits!);
    const rows = topAndTotal(gpu, x, 1);
    return [gpu.kernel('crossEntropyGrad', [g!, x, labels!, ...rows], out!.shape, { k: out!.shape[1]! })];
  },
};
