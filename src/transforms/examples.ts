import { moment } from '../core/moment.js';
import { runOp, track } from '../core/op.js';
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
// beneath, without a history, with the batch as its first axis; or without it, where all examples
// are equal. Histories live above: so what a function of one example does to them, such as
// stopGradient or a rule of its own, holds for the batch.

/** The storage of an example. */
interface Stored {
  readonly inner: Tensor;
  readonly batched: boolean;
}

/** The examples of one run of `vmap`. */
export interface Examples {
  readonly device: Backend;
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

/** A device whose tensors are examples; with `strict` it refuses to run an op example by example. */
export function examplesOf(size: number, beneath: Backend | undefined, strict: boolean): Examples {
  const slices: Record<string, number> = {};
  let base = beneath;
  let open = true;
  const stored = (x: Tensor): Stored => x.storage as Stored;
  const here = (x: Tensor): Tensor => (x.device === device ? x : device.adopt!(x));
  const baseFor = (who: string): Backend => {
    if (!base) throw new TypeError(`${who}: expected a tensor among the arguments of vmap, got none`);
    return base;
  };
  /** The batch as the first axis. */
  const whole = ({ inner, batched }: Stored): Tensor =>
    batched ? inner : broadcastTo(reshape(inner, [1, ...inner.shape]), [size, ...inner.shape]);

  const bySlices = (call: BatchCall<readonly Tensor[], unknown>, op: AnyOp, outs: readonly Spec[]) => {
    if (strict)
      throw new TypeError(`vmap: expected ops that run on a batch at once, got ${op.name}, which has no rule for it`);
    slices[op.name] = (slices[op.name] ?? 0) + 1;
    const results = Array.from({ length: size }, (_, i) =>
      call.run(
        call.ins.map((x, k) => (call.batched[k] ? reshape(rowsOf(x, i), x.shape.slice(1)) : x)),
        call.attrs,
      ),
    );
    return outs.map(({ shape, dtype }, k) =>
      size > 0 ? stack(results.map((result) => result[k]!)) : full(baseFor('vmap'), [0, ...shape], 0, dtype),
    );
  };

  const device: Backend = {
    get name() {
      return `${size} examples of vmap${base ? ` on ${base.name}` : ''}`;
    },
    since: moment(),
    open: () => open,
    run: (op, xs, outs, attrs) => {
      const ins = xs.map((x) => stored(x).inner);
      const batched = xs.map((x) => stored(x).batched);
      const run = (own: readonly Tensor[], own2: unknown) =>
        runOp(op, own, own2, own.length === 0 ? baseFor(op.name) : undefined);
      if (!batched.includes(true)) return run(ins, attrs).map((inner): Stored => ({ inner, batched: false }));
      const call = { ins, batched, size, attrs, run, all: () => xs.map((x) => whole(stored(x))) };
      const results = op.batch?.(call) ?? (op.scalar ? run(call.all(), attrs) : bySlices(call, op, outs));
      return results.map((inner): Stored => ({ inner, batched: true }));
    },
    upload: (data, shape): Stored => ({ inner: fromTypedArray(baseFor('vmap'), data, shape), batched: false }),
    adopt: (x) => {
      checkReadable('vmap', x);
      base ??= x.device;
      const inner = detach(x, 'vmap');
      return owning(x, device, { inner, batched: false } satisfies Stored, x.node, x.output);
    },
    share: (x) => {
      const { inner } = stored(x);
      inner.device.share?.(inner);
    },
    total: (x) => totalOf(here(x)),
    read: async (x) => readable(stored(x)).read(),
    readSync: (x) => readable(stored(x)).readSync(),
  };

  // Two pairs of adjoint ops lead from one device to the other. What is linear in g needs no values.
  const enter = (x: Tensor): Tensor => {
    const [size0, ...shape] = x.shape;
    if (size0 !== size) throw new RangeError(`vmap: expected ${size} examples, got ${size0}`);
    const make = (node: Node | null) => [
      owning({ shape, dtype: x.dtype }, device, { inner: detach(x, 'vmap'), batched: true } satisfies Stored, node),
    ];
    return track(enterOp, [x], null, make)[0]!;
  };
  const leave = (y: Tensor): Tensor =>
    track(leaveOp, [here(y)], null, (node) => [sharing('vmap', whole(stored(here(y))), node)])[0]!;
  const totalOf = (y: Tensor): Tensor => {
    const { inner, batched } = stored(y);
    return track(totalOp, [y], null, (node) => {
      const sum = batched ? reshape(sumKept(inner, [0]), y.shape) : mul(inner, size);
      return [sharing('vmap', sum, node)];
    })[0]!;
  };
  const enterOp: AnyOp = { name: 'vmapEnter', infer: sameSpecs, vjp: [([g]) => leave(g!)] };
  const leaveOp: AnyOp = { name: 'vmapLeave', infer: sameSpecs, vjp: [([g]) => enter(g!)] };
  const totalOp: AnyOp = { name: 'vmapTotal', infer: sameSpecs, vjp: [([g]) => here(g!)] };

  return { device, slices, enter, share: here, leave, close: () => (open = false) };
}

/** Never asked: these ops are recorded, and run by no device. */
const sameSpecs = (ins: readonly Spec[]): readonly Spec[] => ins;

const rowsOf = (x: Tensor, i: number): Tensor =>
  slice(
    x,
    x.shape.map((_, axis) => (axis === 0 ? i : 0)),
    x.shape.map((d, axis) => (axis === 0 ? 1 : d)),
  );

function readable({ inner, batched }: Stored): Tensor {
  if (batched)
    throw new TypeError(
      'vmap: expected a function that does not look at values of one example, got a read of a tensor that differs between examples; use where()',
    );
  return inner;
}
