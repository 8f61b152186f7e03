import { swapsLastTwo } from '../core/shape.js';
import type { Call, Id, Program, Spec } from '../core/tensor.js';

/** How far sums are followed to their products: gradients have few terms. */
const DEEPEST = 64;

/**
 * The same program with (x y)' written as y' x' wherever a product is needed only transposed, as
 * weight gradients of linear layers are: views of the operands cost nothing, where reading the
 * product transposed would. The same holds for sums of products, and for other elementwise ops:
 * (f(x, y))' is f(x', y'). Every element stays the same sum in the same order. Calls that nobody
 * needs then are still there.
 */
export function transposeProducts(program: Program): Program {
  const writers = new Map<Id, Call>();
  const reads = new Map<Id, number>();
  for (const call of program.calls) {
    for (const id of call.ins) reads.set(id, (reads.get(id) ?? 0) + 1);
    for (const id of call.outs) writers.set(id, call);
  }
  for (const id of program.outputs) reads.set(id, Infinity);
  const values: Spec[] = [...program.values];

  /** A call that gives a value transposed. */
  const turnedCall = (call: Call, id: Id, ins: readonly Id[]): Call => {
    const { shape, dtype } = values[id]!;
    const out = values.push({ shape: [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!], dtype }) - 1;
    return { ...call, ins, outs: [out] };
  };
  /** A value transposed, and the calls for it; undefined where it is no sum of products. */
  const turned = (id: Id, swap: Call, depth = 0): Turned | undefined => {
    const call = writers.get(id);
    if (!call || reads.get(id) !== 1 || depth > DEEPEST) return undefined;
    if (depth > 0 && isSwap(call)) return { id: call.ins[0]!, calls: [] };
    if (call.op.traits?.reversedByTranspose) {
      const operands = call.ins.toReversed().map((x) => turnedCall(swap, x, [x]));
      return ending([...operands, turnedCall(call, id, operands.map(resultOf))]);
    }
    if (!call.op.scalar) return undefined;
    const terms = call.ins.flatMap((x) => turned(x, swap, depth + 1) ?? []);
    if (terms.length === 0 || terms.length < call.ins.length) return undefined;
    return ending([
      ...terms.flatMap(({ calls }) => calls),
      turnedCall(
        call,
        id,
        terms.map((term) => term.id),
      ),
    ]);
  };
  const calls = program.calls.flatMap((call) => {
    const made = isSwap(call) ? turned(call.ins[0]!, call)?.calls : undefined;
    return made ? [...made.slice(0, -1), { ...made.at(-1)!, outs: call.outs }] : [call];
  });
  return { ...program, values, calls };
}

/** A value, and the calls that make it. */
interface Turned {
  readonly id: Id;
  readonly calls: readonly Call[];
}
const resultOf = ({ outs }: Call): Id => outs[0]!;
const ending = (calls: readonly Call[]): Turned => ({ id: resultOf(calls.at(-1)!), calls });
const isSwap = (call: Call): boolean => swapsLastTwo(orderOf(call) ?? []);

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
