import { swapsLastTwo } from '../core/shape.js';
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
    if (!swapsLastTwo(orderOf(reader) ?? [])) continue;
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

const orderOf = ({ op, attrs }: Call): readonly number[] | undefined => op.traits?.permutation?.(attrs);

/** The same program without transpositions that only turn back what others have turned. */
export function cancelTransposes(program: Program): Program {
  const turned = new Map<Id, Call>();
  const same = new Map<Id, Id>();
  const of = (id: Id): Id => same.get(id) ?? id;
  const calls = program.calls.map((given): Call => {
    const call = { ...given, ins: given.ins.map(of) };
    const order = orderOf(call);
    if (!order) return call;
    const before = turned.get(call.ins[0]!);
    const inner = before && orderOf(before)!;
    if (inner && order.every((axis, i) => inner[axis] === i)) same.set(call.outs[0]!, before.ins[0]!);
    else turned.set(call.outs[0]!, call);
    return call;
  });
  return { ...program, calls, outputs: program.outputs.map(of) };
}
