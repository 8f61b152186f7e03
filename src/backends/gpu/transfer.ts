import { allocate, dtypeOf, type Buffer, type DType } from '../../core/dtype.js';
import { sizeOf, type Shape } from '../../core/shape.js';
import type { Backend, Spec, Tensor, View } from '../../core/tensor.js';
import { dense } from '../../core/view.js';
import type { Block } from './engine/block.js';
import { hostView } from './engine/host.js';
import { LARGEST, type Launcher } from './engine/launcher.js';
import type { Window } from './engine/memory.js';
import type { Lifetime } from './lifetime.js';

/** Where elements are moved to and from: a device, by its name in errors. */
export interface Place {
  readonly name: string;
  readonly gpu: Launcher;
}

/** Throws a RangeError for more elements than kernels can count. */
export function checkSizes(who: string, name: string, shapes: readonly Shape[]): void {
  for (const size of shapes.map(sizeOf))
    if (size > LARGEST)
      throw new RangeError(
        `${who}: expected tensors of at most ${LARGEST} elements on ${name}, whose kernels count in float32, got ${size}`,
      );
}

/**
 * Storage for row-major elements. Numbers and integers stay in main memory until a kernel asks for
 * them; arrays of floats go to the device.
 */
export const place = ({ engine, memory }: Launcher, data: Buffer, { shape, dtype }: Spec): Window =>
  dtype === 'float32' && data.length > 1
    ? memory.made(engine.upload(data as Float32Array), shape)
    : memory.held(data, shape);

/** Elements in main memory as they lie, or as they come from the device; a TypeError on webgpu. */
export function atOnce(who: string, { name, gpu }: Place, window: Window): View {
  const view = hostView(gpu, window);
  if (view) return view;
  throw new TypeError(
    `${who}: expected a device that can be read at once, got ${name}; use await x.read(), and fromTypedArray(await x.read(), x.shape) to move it elsewhere`,
  );
}

/** A copy of elements in another dtype. */
export function toDType(dtype: DType, data: Buffer): Buffer {
  const own = allocate(dtype, data.length);
  own.set(data);
  return own;
}

/** How a device takes in and gives out elements. */
export function createTransfer(at: Place, lifetime: Lifetime): Pick<Backend, 'upload' | 'read' | 'readSync'> {
  const readAtOnce = (who: string, { dtype }: Tensor, window: Window): Buffer =>
    toDType(dtype, dense(atOnce(who, at, window)));
  return {
    upload: (data, shape) => {
      lifetime.check('upload');
      const spec = { dtype: dtypeOf('upload', data), shape };
      checkStored('upload', `for ${at.name}`, spec.dtype, ' before it moves, or make it float32');
      checkSizes('upload', at.name, [shape]);
      return place(at.gpu, data.slice(), spec);
    },
    read: async (x) => {
      const window = readable('read', x, at, lifetime);
      if (window.ticket.block.host) return readAtOnce('read', x, window);
      checkSizes('read', at.name, [x.shape]);
      return toDType(x.dtype, await awaited(at.gpu, window, lifetime));
    },
    readSync: (x) => readAtOnce('readSync', x, readable('readSync', x, at, lifetime)),
  };
}

function readable(who: string, x: Tensor, { name }: Place, lifetime: Lifetime): Window {
  const window = x.storage as Window;
  lifetime.check(who, [window]);
  checkStored('read', `on ${name}`, x.dtype);
  return window;
}

/** Throws a TypeError for doubles, which are on a device only on their way through a cast. */
function checkStored(who: string, where: string, dtype: DType, how = ''): void {
  if (dtype === 'float64')
    throw new TypeError(
      `${who}: expected float32 or int32 ${where}, which computes in float32, got float64; use cast(x, 'float32')${how}`,
    );
}

/** The elements of a window in row-major order, once they are there. */
async function awaited(gpu: Launcher, window: Window, lifetime: Lifetime): Promise<Float32Array> {
  const { engine, memory } = gpu;
  const row = retainedRow(gpu, window);
  try {
    const data = await engine.read(await memory.handle('read', row), row.size);
    lifetime.check('read');
    return data;
  } catch (error) {
    lifetime.check('read'); // what else fails after dispose() fails because of it
    throw error;
  } finally {
    memory.drop(row);
  }
}

/** The elements of a window in a row, kept beyond scopes that close while they are awaited. */
function retainedRow({ dense, memory }: Launcher, window: Window): Block {
  let row!: Block;
  memory.within(() => {
    row = dense(window).ticket.block;
    memory.retain(row);
    return [];
  });
  return row;
}
