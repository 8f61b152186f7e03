import { add, dot, exp, full, matmul, mean, mul, square, sub, type Tensor } from 'bigrad';
import { compile, grad, leaves } from 'bigrad';
import { hypergradient, type Mode } from 'bigrad/bilevel';
import { draw } from '../draw.js';
import { batch, loss, start, type Batch, type Statistics, type TrunkMasks, type Weights } from '../network.js';
import { namedMasks, namedWeights } from '../peers/names.js';

/** A result of one mode, ready to run again and again. */
export interface Ready {
  /** Gives the hypergradient first. */
  readonly run: () => readonly (readonly Tensor[])[];
  /** Bytes of the compiled plan. */
  readonly bytes: () => number;
}

/** A two-level problem whose lower steps all have one batch. */
export interface Problem {
  readonly name: string;
  /** What PyTorch reads. */
  readonly operands: Readonly<Record<string, Tensor>>;
  readonly rate: number;
  /** The ridge of the modes that solve with the Hessian. */
  readonly ridge: number;
  /** The hypergradient by a mode after p lower steps, compiled. */
  prepare(mode: Mode, p: number): Ready;
  /** One gradient of the lower loss in the weights, compiled. */
  gradient(): Ready;
}

type Level<T, S, B> = (theta: T, ms: S, batch: B) => Tensor;

function problemOf<T, S, B>(
  about: Pick<Problem, 'name' | 'operands' | 'rate' | 'ridge'>,
  start: { readonly theta: T; readonly ms: S; readonly lower: B; readonly upper: B },
  lower: Level<T, S, B>,
  upper: Level<T, S, B>,
): Problem {
  const ready = (f: (theta: T, ms: S, below: B, above: B) => Tensor[][]): Ready => {
    const compiled = compile(f);
    return {
      run: () => compiled(start.theta, start.ms, start.lower, start.upper),
      bytes: () => compiled.stats!.bytes,
    };
  };
  return {
    ...about,
    prepare: (mode, p) => {
      const solve = hypergradient({
        lower: (w: T, ms: S, b: B) => [lower(w, ms, b), undefined],
        upper: (w: T, { ms }: { ms: S; mt: undefined }, b: B) => [upper(w, ms, b), undefined],
        learningRate: about.rate,
        mode,
      });
      return ready((theta, ms, below, above) => {
        const batches = { lower: Array<B>(p).fill(below), upper: above };
        const { dMs, value, theta: end, dTheta } = solve(theta, { ms, mt: undefined }, batches);
        return [leaves(dMs), leaves([value, end, dTheta])];
      });
    },
    gradient: () => ready((theta, ms, below) => [leaves(grad((w: T) => lower(w, ms, below))(theta))]),
  };
}

const [ROWS, FEATURES] = [256, 64];

/** Ridge regression with a penalty exp(ms) / 2 on the square of each weight. */
function ridgeRegression(): Problem {
  const points = (at: number) => ({ x: draw([ROWS, FEATURES], at), y: draw([ROWS], at + 1) });
  const [lower, upper] = [points(10), points(20)];
  const error = (w: Tensor, { x, y }: Batch): Tensor => mul(mean(square(sub(matmul(x, w), y))), 0.5);
  const [theta, ms] = [draw([FEATURES], 30), full([FEATURES], -1)];
  return problemOf(
    {
      name: 'ridge regression',
      operands: { 'lower/x': lower.x, 'lower/y': lower.y, 'upper/x': upper.x, 'upper/y': upper.y, theta, ms },
      rate: 0.3,
      ridge: 0,
    },
    { theta, ms, lower, upper },
    (w, m, b: Batch) => add(error(w, b), mul(dot(exp(m), square(w)), 0.5)),
    (w, _, b) => error(w, b),
  );
}

const BATCH = 16;

/** The network of X-Yield under gated masks, in its training mode. */
function network(): Problem {
  const { weights, masks, statistics } = start();
  const theta = { trunk: weights.trunk, simulated: weights.simulated };
  const [lower, upper] = [batch(BATCH), batch(BATCH, 2)];
  type Theta = typeof theta;
  const level = (w: Theta, ms: TrunkMasks, b: Batch, s: Statistics = statistics): Tensor =>
    loss(w as Weights, 'simulated', [ms], b, s)[0];
  const operands = {
    ...namedWeights(theta),
    ...namedMasks(masks),
    'lower/x': lower.x,
    'lower/y': lower.y,
    'upper/x': upper.x,
    'upper/y': upper.y,
  };
  return problemOf(
    { name: 'X-Yield network', operands, rate: 0.01, ridge: 1 },
    { theta, ms: masks, lower, upper },
    (w, ms, b: Batch) => level(w, ms, b),
    (w, ms, b) => level(w, ms, b),
  );
}

export const problems: readonly (() => Problem)[] = [ridgeRegression, network];
