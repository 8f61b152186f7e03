import { sources } from '../../../kernels/gpu/generated/sources.js';
import { sizeOf, type Shape } from '../../core/shape.js';
import type { View } from '../../core/tensor.js';
import type { Recipe } from './facade.js';

/** An elementwise kernel written for its operands' strides: `fn` of one element of each; a null operand is a number. */
export function mapRecipe(fn: string, shape: Shape, operands: readonly (View | null)[]): Recipe {
  const arrays = operands.filter((view) => view !== null);
  const { lengths, strides } = merge(shape, arrays);
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
  const args = operands.map((view, i) => {
    if (!view) return `x${i}`;
    return `x${i}[${indexOf(coordinates, strides[array++]!, view.offset)}]`;
  });
  const { source, uses } = sources[fn]!;
  return {
    source: `function map(${operands.map((_, i) => `x${i}`).join(', ')}) {\n${lines.join('\n')}\nreturn ${fn}(${args.join(', ')});\n}`,
    helpers: [...new Set(['quotient', ...uses])].map((name) => sources[name]!.source).concat(source),
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

/** The fewest axes that say the same: those of length 1 dropped, and neighbours joined where every operand steps evenly over both. */
export function merge(
  shape: Shape,
  views: readonly View[],
): { readonly lengths: readonly number[]; readonly strides: readonly (readonly number[])[] } {
  const lengths: number[] = [];
  const strides: number[][] = views.map(() => []);
  shape.forEach((length, axis) => {
    if (length === 1) return;
    const last = lengths.length - 1;
    if (last >= 0 && views.every((v, i) => strides[i]![last] === v.stride[axis]! * length)) {
      lengths[last]! *= length;
      views.forEach((v, i) => {
        strides[i]![last] = v.stride[axis]!;
      });
    } else {
      lengths.push(length);
      views.forEach((v, i) => {
        strides[i]!.push(v.stride[axis]!);
      });
    }
  });
  return { lengths, strides };
}
