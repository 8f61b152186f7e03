import type { Backend, Tensor } from '../core/tensor.js';
import { concat, reshape, slice } from '../ops/index.js';
import { loop, type Course, type Step } from './loop.js';

/** The device that a trace is for, where one of the tensors is of it, if its plans run loops. */
export function loopDevice(xs: readonly Tensor[]): Backend | undefined {
  for (const x of xs) {
    const inner = x.device.beneath?.(x);
    const device = inner ? loopDevice([inner]) : x.device.tracedFor;
    if (device?.loops) return device;
  }
  return undefined;
}

/**
 * A loop in a trace, in segments: a loop over these, whose step is a loop. Its pullback keeps what
 * is carried at the start of each segment, and what one segment needs. Slices that do not fill a
 * segment come last.
 */
export function loopInSegments(
  step: Step,
  carry: readonly Tensor[],
  xs: readonly Tensor[],
  { segment, ...course }: Course & { readonly segment: number },
): { readonly carry: readonly Tensor[]; readonly ys: readonly Tensor[] } {
  const { length, reverse } = course;
  if (segment >= length) return loop(step, carry, xs, course);
  const times = Math.floor(length / segment);
  const whole = times * segment;
  const rest = length - whole;
  const inSegment: Step = (_, c, some) => loop(step, c, some, { ...course, length: segment });
  const first = reverse ? rest : 0;
  const segments = xs.map((x) => {
    const some = partOf(x, first, whole);
    return reshape(some, [times, segment, ...some.shape.slice(1)]);
  });
  const { carry: next, ys } = loop(inSegment, carry, segments, { ...course, length: times });
  const joined = ys.map((y) => reshape(y, [whole, ...y.shape.slice(2)]));
  if (rest === 0) return { carry: next, ys: joined };
  const others = xs.map((x) => partOf(x, reverse ? 0 : whole, rest));
  const end = loop(step, next, others, { ...course, length: rest });
  return { carry: end.carry, ys: joined.map((y, k) => concat(reverse ? [end.ys[k]!, y] : [y, end.ys[k]!])) };
}

/** `length` slices along the first axis, from one on. */
const partOf = (x: Tensor, from: number, length: number): Tensor =>
  slice(x, [from, ...x.shape.slice(1).map(() => 0)], [length, ...x.shape.slice(1)]);
