import type { Call, Id } from '../../../core/tensor.js';
import { rootIn, type Places, type Step } from '../../plan/step.js';
import { functionOf } from '../ops/elementwise.js';
import type { Chain } from './chain.js';

/**
 * One kernel of a fused step: what it reads, what it computes, and the calls that it stands for.
 */
export interface Kernel {
  readonly ins: readonly Id[];
  readonly out: Id;
  readonly chain: Chain;
  readonly calls: readonly Call[];
}

/**
 * Arrays that a kernel can read on every adapter: of WebGPU's eight storage buffers one is the
 * result.
 */
const ARRAYS = 7;

/**
 * The kernels of a chain: one for each value that others need, since a kernel has one result. What
 * only kernels of the chain need is computed anew in each of them, which takes no memory; but where
 * a kernel would read too many arrays, a part of it becomes a kernel of its own.
 */
export function kernelsOf({ calls, outs }: Step, places: Places): Kernel[] {
  const rootOf = rootIn(places);
  const writer = new Map(calls.map((call) => [rootOf(call.outs[0]!), call]));
  const made = new Set<Call>();
  const kernels: Kernel[] = [];
  /** The call whose result, not in memory yet, is read as `id`. */
  const inner = (id: Id): Call | undefined => {
    const call = writer.get(rootOf(id));
    return call && !made.has(call) ? call : undefined;
  };
  /** What has to be computed for a call, and what has to be read. */
  const coneOf = (call: Call): { cone: Call[]; ins: Id[] } => {
    const cone = new Set<Call>();
    const ins = new Set<Id>();
    const visit = (at: Call): void => {
      if (cone.has(at)) return;
      for (const id of at.ins) {
        const next = inner(id);
        if (next) visit(next);
        else ins.add(id);
      }
      cone.add(at);
    };
    visit(call);
    return { cone: [...cone], ins: [...ins] };
  };
  const make = (call: Call): void => {
    let { cone, ins } = coneOf(call);
    while (ins.length > ARRAYS) {
      const parts = cone.slice(0, -1).map((part) => ({ part, reads: coneOf(part).ins.length }));
      const fitting = parts.filter(({ reads }) => reads <= ARRAYS);
      make(fitting.reduce((a, b) => (b.reads > a.reads ? b : a)).part);
      ({ cone, ins } = coneOf(call));
    }
    const position = (id: Id): number => {
      const from = inner(id);
      return from ? ins.length + cone.indexOf(from) : ins.indexOf(id);
    };
    const chain = {
      operands: ins.length,
      calls: cone.map((part) => ({ fn: functionOf(part.op)!, of: part.ins.map(position) })),
    };
    kernels.push({ ins, out: call.outs[0]!, chain, calls: cone });
    made.add(call);
  };
  const needed = new Set(outs);
  for (const call of calls) if (needed.has(call.outs[0]!) && !made.has(call)) make(call);
  return kernels;
}
