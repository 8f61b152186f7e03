import type { Buffer } from '../../core/dtype.js';
import { integer, numberThat, oneOf } from '../../core/check.js';
import { checkOptions } from '../../core/options.js';
import type { Backend } from '../../core/tensor.js';
import { emptyView, repeatedView } from '../../core/view.js';
import { read, readSync, runReference, upload, viewOfTensor } from '../ndarray-storage.js';
import { along } from './loops/along.js';
import { cast } from './loops/cast.js';
import { conv } from './loops/conv.js';
import { elementwise } from './loops/elementwise.js';
import type { KernelTable } from './loops/kernel.js';
import { matmul } from './loops/matmul.js';
import { normalize } from './loops/normalize.js';
import { order } from './loops/order.js';
import { pad } from './loops/pad.js';
import { planProgram } from './plan/plan.js';
import { pool } from './loops/pool.js';
import { reduce } from './loops/reduce.js';
import { scans } from './loops/scans.js';
import { runBy, type RunOp } from './run-op.js';
import { eagerBy } from './simd/eager.js';
import { createSimd, type Simd } from './simd/wasm/instance.js';
import { noThreads } from './simd/threads/thread.js';
import { bestBuild, createModules, supports, type SimdBuild } from './simd/wasm/build.js';

/**
 * Where a faster kernel plugs in: under the name of its op. Ops without one run their own
 * definition.
 */
const kernels: KernelTable = {
  ...elementwise,
  ...reduce,
  ...matmul,
  ...conv,
  ...pool,
  ...normalize,
  ...along,
  ...order,
  ...scans,
  ...cast,
  ...pad,
};

const LEAST_WORK = 1024;
const SCRATCH_BYTES = 1 << 26;
const MOST_SCRATCH = 2 ** 31; // beside their results in 4 GiB, all that 32-bit addresses reach

/** Which kernels a CPU device uses, and from where on. */
export interface CpuOptions {
  /**
   * Which SIMD kernels to use: the best that the engine has by default; one build; or none, only
   * typed arrays.
   */
  readonly simd?: 'auto' | 'relaxed' | 'simd128' | 'none';
  /**
   * Elements, or multiply-adds of a product, from which an op goes to SIMD kernels; in plans it
   * holds for float64, and for functions that there differ from Math.
   */
  readonly leastWork?: number;
  /** Bytes of scratch memory for their operands; larger ones go through in parts. */
  readonly scratchBytes?: number;
}

/**
 * A device in main memory, with typed-array kernels for the ops that matter and SIMD kernels where
 * arithmetic repays copying.
 * @example
 * const plain = createCpu({ simd: 'none' }); // without WebAssembly
 * add(ones([2], { device: plain }), 1); // float32[2] on cpu (none) [2, 2]
 */
export function createCpu(options: CpuOptions = {}): Backend {
  const {
    simd = 'auto',
    leastWork = LEAST_WORK,
    scratchBytes = SCRATCH_BYTES,
  } = checkOptions('createCpu', options, {
    simd: oneOf('auto', 'relaxed', 'simd128', 'none'),
    leastWork: numberThat('of at least 0', (v) => v >= 0),
    scratchBytes: integer(0, MOST_SCRATCH),
  });
  if ((simd === 'relaxed' || simd === 'simd128') && !supports(simd))
    throw new RangeError(`createCpu: expected an engine with simd '${simd}', got one that refuses it`);
  const { build, kernelsFor } = engineOf(simd);
  const eager = eagerBy(
    lazily(() => kernelsFor()),
    leastWork,
    scratchBytes,
  );
  const runLoops = runBy(kernels);
  const runOp: RunOp = (op, ins, outs, attrs) => {
    if (!eager(op, ins, outs, attrs, outs)) runLoops(op, ins, outs, attrs);
  };
  const shared = new WeakSet<Buffer>(); // memory that more than one tensor may see
  const device: Backend = {
    name: simd === 'auto' ? 'cpu' : `cpu (${simd})`,
    run(op, ins, outs, attrs) {
      const views = ins.map(viewOfTensor);
      if (op.view) {
        shared.add(views[0]!.data);
        return runReference(op, ins, outs, attrs);
      }
      const made = eager(op, views, outs, attrs);
      if (made) return [...made];
      const results = outs.map(({ shape, dtype }) => emptyView(dtype, shape, op.name));
      runLoops(op, views, results, attrs);
      return results;
    },
    upload,
    repeated: repeatedView,
    read,
    readSync,
    share: (x) => {
      shared.add(viewOfTensor(x).data);
    },
    threads: true,
    loops: true,
    plan: (program, options = {}) => {
      const { threads = 1 } = options;
      if (threads > 1) checkThreads(device.name, build());
      const made = kernelsFor(threads);
      const site = { device, runOp, simd: made, leastWork, mayReuse: (data: Buffer) => !shared.has(data) };
      const plan = planProgram(program, site, options);
      return made?.team ? { ...plan, dispose: made.team.stop } : plan;
    },
  };
  return device;
}

/** The build of the kernels that a device runs, chosen at the first use, and instances of it. */
function engineOf(simd: NonNullable<CpuOptions['simd']>) {
  const build = lazily(() => (simd === 'none' ? undefined : simd === 'auto' ? bestBuild() : simd));
  const modules = createModules();
  /**
   * Kernels over a new memory; none where there is no SIMD, or nobody asked for it and the engine
   * forbids compiling.
   */
  const kernelsFor = (threads = 1): Simd | undefined => {
    const best = build();
    try {
      return best && createSimd(best, { threads, modules });
    } catch (error) {
      // A content-security policy without 'wasm-unsafe-eval', or a main thread that compiles
      // nothing synchronously.
      if (simd === 'auto' && threads === 1) return undefined;
      throw error;
    }
  };
  return { build, kernelsFor };
}

function checkThreads(name: string, build: SimdBuild | undefined): void {
  if (!build) throw new TypeError(`compile: expected a device with SIMD kernels for threads, got ${name} without`);
  const missing = noThreads();
  if (missing) throw new TypeError(`compile: expected ${missing.expected} for threads, got ${missing.got}`);
}

/** `make` at the first call, and what it made ever after. */
function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/**
 * The default device.
 * @example
 * zeros([2]).device === cpu; // true
 */
export const cpu: Backend = createCpu();
