import { moment } from '../core/moment.js';
import { checkRunning } from '../core/graph.js';
import { runOp } from '../core/op.js';
import { retell } from '../core/retell.js';
import { track } from '../core/history.js';
import { detach, owning, sharing } from '../core/storage.js';
import {
  checkReadable,
  type AnyOp,
  type Backend,
  type BatchCall,
  type Node,
  type Spec,
  type Tensor,
} from '../core/tensor.js';
import { fromTypedArray, full } from '../ops/create.js';
import { broadcastTo, mul, reshape, slice, stack } from '../ops/index.js';
import { sumKept } from '../ops/broadcast.js';

// A tensor of this device stands for one example of a batch. Its storage is a tensor of the device
// beneath. The batch is the first axis there, or is missing where all examples are equal. Storage
// has no history: histories live above. So what a function of one example does to its history,
// such as stopGradient or a rule of its own, holds for the batch.

/** The storage of an example. */
interface Stored {
  readonly inner: Tensor;
  readonly batched: boolean;
  /** The tensor that was taken in. */
  readonly source?: Tensor;
}

/** The examples of one run of `vmap`. */
export interface Examples {
  /** How often each op without a rule was run, example by example. */
  readonly slices: Readonly<Record<string, number>>;
  /** One example of x [size, ...s]: a tensor of shape s. */
  enter(x: Tensor): Tensor;
  /** The same for all examples. */
  share(x: Tensor): Tensor;
  /** All examples of y: [size, ...s] on the device beneath. */
  leave(y: Tensor): Tensor;
  /** From now on, cotangents of what the examples share are sums over them. */
  close(): void;
}

/** A device of `size` examples; with `strict` it refuses to run an op example by example. */
export function examplesOf(size: number, beneath: Backend | undefined, strict: boolean): Examples {
  const slices: Record<string, number> = {};
  const since = moment();
  let base = beneath;
  const running = { open: true, passes: 0 };
  const baseFor = (who: string): Backend => {
    if (!base) throw new TypeError(`${who}: expected a tensor among the arguments of vmap, got none`);
    return base;
  };
  const device: Backend = {
    get name() {
      return `${size} examples of vmap${base ? ` on ${base.name}` : ''}`;
    },
    since,
    running,
    // Not refused after the run: a checkpoint and a loop run what they run again, dead code too.
    run: (op, xs, outs, attrs) => {
      const ins = xs.map((x) => stored(x).inner);
      const batched = xs.map((x) => stored(x).batched);
      const run = (own: readonly Tensor[], itsAttrs: unknown) =>
        runOp(op, own, itsAttrs, own.length === 0 ? baseFor(op.name) : undefined);
      if (!batched.includes(true)) return run(ins, attrs).map((inner): Stored => ({ inner, batched: false }));
      const call = { ins, batched, size, attrs, run, all: () => xs.map((x) => whole(x, size)) };
      const results = op.batch?.(call) ?? (op.scalar ? run(call.all(), attrs) : oneByOne(call, op, outs));
      return results.map((inner): Stored => ({ inner, batched: true }));
    },
    upload: (data, shape): Stored => {
      checkRunning(running);
      return { inner: fromTypedArray(baseFor('vmap'), data, shape), batched: false };
    },
    adopt: (x) => {
      checkReadable('vmap', x);
      base ??= x.device;
      const storage: Stored = { inner: detach(x, 'vmap'), batched: false, source: x };
      return owning(x, device, storage, x.node, x.output);
    },
    share: (x) => {
      const { inner } = stored(x);
      inner.device.share?.(inner);
    },
    total: (x) => total(x),
    beneath: (x) => stored(x).inner,
    source: (x) => stored(x).source,
    mapBeneath: (x, f) => enter(f(leave(x))),
    read: async (x) => readable(x).read(),
    readSync: (x) => readable(x).readSync(),
  };
  const oneByOne = (call: Call, op: AnyOp, outs: readonly Spec[]): readonly Tensor[] => {
    if (strict)
      throw new TypeError(`vmap: expected ops that run on a batch at once, got ${op.name}, which has no rule for it`);
    slices[op.name] = (slices[op.name] ?? 0) + 1;
    const results = Array.from({ length: size }, (_, i) => oneOf(call, i));
    return outs.map(({ shape, dtype }, k) =>
      size > 0 ? stack(results.map((result) => result[k]!)) : full(baseFor('vmap'), [0, ...shape], 0, dtype),
    );
  };
  const { share, enter, leave, total } = doorsOf(device, size);
  return { slices, enter, share, leave, close: () => (running.open = false) };
}

type Call = BatchCall<readonly Tensor[], unknown>;

/**
 * The ways between the device of examples and the device beneath: two pairs of adjoint ops, which
 * are each other's rules.
 */
function doorsOf(device: Backend, size: number) {
  const share = (x: Tensor): Tensor => (x.device === device ? x : device.adopt!(x));
  const enter = (x: Tensor): Tensor => {
    const storage: Stored = { inner: detach(x, 'vmap'), batched: true };
    const make = (node: Node | null) => [owning({ shape: x.shape.slice(1), dtype: x.dtype }, device, storage, node)];
    return track(enterOp, [x], null, make)[0]!;
  };
  const leave = (given: Tensor): Tensor => {
    const y = share(given);
    return track(leaveOp, [y], null, (node) => [sharing('vmap', whole(y, size), node)])[0]!;
  };
  const total = (y: Tensor): Tensor => {
    const { inner, batched } = stored(y);
    const sum = batched ? reshape(sumKept(inner, [0]), y.shape) : mul(inner, size);
    return track(totalOp, [y], null, (node) => [sharing('vmap', sum, node)])[0]!;
  };
  // They are recorded, and run by no device, so that nobody asks for shapes of their results.
  const infer = (ins: readonly Spec[]): readonly Spec[] => ins;
  const enterOp: AnyOp = { name: 'vmapEnter', infer, vjp: [([g]) => leave(g!)] };
  const leaveOp: AnyOp = { name: 'vmapLeave', infer, vjp: [([g]) => enter(g!)] };
  const totalOp: AnyOp = { name: 'vmapTotal', infer, vjp: [([g]) => share(g!)] };
  return { share, enter, leave, total };
}

const stored = (x: Tensor): Stored => x.storage as Stored;

/** All examples, in a tensor of the device beneath. */
function whole(x: Tensor, size: number): Tensor {
  const { inner, batched } = stored(x);
  return batched ? inner : broadcastTo(reshape(inner, [1, ...inner.shape]), [size, ...inner.shape]);
}

/** The results of example i, which an error names. */
function oneOf(call: Call, i: number): readonly Tensor[] {
  try {
    return call.run(exampleAt(call, i), call.attrs);
  } catch (error) {
    retell(error, (message) => `${message}; in example ${i} of vmap`);
    throw error;
  }
}

/** The inputs of example i. */
const exampleAt = ({ ins, batched }: Call, i: number): Tensor[] =>
  ins.map((x, k) => {
    if (!batched[k]) return x;
    const [, ...shape] = x.shape;
    return reshape(slice(x, [i, ...shape.map(() => 0)], [1, ...shape]), shape);
  });

function readable(x: Tensor): Tensor {
  checkRunning(x.device.running!);
  const { inner, batched } = stored(x);
  if (batched)
    throw new TypeError(
      'vmap: expected a function that does not look at values of one example, got a read of a tensor that differs between examples; use where()',
    );
  return inner;
}
