import type { Tensor } from 'bigrad';
import type { TrunkMasks, Weights } from '../network.js';

interface Layers {
  readonly trunk: Weights['trunk'];
  readonly simulated: Weights['simulated'];
}

/** Weights, or their gradients, under the names that all libraries use. */
export function namedWeights({ trunk, simulated }: Layers): Record<string, Tensor> {
  const [conv0, norm0, , , conv1, norm1, , , conv2, norm2, , , linear] = trunk;
  const named: [string, object][] = [
    ...Object.entries({ conv0, norm0, conv1, norm1, conv2, norm2, linear }),
    ['head', simulated],
  ];
  return Object.fromEntries(
    named.flatMap(([layer, parameters]) =>
      Object.entries(parameters).map(([name, x]): [string, Tensor] => [`${layer}/${name}`, x as Tensor]),
    ),
  );
}

/** Masks, or their gradients, under the names that all libraries use. */
export const namedMasks = ([first, , , , second, , , , third]: TrunkMasks): Record<string, Tensor> =>
  Object.fromEntries([first, second, third].map((mask, i) => [`mask${i}`, mask!.weight!]));
