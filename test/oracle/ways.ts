import assert from 'node:assert/strict';
import { compile, type Backend, type CompileOptions, type DType, type Shape } from 'bigrad';
import type { Found } from './compare.js';
import { asViews, contiguous, type Place } from '../support/memory.js';
import type { Ops } from './ops.js';
import { compute, type Arguments, type Lists, type Program } from './program.js';

/** Where a program runs, and what is asked of it. */
export interface Setting {
  readonly ops: Ops;
  readonly device: Backend;
  readonly dtype: DType;
  /** Whether the third order is wanted. */
  readonly third: boolean;
}

/** One way to run a program: calls to be made one after another. */
export type Way = (program: Program, setting: Setting) => readonly (() => Found)[];

/** The arguments of a program, placed in a device's memory. */
function argumentsOf(program: Program, { device, dtype }: Setting, place: Place): Arguments {
  const all = (lists: Lists, shapes: readonly Shape[]) =>
    lists.map((data, i) => place(data, shapes[i]!, device, dtype));
  const { shapes, resultShapes, inputs, weights, v, u } = program;
  return { inputs: all(inputs, shapes), weights: all(weights, resultShapes), v: all(v, shapes), u: all(u, shapes) };
}

/**
 * On rows in memory of their own, and then on windows on other memory; the third order at the first
 * alone.
 */
const eager: Way = (program, setting) => {
  const on = (place: Place, third: boolean): Found =>
    compute(program, setting.ops, argumentsOf(program, setting, place), third);
  return [() => on(contiguous, setting.third), () => on(viewsFor(program), false)];
};

/**
 * Compiled once, and called in the same two ways: the second call finds in the plan's memory what
 * the first left behind.
 */
const compiled =
  (options: CompileOptions = {}): Way =>
  (program, setting) => {
    const f = compile(
      (inputs: Arguments['inputs'], rest: Omit<Arguments, 'inputs'>) =>
        compute(program, setting.ops, { inputs, ...rest }, setting.third),
      options,
    );
    const on = (place: Place): Found => {
      const { inputs, ...rest } = argumentsOf(program, setting, place);
      const found = f(inputs, rest);
      assert.ok(inputs.every(({ storage }) => (storage === null) === (options.donate !== undefined)));
      return found;
    };
    return [() => on(contiguous), () => on(viewsFor(program))];
  };

/** Which input is which kind of view depends on the program. */
const viewsFor = ({ steps }: Program): Place => asViews(steps.length);

/** By name: how, and whether with threads. */
export const ways: Readonly<Record<string, { readonly way: Way; readonly threads?: true }>> = {
  eager: { way: eager },
  compiled: { way: compiled() },
  'compiled, with inputs that are donated': { way: compiled({ donate: [0] }) },
  'compiled for two threads': { way: compiled({ threads: 2 }), threads: true },
};
