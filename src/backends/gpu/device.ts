import { allocate, dtypeOf, type Buffer } from '../../core/dtype.js';
import { kindOf } from '../../core/words.js';
import { sizeOf, type Shape } from '../../core/shape.js';
import { Tensor, type AnyOp, type Backend, type Node, type Spec, type View } from '../../core/tensor.js';
import { leaves } from '../../core/tree.js';
import { dense, stridedView, viewOf } from '../../core/view.js';
import { runReference } from '../ndarray-storage.js';
import { layout } from '../plan/layout.js';
import { createCache } from './engine/cache.js';
import type { Engine, Mode } from './engine/engine.js';
import { checkExact } from './engine/floats.js';
import { hostView } from './engine/host.js';
import { createLauncher, LARGEST } from './engine/launcher.js';
import { createMemory, isNumber, type Block, type MemoryUse, type Window } from './engine/memory.js';
import { planProgram, type PlanSite } from './plan/plan.js';
import { entriesOf } from './ops/table.js';

/** What a GPU device is and does. */
export interface DeviceFacts {
  /** The mode that was asked for, and the one that runs. */
  readonly requested: Mode | 'auto';
  readonly mode: Mode;
  /** The GPU, driver or engine. */
  readonly adapter: string;
  readonly limits: Readonly<Record<string, number>>;
  /** Of 'auto': the modes that were not available, and why. */
  readonly declined: Readonly<Record<string, string>>;
  /**
   * Multiplications of a workgroup from which products run by shaders of this library instead of
   * GPU.js's kernels; Infinity: never.
   */
  readonly leastWork: number;
  /** Kernels compiled and kept, and kernels launched so far. */
  readonly kernels: number;
  readonly launches: number;
}

/** A device whose tensors stay where GPU.js put them. */
export interface Device extends Backend {
  /** Mode, adapter, limits, and why 'auto' chose as it did. */
  describe(): DeviceFacts;
  /**
   * Runs `fn`, which may be asynchronous, and releases all that was made meanwhile on this device
   * but for what it returns (a tree). Scopes nest; two that are asynchronous must not overlap.
   */
  scope<T>(fn: () => T): T;
  /**
   * Frees the storage of tensors, which `stopGradient(x)` shares; without a tensor, the device with
   * everything on it.
   */
  dispose(...x: readonly Tensor[]): void;
  /** Buffers that are alive. */
  memory(): MemoryUse;
}

/** How many compiled kernels are kept. */
export const KERNELS = 1024;
/** From how many multiplications of a workgroup on a shader of our own is used. */
export const LEAST_WORK = 2048;

const windowOf = (x: Tensor): Window => x.storage as Window;

/** A device on an engine that runs. */
export function createDevice(
  engine: Engine,
  { requested, declined, kernels, leastWork }: Pick<DeviceFacts, 'requested' | 'declined' | 'kernels' | 'leastWork'>,
): Device {
  const name = `gpu (${engine.mode})`;
  const memory = createMemory(engine);
  const cache = createCache(kernels);
  const gpu = createLauncher(engine, memory, cache);
  const entryOf = entriesOf(engine.mode, leastWork);
  const shared = new WeakSet<Window>(); // by several tensors: donating one of them frees nothing
  let disposed = false;

  const checkOpen = (who: string, xs: readonly Tensor[] = []): void => {
    if (disposed) throw new TypeError(`${who}: expected a device in use, got ${name} after dispose()`);
    for (const x of xs) checkWindow(who, windowOf(x));
  };
  const checkWindow = (who: string, { ticket }: Window): void => {
    if (!ticket.open)
      throw new TypeError(
        `${who}: expected a tensor with values, got one that was disposed of, or left a scope that did not return it`,
      );
  };
  /** Elements in main memory as they lie, or as they come from the device. */
  const atOnce = (who: string, window: Window): View => {
    const view = hostView(gpu, window);
    if (view) return view;
    throw new TypeError(
      `${who}: expected a device that can be read at once, got ${name}; use await x.read(), and fromTypedArray(await x.read(), x.shape) to move it elsewhere`,
    );
  };
  const checkSizes = (who: string, shapes: readonly Shape[]): void => {
    for (const size of shapes.map(sizeOf))
      if (size > LARGEST)
        throw new RangeError(
          `${who}: expected tensors of at most ${LARGEST} elements on ${name}, whose kernels count in float32, got ${size}`,
        );
  };
  /** By the op's own definition, in main memory. */
  const runOnHost = (op: AnyOp, ins: readonly Tensor[], outs: readonly Spec[], attrs: unknown): Window[] => {
    const known = ins.map((x) => new Tensor(x.shape, x.dtype, device, typed(x, atOnce(op.name, windowOf(x)))));
    return runReference(op, known, outs, attrs).map((view, i) => place(dense(view), outs[i]!));
  };
  /**
   * Numbers and integers stay in main memory until a kernel asks for them; arrays of floats go to
   * the device.
   */
  const place = (data: Buffer, { shape, dtype }: Spec): Window =>
    dtype === 'float32' && data.length > 1
      ? memory.made(engine.upload(data as Float32Array), shape)
      : memory.held(data, shape);

  const run = (op: AnyOp, ins: readonly Tensor[], outs: readonly Spec[], attrs: unknown): readonly Window[] => {
    const windows = ins.map(windowOf);
    if (outs.every(({ shape }) => sizeOf(shape) === 0))
      return outs.map(({ shape, dtype }) => memory.held(allocate(dtype, 0), shape));
    if (op.view) {
      const [x, { shape }] = [windows[0]!, outs[0]!];
      const view = op.view(x.view, shape, attrs);
      if (view) return [memory.window(x, view)];
      const copy = x.ticket.block.host ? place(dense(atOnce(op.name, x)), ins[0]!) : gpu.dense(x);
      return [memory.window(copy, op.view(layout(x.view.shape), shape, attrs)!)];
    }
    if (op.traits?.fill) return [filled(outs[0]!, op.traits.fill(attrs))];
    const scalar = outs[0]!.dtype === 'int32' ? (op.integer ?? op.scalar) : op.scalar;
    if (scalar && windows.every(isNumber))
      return [filled(outs[0]!, scalar(...windows.map((x) => x.ticket.block.host![0]!)))];
    const entry = entryOf(op);
    const filledIns = op.traits?.skipsEmpty ? windows.filter((x) => sizeOf(x.view.shape) > 0) : windows;
    const onDevice = entry && !isForHost(ins) && filledIns.every((x) => sizeOf(x.view.shape) > 0);
    if (!onDevice) return runOnHost(op, ins, outs, attrs);
    checkSizes(op.name, [...filledIns.map(({ view }) => view.shape), ...outs.map(({ shape }) => shape)]);
    for (const {
      ticket: { block },
    } of filledIns)
      if (block.host && !block.handle) checkExact(op.name, block.host);
    return entry(gpu, filledIns, outs, attrs);
  };
  const filled = ({ shape, dtype }: Spec, value: number): Window => {
    const one = allocate(dtype, 1).fill(value);
    return memory.held(
      one,
      shape,
      stridedView(
        layout([1]),
        shape,
        shape.map(() => 0),
        0,
      ),
    );
  };
  const whole = (x: Tensor): Window => {
    if (x.dtype === 'float64')
      throw new TypeError(
        `read: expected float32 or int32 on ${name}, which computes in float32, got float64; use cast(x, 'float32')`,
      );
    return windowOf(x);
  };

  const device: Device = {
    name,
    run: (op, ins, outs, attrs) => {
      checkOpen(op.name, ins);
      return memory.within(() => run(op, ins, outs, attrs));
    },
    share: (x) => {
      shared.add(windowOf(x));
    },
    plan: (program) => {
      const site = { device, gpu, memory, run: device.run as PlanSite['run'] };
      const plan = planProgram(program, site, (window) => !shared.has(window));
      return {
        ...plan,
        run: (inputs, donated) => {
          checkOpen('compile');
          for (const window of inputs as Window[]) checkWindow('compile', window);
          return plan.run(inputs, donated);
        },
      };
    },
    upload: (data, shape) => {
      checkOpen('upload');
      const dtype = dtypeOf('upload', data);
      if (dtype === 'float64')
        throw new TypeError(
          `upload: expected float32 or int32 for ${name}, which computes in float32, got float64; use cast(x, 'float32') before it moves, or make it float32`,
        );
      checkSizes('upload', [shape]);
      return place(data.slice(), { dtype, shape });
    },
    read: async (x) => {
      checkOpen('read', [x]);
      const window = whole(x);
      if (window.ticket.block.host) return typed(x, atOnce('read', window)).data;
      checkSizes('read', [x.shape]);
      let row!: Block;
      memory.within(() => {
        row = gpu.dense(window).ticket.block;
        memory.retain(row); // beyond scopes that close while it is awaited
        return [];
      });
      try {
        const data = await engine.read(await memory.handle('read', row), x.size);
        checkOpen('read');
        return toDType(x, data);
      } catch (error) {
        checkOpen('read'); // what else fails after dispose() fails because of it
        throw error;
      } finally {
        memory.drop(row);
      }
    },
    readSync: (x) => {
      checkOpen('readSync', [x]);
      return typed(x, atOnce('readSync', whole(x))).data;
    },
    dispose: (...xs) => {
      for (const x of xs) {
        if (!(x instanceof Tensor)) throw new TypeError(`dispose: expected a tensor, got ${kindOf(x)}`);
        if (x.device !== device)
          throw new TypeError(
            `dispose: expected a tensor on ${name}, got one on ${x.device.name === name ? `another ${name}` : x.device.name}`,
          );
        if (x.storage !== null) memory.release(windowOf(x)); // a donated one has none
      }
      if (xs.length > 0 || disposed) return;
      disposed = true;
      cache.clear();
      memory.clear();
      void engine.destroy();
    },
    scope: (fn) => {
      checkOpen('scope');
      if (typeof fn !== 'function') throw new TypeError(`scope: expected a function, got ${kindOf(fn)}`);
      const scope = memory.open();
      const close = (result: unknown): void => {
        scope.close(reachable(result, device));
      };
      const failed = (error: unknown): never => {
        scope.close([]);
        throw error;
      };
      let result;
      try {
        result = fn();
      } catch (error) {
        return failed(error);
      }
      if (result instanceof Promise)
        return result.then((value: unknown) => {
          close(value);
          return value;
        }, failed) as typeof result;
      close(result);
      return result;
    },
    memory: memory.use,
    describe: () => ({
      requested,
      mode: engine.mode,
      adapter: engine.adapter,
      limits: engine.limits,
      declined,
      leastWork: engine.shader ? leastWork : Infinity,
      kernels: cache.count,
      launches: gpu.launches,
    }),
  };
  return device;
}

/** Row-major elements of a view, as a copy of the tensor's own kind. */
const typed = (x: Tensor, view: View): View => viewOf(toDType(x, dense(view)), x.shape);

const toDType = ({ dtype, size }: Tensor, data: Buffer): Buffer => {
  const own = allocate(dtype, size);
  own.set(data);
  return own;
};

/**
 * True where all inputs are in main memory and none would gain by leaving it: integers, doubles,
 * and scalars.
 */
const isForHost = (ins: readonly Tensor[]): boolean =>
  ins.every((x) => windowOf(x).ticket.block.host !== null) &&
  (ins.some((x) => x.dtype !== 'float32') || ins.every((x) => x.size === 1));

/**
 * The windows of a tree's tensors, and of those that an open transform needs to differentiate them.
 */
function reachable(tree: unknown, device: Backend): Set<Window> {
  const found = new Set<Window>();
  const seen = new Set<Node>();
  const rest = tree === undefined || tree === null ? [] : leaves(tree);
  for (let x = rest.pop(); x; x = rest.pop()) {
    if (x.device === device && x.storage) found.add(windowOf(x));
    if (!x.node || seen.has(x.node)) continue;
    seen.add(x.node);
    rest.push(...x.node.ins, ...x.node.outs);
  }
  return found;
}
