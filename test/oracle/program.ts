import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { add, dot, grad, hvp, mixedProduct, mul, sum, valueAndGrad, type Shape, type Tensor } from 'bigrad';
import type { Attrs, Ops } from './ops.js';

/**
 * [op, operands, attributes]: an operand is the number of a register, or a list with one number
 * that stands for itself.
 */
export type Instruction = readonly [op: string, operands: readonly (number | readonly [number])[], attrs: Attrs];

/** What is computed of a program: its results, and derivatives of their weighted sum. */
export const quantities = ['value', 'loss', 'gradient', 'hvp', 'mixed', 'third'] as const;
export type Quantity = (typeof quantities)[number];
export type Lists = readonly (readonly number[])[];

/**
 * A program on numbered registers, of which the inputs are the first, with its inputs and what
 * PyTorch made of them; see generate.py.
 */
export interface Program {
  /**
   * The op that the program is about; or that it is a wide one, with values large enough for
   * threads.
   */
  readonly about: string;
  readonly shapes: readonly Shape[];
  readonly steps: readonly Instruction[];
  /** The registers that are results. */
  readonly results: readonly number[];
  readonly resultShapes: readonly Shape[];
  readonly inputs: Lists;
  /** By which results are weighted in the loss. */
  readonly weights: Lists;
  /** Directions of the second and the third derivative. */
  readonly v: Lists;
  readonly u: Lists;
  readonly expected: Readonly<Record<Quantity, Lists>>;
}

/** The table of programs. */
export const readPrograms = (): readonly Program[] =>
  JSON.parse(gunzipSync(readFileSync(new URL('programs.json.gz', import.meta.url))).toString()) as Program[];

/** The results of a program. */
export function run({ steps, results }: Program, ops: Ops, inputs: readonly Tensor[]): readonly Tensor[] {
  const registers = [...inputs];
  for (const [op, operands, attrs] of steps) {
    // Ops whose operands may be numbers are called with them, though the table's type knows of
    // tensors only.
    const values = operands.map((x) => (typeof x === 'number' ? registers[x]! : (x[0] as unknown as Tensor)));
    registers.push(...[ops[op]!(attrs, ...values)].flat());
  }
  return results.map((i) => registers[i]!);
}

/** Whether a program's values on the way are large enough for threads; such take long. */
export const isWide = ({ about }: Program): boolean => about.startsWith('wide');

/** What a program is run on. */
export interface Arguments {
  readonly inputs: readonly Tensor[];
  readonly weights: readonly Tensor[];
  readonly v: readonly Tensor[];
  readonly u: readonly Tensor[];
}

/** Each quantity of a program, as a list of tensors; the third order only if `third`. */
export function compute(program: Program, ops: Ops, { inputs, weights, v, u }: Arguments, third: boolean) {
  type Inputs = readonly Tensor[];
  const withResults = (xs: Inputs): readonly [Tensor, Inputs] => {
    const results = run(program, ops, xs);
    return [results.map((y, i) => sum(mul(y, weights[i]!))).reduce((a, b) => add(a, b)), results];
  };
  const f = (xs: Inputs): Tensor => withResults(xs)[0];
  const [[loss, value], gradient] = valueAndGrad(withResults, { hasAux: true })(inputs);
  const [x, y, ...rest] = inputs as [Tensor, Tensor, ...Tensor[]];
  return {
    value,
    loss: [loss],
    gradient,
    hvp: hvp(f, inputs, v),
    mixed: [mixedProduct((a: Tensor, b: Tensor) => f([a, b, ...rest]), x, y, v[0]!)],
    ...(third && { third: grad((xs: Inputs) => dot(hvp(f, xs, v), u))(inputs) }),
  };
}

/** How many results an instruction has. */
const resultsOf = ([op, , { parts }]: Instruction): number =>
  op === 'batchNormWithStats' ? 3 : parts === undefined ? 1 : typeof parts === 'number' ? parts : parts.length;

/** A program line by line. */
export function show({ about, shapes, steps }: Program): string {
  const lines = [`about ${about}`, ...shapes.map((shape, i) => `r${i}: [${shape.join(',')}]`)];
  const name = (x: number | readonly [number]): string => (typeof x === 'number' ? `r${x}` : String(x[0]));
  let next = shapes.length;
  for (const step of steps) {
    const [op, operands, attrs] = step;
    const made = Array.from({ length: resultsOf(step) }, () => `r${next++}`);
    lines.push(`${made.join(', ')} = ${op}(${operands.map(name).join(', ')}) ${JSON.stringify(attrs)}`);
  }
  return lines.join('\n');
}
