import { countBy } from '../../../core/count.js';
import { BYTES, type Buffer, type DType } from '../../../core/dtype.js';
import { sizeOf } from '../../../core/shape.js';
import type { Backend, Id, Loop, Plan, PlanOptions, PlanStats, PlanStep, Program, View } from '../../../core/tensor.js';
import { dense, denseCopy, isContiguous, viewOf } from '../../../core/view.js';
import { fuse } from '../../plan/fuse.js';
import { layOut, layout } from '../../plan/layout.js';
import { described, namesOf, readsOf, rootIn, type Places, type Step } from '../../plan/step.js';
import { viewOfStorage } from '../../resident.js';
import { arrangeShared, type Lifetime } from './arena.js';
import { addBiases } from './biases.js';
import { exchange } from './exchange.js';
import { inPlace, overwrites, type InPlace } from './in-place.js';
import { loopOver } from './loop.js';
import { openMemory } from './memory.js';
import type { RunOp } from '../run-op.js';
import { encodeChains, type Chain } from '../simd/chain/chain.js';
import type { Alloc, Simd } from '../simd/wasm/instance.js';
import type { Pointer } from '../simd/wasm/kernels.js';
import { biasAxis, inChain, inOrder, simdStep, type Operand, type SimdStep } from '../simd/step.js';

/** What a plan needs of its device. */
export interface PlanSite {
  readonly device: Backend;
  /** The device's way with an op, where no SIMD kernel is bound to it. */
  readonly runOp: RunOp;
  /** The arena's memory and kernels, where there is SIMD. */
  readonly simd: Simd | undefined;
  /** Elements from which functions come from SIMD kernels rather than Math. */
  readonly leastWork: number;
  /** Whether a donated buffer has no other views. */
  mayReuse(data: Buffer): boolean;
}

/** A buffer of the arena. */
interface Root {
  readonly dtype: DType;
  readonly size: number;
  /** Elements that are there before the first call and stay. */
  readonly constant?: Buffer;
}

/**
 * A program over one arena of memory, whose layout is worked out beforehand: each value has its
 * place from the first step that writes it to the last that reads it, views take none, and calls on
 * constants are made once.
 */
export function planProgram(program: Program, site: PlanSite, { donated = [] }: PlanOptions = {}): Plan {
  const made = prepare(program, site, { donated });
  const { actions, view } = made.bind(made.alloc(made.scratch)); // for one step at a time
  const { enter, leave } = exchange(
    program.inputs.map(view),
    program.outputs.map((id) => [view(id), program.values[id]!] as const),
    made.stay,
    site.mayReuse,
  );
  return {
    stats: made.stats,
    steps: made.described,
    run: (inputs, given, each) => {
      const homes = enter(inputs, given);
      if (each)
        actions.forEach((action, i) => {
          each(i, action);
        });
      else for (const action of actions) action();
      return leave(homes);
    },
  };
}

/** A program whose memory is laid out. All of it has to be taken before any view of it is made. */
interface Prepared {
  readonly stats: PlanStats;
  /** Bytes of scratch memory that its steps need. */
  readonly scratch: number;
  readonly alloc: Alloc;
  readonly stay: readonly InPlace[];
  described(): readonly PlanStep[];
  rootOf(id: Id): number;
  /** Makes its steps, and finds its values, once all memory has been taken. */
  bind(scratch: Pointer): { readonly actions: readonly (() => void)[]; readonly view: (id: Id) => View };
}

/** Where a program stands: alone, or as the body of a loop. */
interface Setting {
  readonly donated: readonly boolean[];
  /** Of the body of a loop: the memory of the plan around it, and where inputs lie there. */
  readonly within?: {
    readonly alloc: Alloc;
    readonly elsewhere: ReadonlyMap<Id, Pointer>;
    /** Inputs that the next step needs too. */
    readonly lasting: readonly Id[];
  };
}

function prepare(program: Program, site: PlanSite, { donated, within }: Setting): Prepared {
  const { runOp, simd, leastWork } = site;
  const { places, roots, steps, buffers, placed } = arrangeSteps(program, site);
  const rootOf = rootIn(places);
  const ordered = simd ? inOrder(placed) : () => false;
  const stay = inPlace(program, donated, places, steps, ordered);
  const state = stay.map((s) => [rootOf(program.outputs[s.output]!), rootOf(program.inputs[s.input]!)] as const);
  const passing = overwrites(steps, places, new Set(program.outputs.map(rootOf)), ordered);
  const elsewhere = new Map([...(within?.elsewhere ?? [])].map(([id, at]) => [rootOf(id), at]));
  const lives = lifetimes(program, places, roots, steps, within?.lasting).map((life, root) =>
    elsewhere.has(root) ? { ...life, bytes: 0 } : life,
  );
  const memory = openMemory(simd, arrangeShared(lives, [...state, ...passing]), within && { ...within, elsewhere });

  const view = (id: Id): View => memory.view(places.get(id)!.view, program.values[id]!.dtype, rootOf(id));
  const operand = (id: Id): Operand => {
    const { view: v, dtype } = placed(id);
    return { at: memory.address(rootOf(id)) + v.offset * BYTES[dtype], view: v, dtype };
  };
  const loops: PlanStats[] = [];
  const loopStep = (step: Step, loop: Loop): SimdStep => {
    const body = prepareBody(loop, step, site, { alloc: memory.alloc, operand });
    loops.push(body.stats);
    return { scratch: body.scratch, at: (scratch) => body.over(scratch, step.ins.map(view), step.outs.map(view)) };
  };
  // Steps may take more memory, so all of them are made before any view of it.
  const fast = steps.map((step) => {
    const loop = loopOf(step);
    if (loop) return loopStep(step, loop);
    return simd && !step.chain ? simdStep(simd, memory.alloc, step, operand, leastWork) : undefined;
  });
  const bind = (scratch: Pointer) => {
    const chains = chainsOf(simd, steps, places, operand);
    const actions = steps.map((step, i) =>
      step.chain ? chains.shift()! : (fast[i]?.at(scratch) ?? plain(step, view, runOp)),
    );
    roots.forEach(({ dtype, constant }, root) => {
      if (!constant) return;
      const place = memory.view(layout([constant.length]), dtype, root);
      place.data.set(constant, place.offset);
    });
    return { actions, view };
  };
  const own = { steps: steps.length, buffers: buffers - state.length - passing.length, bytes: memory.bytes };
  return {
    stats: statsOf(own, steps.flatMap(namesOf), loops),
    scratch: Math.max(0, ...fast.map((step) => step?.scratch ?? 0)),
    alloc: (bytes) => (simd ? memory.alloc(bytes) : 0),
    stay,
    described: () => steps.map((step) => described({ ...step, ins: readsOf(step) }, program.values, places)),
    rootOf,
    bind,
  };
}

/** The loop of a step that is one. */
const loopOf = ({ calls: [call] }: Step): Loop | undefined => call?.op.loop?.(call.attrs);

/** The body of a loop as a plan within a plan: what all steps share lies where the loop has it. */
function prepareBody(
  loop: Loop,
  { ins }: Step,
  site: PlanSite,
  { alloc, operand }: { readonly alloc: Alloc; readonly operand: (id: Id) => Operand },
) {
  const { program, carried, sliced } = loop;
  const shared = ins
    .map(operand)
    .map(({ view, at }, k) => (k >= carried + sliced && isContiguous(view) ? at : undefined));
  const elsewhere = new Map(
    site.simd ? shared.flatMap((at, k) => (at === undefined ? [] : [[program.inputs[k]!, at] as const])) : [],
  );
  const donated = program.inputs.map((_, k) => k < carried);
  const lasting = program.inputs.filter((_, k) => k < carried || k >= carried + sliced);
  const body = prepare(program, site, { donated, within: { alloc, elsewhere, lasting } });
  const { stats, scratch, stay, rootOf } = body;
  const over = (at: Pointer, from: readonly View[], to: readonly View[]): (() => void) => {
    const { actions, view } = body.bind(at);
    const place = (id: Id) => ({ root: rootOf(id), view: view(id), dtype: program.values[id]!.dtype });
    const made = {
      inputs: program.inputs.map(place),
      outputs: program.outputs.map(place),
      outside: (k: number) => elsewhere.has(program.inputs[k]!),
      inPlace: new Set(stay.map(({ output }) => output)),
      actions,
    };
    return loopOver(loop, made, from, to);
  };
  return { stats, scratch, over };
}

/** What a plan costs with the loops in it. */
function statsOf(own: Omit<PlanStats, 'ops'>, names: readonly string[], loops: readonly PlanStats[]): PlanStats {
  const ops: Record<string, number> = countBy(names);
  for (const [name, n] of loops.flatMap((loop) => Object.entries(loop.ops))) ops[name] = (ops[name] ?? 0) + n;
  const total = (of: (stats: Omit<PlanStats, 'ops'>) => number): number =>
    [own, ...loops].reduce((n, s) => n + of(s), 0);
  return { steps: total((s) => s.steps), ops, buffers: total((s) => s.buffers), bytes: total((s) => s.bytes) };
}

/** The buffers and steps of a program; of steps that SIMD kernels can join, one is left. */
function arrangeSteps(program: Program, { device, simd, leastWork }: PlanSite) {
  const { values, inputs, outputs } = program;
  const { places, roots: madeFor, results, known, steps: unfused } = layOut(program, device, viewOfStorage);
  const placed = (id: Id): Operand => ({ at: 0, view: places.get(id)!.view, dtype: values[id]!.dtype });
  const steps = simd
    ? fuse(addBiases(unfused, places, results, biasAxis(placed)), places, results, inChain(placed, leastWork))
    : unfused;
  const reached = [inputs, outputs, ...steps.flatMap((step) => [readsOf(step), step.outs])].flat();
  const used = new Set(reached.map(rootIn(places)));
  const roots = madeFor.map((id, root): Root => {
    const { dtype, shape } = values[id]!;
    if (!used.has(root)) return { dtype, size: 0 }; // a constant of which only others were made
    const constant = known.get(id);
    return { dtype, size: sizeOf(shape), ...(constant && { constant: dense(constant) }) };
  });
  return { places, roots, steps, buffers: used.size, placed };
}

/**
 * From the first step that writes a buffer to the last that reads it; inputs are there from before
 * the first, results until after the last. Inputs that are `lasting` are there for the next run.
 */
function lifetimes(
  { inputs, outputs }: Program,
  places: Places,
  roots: readonly Root[],
  steps: readonly Step[],
  lasting: readonly Id[] = [],
): Lifetime[] {
  const lives = roots.map(({ dtype, size, constant }) => ({
    bytes: size * BYTES[dtype],
    first: constant ? -1 : Infinity,
    last: constant ? Infinity : -1,
  }));
  const rootOf = rootIn(places);
  const touch = (id: Id, step: number): void => {
    const life = lives[rootOf(id)]!;
    life.first = Math.min(life.first, step);
    life.last = Math.max(life.last, step);
  };
  for (const id of inputs) touch(id, -1);
  steps.forEach((step, i) => {
    for (const id of [...readsOf(step), ...step.outs]) touch(id, i);
  });
  for (const id of [...outputs, ...lasting]) touch(id, steps.length);
  return lives;
}

/** The chains of a plan as functions, in order. */
function chainsOf(
  simd: Simd | undefined,
  steps: readonly Step[],
  places: Places,
  operand: (id: Id) => Operand,
): (() => void)[] {
  const chains = steps.filter(({ chain }) => chain).map((step) => chainOf(step, places, operand));
  if (!simd || chains.length === 0) return [];
  const made = simd.link(encodeChains(chains, simd.sharedUpTo)) as Readonly<Record<string, () => void>>;
  return chains.map((_, i) => made[i]!);
}

function chainOf({ calls, ins, outs }: Step, places: Places, operand: (id: Id) => Operand): Chain {
  const rootOf = rootIn(places);
  const written = new Map(calls.map((call, i) => [rootOf(call.outs[0]!), ins.length + i]));
  const value = (id: Id): number => written.get(rootOf(id)) ?? ins.indexOf(id);
  return {
    shape: operand(outs[0]!).view.shape,
    operands: ins.map(operand).map(({ at, view }) => ({ at, stride: view.stride })),
    calls: calls.map(({ op, ins: of }) => ({ op: op.kernel!, ins: of.map(value) })),
    results: outs.map((id) => ({ value: value(id), at: operand(id).at })),
  };
}

/** A step by the device's own kernels. */
function plain({ calls: [call], ins, outs }: Step, view: (id: Id) => View, runOp: RunOp): () => void {
  const [from, to] = [ins.map(view), outs.map(view)];
  if (!call) {
    const [x, out] = [from[0]!, to[0]!];
    const copy = denseCopy(x);
    return () => {
      copy(out.data, out.offset);
    };
  }
  // Kernels fill row-major buffers of their own size that hold zeros.
  const windows = to.map((v) => viewOf(v.data.subarray(v.offset, v.offset + v.size), v.shape));
  const { op, attrs } = call;
  return op.scalar
    ? () => {
        runOp(op, from, windows, attrs);
      }
    : () => {
        for (const w of windows) w.data.fill(0);
        runOp(op, from, windows, attrs);
      };
}
