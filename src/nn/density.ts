import { isFloat } from '../core/dtype.js';
import { checkReadable, type Tensor } from '../core/tensor.js';
import { leavesOf, mapLeaves } from '../core/tree.js';
import { add, cast, div, equal, notEqual, sum, where } from '../ops/index.js';

/**
 * The fraction of all masks that are not 0, as a scalar tensor; NaN if any mask is.
 * @example
 * density({ weight: tensor([1, 0, 0, 1]) }); // float32[] on cpu 0.5
 */
export function density(masks: unknown): Tensor {
  const all = leavesOf('density', masks);
  const [first] = all;
  for (const m of all) checkReadable('density', m);
  if (!first) throw new TypeError('density: expected a tree with at least one mask');
  const { dtype } = kept(first);
  return div(
    all.map((m) => cast(kept(m), dtype)).reduce((x, y) => add(x, y)),
    all.reduce((n, m) => n + m.size, 0),
  );
}

/**
 * The fraction of masks that are not 0, leaf by leaf, as scalar tensors; NaN where any is.
 * @example
 * layerDensity({ first: tensor([1, 0]), second: tensor([1, 1]) });
 * // { first: float32[] on cpu 0.5, second: float32[] on cpu 1 }
 */
export const layerDensity = <M>(masks: M): M =>
  mapLeaves(
    'layerDensity',
    (m) => div(kept(m), m.size),
    (leaf) => leaf,
    masks,
  ) as M;

/** How many elements of a mask are not 0; NaN if any is. */
function kept(mask: Tensor): Tensor {
  const m = isFloat(mask.dtype) ? mask : cast(mask, 'float32');
  return sum(where(equal(m, m), notEqual(m, 0), NaN));
}
