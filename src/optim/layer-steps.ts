import { atLeast, positive, type Check } from '../core/check.js';
import { checkAlike, checkFloat } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { checkWithin, leavesOf, mapFor, mapLeaves } from '../core/tree.js';
import { kindOf } from '../core/words.js';
import { div, maximum, mul } from '../ops/index.js';
import type { GradientTransform } from './clip.js';
import { norm } from './norm.js';

/** What keeps a step finite where a gradient is zero. */
export interface NormalizeByRmsOptions {
  /** The least root mean square that a gradient is divided by; 1e-12 by default. */
  readonly eps?: number;
}

/** What layer-wise steps do, and to which parameters. */
export interface LarsOptions extends NormalizeByRmsOptions {
  /** Size of a step relative to its parameter: rms(step) = trust rms(w) at a learning rate of 1. */
  readonly trust: number;
  /** Which parameters; those with at least two axes by default, which biases and scales lack. */
  readonly of?: (parameter: Tensor) => boolean;
}

const rms = (x: Tensor): Tensor => div(norm(x), Math.sqrt(x.size));
const aChoice: Check<(parameter: Tensor) => boolean> = (who, name, value) => {
  if (typeof value !== 'function') throw new TypeError(`${who}: expected ${name} as a function, got ${kindOf(value)}`);
  return value as (parameter: Tensor) => boolean;
};

/**
 * Divides each gradient by its root mean square over the elements of its tensor: g / max(rms(g),
 * eps). All layers then move by steps of one size.
 * @example
 * normalizeByRms()({ w: tensor([30, 40]) }); // { w: float32[2] on cpu [0.848528, 1.13137] }
 */
export function normalizeByRms(options: NormalizeByRmsOptions = {}): GradientTransform {
  const { eps = 1e-12 } = checkOptions('normalizeByRms', options, { eps: atLeast(0) });
  return (grads) =>
    mapFor('normalizeByRms')((g) => {
      checkFloat('normalizeByRms', g);
      return g.size === 0 ? g : div(g, maximum(rms(g), eps));
    }, grads);
}

/**
 * Layer-wise steps: the gradient of each parameter as trust rms(w) g / max(rms(g), eps), so that a
 * step has the same relative size in every layer (after LARS, You et al. 2017). Other gradients
 * stay. It needs the parameters, which `chain` hands on.
 * @example
 * const optimizer = chain(lars({ trust: 0.1 }), sgd({ learningRate: 1 }));
 * const w = tensor([[3, 4]]);
 * optimizer.update(tensor([[0, 50]]), optimizer.init(w), w)[0]; // float32[1,2] on cpu [[3, 3.5]]
 */
export function lars(options: LarsOptions): GradientTransform {
  const {
    trust,
    eps = 1e-12,
    of = (p: Tensor) => p.shape.length >= 2,
  } = checkOptions('lars', options, { trust: { needed: positive }, eps: atLeast(0), of: aChoice });
  return <G>(grads: G, params?: unknown): G => {
    if (params === undefined)
      throw new TypeError('lars: expected the parameters beside their gradients, got none; put it into a chain');
    const scaled = (w: Tensor, g?: Tensor): Tensor | undefined => {
      if (!g) return g;
      checkAlike('lars', [checkFloat('lars', w), g]);
      if (g.size === 0 || !of(w)) return g;
      return mul(g, div(mul(rms(w), trust), maximum(rms(g), eps)));
    };
    for (const g of leavesOf('lars', grads)) checkFloat('lars', g);
    checkWithin('lars', params, grads);
    return mapLeaves('lars', scaled, () => undefined, params, grads) as G;
  };
}
