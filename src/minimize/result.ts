import { detach } from '../core/storage.js';
import type { Tensor } from '../core/tensor.js';
import { full } from '../ops/index.js';
import type { Questions } from './flat.js';
import { minimumLater } from './later.js';
import type { Minimum, SearchOptions } from './minimum.js';
import type { Limits } from './search.js';
import { hasConverged, rootOfSlopes, settledPoint, teller, type Searched } from './searched.js';

/**
 * The result of a search from x0. Where values are hidden, an op searches when it runs.
 */
export function minimumOf<T, S, Q extends Questions>(
  who: string,
  searched: Searched<T, S, Q>,
  x0: T,
  limits: Limits,
  options: SearchOptions<T>,
): Minimum<T> {
  const { vectors, slopes, asks, seek, value } = searched;
  const { failure = 'error', linear, compile = false } = options;
  const start = detach(vectors.pack(x0));
  const found = seek(asks, start, compile, teller(options, vectors));
  if ('size' in found) return minimumLater(who, searched, found, x0, limits, options);
  const root = rootOfSlopes(who, slopes, settledPoint(who, found, limits, failure), found.watched, linear);
  const x = vectors.unpack(root);
  const { point, steps, evaluations, products, reason } = found;
  const converged = hasConverged(found);
  const int = (n: number): Tensor => full(start.device, [], n, 'int32');
  return {
    x,
    value: value(x),
    ...{ gradientNorm: point.size, steps, evaluations, products, converged, reason },
    report: {
      gradientNorm: full(start.device, [], point.size, start.dtype),
      steps: int(steps),
      evaluations: int(evaluations),
      products: int(products),
      converged: int(Number(converged)),
    },
  };
}
