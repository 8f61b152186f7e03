import * as b from 'bigrad';
import type { Tensor } from 'bigrad';
import { fromFront, type Call, type Expression } from '../node.js';

const { add, mul } = b;
/** One number for each channel, beside x [n,c,...]. */
const perChannel = (t: Tensor, x: Tensor): Tensor => b.reshape(t, [1, -1, ...x.shape.slice(2).map(() => 1)]);

/** In training it gives the statistics after it too: running momentum + batch (1 - momentum). */
function batchNorm(call: Call, x: Tensor, ...others: Tensor[]): Tensor | Tensor[] {
  const [scale, shift, mean, variance] = others as [Tensor, Tensor, Tensor, Tensor];
  const eps = call.float('epsilon', 1e-5);
  if (call.int('training_mode', 0) === 0) return b.batchNorm(x, scale, shift, { eps, mean, variance });
  const now = b.batchNormWithStats(x, scale, shift, { eps });
  const momentum = call.float('momentum', 0.9);
  const moved = (old: Tensor, batch: Tensor): Tensor => add(mul(old, momentum), mul(batch, 1 - momentum));
  return [now.y, moved(mean, now.mean), moved(variance, now.variance)];
}

function instanceNorm(call: Call, x: Tensor, scale: Tensor, shift: Tensor): Tensor {
  const axes = x.shape.slice(2).map((_, i) => i + 2);
  const from = b.sub(x, b.mean(x, axes, { keepDims: true }));
  const spread = b.sqrt(add(b.variance(x, axes, { keepDims: true }), call.float('epsilon', 1e-5)));
  return add(mul(b.div(from, spread), perChannel(scale, x)), perChannel(shift, x));
}

/** Along all axes from one on; also the mean, and one over the deviation. */
function layerNorm(call: Call, x: Tensor, scale: Tensor, shift?: Tensor): Tensor[] {
  const first = fromFront(call.int('axis', -1), x.shape.length);
  const eps = call.float('epsilon', 1e-5);
  const [outer, inner] = [x.shape.slice(0, first), x.shape.slice(first)];
  const rows = b.reshape(x, [outer.reduce((p, q) => p * q, 1), inner.reduce((p, q) => p * q, 1)]);
  const flat = (t: Tensor): Tensor => b.reshape(b.broadcastTo(t, inner), [rows.shape[1]!]);
  const y = b.layerNorm(rows, flat(scale), flat(shift ?? b.zerosLike(scale)), { eps });
  const kept = [...outer, ...inner.map(() => 1)];
  const mean = b.reshape(b.mean(rows, 1), kept);
  const rate = b.reshape(b.rsqrt(add(b.variance(rows, 1), eps)), kept);
  return [b.reshape(y, x.shape), mean, rate];
}

/** x over a power of the squares of channels beside it. */
function localResponse(call: Call, x: Tensor): Tensor {
  const size = call.int('size', 1);
  const before = Math.floor((size - 1) / 2);
  const squares = b.pad(
    b.square(x),
    x.shape.map((_, i): [number, number] => (i === 1 ? [before, size - 1 - before] : [0, 0])),
  );
  const shifted = Array.from({ length: size }, (_, k) =>
    b.slice(
      squares,
      x.shape.map((_, i) => (i === 1 ? k : 0)),
      x.shape,
    ),
  );
  const total = shifted.reduce((p, q) => add(p, q));
  const base = add(mul(total, call.float('alpha', 1e-4) / size), call.float('bias', 1));
  return b.div(x, b.pow(base, call.float('beta', 0.75)));
}

function meanVariance(call: Call, x: Tensor): Tensor {
  const axes = call.ints('axes') ?? [0, 2, 3];
  const from = b.sub(x, b.mean(x, axes, { keepDims: true }));
  return b.div(from, add(b.standardDeviation(x, axes, { keepDims: true }), 1e-9));
}

/** Before version 13 all axes from one on are one. */
const softmax =
  (f: (x: Tensor, axis: number) => Tensor): Expression =>
  (call, x) => {
    if (call.opset >= 13) return f(x, call.int('axis', -1));
    const axis = fromFront(call.int('axis', 1), x.shape.length);
    const rows = x.shape.slice(0, axis).reduce((p, q) => p * q, 1);
    return b.reshape(f(b.reshape(x, [rows, x.size / rows]), 1), x.shape);
  };

/** Operators that normalise. */
export const norms: Readonly<Record<string, Expression>> = {
  BatchNormalization: batchNorm,
  InstanceNormalization: (call, x, scale, shift) => instanceNorm(call, x, scale, shift),
  LayerNormalization: (call, x, scale, shift) => layerNorm(call, x, scale, shift),
  LogSoftmax: softmax(b.logSoftmax),
  LRN: localResponse,
  MeanVarianceNormalization: meanVariance,
  Softmax: softmax(b.softmax),
};
