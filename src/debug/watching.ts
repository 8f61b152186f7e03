import { beneathAll } from '../core/graph.js';
import { watching as watchers } from '../core/history.js';
import { moment } from '../core/moment.js';
import { lent, owning } from '../core/storage.js';
import {
  checkReadable,
  type AnyOp,
  type Backend,
  type Node,
  type Scope,
  type Spec,
  type Tensor,
  type Watcher,
} from '../core/tensor.js';
import type { Buffer } from '../core/dtype.js';
import { placeOf, stackHere, type Stack } from './call-site.js';

/** A value of a watched run; it is the storage of its tensors. */
export interface Value extends Spec {
  /** Its storage on the device beneath. */
  readonly storage: unknown;
  /** The call that made it. */
  readonly by?: OpCall;
  /** Otherwise, what it is: the path of an argument, or `a captured tensor`. */
  readonly name?: string;
}

/** A call of an op in a watched run. */
export interface OpCall {
  /** How many calls ran before it. */
  readonly index: number;
  readonly op: AnyOp;
  readonly ins: readonly Value[];
  readonly attrs: unknown;
  /** How many derivatives it is part of: 0 for the value, 1 for its pullback, 2 for that of it. */
  readonly order: number;
  /** Whose derivative it is a part of. */
  readonly of?: Derived;
  readonly stack: Stack;
}

/** What a rule differentiates. */
export interface Derived {
  readonly op: string;
  /** The call whose result it was; a function of the user's own may have returned another's. */
  readonly call?: OpCall;
}

/** A device that looks on while another one computes. */
export interface Watching {
  readonly device: Backend;
  /** A tensor of the device beneath, under a name. */
  enter(x: Tensor, name: string): Tensor;
  /** The value that a tensor stands for: of a `vmap` that of all its examples. */
  valueOf(x: Tensor): Value | undefined;
  /** The elements of a value. */
  read(value: Value): Buffer;
}

/** Told of each call as soon as it has run, and of each value that comes from outside. */
export interface Listener {
  ran?(call: OpCall, outs: readonly Value[]): void;
  entered?(value: Value): void;
}

/** What runs while a pass or a rule does. */
interface Frame {
  readonly order: number;
  readonly of?: Derived;
}

/**
 * A device that runs ops on `inner`, and tells a listener. As a device of a transform it takes in
 * captured tensors, and compiled functions run inline on it.
 */
export function watchOn(who: string, inner: Backend, listener: Listener): Watching {
  let index = 0;
  const frames = createFrames();
  const take = (x: Tensor, name: string): Tensor => {
    checkReadable(who, x);
    if (x.device !== inner)
      throw new TypeError(`${who}: expected tensors on one device, got ${inner.name} and ${x.device.name}`);
    x.device.share?.(x);
    const value: Value = { shape: x.shape, dtype: x.dtype, storage: x.storage, name };
    listener.entered?.(value);
    return owning(x, device, value, x.node, x.output);
  };
  const below = (x: Tensor): Tensor => lent(x, inner, (x.storage as Value).storage);
  const valueOf = (x: Tensor): Value | undefined => {
    const lowest = beneathAll(x);
    return lowest.device === device ? (lowest.storage as Value) : undefined;
  };
  const device: Backend = {
    name: `${inner.name}, watched by ${who}`,
    since: moment(),
    run: (op, ins, outs, attrs) => {
      const call: OpCall = {
        index: index++,
        op,
        ins: ins.map((x) => x.storage as Value),
        attrs,
        ...frames.now(),
        stack: stackHere(),
      };
      const made = inner.run(op, ins.map(below), outs, attrs);
      const values = outs.map(({ shape, dtype }, i): Value => ({ shape, dtype, storage: made[i], by: call }));
      listener.ran?.(call, values);
      return values;
    },
    upload: (data, shape) => {
      const dtype = data instanceof Float32Array ? 'float32' : data instanceof Float64Array ? 'float64' : 'int32';
      const value: Value = { shape, dtype, storage: inner.upload(data, shape), name: 'a number that f wrote' };
      listener.entered?.(value);
      return value;
    },
    read: (x) => inner.read(below(x)),
    readSync: (x) => inner.readSync(below(x)),
    dispose: (x) => inner.dispose?.(below(x)),
    share: (x) => inner.share?.(below(x)),
    adopt: (x) => take(x, 'a captured tensor'),
    watcher: watcherOf(valueOf, frames),
  };
  return {
    device,
    enter: take,
    valueOf,
    read: (value) => inner.readSync(lent(value, inner, value.storage)),
  };
}

/** What runs, and what runs within it. */
function createFrames() {
  let frame: Frame = { order: 0 };
  const during = <T>(next: Frame, run: () => T): T => {
    const before = frame;
    frame = next;
    try {
      return run();
    } finally {
      frame = before;
    }
  };
  return { now: () => frame, during };
}

/** Keeps account of which derivative runs. */
function watcherOf(valueOf: Watching['valueOf'], { now, during }: ReturnType<typeof createFrames>): Watcher {
  /** The order of the passes that ran inside each scope, and that it sees. */
  const inside = new WeakMap<Scope, number>();
  const madeBy = ({ outs }: Node): OpCall | undefined => outs[0] && valueOf(outs[0])?.by;
  return {
    pass: (scope, from, run) => {
      const order = Math.max(now().order, 1 + (inside.get(scope) ?? 0));
      for (const outer of watchers(from)) inside.set(outer, Math.max(order, inside.get(outer) ?? 0));
      return during({ order }, run);
    },
    rule: (node, run) => {
      const call = madeBy(node);
      if (node.repeats) return during({ order: call?.order ?? 0, of: call?.of }, run);
      const op = node.op?.name ?? (node.passes ? 'an implicit function' : undefined);
      return op === undefined ? run() : during({ order: now().order, of: { op, call } }, run);
    },
    calledAt: (node) => {
      const site = userCallOf(madeBy(node))?.stack.site;
      return site && placeOf(site);
    },
  };
}

/** The call outside of all rules that led to a call: the one that the user wrote. */
export function userCallOf(call: OpCall | undefined): OpCall | undefined {
  while (call?.of?.call) call = call.of.call;
  return call?.of ? undefined : call;
}
