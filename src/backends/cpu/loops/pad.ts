import { mergeAxes, offsetsOf } from '../../../core/view.js';
import { stridesOf } from '../../../core/shape.js';
import type { PadAttrs } from '../../../ops/movement.js';
import type { KernelTable } from './kernel.js';

const LONG_RUN = 16; // elements from which `set` beats a loop

/** Copies runs of elements that follow one another on both sides; others go by the definition. */
export const pad: KernelTable = {
  pad: ([out], [x], { lo, step, to, value }: PadAttrs) => {
    const own = stridesOf(to);
    const { shape, strides } = mergeAxes(x!.shape, [x!.stride, own.map((s, i) => s * step[i]!)]);
    const [from, at] = strides as [number[], number[]];
    const length = shape.at(-1) ?? 1;
    if (x!.size === 0 || length < LONG_RUN || from.at(-1) !== 1 || at.at(-1) !== 1) return false;
    if (!Object.is(value, 0)) out!.data.fill(value);
    const first = lo.reduce((sum, l, i) => sum + l * own[i]!, 0);
    const targets = offsetsOf(shape.slice(0, -1), at.slice(0, -1), first);
    offsetsOf(shape.slice(0, -1), from.slice(0, -1), x!.offset).forEach((source, run) => {
      out!.data.set(x!.data.subarray(source, source + length), targets[run]);
    });
    return true;
  },
};
