import type { DType } from '../core/dtype.js';
import type { Backend, Tensor } from '../core/tensor.js';
import { leaves } from '../core/tree.js';
import { add, dot, like } from '../ops/index.js';
import { grad } from '../transforms/index.js';
import { maker, type OpCase } from './op-case.js';
import { opTable } from './op-table.js';
import { aFloatType, atLeast, listOf } from '../core/check.js';
import { checkDevice } from '../core/device.js';
import { checkOptions } from '../core/options.js';
import { kindOf, show } from '../core/words.js';

/**
 * Two devices that disagree on an op.
 * @example
 * await parity(cpu, reference, ['tanh']).catch((error: unknown) => error instanceof ParityError);
 * // 9
 */
export class ParityError extends Error {
  override readonly name = 'ParityError';
}

/** In which dtype and how closely `parity` compares. */
export interface ParityOptions {
  readonly dtype?: DType;
  /**
   * Largest difference allowed, relative to the larger of 1 and the values; 1e-5 in float32 and
   * 1e-12 in float64 by default.
   */
  readonly tolerance?: number;
}

/**
 * Runs the op table (or the ops named) on two devices and compares values, first and second
 * derivatives; returns how many comparisons it made, and throws a ParityError naming op, case and
 * the first element that differs. Ops that run in main memory are left out where a device can only
 * be awaited.
 * @param ops names of the table; all by default
 * @example
 * await parity(cpu, reference, ['matmul', 'tanh']); // 39
 */
export async function parity(
  a: Backend,
  b: Backend,
  ops?: readonly string[],
  options: ParityOptions = {},
): Promise<number> {
  for (const device of [a, b]) checkDevice('parity', device);
  const { dtype = 'float32', tolerance = dtype === 'float32' ? 1e-5 : 1e-12 } = checkOptions('parity', options, {
    dtype: aFloatType,
    tolerance: atLeast(0),
  });
  let count = 0;
  const names =
    ops &&
    listOf('parity', 'ops', ops, (name): string => {
      if (!opTable.some(({ op }) => op === name))
        throw new RangeError(`parity: expected ops of the op table, got ${kindOf(name)}`);
      return name as string;
    });
  const atOnce = [a, b].every(readsAtOnce);
  for (const entry of opTable) {
    if ((names && !names.includes(entry.op)) || (entry.host && !atOnce)) continue;
    for (const c of entry.cases) {
      const [left, right] = [a, b].map((d) => resultsOf(c.f, c.inputs(maker(d, dtype)), entry.order)) as [
        Results,
        Results,
      ];
      for (const [what, xs] of Object.entries(left)) {
        const ys = right[what]!;
        for (let i = 0; i < xs.length; i++) {
          await compare(`${entry.op} (${c.title}), ${what} ${i}`, a, b, xs[i]!, ys[i]!, tolerance);
          count++;
        }
      }
    }
  }
  return count;
}

/** Whether results on a device can be read at once, as ops that run in main memory must. */
export function readsAtOnce(device: Backend): boolean {
  try {
    maker(device, 'float32')([2]).readSync();
    return true;
  } catch {
    return false;
  }
}

/** What is compared of a call: its value, and its derivatives where it has any. */
export type Results = Readonly<Record<string, readonly Tensor[]>>;

/** The value of a call, and with an order above 0 its first and second derivatives. */
export function resultsOf(f: OpCase['f'], inputs: readonly Tensor[], order: number): Results {
  if (order === 0) return { value: leaves(f(...inputs)) };
  const variable = inputs.find((x) => x.dtype !== 'int32')!;
  const floats = (tree: unknown): Tensor[] => leaves(tree).filter((x) => x.dtype !== 'int32');
  // Weights that differ from element to element, so that no error cancels.
  const weigh = (tree: unknown, seed: number): Tensor => {
    const make = maker(variable.device, variable.dtype, seed);
    return floats(tree)
      .map((x) => dot(x, make(x.shape)))
      .reduce((x, y) => add(x, y), like(variable, 0));
  };
  // One run of the call gives all three.
  const first = grad(
    (xs: readonly Tensor[]) => {
      const value = f(...xs);
      return [weigh(value, 3), value] as const;
    },
    { hasAux: true },
  );
  const both = grad(
    (xs: readonly Tensor[]) => {
      const [gradient, value] = first(xs);
      return [weigh(gradient, 5), { gradient, value }] as const;
    },
    { hasAux: true },
  );
  const [second, { gradient, value }] = both(inputs);
  return { value: leaves(value), gradient: floats(gradient), 'second derivative': floats(second) };
}

async function compare(what: string, a: Backend, b: Backend, x: Tensor, y: Tensor, tolerance: number): Promise<void> {
  if (show(x.shape) !== show(y.shape))
    throw new ParityError(
      `parity: ${what}: expected equal shapes, got ${show(x.shape)} on ${a.name} and ${show(y.shape)} on ${b.name}`,
    );
  const [u, v] = [await x.read(), await y.read()];
  u.forEach((p, i) => {
    const q = v[i]!;
    if (Object.is(p, q) || p === q || Math.abs(p - q) <= tolerance * Math.max(1, Math.abs(p), Math.abs(q))) return;
    throw new ParityError(`parity: ${what}, element ${i}: expected ${p} as on ${a.name}, got ${q} on ${b.name}`);
  });
}
