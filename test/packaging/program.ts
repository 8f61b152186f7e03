import fc from 'fast-check';
import {
  argmax,
  cpu,
  grad,
  hvp,
  log,
  matmul,
  mul,
  onesLike,
  randomKey,
  reference,
  square,
  sub,
  sum,
  Tensor,
  tensor,
} from 'bigrad';
import { hypergradient, unroll } from 'bigrad/bilevel';
import { findNaN } from 'bigrad/debug';
import { unary } from 'bigrad/extend';
import { gpu, type Mode } from 'bigrad/gpu';
import { loadSafetensors, saveSafetensors } from 'bigrad/io';
import { linear, masked, meanSquaredError, sequential, relu, smoothL0 } from 'bigrad/nn';
import { adam, chain, clipByGlobalNorm, sgd, softThreshold } from 'bigrad/optim';
import { checkGrads, parity, tensorArbitrary } from 'bigrad/testing';

// What a consumer's program might do with every subpath; consumer.ts compiles, bundles and runs it,
// and knows what it should print.

const x = tensor([1, 2], { dtype: 'float64' });
const cubeOp = unary(
  'cube',
  (v) => v ** 3,
  (g, v) => mul(g, mul(3, square(v))),
);
const cube = (v: Tensor): Tensor => sum(mul(v, square(v)));

interface Params {
  readonly w: Tensor;
}
const fit = ({ w }: Params): Tensor => sum(square(sub(w, 3)));
const optimizer = chain(clipByGlobalNorm(100), sgd({ learningRate: 0.25 }));
const start: Params = { w: tensor([1], { dtype: 'float64' }) };
const [moved, state] = optimizer.update(grad(fit)(start), optimizer.init(start), start);

const layer = masked(sequential([linear(2, 1, { bias: false }), relu]), smoothL0(1));
const weights = layer.init(randomKey(0), { dtype: 'float64' });
const twos = [{ weight: mul(onesLike(weights[0].weight), 2) }, undefined] as const;
const output = layer.apply(
  [twos[0], undefined],
  [{ weight: onesLike(twos[0].weight) }],
  tensor([[1, 1]], { dtype: 'float64' }),
);

const end = (s: Tensor): Tensor => unroll((v) => mul(v, 0.5), s, 3);
const bilevel = hypergradient({
  lower: (theta: Tensor, ms: Tensor, target: Tensor) => [sum(square(sub(mul(theta, ms), target))), null],
  upper: (theta: Tensor) => [sum(theta), null],
  learningRate: 0.5,
});
const hyper = bilevel(tensor(1), { ms: tensor(1), mt: tensor(1) }, { lower: [tensor(0)], upper: tensor(0) });

const saved = loadSafetensors(saveSafetensors({ x, more: [tensor(1)] }, { by: 'a consumer' }));

/** Ops of every kind of GPU kernel, with first and second derivatives. */
const kernels =
  'add div tanh erf gelu pow where matmul conv2d maxPool2d batchNorm layerNorm gate softmax sum max argmax take concat'.split(
    ' ',
  );

/**
 * What a GPU mode computes: [[1, 2], [3, 4]] squared, where its largest elements are, and whether
 * ops agree with the cpu device.
 */
async function onGpu(mode: Mode) {
  const device = await gpu({ mode });
  const matrix = tensor(
    [
      [1, 2],
      [3, 4],
    ],
    { device },
  );
  const product = matmul(matrix, matrix);
  const found = [...(await product.read()), ...(await argmax(product, 1).read())];
  const compared = (await parity(cpu, device, kernels)) > 100;
  device.dispose();
  return { found, compared };
}
const { modes = ['cpu', 'webasm'] } = globalThis as { modes?: readonly Mode[] };
const gpus: Record<string, unknown> = {};
for (const mode of modes) gpus[mode] = await onGpu(mode);

checkGrads(cube, [x], { order: 3 });
checkGrads(cubeOp, [x], { order: 3 });
fc.assert(fc.property(tensorArbitrary([2]), (v) => v.readSync().length === 2));

/** What the library calls a tensor in a message: bundlers give classes other names. */
let classInWords = '';
try {
  sum(x, x as never);
} catch (error) {
  classInWords = (error as Error).message;
}

const tensors: unknown[] = [
  x,
  moved.w,
  state.step,
  weights[0].weight,
  hyper.dMs,
  ...Object.values(saved.tree as object).flat(),
];

console.log(
  JSON.stringify({
    value: cube(x).readSync()[0],
    gradient: [...grad(cube)(x).readSync()],
    curvature: [...hvp(cube, x, onesLike(x)).readSync()],
    cubed: [...grad((v) => sum(cubeOp(v)))(x).readSync()],
    step: [...moved.w.readSync()],
    adam: adam({ learningRate: 1 }).init(start).step.dtype,
    threshold: [...softThreshold(x, 1.5).readSync()],
    masked: [...output.readSync()],
    loss: meanSquaredError(x, tensor([1, 4], { dtype: 'float64' })).readSync()[0],
    unrolled: grad(end)(tensor(1)).readSync()[0],
    hypergradient: hyper.dMs.readSync()[0],
    metadata: saved.metadata,
    compared: (await parity(cpu, reference, ['add', 'matmul'])) > 0,
    gpus,
    found: findNaN((v) => log(sub(v, 2)))(x)?.op,
    classInWords,
    oneTensorClass: tensors.every((t) => t instanceof Tensor),
  }),
);
