import { expectTypeOf } from 'expect-type';
import { dot, grad, mul, sum, tensor, type Gradient, type Tensor } from 'bigrad';
import { hypergradient, unroll } from 'bigrad/bilevel';
import { loadSafetensors, saveSafetensors } from 'bigrad/io';
import {
  batchNorm2d,
  conv,
  density,
  dropout,
  flatten,
  fromStateDict,
  initMasks,
  layerDensity,
  linear,
  magnitudePrune,
  masked,
  meanSquaredError,
  relu,
  rewind,
  sequential,
  smoothL0,
  toStateDict,
  type BatchNormParams,
  type ConvParams,
  type Layer,
  type LinearParams,
  type Masks,
  type RunningStatistics,
  type StatefulLayer,
} from 'bigrad/nn';
import {
  adam,
  chain,
  clipByGlobalNorm,
  cosine,
  jointMask,
  leastSquares,
  minimize,
  naturalGradient,
  partition,
  proximal,
  sgd,
  softThreshold,
  type AdamState,
  type Optimizer,
  type SgdState,
} from 'bigrad/optim';
import { checkGrads } from 'bigrad/testing';

// Compiled by `npm run types`, never run: what layers, masks, optimizers and bilevel problems infer
// and refuse.

declare const x: Tensor;
declare const key: Tensor;

// Parameters have an entry per item: undefined for functions.
const plain = sequential([conv(1, 2, 3), relu, flatten, linear(8, 1)]);
expectTypeOf(plain).toEqualTypeOf<Layer<[ConvParams, undefined, undefined, LinearParams]>>();
expectTypeOf(plain.init(key)[3].weight).toEqualTypeOf<Tensor>();
expectTypeOf(plain.apply(plain.init(key), x)).toEqualTypeOf<Tensor>();

// One layer with state makes all of it stateful.
const stateful = sequential([conv(1, 2, 3), batchNorm2d(2), relu, dropout(0.5)]);
expectTypeOf(stateful).toEqualTypeOf<
  StatefulLayer<
    [ConvParams, BatchNormParams, undefined, undefined],
    [undefined, RunningStatistics, undefined, undefined]
  >
>();
const params = stateful.init(key, { dtype: 'float64' });
const [y, state] = stateful.apply(params, x, stateful.initState(params), { training: false });
expectTypeOf(y).toEqualTypeOf<Tensor>();
expectTypeOf(state[1].mean).toEqualTypeOf<Tensor>();
expectTypeOf(sequential([plain, stateful, (v) => v]).init(key)[1][1].scale).toEqualTypeOf<Tensor>();

// @ts-expect-error a stateful layer needs its state
stateful.apply(params, x);
// @ts-expect-error a layer without state takes none
plain.apply(plain.init(key), x, []);
// @ts-expect-error parameters are those of the layer
plain.apply(params, x);
// @ts-expect-error items are layers or functions of a tensor
sequential([linear(1, 1), 3]);
// @ts-expect-error there is no such option
linear(1, 1, { biases: false });
// @ts-expect-error there is no such reduction
meanSquaredError(x, x, { reduction: 'average' });

// Masks: any part of the parameters' tree, one tree or a list of them.
const layer = masked(plain, smoothL0(0.1));
const weights = layer.init(key);
expectTypeOf(weights).toEqualTypeOf<[ConvParams, undefined, undefined, LinearParams]>();
expectTypeOf(layer.apply(weights, [{ weight: x }], x)).toEqualTypeOf<Tensor>();
layer.apply(weights, undefined, x);
layer.apply(weights, initMasks(weights), x);
layer.apply(weights, [[{ weight: x }], [undefined, undefined, undefined, { bias: x }]], x);
expectTypeOf<Masks<LinearParams>>().toEqualTypeOf<{ readonly weight?: Tensor; readonly bias?: Tensor }>();
const maskedState = masked(stateful, smoothL0(0.1)).apply(params, [], x, stateful.initState(params));
expectTypeOf(maskedState).toEqualTypeOf<ReturnType<typeof stateful.apply>>();
expectTypeOf(masked(stateful, smoothL0(0.1)).initState).toEqualTypeOf<typeof stateful.initState>();
const single = masked(linear(2, 1), smoothL0(0.1));
const masks = { weight: x };
const both = grad((m: typeof masks) => sum(single.apply(single.init(key), m, x)))(masks);
expectTypeOf(both).toEqualTypeOf<{ weight: Tensor }>();
expectTypeOf(density(masks)).toEqualTypeOf<Tensor>();
expectTypeOf(layerDensity(masks)).toEqualTypeOf<{ weight: Tensor }>();
expectTypeOf(magnitudePrune(single.init(key), masks, 0.5)).toEqualTypeOf<{ weight: Tensor }>();
expectTypeOf(rewind(weights, weights, initMasks(weights))).toEqualTypeOf<typeof weights>();

// @ts-expect-error a mask where there is no parameter
single.apply(single.init(key), { weights: x }, x);
// @ts-expect-error masks are tensors
single.apply(single.init(key), { weight: 1 }, x);
// @ts-expect-error a gate is a function of masks
masked(plain, 0.1);

// An update keeps the type of the parameters, an interface included.
interface Params {
  readonly w: Tensor;
  readonly layers: readonly LinearParams[];
  readonly name: string;
}
declare const mine: Params;
const fit = (p: Params): Tensor => sum(p.w);
expectTypeOf(sgd({ learningRate: 0.1 })).toEqualTypeOf<Optimizer<SgdState>>();
const optimizer = chain(
  clipByGlobalNorm(1),
  proximal(adam({ learningRate: cosine({ initial: 0.1, steps: 10 }) }), (w) => softThreshold(w, 0.1)),
);
expectTypeOf(optimizer).toEqualTypeOf<Optimizer<AdamState>>();
const [moved, next] = optimizer.update(grad(fit)(mine), optimizer.init(mine), mine);
expectTypeOf(moved).toEqualTypeOf<Params>();
expectTypeOf(next).toEqualTypeOf<AdamState>();
expectTypeOf(jointMask(masks, { weight: x, bias: x }, { step: 1, gamma: 1 })).toEqualTypeOf<{
  ms: { weight: Tensor };
  mt: { weight: Tensor; bias: Tensor };
}>();

// Searches infer the tree from x0.
expectTypeOf(minimize(fit, mine).x).toEqualTypeOf<Params>();
const fitted = leastSquares((p) => [p.w], mine, {
  progress: (told) => {
    expectTypeOf(told.x).toEqualTypeOf<Params>();
  },
});
expectTypeOf(fitted.x).toEqualTypeOf<Params>();
expectTypeOf(chain(naturalGradient(fit), sgd({ learningRate: 1 }))).toEqualTypeOf<Optimizer<SgdState>>();
// @ts-expect-error a method is one of two
minimize(fit, mine, { method: 'bfgs' });
// @ts-expect-error f gives a scalar
minimize(() => 3, mine);

const groups = partition({ a: sgd({ learningRate: 1 }), b: adam({ learningRate: 1 }) }, (p, path) =>
  path === 'w' || p.shape.length > 1 ? 'a' : undefined,
);
expectTypeOf(groups.init(mine).a).toEqualTypeOf<SgdState | undefined>();
expectTypeOf(groups.init(mine).b).toEqualTypeOf<AdamState | undefined>();
// @ts-expect-error no optimizer has this name
partition({ a: sgd({ learningRate: 1 }) }, () => 'b');
// @ts-expect-error an optimizer needs a rate
adam({});
// @ts-expect-error the short name of a rate
sgd({ lr: 0.1 });
// @ts-expect-error the gradients are those of the parameters
optimizer.update({ w: x }, optimizer.init(mine), mine);
// @ts-expect-error the state is the optimizer's own
optimizer.update(grad(fit)(mine), { step: x }, mine);
// @ts-expect-error an optimizer stands at the end of a chain
chain(clipByGlobalNorm(1));
// @ts-expect-error there is no such metric
jointMask(masks, masks, { step: 1, gamma: 1, metric: 'manhattan' });

// Bilevel problems infer weights, masks, batches and aux from their two losses.
const bilevel = hypergradient({
  lower: (theta: Params, ms: { weight: Tensor }, batch: { x: Tensor; y: Tensor }) => [dot(theta.w, ms.weight), batch.y],
  upper: (theta: Params, { mt }: { ms: { weight: Tensor }; mt: { head: Tensor } }, scale: number) => [
    dot(theta.w, mt.head),
    scale,
  ],
  mode: { truncated: 2 },
  learningRate: 0.1,
});
const result = bilevel(mine, { ms: { weight: x }, mt: { head: x } }, { lower: [{ x, y: x }], upper: 3 });
expectTypeOf(result.theta).toEqualTypeOf<Params>();
expectTypeOf(result.dTheta).toEqualTypeOf<Gradient<Params>>();
expectTypeOf(result.dMs).toEqualTypeOf<{ weight: Tensor }>();
expectTypeOf(result.dMt).toEqualTypeOf<{ head: Tensor }>();
expectTypeOf(result.aux.lower).toEqualTypeOf<readonly Tensor[]>();
expectTypeOf(result.aux.upper).toEqualTypeOf<number>();
expectTypeOf(unroll((s: Params) => s, mine, 3, { checkpoint: true })).toEqualTypeOf<Params>();

// So they infer what lower losses carry to each other, and to the upper one.
const carrying = hypergradient({
  lower: [
    { loss: (theta: Params, _: object, __: number, mean: Tensor) => [dot(theta.w, mean), mean], steps: 1 },
    { loss: (theta: Params, _: object, n: number, mean: Tensor) => [dot(theta.w, mean), mul(mean, n)], steps: 1 },
  ],
  upper: (theta: Params, _: object, __: string, mean: Tensor) => [dot(theta.w, mean), 0],
  optimizer: sgd({ learningRate: 0.1 }),
});
const carriedOn = carrying(mine, { ms: {}, mt: undefined }, { lower: [1, 2], upper: 'all' }, { carried: x });
expectTypeOf(carriedOn.state.carried).toEqualTypeOf<Tensor | undefined>();
expectTypeOf(carriedOn.state.optimizers).toEqualTypeOf<readonly unknown[] | undefined>();
// @ts-expect-error what is carried is what losses take
carrying(mine, { ms: {}, mt: undefined }, { lower: [1, 2], upper: 'all' }, { carried: 3 });

// @ts-expect-error there is no such mode
hypergradient({ lower: (t: Tensor) => [t, 0], upper: (t: Tensor) => [t, 0], learningRate: 1, mode: 'approximate' });
// @ts-expect-error a level returns [loss, aux]
hypergradient({ lower: (t: Tensor) => t, upper: (t: Tensor) => [t, 0], learningRate: 1 });
// @ts-expect-error a list of lower batches
bilevel(mine, { ms: { weight: x }, mt: { head: x } }, { lower: { x, y: x }, upper: 3 });
// @ts-expect-error a step keeps its state's type
unroll((s: Params) => s.w, mine, 3);

expectTypeOf(saveSafetensors(mine)).toExtend<Uint8Array>();
expectTypeOf(loadSafetensors(new Uint8Array()).tree).toEqualTypeOf<unknown>();

// PyTorch's tensors become trees of the layer; a layer without state has none.
const { tensors } = loadSafetensors(new Uint8Array());
expectTypeOf(fromStateDict(plain, tensors).params).toEqualTypeOf<ReturnType<typeof plain.init>>();
expectTypeOf(fromStateDict(plain, tensors).state).toEqualTypeOf<undefined>();
expectTypeOf(fromStateDict(stateful, tensors)).toExtend<{ params: typeof params; state: typeof state }>();
expectTypeOf(fromStateDict(masked(linear(2, 1), smoothL0(0.1)), tensors).params).toEqualTypeOf<LinearParams>();
expectTypeOf(toStateDict(fromStateDict(plain, tensors))).toEqualTypeOf<Record<string, Tensor>>();
checkGrads((p: Params, scale: Tensor) => dot(p.w, scale), [mine, tensor(1)], { order: 3 });
// @ts-expect-error the arguments are those of f
checkGrads((p: Params, scale: Tensor) => dot(p.w, scale), [mine]);
