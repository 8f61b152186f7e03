import type { AnyOp, Call, Id, Program } from '../core/tensor.js';

/** The same program without calls that repeat an earlier one, and without those whose results nobody needs. */
export const simplify = (program: Program): Program => dropUnused(shareRepeated(program));

/** Ops are pure, so equal calls have equal results. */
function shareRepeated(program: Program): Program {
  const same = new Map<Id, Id>();
  const of = (id: Id): Id => same.get(id) ?? id;
  const opIds = new Map<AnyOp, number>();
  const seen = new Map<string, Call>();
  const calls: Call[] = [];
  for (const call of program.calls) {
    const ins = call.ins.map(of);
    if (!opIds.has(call.op)) opIds.set(call.op, opIds.size);
    const key = `${opIds.get(call.op)}(${ins.join(',')})${call.ins.length === 0 ? signature(program, call) : ''}${keyOf(call.attrs)}`;
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

/** Creation ops differ by what they create. */
const signature = ({ values }: Program, { outs }: Call): string =>
  outs.map((id) => `${values[id]!.dtype}[${values[id]!.shape.join(',')}]`).join();

/** Attributes as text; JSON alone would write NaN, infinities and -0 as other numbers. */
const keyOf = (attrs: unknown): string =>
  JSON.stringify(attrs, (_, v: unknown) => (typeof v === 'number' ? `#${Object.is(v, -0) ? '-0' : v}` : v)) ?? '';

function dropUnused(program: Program): Program {
  const needed = new Set<Id>(program.outputs);
  const calls: Call[] = [];
  for (const call of [...program.calls].reverse()) {
    if (!call.outs.some((id) => needed.has(id))) continue;
    for (const id of call.ins) needed.add(id);
    calls.unshift(call);
  }
  const constants = new Map([...program.constants].filter(([id]) => needed.has(id)));
  return { ...program, calls, constants };
}
