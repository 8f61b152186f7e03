import { sources } from '../../../../kernels/gpu/generated/sources.js';
import { sizeOf, type Shape } from '../../../core/shape.js';
import type { View } from '../../../core/tensor.js';
import { isContiguous } from '../../../core/view.js';
import { chainRecipe, sole, type Chain } from '../plan/chain.js';
import type { Block } from './block.js';
import type { KernelCache } from './cache.js';
import type { Compiled, Engine, Recipe, Shader } from './engine.js';
import type { Handle, Pending } from './gpu-js.js';
import { toFloats } from './floats.js';
import type { Memory, Window } from './memory.js';

/** What the entries of the op table launch kernels with. Results are row-major. */
export interface Launcher {
  readonly memory: Memory;
  readonly engine: Engine;
  /** Kernels launched so far. */
  readonly launches: number;
  /**
   * An elementwise function of `kernels/gpu`, of strided windows that have the result's shape and
   * of numbers.
   */
  readonly map: (fn: string, operands: readonly Argument[], shape: Shape) => Window;
  /**
   * As `map`, of a chain of functions in one kernel, which is written again only when operands lie
   * differently.
   */
  readonly chain: (chain: Chain, shape: Shape) => (operands: readonly Argument[]) => Window;
  /**
   * A kernel of `kernels/gpu`, of row-major operands (others are copied first) and of numbers. Its
   * constants are finite.
   */
  readonly kernel: (
    name: string,
    operands: readonly Argument[],
    shape: Shape,
    constants?: Recipe['constants'],
  ) => Window;
  /** As `kernel`, of whole blocks: the constants say where in them the operands lie. */
  readonly blocks: (
    name: string,
    operands: readonly Argument[],
    shape: Shape,
    constants: Recipe['constants'],
  ) => Window;
  /**
   * A shader of our own, of whole blocks, on an engine that has them. It is compiled once for a key
   * and a size of the result.
   */
  readonly shader: (shader: Keyed<Omit<Shader, 'size'>>, operands: readonly Window[], shape: Shape) => Window;
  /** The elements in row-major order, in a block of their own. */
  readonly dense: (x: Window) => Window;
}

/** What a kernel is launched on. */
type Argument = Window | number;

/** With a short text that tells it from all others. */
type Keyed<T> = T & { readonly key: string };

/** Texts of elementwise kernels that are kept. */
const MAPS = 4096;

/** Where float32 stops telling neighbouring integers apart. */
export const LARGEST = 2 ** 24;

/** Launches kernels of an engine. */
export function createLauncher(engine: Engine, memory: Memory, cache: KernelCache): Launcher {
  let launches = 0;
  const launchOn = launching(memory, cache);
  const launch: Launch = (...args) => {
    launches++;
    return launchOn(...args);
  };
  const chain: Launcher['chain'] = (calls, shape) => chained(engine, launch, calls, shape);
  const maps = new Map<string, ReturnType<typeof chain>>();
  const map: Launcher['map'] = (fn, operands, shape) => {
    const key = `${fn} ${shape.join()} ${operands.map(lie).join(' ')}`;
    let run = maps.get(key);
    if (!run) {
      if (maps.size >= MAPS) maps.clear();
      maps.set(key, (run = chain(sole(fn, operands.length), shape)));
    }
    return run(operands);
  };
  const blocks: Launcher['blocks'] = (name, operands, shape, constants) => {
    const on = operands.map(blockOf);
    const size = sizeOf(shape);
    const key = `${name} ${size} ${Object.values(constants).join()} ${kinds(on)}`;
    return launch(key, () => engine.compile(named(name, size, constants)), on, shape);
  };
  const dense: Launcher['dense'] = (x) => {
    const whole = x.view.offset === 0 && sizeOf(x.view.shape) === x.ticket.block.size;
    return whole && isContiguous(x.view) ? x : map('copyOf', [x], x.view.shape);
  };
  return {
    memory,
    engine,
    map,
    chain,
    kernel: (name, operands, shape, constants = {}) => {
      const rows = operands.map((x) => (typeof x === 'number' ? x : dense(x)));
      return blocks(name, rows, shape, constants);
    },
    blocks,
    shader: (shader, operands, shape) => {
      const size = sizeOf(shape);
      const make = (): Compiled => engine.shader!({ ...shader, size });
      return launch(`wgsl ${size} ${shader.key}`, make, operands.map(blockOf), shape);
    },
    dense,
    get launches() {
      return launches;
    },
  };
}

/** Runs the kernel of a key, which `make` compiles where there is none yet. */
type Launch = (key: string, make: () => Compiled, operands: readonly (Block | number)[], shape: Shape) => Window;

const launching =
  (memory: Memory, cache: KernelCache): Launch =>
  (key, make, operands, shape) => {
    const blocks = operands.filter((operand) => typeof operand !== 'number');
    checkCountable([sizeOf(shape), ...blocks.map(({ size }) => size)]);
    const args = operands.map((operand) => (typeof operand === 'number' ? operand : memory.handle('gpu', operand)));
    const run = (ready: readonly (Handle | number)[]) => cache.run(key, make, ready);
    const result = args.every(isThere) ? run(args) : Promise.all(args.map((arg) => Promise.resolve(arg))).then(run);
    if (result instanceof Promise) {
      blocks.forEach(memory.retain);
      const done = (): void => {
        blocks.forEach(memory.drop);
      };
      result.then(done, done);
    }
    return memory.made(result, shape);
  };

const isThere = (arg: Pending | number): arg is Handle | number => !(arg instanceof Promise);

function checkCountable(sizes: readonly number[]): void {
  for (const size of sizes)
    if (size > LARGEST)
      throw new RangeError(
        `gpu: expected tensors of at most ${LARGEST} elements, since kernels count in float32, got ${size}`,
      );
}

/** Launches a chain, whose kernel is written for the views at hand. */
function chained(
  engine: Engine,
  launch: Launch,
  chain: Chain,
  shape: Shape,
): (operands: readonly Argument[]) => Window {
  let written: Written | undefined;
  return (operands) => {
    const given = operands.map((operand) => numberOf(operand) ?? (operand as Window));
    const blocks = given.map(blockOf);
    if (!written || !fits(written, given, blocks)) {
      const views = given.map((operand) => (typeof operand === 'number' ? null : operand.view));
      const recipe = chainRecipe(chain, shape, views, engine.mode === 'cpu');
      written = { recipe, views, blocks: blocks.map(kind), key: `${recipe.source} ${recipe.size} ${kinds(blocks)}` };
    }
    const { key, recipe } = written;
    return launch(key, () => engine.compile(recipe), blocks, shape);
  };
}

/** A kernel as text, and the operands that it was written for. */
interface Written {
  readonly recipe: Recipe;
  readonly views: readonly (View | null)[];
  readonly blocks: readonly (number | 'n')[];
  readonly key: string;
}

/** Whether a kernel was written for operands that lie so. */
const fits = (
  { views, blocks }: Written,
  given: readonly (Window | number)[],
  on: readonly (Block | number)[],
): boolean =>
  given.every((operand, i) => {
    const view = views[i] ?? null;
    if (typeof operand === 'number') return view === null;
    return view !== null && alike(view, operand.view) && blocks[i] === kind(on[i]!);
  });

/** The recipe of a kernel of `kernels/gpu`. */
function named(name: string, size: number, constants: Recipe['constants']): Recipe {
  const { source, uses } = sources[name]!;
  return { source, helpers: uses.map((use) => sources[use]!.source), size, constants };
}

/** Whether elements lie alike. */
const alike = (a: View, b: View): boolean =>
  a === b || (a.offset === b.offset && a.stride.every((step, axis) => step === b.stride[axis]));

/** How an operand of a shape lies, as text. */
const lie = (operand: Argument): string =>
  typeof operand === 'number' ? 'n' : `${operand.view.offset}+${operand.view.stride.join()}`;

const blockOf = (operand: Argument): Block | number => (typeof operand === 'number' ? operand : operand.ticket.block);

/** What GPU.js compiles for beside the text: the length of an argument, or that it is a number. */
const kind = (operand: Block | number): number | 'n' => (typeof operand === 'number' ? 'n' : operand.size);

const kinds = (operands: readonly (Block | number)[]): string => operands.map(kind).join();

/** The number that an operand is: given as one, or a single element in main memory. */
function numberOf(operand: Argument): number | undefined {
  if (typeof operand === 'number') return operand;
  const { host, size } = operand.ticket.block;
  return host && size === 1 ? toFloats('gpu', host)[0]! : undefined;
}
