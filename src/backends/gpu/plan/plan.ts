import { countBy } from '../../../core/count.js';
import { sizeOf } from '../../../core/shape.js';
import {
  Tensor,
  type AnyOp,
  type Backend,
  type Call,
  type Id,
  type Plan,
  type Program,
  type Spec,
} from '../../../core/tensor.js';
import { fuse } from '../../plan/fuse.js';
import { layOut, type Laid } from '../../plan/layout.js';
import { namesOf, rootIn, type Step } from '../../plan/step.js';
import { functionOf } from '../ops/elementwise.js';
import { kernelsOf } from './chain-kernels.js';
import { isNumber, type Memory, type Window } from '../engine/memory.js';
import type { Launcher } from '../engine/launcher.js';

/** What a plan needs of its device. */
export interface PlanSite {
  readonly device: Backend;
  readonly gpu: Launcher;
  readonly memory: Memory;
  /** The device's way with an op. */
  run(op: AnyOp, ins: readonly Tensor[], outs: readonly Spec[], attrs: unknown): readonly Window[];
}

/** Something that a plan does: reads values and makes others. */
interface Action {
  readonly ins: readonly Id[];
  readonly outs: readonly Id[];
  readonly calls: readonly Call[];
  run(at: (id: Id) => Window): readonly Window[];
}

/**
 * A program as a list of launches: elementwise chains are one kernel for each result, calls on
 * constants are made once, views are windows, and a buffer is freed after the last launch that
 * reads it. Buffers are never written twice, so results may be windows on arguments; donated
 * arguments are released.
 */
export function planProgram(program: Program, site: PlanSite, mayRelease: (x: Window) => boolean): Plan {
  const { values, inputs, outputs } = program;
  const { gpu, memory } = site;
  let laid!: Laid<Window>;
  memory.within(() => {
    laid = layOut(program, site.device, (storage) => memory.window(storage as Window, (storage as Window).view));
    return [...laid.known.values()];
  });
  const { places, results: needed, known, views } = laid;
  const steps = fuse(laid.steps, places, needed, inChain(values));
  const rootOf = rootIn(places);

  const call = ({ op, ins, outs, attrs }: Call) => {
    const specs = outs.map((id) => values[id]!);
    return (at: (id: Id) => Window) =>
      site.run(
        op,
        ins.map((id) => new Tensor(values[id]!.shape, values[id]!.dtype, site.device, at(id))),
        specs,
        attrs,
      );
  };
  const actions = steps.flatMap((step): Action[] => {
    if (!step.chain) {
      const [only = views.get(step.outs[0]!)!] = step.calls;
      return [{ ins: step.ins, outs: step.outs, calls: step.calls, run: call(only) }];
    }
    return kernelsOf(step, places).map(({ ins, out, chain, calls }) => {
      const launch = gpu.chain(chain, values[out]!.shape);
      const parts = calls.map((part) => ({ part, run: call(part) }));
      return {
        ins,
        outs: [out],
        calls,
        run: (at) => {
          const operands = ins.map(at);
          if (!operands.every(isNumber)) return [launch(operands)];
          // Numbers stay in main memory, as they do outside of plans.
          const inside = new Map<number, Window>();
          for (const { part, run } of parts)
            inside.set(rootOf(part.outs[0]!), run((id) => inside.get(rootOf(id)) ?? at(id))[0]!);
          return [inside.get(rootOf(out))!];
        },
      };
    });
  });

  const constants = new Map(
    [...known].filter(([id]) => outputs.includes(id) || actions.some(({ ins }) => ins.includes(id))),
  );
  for (const [id, window] of known) (constants.has(id) ? memory.keep : memory.release)(window);
  const { ends, buffers, bytes } = lifetimes(program, actions, constants, rootOf);

  return {
    stats: { steps: actions.length, ops: countBy(actions.flatMap(namesOf)), buffers, bytes },
    dispose: () => {
      constants.forEach(memory.release);
    },
    run: (given, donated) => {
      const windows = new Map(constants);
      inputs.forEach((id, i) => windows.set(id, given[i] as Window));
      const made = new Map<number, Window[]>(); // by root
      const put = (id: Id, window: Window): Window => {
        windows.set(id, window);
        made.set(rootOf(id), [...(made.get(rootOf(id)) ?? []), window]);
        return window;
      };
      const at = (id: Id): Window => windows.get(id) ?? put(id, call(views.get(id)!)(at)[0]!);
      const results = memory.within(() => {
        actions.forEach((action, i) => {
          action.run(at).forEach((window, k) => put(action.outs[k]!, window));
          for (const root of ends[i]!) made.get(root)?.forEach(memory.release);
        });
        return outputs.map((id) => memory.window(at(id), at(id).view));
      });
      given.forEach((x, i) => {
        if (donated[i] && mayRelease(x as Window)) memory.release(x as Window);
      });
      return results;
    },
  };
}

/** Tells which steps can be part of a chain. */
const inChain =
  (values: readonly Spec[]) =>
  ({ calls: [call], ins, outs }: Step): boolean =>
    call !== undefined &&
    functionOf(call.op) !== undefined &&
    sizeOf(values[outs[0]!]!.shape) > 0 &&
    [...ins, ...outs].every((id) => values[id]!.dtype === 'float32');

/** Buffers that end with each action, how many there are, and the most bytes alive at one time. */
function lifetimes(
  { values, inputs, outputs }: Program,
  actions: readonly Action[],
  constants: ReadonlyMap<Id, Window>,
  rootOf: (id: Id) => number,
) {
  const sizes = new Map<number, number>();
  const grow = (id: Id): void => {
    sizes.set(rootOf(id), 4 * sizeOf(values[id]!.shape));
  };
  for (const id of [...inputs, ...actions.flatMap(({ outs }) => outs)]) grow(id);
  const last = new Map<number, number>();
  actions.forEach(({ ins, outs }, i) => {
    for (const id of [...ins, ...outs]) last.set(rootOf(id), i);
  });
  for (const id of [...inputs, ...constants.keys(), ...outputs]) last.delete(rootOf(id));
  const ends: number[][] = actions.map(() => []);
  for (const [root, i] of last) ends[i]!.push(root);
  const bytesOf = (roots: Iterable<number>): number =>
    [...roots].reduce((sum, root) => sum + (sizes.get(root) ?? 0), 0);
  let alive = bytesOf(new Set(inputs.map(rootOf)));
  for (const { ticket } of constants.values()) alive += 4 * ticket.block.size;
  let bytes = alive;
  actions.forEach(({ outs }, i) => {
    alive += bytesOf(new Set(outs.map(rootOf)));
    bytes = Math.max(bytes, alive);
    alive -= bytesOf(ends[i]!);
  });
  return { ends, buffers: sizes.size + constants.size, bytes };
}
