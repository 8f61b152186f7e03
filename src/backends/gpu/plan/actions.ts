import { sizeOf } from '../../../core/shape.js';
import type { Call, Id, Program } from '../../../core/tensor.js';
import { rootIn, type Places, type Step } from '../../plan/step.js';
import type { Run } from '../dispatch.js';
import type { Launcher } from '../engine/launcher.js';
import { isNumber, type Window } from '../engine/memory.js';
import { functionOf } from '../ops/elementwise.js';
import { kernelsOf, type Kernel } from './chain-kernels.js';

/** Something that a plan does: reads values and makes others. */
export interface Action {
  readonly ins: readonly Id[];
  readonly outs: readonly Id[];
  readonly calls: readonly Call[];
  readonly run: (at: Find) => readonly Window[];
}

/** Finds the window of a value. */
export type Find = (id: Id) => Window;

/** A call as the device runs it, of the values of a program. */
export const callOf =
  (values: Program['values'], run: Run) =>
  ({ op, ins, outs, attrs }: Call): Action['run'] => {
    const specs = outs.map((id) => values[id]!);
    return (at) =>
      run(
        op,
        ins.map((id) => ({ dtype: values[id]!.dtype, window: at(id) })),
        specs,
        attrs,
      );
  };

/** Tells which steps can be part of a chain: elementwise calls on floats that have a kernel. */
export const inChain =
  (values: Program['values']) =>
  ({ calls: [call], ins, outs }: Step): boolean =>
    call !== undefined &&
    functionOf(call.op) !== undefined &&
    sizeOf(values[outs[0]!]!.shape) > 0 &&
    [...ins, ...outs].every((id) => values[id]!.dtype === 'float32');

/**
 * What a plan does for its steps: a kernel for each result of a chain, and other calls as they are.
 */
export function actionsOf(
  steps: readonly Step[],
  { values }: Program,
  { places, views }: { readonly places: Places; readonly views: ReadonlyMap<Id, Call> },
  gpu: Launcher,
  run: Run,
): Action[] {
  const call = callOf(values, run);
  return steps.flatMap((step): Action[] => {
    if (step.chain)
      return kernelsOf(step, places).map((kernel) => {
        const launch = gpu.chain(kernel.chain, values[kernel.out]!.shape);
        const alone = oneByOne(kernel, places, call);
        return {
          ins: kernel.ins,
          outs: [kernel.out],
          calls: kernel.calls,
          run: (at) => {
            const operands = kernel.ins.map(at);
            return [operands.every(isNumber) ? alone(at) : launch(operands)];
          },
        };
      });
    const [only = views.get(step.outs[0]!)!] = step.calls;
    return [{ ins: step.ins, outs: step.outs, calls: step.calls, run: call(only) }];
  });
}

/** The calls of a kernel without it: numbers stay in main memory, as they do outside of plans. */
function oneByOne({ calls, out }: Kernel, places: Places, call: (call: Call) => Action['run']): (at: Find) => Window {
  const rootOf = rootIn(places);
  const parts = calls.map((part) => ({ root: rootOf(part.outs[0]!), run: call(part) }));
  return (at) => {
    const inside = new Map<number, Window>();
    for (const { root, run } of parts) inside.set(root, run((id) => inside.get(rootOf(id)) ?? at(id))[0]!);
    return inside.get(rootOf(out))!;
  };
}
