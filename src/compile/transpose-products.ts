import type { Call, Id, Program, Spec } from '../core/tensor.js';

/**
 * The same program with (x y)' written as y' x' wherever a product is needed only transposed, as
 * weight gradients of linear layers are: views of the operands cost nothing, where reading the
 * product transposed would. Every element stays the same sum in the same order.
 */
export function transposeProducts(program: Program): Program {
  const readers = new Map<Id, Call[]>();
  for (const call of program.calls) for (const id of call.ins) readers.set(id, [...(readers.get(id) ?? []), call]);
  const results = new Set(program.outputs);
  const values: Spec[] = [...program.values];
  const replaced = new Map<Call, Call[]>(); // the product by nothing, its transposition by the other product

  for (const product of program.calls) {
    const [reader, ...others] = readers.get(product.outs[0]!) ?? [];
    if (!product.op.traits?.reversedByTranspose || !reader || others.length > 0 || results.has(product.outs[0]!))
      continue;
    if (!swapsLastTwo(reader)) continue;
    const turned = [...product.ins].reverse().map((id): Call => {
      const { shape, dtype } = values[id]!;
      const out = values.push({ shape: [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!], dtype }) - 1;
      return { ...reader, ins: [id], outs: [out] };
    });
    replaced.set(product, []);
    replaced.set(reader, [...turned, { ...product, ins: turned.map(({ outs }) => outs[0]!), outs: reader.outs }]);
  }
  return { ...program, values, calls: program.calls.flatMap((call) => replaced.get(call) ?? [call]) };
}

/** True for a transposition of the last two axes and no others. */
function swapsLastTwo({ op, attrs }: Call): boolean {
  const perm = op.traits?.permutation?.(attrs);
  if (!perm) return false;
  const rank = perm.length;
  return perm.every((axis, i) => axis === (i < rank - 2 ? i : 2 * rank - 3 - i));
}
