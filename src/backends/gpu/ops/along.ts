import { offAxis } from '../../../core/check.js';
import { aroundAxis } from '../../../core/shape.js';
import type { ArgsortAttrs, SearchAttrs } from '../../../ops/sort.js';
import type { AlongAttrs } from '../../../ops/take-along.js';
import { hostIntegers } from '../engine/host.js';
import type { Launcher } from '../engine/launcher.js';
import type { Window } from '../engine/memory.js';
import type { EntryTable } from './entry.js';

/** Constants of indices along an axis; those outside are refused wherever they can be seen. */
function along(gpu: Launcher, indices: Window, attrs: AlongAttrs) {
  const { axis, length, least } = attrs;
  for (const i of hostIntegers(gpu, indices)) if (i < least || i >= length) throw offAxis(attrs, i);
  const [, count, inner] = aroundAxis(indices.view.shape, axis);
  return { length, count, inner };
}

/** Indices along an axis, and orders that sort it: every element looks at all others of its row. */
export const alongAxis: EntryTable = {
  takeAlong: (gpu, [x, indices], [out], attrs: AlongAttrs) => [
    gpu.kernel('takeAlong', [x!, indices!], out!.shape, along(gpu, indices!, attrs)),
  ],
  takeAlongAdjoint: (gpu, [g, indices], [out], attrs: AlongAttrs) => [
    gpu.kernel('takeAlongAdjoint', [g!, indices!], out!.shape, along(gpu, indices!, attrs)),
  ],
  scatterSet: (gpu, [x, indices, values], [out], attrs: AlongAttrs) => [
    gpu.kernel('scatterSet', [x!, indices!, values!], out!.shape, along(gpu, indices!, attrs)),
  ],
  takeWritten: (gpu, [g, indices], [out], attrs: AlongAttrs) => [
    gpu.kernel('takeWritten', [g!, indices!], out!.shape, along(gpu, indices!, attrs)),
  ],
  argsort: (gpu, [x], [out], { axis, descending, first }: ArgsortAttrs) => {
    const [, length, inner] = aroundAxis(x!.view.shape, axis);
    const ranks = gpu.kernel('rankAlong', [x!], x!.view.shape, { length, inner, sign: descending ? -1 : 1 });
    return [gpu.kernel('placeAlong', [ranks], out!.shape, { length, inner, count: first })];
  },
  searchSorted: (gpu, [sorted, values], [out], { right }: SearchAttrs) => [
    gpu.kernel('searchSorted', [sorted!, values!], out!.shape, {
      length: sorted!.view.shape[1]!,
      count: out!.shape[1]!,
      right: right ? 1 : 0,
    }),
  ],
};
