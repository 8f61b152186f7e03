import { compile, replay } from '../compile/index.js';
import { traceBody } from '../control/body.js';
import type { Backend, Spec, Tensor } from '../core/tensor.js';

/** A function of tensors alone, and what it is called with. */
export interface Flat {
  readonly inputs: readonly Spec[];
  readonly f: (...xs: Tensor[]) => readonly Tensor[];
}

/** What a search asks, as functions of tensors: so it can be compiled, or written down. */
export type Questions = Readonly<Record<string, Flat>>;

const mapFunctions = <Q extends Questions>(questions: Q, f: (flat: Flat, name: string) => Flat['f']): Q =>
  Object.fromEntries(Object.entries(questions).map(([name, flat]) => [name, { ...flat, f: f(flat, name) }])) as Q;

/** The same as plans of `compile`. */
export const compiled = <Q extends Questions>(questions: Q): Q => mapFunctions(questions, ({ f }) => compile(f));

/** Questions that were written down. */
export interface Written<Q> {
  /** The values that they capture. */
  readonly captured: readonly Tensor[];
  /**
   * The same questions with other values for what they captured. With `plans` they are plans, which
   * are made once.
   */
  readonly over: (plans: boolean) => (values: readonly Tensor[]) => Q;
}

/** Writes questions down for a device, without a look at any value. */
export function writtenFor<Q extends Questions>(who: string, device: Backend, questions: Q): Written<Q> {
  const captured: Tensor[] = [];
  const bodies = new Map(
    Object.entries(questions).map(([name, { inputs, f }]) => {
      const body = traceBody(device, who, (inside) => {
        const own = inputs.map((spec) => inside.input(spec));
        return { inputs: own, outputs: f(...own), parts: null };
      });
      const first = captured.push(...body.captured) - body.captured.length;
      return [name, { program: body.program, first, end: captured.length }];
    }),
  );
  const over = (plans: boolean) => {
    const calls = new Map(
      [...bodies].map(([name, { program }]) => {
        const call = (...xs: Tensor[]) => replay(program, device, xs);
        // Only plans run loops.
        const planned = plans || program.calls.some(({ op }) => op.loop);
        return [name, planned ? compile(call) : call];
      }),
    );
    return (values: readonly Tensor[]): Q =>
      mapFunctions(questions, (_, name) => {
        const { first, end } = bodies.get(name)!;
        const given = values.slice(first, end);
        return (...xs) => calls.get(name)!(...xs, ...given);
      });
  };
  return { captured, over };
}
