import fc from 'fast-check';
import {
  add,
  batchNorm,
  clamp,
  concat,
  conv2d,
  cos,
  exp,
  flip,
  gate,
  logSumExp,
  matmul,
  mean,
  mul,
  neg,
  pad,
  reshape,
  sigmoid,
  sin,
  slice,
  softmax,
  softplus,
  square,
  sub,
  sum,
  tanh,
  transpose,
  type Tensor,
} from 'bigrad';

/** The shape of every register. */
export const SHAPE = [2, 3] as const;

type Step = (a: Tensor, b: Tensor) => Tensor;

/** Smooth operations from two registers to one, with values that stay small. */
const operations: Record<string, Step> = {
  'mean of both': (a, b) => mul(add(a, b), 0.5),
  'half the difference': (a, b) => mul(sub(a, b), 0.5),
  'times tanh': (a, b) => mul(a, tanh(b)),
  tanh: (a) => tanh(a),
  sin: (a) => sin(a),
  'cos of square': (a) => cos(square(tanh(a))),
  neg: (a) => neg(a),
  softplus: (a) => softplus(a),
  bell: (a) => exp(neg(square(a))),
  sigmoid: (a) => sigmoid(a),
  gate: (a, b) => gate(a, add(square(b), 0.5)),
  'minus mean of rows': (a) => mul(sub(a, mean(a, 1, { keepDims: true })), 0.5),
  'times 1 / sum of exp': (a, b) => mul(a, exp(neg(logSumExp(b)))),
  softmax: (a) => softmax(a),
  normalize: (a, b) => batchNorm(a, columns(b), columns(a), { eps: 1 }),
  flip: (a) => flip(a, 1),
  'transpose and reshape': (a) => reshape(transpose(a), SHAPE),
  'shift along rows': (a, b) => slice(concat([a, b], 1), [0, 1], SHAPE, [1, 2]),
  'shift down': (a) =>
    slice(
      pad(a, [
        [1, 0],
        [0, 0],
      ]),
      [0, 0],
      SHAPE,
    ),
  gram: (a, b) => mul(matmul(matmul(a, transpose(b)), tanh(b)), 0.3),
  convolve: (a, b) =>
    reshape(
      mul(
        conv2d(reshape(a, [1, 1, 2, 3]), reshape(tanh(b), [1, 1, 2, 3]), {
          padding: [
            [1, 0],
            [1, 1],
          ],
        }),
        0.3,
      ),
      SHAPE,
    ),
  clamp: (a) => clamp(a, -50, 50),
};
const columns = (x: Tensor): Tensor => mul(sum(tanh(x), 0), 0.5);

type Instruction = readonly [name: string, a: number, b: number];

/**
 * A straight program on registers r0, r1, ...: printed line by line, and shrunk to fewer and
 * simpler lines.
 */
export class Program {
  constructor(
    readonly inputs: number,
    readonly steps: readonly Instruction[],
  ) {}

  /** The last register, after all steps. */
  run(xs: readonly Tensor[]): Tensor {
    const registers = [...xs];
    for (const [name, a, b] of this.steps)
      registers.push(operations[name]!(registers[a % registers.length]!, registers[b % registers.length]!));
    return registers.at(-1)!;
  }

  toString(): string {
    const lines = this.steps.map(([name, a, b], i) => {
      const n = this.inputs + i;
      return `r${n} = ${name}(r${a % n}, r${b % n})`;
    });
    return [`${this.inputs} inputs`, ...lines].join('; ');
  }
}

/** Programs of up to `longest` steps on a number of inputs. */
export const programs = (inputs: number, longest = 8): fc.Arbitrary<Program> =>
  fc
    .array(fc.tuple(fc.constantFrom(...Object.keys(operations)), fc.nat(20), fc.nat(20)), {
      minLength: 1,
      maxLength: longest,
    })
    .map((steps) => new Program(inputs, steps));
