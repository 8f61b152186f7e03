import { allocate, type Buffer, type DType } from '../../core/dtype.js';
import { sizeOf } from '../../core/shape.js';
import type { Backend, Call, Id, Plan, Program, Spec, View } from '../../core/tensor.js';
import { Tensor } from '../../core/tensor.js';
import { dense, isContiguous, offsetsOf, viewOf } from '../../core/view.js';
import { arrange, type Lifetime } from './arena.js';
import { openMemory } from './memory.js';
import type { RunOp } from './run-op.js';
import type { Simd } from './simd/instance.js';
import { simdStep, type Operand } from './simd/step.js';

/** Where a value lies: strides and offset (in elements) within a buffer of the arena. */
interface Place {
  readonly root: number;
  readonly view: View;
}
/** A buffer of the arena. */
interface Root {
  readonly dtype: DType;
  readonly size: number;
  /** Elements that are there before the first call and stay. */
  readonly constant?: Buffer;
}
/** What a call does: a kernel, or a row-major copy of its input that a view needs. */
interface Step {
  readonly call: Call | null;
  readonly ins: readonly Id[];
  readonly outs: readonly Id[];
}

const BYTES: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4 };
const nothing: Readonly<Record<DType, Buffer>> = {
  float32: new Float32Array(0),
  float64: new Float64Array(0),
  int32: new Int32Array(0),
};

/**
 * A program over one arena of memory, whose layout is worked out beforehand: each value has its place from the first step that writes it
 * to the last that reads it, views take none, and calls on constants are made once. `simd` gives the arena's memory and kernels, where
 * there is any; `runOp` is the device's way with an op, for all others; `mayReuse` tells whether a donated buffer has no other views.
 */
export function planProgram(
  program: Program,
  device: Backend,
  runOp: RunOp,
  simd: Simd | undefined,
  mayReuse: (data: Buffer) => boolean,
): Plan {
  const { places, roots, steps, buffers } = layOut(program, device);
  const memory = openMemory(simd, arrange(lifetimes(program, places, roots, steps)));

  const view = (id: Id): View => memory.view(places.get(id)!.view, program.values[id]!.dtype, places.get(id)!.root);
  const operand = (id: Id): Operand => {
    const { view: v, root } = places.get(id)!;
    return {
      at: memory.address(root) + v.offset * BYTES[program.values[id]!.dtype],
      view: v,
      dtype: program.values[id]!.dtype,
    };
  };
  // SIMD steps may take more memory, so all of them are made before any view of it.
  const fast = steps.map(({ call, ins, outs }) =>
    simd && call ? simdStep(simd, memory.alloc, call, ins.map(operand), outs.map(operand)) : undefined,
  );
  const actions = steps.map((step, i) => fast[i] ?? plain(step, view, runOp));
  roots.forEach(({ dtype, constant }, root) => {
    if (!constant) return;
    const place = memory.view(viewOf(nothing[dtype], [constant.length]), dtype, root);
    place.data.set(constant, place.offset);
  });
  const writers = program.inputs.map(view);
  const readers = program.outputs.map((id) => reader(view(id), program.values[id]!));

  return {
    stats: {
      steps: steps.length,
      ops: countBy(steps.map(({ call }) => call?.op.name ?? 'copy')),
      buffers,
      bytes: memory.bytes,
    },
    run: (inputs, donated) => {
      const spare = new Set<Buffer>(); // a tensor may be given twice
      inputs.forEach((storage, i) => {
        const from = storage as View;
        const elements = dense(from);
        writers[i]!.data.set(elements, writers[i]!.offset);
        if (donated[i] && elements === from.data && mayReuse(elements)) spare.add(elements);
      });
      for (const action of actions) action();
      // All memory first: where there is none left, donated arguments are still whole.
      const homes = readers.map((r) => r.home(spare));
      return readers.map((r, i) => r.fill(homes[i]!));
    },
  };
}

/** Strides of every value, the buffers they lie in, and the steps that are left: views and calls on constants are none. */
function layOut({ values, inputs, constants, calls, outputs }: Program, device: Backend) {
  const places = new Map<Id, Place>();
  const roots: Root[] = [];
  const steps: Step[] = [];
  const known = new Map<Id, View>(); // constants, and what follows from them
  const placeNew = (id: Id, constant?: View): void => {
    const { dtype, shape } = values[id]!;
    places.set(id, { root: roots.length, view: viewOf(nothing[dtype], shape) });
    roots.push({ dtype, size: sizeOf(shape), ...(constant && { constant: dense(constant) }) });
  };
  for (const id of inputs) placeNew(id);
  for (const [id, storage] of constants) {
    known.set(id, storage as View);
    placeNew(id, storage as View);
  }
  for (const call of calls) {
    const { op, ins, outs, attrs } = call;
    let constant: readonly View[] | undefined;
    if (ins.every((id) => known.has(id))) {
      const tensors = ins.map((id) => new Tensor(values[id]!.shape, values[id]!.dtype, device, known.get(id)));
      constant = device.run(op, tensors, outs.map((id) => values[id]!), attrs) as View[]; // prettier-ignore
      for (const [i, id] of outs.entries()) known.set(id, constant[i]!);
    }
    const from = op.view && places.get(ins[0]!)!;
    const window = from && op.view!(from.view, values[outs[0]!]!.shape, attrs);
    if (window) {
      places.set(outs[0]!, { root: from.root, view: window });
      continue;
    }
    for (const [i, id] of outs.entries()) placeNew(id, constant?.[i]);
    if (!constant) steps.push({ call: op.view ? null : call, ins, outs });
  }
  const used = new Set<number>();
  for (const id of [inputs, outputs, ...steps.flatMap((step) => [step.ins, step.outs])].flat())
    used.add(places.get(id)!.root);
  roots.forEach((root, i) => {
    if (!used.has(i)) roots[i] = { dtype: root.dtype, size: 0 }; // a constant of which only others were made
  });
  return { places, roots, steps, buffers: used.size };
}

/** From the first step that writes a buffer to the last that reads it; inputs are there from before the first, results until after the last. */
function lifetimes(
  { inputs, outputs }: Program,
  places: ReadonlyMap<Id, Place>,
  roots: readonly Root[],
  steps: readonly Step[],
): Lifetime[] {
  const lives = roots.map(({ dtype, size, constant }) => ({
    bytes: size * BYTES[dtype],
    first: constant ? -1 : Infinity,
    last: constant ? Infinity : -1,
  }));
  const touch = (id: Id, step: number): void => {
    const life = lives[places.get(id)!.root]!;
    life.first = Math.min(life.first, step);
    life.last = Math.max(life.last, step);
  };
  for (const id of inputs) touch(id, -1);
  steps.forEach(({ ins, outs }, i) => {
    for (const id of [...ins, ...outs]) touch(id, i);
  });
  for (const id of outputs) touch(id, steps.length);
  return lives;
}

/** A step by the device's own kernels. */
function plain({ call, ins, outs }: Step, view: (id: Id) => View, runOp: RunOp): () => void {
  const [from, to] = [ins.map(view), outs.map(view)];
  if (!call) {
    const [x, out] = [from[0]!, to[0]!];
    const at = offsetsOf(x.shape, x.stride, x.offset);
    return () => {
      for (let i = 0; i < at.length; i++) out.data[out.offset + i] = x.data[at[i]!]!;
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

/** How a result leaves: its new home is a spare buffer of its size if there is one. */
function reader(from: View, { dtype, shape }: Spec) {
  const size = sizeOf(shape);
  const at = isContiguous(from) ? undefined : offsetsOf(from.shape, from.stride, from.offset);
  const elements = at ? undefined : from.data.subarray(from.offset, from.offset + size);
  return {
    home: (spare: Set<Buffer>): Buffer => {
      for (const buffer of spare) {
        if (buffer.length !== size || buffer.constructor !== from.data.constructor) continue;
        spare.delete(buffer);
        return buffer;
      }
      return allocate(dtype, size);
    },
    fill: (data: Buffer): View => {
      if (elements) data.set(elements);
      else for (let i = 0; i < size; i++) data[i] = from.data[at![i]!]!;
      return viewOf(data, shape);
    },
  };
}

const countBy = (names: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};
