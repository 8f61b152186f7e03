import { methodsOf } from '../core/check.js';
import { isFloat } from '../core/dtype.js';
import { kindOf, show } from '../core/words.js';
import type { Tensor } from '../core/tensor.js';
import { checkTensor } from '../core/op.js';
import { sameShape } from '../core/shape.js';
import { mapFor, type Gradient } from '../core/tree.js';
import type { GradientTransform } from './clip.js';
import { aStep, type Optimizer } from './optimizer.js';

/**
 * An optimizer whose gradients first pass through the transforms, in order:
 * `chain(clipByGlobalNorm(1), adam({ learningRate }))`.
 * @example
 * const optimizer = chain(clipByGlobalNorm(1), sgd({ learningRate: 1 }));
 * const w = tensor([0, 0]);
 * optimizer.update(tensor([30, 40]), optimizer.init(w), w)[0]; // float32[2] on cpu [-0.6, -0.8]
 */
export function chain<S>(...parts: readonly [...GradientTransform[], Optimizer<S>]): Optimizer<S> {
  const optimizer = methodsOf('chain', 'an optimizer at the end', parts.at(-1) as Optimizer<S>, ['init', 'update']);
  const transforms = parts.slice(0, -1) as GradientTransform[];
  for (const t of transforms as unknown[])
    if (typeof t !== 'function')
      throw new TypeError(`chain: expected gradient transforms before the optimizer, got ${kindOf(t)}`);
  return {
    init: (params) => optimizer.init(params),
    update: <P>(grads: Gradient<P>, state: S, params: P) =>
      optimizer.update(
        transforms.reduce((g, transform) => transform(g, params), grads),
        state,
        params,
      ),
  };
}

/**
 * An optimizer that ends each step with a proximal step on every parameter: `proximal(sgd({
 * learningRate }), (w) => softThreshold(w, 1e-4))`.
 * @param prox what becomes of each parameter after the step
 * @example
 * const optimizer = proximal(sgd({ learningRate: 1 }), (w) => softThreshold(w, 0.5));
 * const w = tensor([0.2, 2]);
 * optimizer.update(tensor([0, 0]), optimizer.init(w), w)[0]; // float32[2] on cpu [0, 1.5]
 */
export function proximal<S>(given: Optimizer<S>, prox: (parameter: Tensor) => Tensor): Optimizer<S> {
  const optimizer = methodsOf('proximal', 'an optimizer', given, ['init', 'update']);
  if (typeof prox !== 'function') throw new TypeError(`proximal: expected a function, got ${kindOf(prox)}`);
  const proxOf = (p: Tensor): Tensor => {
    const x = checkTensor('proximal', prox(p));
    if (!sameShape(x.shape, p.shape) || x.dtype !== p.dtype)
      throw new RangeError(
        `proximal: expected prox to give ${p.dtype} ${show(p.shape)}, got ${x.dtype} ${show(x.shape)}`,
      );
    return x;
  };
  return {
    init: (params) => optimizer.init(params),
    update: (grads, state, params) => {
      const [moved, next] = aStep('proximal', optimizer.update(grads, state, params));
      return [mapFor('proximal')((p) => (isFloat(p.dtype) ? proxOf(p) : p), moved), next];
    },
  };
}
