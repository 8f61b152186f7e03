import assert from 'node:assert/strict';
import * as bigrad from 'bigrad';
import * as bilevel from 'bigrad/bilevel';
import * as debug from 'bigrad/debug';
import * as gpu from 'bigrad/gpu';
import * as io from 'bigrad/io';
import * as nn from 'bigrad/nn';
import * as optim from 'bigrad/optim';
import * as testing from 'bigrad/testing';
import { isContainer, places } from '../fuzz/places.js';
import { calls, gpus, tables, type Any, type Call } from './index.js';

const modules: Record<string, object> = {
  bigrad,
  'bigrad/nn': nn,
  'bigrad/optim': optim,
  'bigrad/bilevel': bilevel,
  'bigrad/debug': debug,
  'bigrad/io': io,
  'bigrad/testing': testing,
};
// Classes; of these only tensors have methods.
const exempt = ['Tensor', 'ConvergenceError', 'GradientError', 'ParityError'];

/** The functions of a module that no call is of; what it exports again stands in another table. */
const uncalled = (module: object, table: readonly Call[]): string[] =>
  Object.entries(module)
    .filter(([name, value]) => typeof value === 'function' && !exempt.includes(name))
    .filter(([, value]) => module === bigrad || !Object.values(bigrad).includes(value as never))
    .map(([name]) => name)
    .filter((name) => !table.some(({ id }) => id === name));

/**
 * The functions in a result, which must be called too: `()`, `().update`, `()[1]`. Devices and
 * class instances are none of ours.
 */
const functionsIn = (id: string, result: Any): string[] => {
  if (typeof result === 'function') return [`${id}()`];
  if (typeof result !== 'object' || result === null || 'run' in result) return [];
  const plain = [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(result));
  return Object.entries(plain ? result : {})
    .filter(([, v]) => typeof v === 'function')
    .map(([k]) => `${id}()${Array.isArray(result) ? `[${k}]` : `.${k}`}`);
};

describe('the table of calls', () => {
  for (const [name, module] of Object.entries(modules))
    it(`calls every function of ${name}`, () => {
      assert.deepEqual(uncalled(module, tables[name]!), []);
      assert.deepEqual(uncalled({ newOne: () => 1 }, tables[name]!), ['newOne']);
    });

  it('calls every function of bigrad/gpu', () => {
    assert.deepEqual(uncalled(gpu, gpus), []);
  });

  it('calls every method of a tensor', () => {
    const methods = Reflect.ownKeys(bigrad.Tensor.prototype).filter((k) => k !== 'constructor');
    assert.deepEqual(
      methods.filter((k) => !calls.some(({ id }) => id === `Tensor.${String(k)}`)),
      [],
    );
  });

  it('makes the containers among its arguments anew each time, for tests that change them', () => {
    const containers = (args: unknown[]): unknown[] =>
      places(args).flatMap(({ value }) => (isContainer(value) ? [value] : []));
    for (const { id, args } of calls) {
      const first = new Set(containers(args()));
      assert.ok(!containers(args()).some((c) => first.has(c)), id);
    }
  });

  it('calls every function that a call returns', async () => {
    const returned = new Set<string>();
    for (const { id, args, call } of calls)
      if (!id.includes('()')) for (const f of functionsIn(id, await call(...args()))) returned.add(f);
    assert.ok(returned.size > 50);
    assert.deepEqual(
      [...returned].filter((id) => !calls.some((c) => c.id === id)),
      [],
    );
  });

  const names = (known: string): string[] => known.split(', ');
  it('gives every option of every function', async () => {
    const missing: string[] = [];
    for (const id of new Set(calls.map((c) => c.id))) {
      const same = calls.filter((c) => c.id === id && c.options !== undefined);
      const [first] = same;
      if (!first) continue;
      const given = new Set(same.flatMap(({ args, options }) => Object.keys(args()[options!] as object)));
      const args = first.args();
      (args[first.options!] as Any).unknownOption = 1;
      const error: unknown = await Promise.resolve()
        .then(() => first.call(...args))
        .then(
          () => undefined,
          (e: unknown) => e,
        );
      const known = /expected no options but (.*), got unknownOption/.exec(String(error));
      if (!known) missing.push(`${id}: ${error === undefined ? 'takes an unknown option' : String(error)}`);
      else missing.push(...names(known[1]!).flatMap((o) => (given.has(o) ? [] : [`${id}: no call gives ${o}`])));
    }
    assert.deepEqual(missing, []);
  });

  const times = new Map<string, number>();
  for (const { id, args, call, use } of calls) {
    const nth = (times.get(id) ?? 0) + 1;
    times.set(id, nth);
    it(`${id} takes its valid arguments (${nth})`, async () => {
      const result = await call(...args());
      await use?.(result);
    });
  }
});
