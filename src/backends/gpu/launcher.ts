import { sources } from '../../../kernels/gpu/generated/sources.js';
import { sizeOf, type Shape } from '../../core/shape.js';
import { isContiguous } from '../../core/view.js';
import type { KernelCache } from './cache.js';
import type { Engine, Handle, Recipe } from './facade.js';
import { mapRecipe } from './map.js';
import type { Block, Memory, Window } from './memory.js';

/** What the entries of the op table launch kernels with. Results are row-major. */
export interface Launcher {
  readonly memory: Memory;
  readonly engine: Engine;
  /** An elementwise function of `kernels/gpu`, of strided windows that have the result's shape and of numbers. */
  map(fn: string, operands: readonly (Window | number)[], shape: Shape): Window;
  /** A kernel of `kernels/gpu`, of row-major operands: others are copied first. */
  kernel(name: string, operands: readonly Window[], shape: Shape, constants?: Recipe['constants']): Window;
  /** As `kernel`, of whole blocks: the constants say where in them the operands lie. */
  blocks(name: string, operands: readonly Window[], shape: Shape, constants: Recipe['constants']): Window;
  /** The elements in row-major order, in a block of their own. */
  dense(x: Window): Window;
}

/** Where float32 stops telling neighbouring integers apart. */
const LARGEST = 2 ** 24;

/** Launches kernels of an engine. */
export function createLauncher(engine: Engine, memory: Memory, cache: KernelCache): Launcher {
  const launch = (recipe: Recipe, operands: readonly (Block | number)[], shape: Shape): Window => {
    const blocks = operands.filter((operand) => typeof operand !== 'number');
    for (const size of [recipe.size, ...blocks.map((block) => block.size)])
      if (size > LARGEST)
        throw new RangeError(`gpu: expected tensors of at most ${LARGEST} elements, since kernels count in float32, got ${size}`); // prettier-ignore
    const args = operands.map((operand) => (typeof operand === 'number' ? operand : memory.handle('gpu', operand)));
    // GPU.js compiles for the lengths of the arguments that come first.
    const kinds = operands.map((operand) => (typeof operand === 'number' ? 'n' : operand.size)).join();
    const run = (ready: readonly (Handle | number)[]) => cache.run(recipe, kinds, ready);
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
  const family = (name: string, operands: readonly Window[], shape: Shape, constants: Recipe['constants']): Window => {
    const { source, uses } = sources[name]!;
    const recipe = { source, helpers: uses.map((use) => sources[use]!.source), size: sizeOf(shape), constants };
    return launch(recipe, operands.map(({ ticket }) => ticket.block), shape); // prettier-ignore
  };
  const launcher: Launcher = {
    memory,
    engine,
    map: (fn, operands, shape) => {
      const given = operands.map((operand) => numberOf(operand) ?? (operand as Window));
      const recipe = mapRecipe(fn, shape, given.map((operand) => (typeof operand === 'number' ? null : operand.view))); // prettier-ignore
      return launch(recipe, given.map((operand) => (typeof operand === 'number' ? operand : operand.ticket.block)), shape); // prettier-ignore
    },
    kernel: (name, operands, shape, constants = {}) => family(name, operands.map(launcher.dense), shape, constants),
    blocks: family,
    dense: (x) => {
      const size = sizeOf(x.view.shape);
      if (x.view.offset === 0 && size === x.ticket.block.size && isContiguous(x.view)) return x;
      return launcher.map('copyOf', [x], x.view.shape);
    },
  };
  return launcher;
}

/** The number that an operand is: given as one, or a single element in main memory. */
function numberOf(operand: Window | number): number | undefined {
  if (typeof operand === 'number') return operand;
  const { host, size } = operand.ticket.block;
  return host && size === 1 ? host[0]! : undefined;
}
