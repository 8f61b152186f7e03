import { runInThisContext } from 'node:vm';
import { createDevice, type Device } from '../../../src/backends/gpu/device.js';
import type { Engine, Recipe } from '../../../src/backends/gpu/engine/engine.js';

type Kernel = (this: { thread: { x: number }; constants: Recipe['constants'] }, ...args: unknown[]) => unknown;

/**
 * A device that runs the sources of the kernels as they are, without GPU.js, cell by cell; `ran`
 * gets the text of all that it runs. Cells that are no numbers are errors.
 */
export function plainDevice(ran: Set<string> = new Set()): Device {
  const engine: Engine = {
    mode: 'cpu',
    sync: true,
    adapter: 'plain JavaScript',
    limits: {},
    compile: ({ source, helpers, size, constants }) => {
      for (const text of [source, ...helpers]) ran.add(text);
      const kernel = runInThisContext(`(() => {${helpers.join('\n')}\nreturn ${source};})()`) as Kernel;
      return {
        run: (args) =>
          Float32Array.from({ length: size }, (_, x) => {
            const cell = kernel.call({ thread: { x }, constants }, ...args);
            if (typeof cell !== 'number') throw new TypeError(`expected a number, got ${String(cell)} of ${source}`);
            return cell;
          }),
        destroy: () => undefined,
      };
    },
    upload: (data) => data,
    read: (handle) => Float32Array.from(handle as Float32Array),
    free: () => undefined,
    destroy: () => Promise.resolve(),
  };
  return createDevice(engine, { requested: 'cpu', declined: {}, kernels: 10_000, leastWork: Infinity });
}
