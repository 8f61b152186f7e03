import type { Call, Id, Program } from '../core/tensor.js';
import { cancelTransposes, transposeProducts } from './transpose-products.js';

/**
 * The same program without calls that repeat an earlier one, and without those whose results nobody
 * needs.
 */
export const simplify = (program: Program): Program =>
  dropUnused(shareRepeated(transposeProducts(dropUnused(shareRepeated(cancelTransposes(program))))));

/** Ops are pure, so equal calls have equal results. */
function shareRepeated(program: Program): Program {
  const same = new Map<Id, Id>();
  const of = (id: Id): Id => same.get(id) ?? id;
  const idOf = numbering();
  const seen = new Map<string, Call>();
  const calls: Call[] = [];
  for (const call of program.calls) {
    const ins = call.ins.map(of);
    const key = `${idOf(call.op)}(${ins.join(',')})${keyOf(call.attrs, idOf)}`;
    const before = seen.get(key);
    if (before) call.outs.forEach((id, i) => same.set(id, before.outs[i]!));
    else {
      const kept = { ...call, ins };
      seen.set(key, kept);
      calls.push(kept);
    }
  }
  return { ...program, calls, outputs: program.outputs.map(of) };
}

/** Things by number: the same for the same thing. */
function numbering(): (thing: unknown) => number {
  const numbers = new Map<unknown, number>();
  return (thing) => {
    const known = numbers.get(thing);
    if (known !== undefined) return known;
    numbers.set(thing, numbers.size);
    return numbers.size - 1;
  };
}

/**
 * Attributes as text; JSON alone would write NaN, infinities and -0 as other numbers, and lose
 * functions and the insides of maps.
 */
const keyOf = (attrs: unknown, idOf: (thing: unknown) => number): string =>
  JSON.stringify(attrs, (_, v: unknown) => {
    if (typeof v === 'number') return `#${Object.is(v, -0) ? '-0' : v}`;
    return isPlain(v) ? v : `@${idOf(v)}`;
  });

/** True for what JSON writes down whole. */
function isPlain(v: unknown): boolean {
  if (typeof v === 'boolean' || v === null || Array.isArray(v)) return true;
  if (typeof v !== 'object') return false;
  const proto: unknown = Object.getPrototypeOf(v);
  return proto === Object.prototype || proto === null;
}

function dropUnused(program: Program): Program {
  const needed = new Set<Id>(program.outputs);
  const calls: Call[] = [];
  for (let i = program.calls.length - 1; i >= 0; i--) {
    const call = program.calls[i]!;
    if (!call.outs.some((id) => needed.has(id))) continue;
    const kept = narrowed(call, needed);
    for (const id of kept.ins) needed.add(id);
    calls.push(kept);
  }
  const constants = new Map([...program.constants].filter(([id]) => needed.has(id)));
  return { ...program, calls: calls.reverse(), constants };
}

/** A loop without the slices that nobody needs, and without inputs that are then of no use. */
function narrowed(call: Call, needed: ReadonlySet<Id>): Call {
  const loop = call.op.loop?.(call.attrs);
  if (!loop) return call;
  const { carried, sliced, guarded } = loop;
  const outs = [...call.outs.keys()].filter((k) => k < carried || needed.has(call.outs[k]!));
  if (outs.length === call.outs.length) return call;
  const program = simplify({ ...loop.program, outputs: outs.map((k) => loop.program.outputs[k]!) });
  const read = new Set([...program.outputs, ...program.calls.flatMap(({ ins }) => ins)]);
  const stays = (k: number): boolean => k < carried || (guarded === true && k === carried + sliced);
  const ins = [...call.ins.keys()].filter((k) => stays(k) || read.has(program.inputs[k]!));
  const inputs = ins.map((k) => program.inputs[k]!);
  const slices = ins.filter((k) => k >= carried && k < carried + sliced).length;
  const left = { ...loop, program: { ...program, inputs }, sliced: slices };
  return { ...call, ins: ins.map((k) => call.ins[k]!), outs: outs.map((k) => call.outs[k]!), attrs: () => left };
}
