import { sources } from '../../../../kernels/gpu/generated/sources.js';
import { sizeOf, type Shape } from '../../../core/shape.js';
import type { View } from '../../../core/tensor.js';
import { mergeAxes } from '../../../core/view.js';
import type { Recipe } from '../engine/engine.js';

/**
 * Elementwise calls on the same elements, each after those whose results it takes; the last one's
 * result is that of the chain.
 */
export interface Chain {
  /** How many operands there are. */
  readonly operands: number;
  /**
   * Functions of `kernels/gpu`, and what of: an operand by its position, or the result of a call by
   * its position behind them.
   */
  readonly calls: readonly { readonly fn: string; readonly of: readonly number[] }[];
}

/** The chain of one function. */
export const sole = (fn: string, operands: number): Chain => ({
  operands,
  calls: [{ fn, of: Array.from({ length: operands }, (_, i) => i) }],
});

/**
 * An elementwise kernel written for its operands' strides; a null operand is a number. `rounds`:
 * for a mode that counts in double precision, where values in between are rounded to float32.
 */
export function chainRecipe(
  { calls }: Chain,
  shape: Shape,
  operands: readonly (View | null)[],
  rounds: boolean,
): Recipe {
  const arrays = operands.filter((view) => view !== null);
  const { shape: lengths, strides } = mergeAxes(
    shape,
    arrays.map(({ stride }) => stride),
  );
  const lines = ['const cell = this.thread.x;'];
  const coordinates: string[] = [];
  let rest = 'cell';
  for (let axis = lengths.length - 1; axis > 0; axis--) {
    lines.push(
      `const q${axis} = quotient(${rest}, ${lengths[axis]!});`,
      `const c${axis} = ${rest} - q${axis} * ${lengths[axis]!};`,
    );
    coordinates[axis] = `c${axis}`;
    rest = `q${axis}`;
  }
  coordinates[0] = rest;
  let array = 0;
  const values = operands.map((view, i) =>
    view ? `x${i}[${indexOf(coordinates, strides[array++]!, view.offset)}]` : `x${i}`,
  );
  const reads = values.map((_, i) => calls.reduce((n, { of }) => n + of.filter((k) => k === i).length, 0));
  values.forEach((value, i) => {
    if (!operands[i] || reads[i]! < 2) return; // read once
    lines.push(`const a${i} = ${value};`);
    values[i] = `a${i}`;
  });
  const last = calls.length - 1;
  calls.forEach(({ fn, of }, i) => {
    const value = `${fn}(${of.map((k) => values[k]!).join(', ')})`;
    lines.push(i === last ? `return ${value};` : `const v${i} = ${rounds ? `Math.fround(${value})` : value};`);
    values.push(`v${i}`);
  });
  const functions = new Set(calls.map(({ fn }) => fn));
  const helpers = new Set(['quotient', ...[...functions].flatMap((fn) => [...sources[fn]!.uses, fn])]);
  return {
    source: `function map(${operands.map((_, i) => `x${i}`).join(', ')}) {\n${lines.join('\n')}\n}`,
    helpers: [...helpers].map((name) => sources[name]!.source),
    size: sizeOf(shape),
    constants: {},
  };
}

/** offset + the sum of coordinate stride, as text. */
function indexOf(coordinates: readonly string[], stride: readonly number[], offset: number): string {
  let text = '';
  stride.forEach((step, axis) => {
    if (step === 0) return;
    const term = Math.abs(step) === 1 ? coordinates[axis]! : `${coordinates[axis]!} * ${Math.abs(step)}`;
    text += step < 0 ? ` - ${term}` : text === '' && offset === 0 ? term : ` + ${term}`;
  });
  return text === '' || offset !== 0 || text.startsWith(' -') ? `${offset}${text}` : text;
}
