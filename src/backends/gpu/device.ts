import { Tensor, type Backend } from '../../core/tensor.js';
import { kindOf } from '../../core/words.js';
import type { MemoryUse } from './engine/block.js';
import { createCache } from './engine/cache.js';
import type { Engine } from './engine/engine.js';
import type { Mode } from './engine/gpu-js.js';
import { createLauncher } from './engine/launcher.js';
import { createMemory, type Window } from './engine/memory.js';
import { createDispatch, type Operand, type Run } from './dispatch.js';
import { createLifetime } from './lifetime.js';
import { entriesOf } from './ops/table.js';
import { planProgram } from './plan/plan.js';
import { runInScope } from './scope.js';
import { createTransfer } from './transfer.js';

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

/** What a device is made with. */
export type Settings = Pick<DeviceFacts, 'requested' | 'declined' | 'kernels' | 'leastWork'>;

/** A device on an engine that runs. */
export function createDevice(engine: Engine, settings: Settings): Device {
  const name = `gpu (${engine.mode})`;
  const memory = createMemory(engine);
  const cache = createCache(settings.kernels);
  const gpu = createLauncher(engine, memory, cache);
  const lifetime = createLifetime(name);
  const dispatch = createDispatch({ name, gpu }, entriesOf(engine.mode, settings.leastWork));
  const run: Run = (op, ins, outs, attrs) => {
    const windows = ins.map(({ window }) => window);
    lifetime.check(op.name, windows);
    return memory.within(() => dispatch(op, ins, outs, attrs));
  };
  const shared = new WeakSet<Window>(); // by several tensors: donating one of them frees nothing
  const device: Device = {
    name,
    ...createTransfer({ name, gpu }, lifetime),
    run: (op, ins, outs, attrs) => run(op, ins.map(operandOf), outs, attrs),
    share: (x) => {
      shared.add(windowOf(x));
    },
    plan: (program) => {
      const plan = planProgram(program, { device, gpu, run }, (window) => !shared.has(window));
      return {
        ...plan,
        run: (inputs, donated) => {
          lifetime.check('compile', inputs as readonly Window[]);
          return plan.run(inputs, donated);
        },
      };
    },
    scope: (fn) => {
      lifetime.check('scope');
      return runInScope(fn, memory, device);
    },
    dispose: (...xs) => {
      for (const x of xs) {
        const window = ownWindow(x, device);
        if (window) memory.release(window);
      }
      if (xs.length > 0 || !lifetime.end()) return;
      cache.clear();
      memory.clear();
      void engine.destroy();
    },
    memory: memory.use,
    describe: () => factsOf(engine, settings, cache.count, gpu.launches),
  };
  return device;
}

const windowOf = (x: Tensor): Window => x.storage as Window;
const operandOf = (x: Tensor): Operand => ({ dtype: x.dtype, window: windowOf(x) });

/** The window of a tensor to dispose of; null where it was donated. */
function ownWindow(x: unknown, device: Backend): Window | null {
  if (!(x instanceof Tensor)) throw new TypeError(`dispose: expected a tensor, got ${kindOf(x)}`);
  const { name } = device;
  if (x.device !== device)
    throw new TypeError(
      `dispose: expected a tensor on ${name}, got one on ${x.device.name === name ? `another ${name}` : x.device.name}`,
    );
  return x.storage as Window | null;
}

const factsOf = (
  engine: Engine,
  { requested, declined, leastWork }: Settings,
  kernels: number,
  launches: number,
): DeviceFacts => ({
  requested,
  mode: engine.mode,
  adapter: engine.adapter,
  limits: engine.limits,
  declined,
  leastWork: engine.shader ? leastWork : Infinity,
  kernels,
  launches,
});
