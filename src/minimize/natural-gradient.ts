import { oneOf, positive } from '../core/check.js';
import { checkFloat, checkTensor } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { copyTree, mapFor } from '../core/tree.js';
import { settingsFor, solverChecks, type SolverOptions } from '../implicit/linear-solve.js';
import { solveVector } from '../implicit/solve-vector.js';
import { vectorsOf } from '../implicit/vector.js';
import { add, div, mul, onesLike, sigmoid, softmax, sub, sum, zerosLike } from '../ops/index.js';
import type { GradientTransform } from '../optim/clip.js';
import { checkAlongside, checkFunction } from '../transforms/differentiate.js';
import { pullbackOf } from '../transforms/vjp.js';

/** How `naturalGradient` measures and solves. */
export interface NaturalGradientOptions extends SolverOptions {
  /**
   * What the outputs mean: means of normal distributions of variance 1 (the default), logits of
   * classes along the last axis, or logits of independent events.
   */
  readonly likelihood?: 'normal' | 'categorical' | 'bernoulli';
  /** Added to the diagonal of F, above 0; 1e-3 by default. */
  readonly damping?: number;
}

/** The Fisher information of a distribution in its outputs y, times v. */
const metrics = {
  normal: (_: Tensor, v: Tensor) => v,
  categorical: (y: Tensor, v: Tensor) => {
    const pv = mul(softmax(y), v);
    return sub(pv, mul(softmax(y), sum(pv, -1, { keepDims: true })));
  },
  bernoulli: (y: Tensor, v: Tensor) => mul(mul(sigmoid(y), sub(1, sigmoid(y))), v),
} as const;

/**
 * Gradients g as (F + damping I)^-1 g, with the Fisher information F = J' M J / n of a model: J is
 * the Jacobian of its outputs, M the information of their distribution, and n the length of their
 * first axis (Amari 1998). A vector of logits of classes is one example. 'cg' solves with products
 * alone. It needs the parameters, which `chain` hands on. The options are those of `linearSolve`.
 * @param outputs the outputs of the model for a batch, by its parameters
 * @example
 * // One step solves a linear regression.
 * const [x, y] = [tensor([[1], [2]]), tensor([[2], [4]])];
 * const loss = (w: Tensor) => mul(mean(square(sub(matmul(x, w), y))), 0.5);
 * const w = tensor([[0]]);
 * const natural = naturalGradient((p: Tensor) => matmul(x, p), { damping: 1e-9 });
 * const optimizer = chain(natural, sgd({ learningRate: 1 }));
 * optimizer.update(grad(loss)(w), optimizer.init(w), w)[0]; // float32[1,1] on cpu [[2]]
 */
export function naturalGradient<P>(
  outputs: (params: P) => Tensor,
  options: NaturalGradientOptions = {},
): GradientTransform {
  const who = 'naturalGradient';
  checkFunction(who, outputs);
  const {
    likelihood = 'normal',
    damping = 1e-3,
    ...solver
  } = checkOptions(who, options, {
    ...solverChecks,
    likelihood: oneOf('normal', 'categorical', 'bernoulli'),
    damping: positive,
  });
  return <G>(grads: G, params?: unknown): G => {
    if (params === undefined)
      throw new TypeError(`${who}: expected the parameters beside their gradients, got none; put it into a chain`);
    const own = copyTree(who, grads); // products in derivatives run later
    checkAlongside(who, 'gradient', params, own);
    const { pack, unpack } = vectorsOf(who, 'gradients', 'a product', own);
    const model = (p: unknown): Tensor => checkFloat(who, checkTensor(who, outputs(p as P)));
    const [y, pull] = pullbackOf(who, model, params);
    const [, push] = pullbackOf(who, pull, onesLike(y)); // the pullback is linear: this is J
    if (likelihood === 'categorical' && y.shape.length === 0)
      throw new RangeError(`${who}: expected outputs with an axis of classes, got a scalar`);
    const [examples = 1] = likelihood === 'categorical' ? y.shape.slice(0, -1) : y.shape;
    const apply = (v: Tensor): Tensor => {
      const product = pull(div(metrics[likelihood](y, push(unpack(v) as never)), Math.max(1, examples)));
      const wanted = mapFor(who)((g, f?: Tensor) => f ?? zerosLike(g), own, product);
      return add(pack(wanted), mul(v, damping));
    };
    const b = pack(own);
    return unpack(solveVector(who, { apply }, b, settingsFor({ method: 'cg', ...solver }, b)).x);
  };
}
