import { elementwiseOps } from '../../../../../kernels/simd/generated/wasm.js';
import type { Shape } from '../../../../core/shape.js';
import { mergeAxes, offsetsOf } from '../../../../core/view.js';
import type { Simd } from '../wasm/instance.js';
import type { Pointer } from '../wasm/kernels.js';
import { chainOp } from '../chain/arithmetic.js';
import { planned, type SimdOp } from './op.js';

/**
 * Plans an elementwise op over `shape` into row-major `out`; `strides` of each operand in elements,
 * 0 where it is repeated. Undefined where the op has no kernel, or an operand does not run in steps
 * of 0 or 1 along the innermost axis: copy it row-major first.
 */
export function planElementwise(
  { kernels }: Simd,
  op: string,
  shape: Shape,
  strides: readonly (readonly number[])[],
): ((out: Pointer, ...ins: Pointer[]) => void) | undefined {
  const code = elementwiseOps[strides.length]?.indexOf(op) ?? -1;
  const merged = mergeAxes(shape, strides);
  const rank = merged.shape.length;
  const inner = merged.strides.map((s) => s.at(-1) ?? 0);
  if (code < 0 || inner.some((s) => s !== 0 && s !== 1)) return undefined;
  const [d0, d1, n] = [merged.shape[rank - 3] ?? 1, merged.shape[rank - 2] ?? 1, merged.shape[rank - 1] ?? 1];
  const steps = merged.strides.map((s) => [rank - 3, rank - 2, rank - 1].map((i) => 4 * (s[i] ?? 0)));
  const [x, y, z] = steps as [number[], number[]?, number[]?];
  const run = (out: Pointer, a: Pointer, b: Pointer, c: Pointer): void => {
    if (!y) kernels.unary(code, out, a, x[0]!, x[1]!, x[2]!, d0, d1, n);
    else if (!z) kernels.binary(code, out, a, x[0]!, x[1]!, x[2]!, b, y[0]!, y[1]!, y[2]!, d0, d1, n);
    else kernels.ternary(code, out, a, x[0]!, x[1]!, x[2]!, b, y[0]!, y[1]!, y[2]!, c, z[0]!, z[1]!, z[2]!, d0, d1, n);
  };
  if (rank <= 3)
    return (out, a = 0, b = 0, c = 0) => {
      run(out, a, b, c);
    };
  const outer = merged.strides.map((s) => offsetsOf(merged.shape.slice(0, -3), s.slice(0, -3)));
  return (out, a = 0, b = 0, c = 0) => {
    for (let i = 0; i < outer[0]!.length; i++) {
      const at = (k: number) => 4 * (outer[k]?.[i] ?? 0);
      run(out + 4 * i * d0 * d1 * n, a + at(0), b + at(1), c + at(2));
    }
  };
}

const recordOf = (op: string): SimdOp<null> => ({
  operands: 'repeated',
  inexact: chainOp(op)?.inexact,
  plan: (simd, _, ins, [out]) => {
    if (ins.some(({ dtype }) => dtype !== 'float32')) return undefined;
    const strides = ins.map(({ view }) => view.stride);
    const run = planElementwise(simd, op, out!.view.shape, strides);
    return (
      run &&
      planned((at) => {
        run(at[ins.length]!, ...at);
      })
    );
  },
});

/** Every elementwise op that has a kernel, by its name. */
export const elementwise: Readonly<Record<string, SimdOp<null>>> = Object.fromEntries(
  elementwiseOps.flat().map((op) => [op, recordOf(op)]),
);
