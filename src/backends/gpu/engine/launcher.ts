import { sources } from '../../../../kernels/gpu/generated/sources.js';
import { sizeOf, type Shape } from '../../../core/shape.js';
import type { View } from '../../../core/tensor.js';
import { isContiguous } from '../../../core/view.js';
import type { KernelCache } from './cache.js';
import type { Compiled, Engine, Handle, Recipe, Shader } from './engine.js';
import { toFloats } from './floats.js';
import { chainRecipe, sole, type Chain } from '../plan/chain.js';
import type { Block, Memory, Window } from './memory.js';

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
  map(fn: string, operands: readonly (Window | number)[], shape: Shape): Window;
  /**
   * As `map`, of a chain of functions in one kernel, which is written again only when operands lie
   * differently.
   */
  chain(chain: Chain, shape: Shape): (operands: readonly (Window | number)[]) => Window;
  /**
   * A kernel of `kernels/gpu`, of row-major operands (others are copied first) and of numbers. Its
   * constants are finite.
   */
  kernel(name: string, operands: readonly (Window | number)[], shape: Shape, constants?: Recipe['constants']): Window;
  /** As `kernel`, of whole blocks: the constants say where in them the operands lie. */
  blocks(name: string, operands: readonly (Window | number)[], shape: Shape, constants: Recipe['constants']): Window;
  /** A shader of our own, of whole blocks, on an engine that has them. */
  shader(shader: Omit<Shader, 'size'>, operands: readonly Window[], shape: Shape): Window;
  /** The elements in row-major order, in a block of their own. */
  dense(x: Window): Window;
}

/** Where float32 stops telling neighbouring integers apart. */
export const LARGEST = 2 ** 24;

/** Launches kernels of an engine. */
export function createLauncher(engine: Engine, memory: Memory, cache: KernelCache): Launcher {
  let launches = 0;
  const launch = (key: string, make: () => Compiled, operands: readonly (Block | number)[], shape: Shape): Window => {
    const blocks = operands.filter((operand) => typeof operand !== 'number');
    for (const size of [sizeOf(shape), ...blocks.map((block) => block.size)])
      if (size > LARGEST)
        throw new RangeError(
          `gpu: expected tensors of at most ${LARGEST} elements, since kernels count in float32, got ${size}`,
        );
    const args = operands.map((operand) => (typeof operand === 'number' ? operand : memory.handle('gpu', operand)));
    const run = (ready: readonly (Handle | number)[]) => cache.run(key, make, ready);
    launches++;
    const result = args.some((arg) => arg instanceof Promise) ? Promise.all(args).then(run) : run(args);
    if (result instanceof Promise) {
      blocks.forEach(memory.retain);
      const done = (): void => {
        blocks.forEach(memory.drop);
      };
      result.then(done, done);
    }
    return memory.made(result, shape);
  };
  const family: Launcher['blocks'] = (name, operands, shape, constants) => {
    const blocks = operands.map(blockOf);
    const size = sizeOf(shape);
    const make = (): Compiled => {
      const { source, uses } = sources[name]!;
      return engine.compile({ source, helpers: uses.map((use) => sources[use]!.source), size, constants });
    };
    return launch(`${name} ${size} ${Object.values(constants).join()} ${kinds(blocks)}`, make, blocks, shape);
  };
  const launcher: Launcher = {
    memory,
    engine,
    map: (fn, operands, shape) => launcher.chain(sole(fn, operands.length), shape)(operands),
    chain: (chain, shape) => {
      let written: { recipe: Recipe; views: readonly (View | null)[] } | undefined;
      return (operands) => {
        const given = operands.map((operand) => numberOf(operand) ?? (operand as Window));
        const views = given.map((operand) => (typeof operand === 'number' ? null : operand.view));
        if (!written?.views.every((view, i) => alike(view, views[i]!)))
          written = { recipe: chainRecipe(chain, shape, views, engine.mode === 'cpu'), views };
        const { recipe } = written;
        const blocks = given.map(blockOf);
        return launch(`${recipe.source} ${recipe.size} ${kinds(blocks)}`, () => engine.compile(recipe), blocks, shape);
      };
    },
    kernel: (name, operands, shape, constants = {}) =>
      family(
        name,
        operands.map((x) => (typeof x === 'number' ? x : launcher.dense(x))),
        shape,
        constants,
      ),
    blocks: family,
    shader: (shader, operands, shape) => {
      const whole = { ...shader, size: sizeOf(shape) };
      return launch(
        `wgsl ${whole.size} ${shader.code}`,
        () => engine.shader!(whole),
        operands.map(({ ticket }) => ticket.block),
        shape,
      );
    },
    get launches() {
      return launches;
    },
    dense: (x) => {
      const size = sizeOf(x.view.shape);
      if (x.view.offset === 0 && size === x.ticket.block.size && isContiguous(x.view)) return x;
      return launcher.map('copyOf', [x], x.view.shape);
    },
  };
  return launcher;
}

/** Whether elements lie alike. */
const alike = (a: View | null, b: View | null): boolean =>
  a === b ||
  (a !== null && b !== null && a.offset === b.offset && a.stride.every((step, axis) => step === b.stride[axis]));

const blockOf = (operand: Window | number): Block | number =>
  typeof operand === 'number' ? operand : operand.ticket.block;

/** What GPU.js compiles for beside the text: the lengths of the arguments that come first. */
const kinds = (operands: readonly (Block | number)[]): string =>
  operands.map((operand) => (typeof operand === 'number' ? 'n' : operand.size)).join();

/** The number that an operand is: given as one, or a single element in main memory. */
function numberOf(operand: Window | number): number | undefined {
  if (typeof operand === 'number') return operand;
  const { host, size } = operand.ticket.block;
  return host && size === 1 ? toFloats('gpu', host)[0]! : undefined;
}
