import { countBy } from '../../../core/count.js';
import type { Backend, EachStep, Id, Plan, Program } from '../../../core/tensor.js';
import { fuse } from '../../plan/fuse.js';
import { layOut, type Laid } from '../../plan/layout.js';
import { described, namesOf, rootIn } from '../../plan/step.js';
import type { Run } from '../dispatch.js';
import type { Launcher } from '../engine/launcher.js';
import type { Memory, Window } from '../engine/memory.js';
import { actionsOf, callOf, inChain, type Action, type Find } from './actions.js';
import { lifetimes } from './lifetimes.js';

/** What a plan needs of its device. */
export interface PlanSite {
  readonly device: Backend;
  readonly gpu: Launcher;
  /** The device's way with an op. */
  readonly run: Run;
}

/**
 * A program as a list of launches: elementwise chains are one kernel for each result, calls on
 * constants are made once, views are windows, and a buffer is freed after the last launch that
 * reads it. Buffers are never written twice, so results may be windows on arguments; donated
 * arguments are released.
 */
export function planProgram(program: Program, site: PlanSite, mayRelease: (x: Window) => boolean): Plan {
  const { memory } = site.gpu;
  const laid = laidOut(program, site);
  const { places, results, views } = laid;
  const rootOf = rootIn(places);
  const steps = fuse(laid.steps, places, results, inChain(program.values));
  const actions = actionsOf(steps, program, laid, site.gpu, site.run);
  const constants = neededOf(laid.known, program, actions, memory);
  const { ends, buffers, bytes } = lifetimes(program, actions, constants, rootOf);
  const call = callOf(program.values, site.run);

  /** Windows on the results, from those on the inputs. */
  const execute = (
    given: readonly Window[],
    each: EachStep = (_, run) => {
      run();
    },
  ): Window[] => {
    const windows = new Map(constants);
    program.inputs.forEach((id, i) => windows.set(id, given[i]!));
    const made = new Map<number, Window[]>(); // by root
    const put = (id: Id, window: Window): Window => {
      windows.set(id, window);
      made.set(rootOf(id), [...(made.get(rootOf(id)) ?? []), window]);
      return window;
    };
    const at: Find = (id) => windows.get(id) ?? put(id, call(views.get(id)!)(at)[0]!);
    actions.forEach((action, i) => {
      each(i, () => {
        action.run(at).forEach((window, k) => put(action.outs[k]!, window));
      });
      for (const root of ends[i]!) made.get(root)?.forEach(memory.release);
    });
    return program.outputs.map((id) => memory.window(at(id), at(id).view));
  };
  return {
    stats: { steps: actions.length, ops: countBy(actions.flatMap(namesOf)), buffers, bytes },
    dispose: () => {
      constants.forEach(memory.release);
    },
    steps: () => actions.map((action) => described(action, program.values, places)),
    run: (inputs, donated, each) => {
      const given = inputs as readonly Window[];
      const made = memory.within(() => execute(given, each));
      given.forEach((window, i) => {
        if (donated[i] && mayRelease(window)) memory.release(window);
      });
      return made;
    },
  };
}

/** A program taken apart, with its constants, and what follows from them, on the device. */
function laidOut(program: Program, { device, gpu: { memory } }: PlanSite): Laid<Window> {
  let laid!: Laid<Window>;
  memory.within(() => {
    laid = layOut(program, device, (storage) => memory.window(storage as Window, (storage as Window).view));
    return [...laid.known.values()];
  });
  return laid;
}

/** Of what is known beforehand, what a plan needs, which is kept; the rest is released. */
function neededOf(
  known: ReadonlyMap<Id, Window>,
  { outputs }: Program,
  actions: readonly Action[],
  memory: Memory,
): Map<Id, Window> {
  const needed = new Set([...outputs, ...actions.flatMap(({ ins }) => ins)]);
  const constants = new Map([...known].filter(([id]) => needed.has(id)));
  for (const [id, window] of known) (constants.has(id) ? memory.keep : memory.release)(window);
  return constants;
}
