import { allocate, copyOf, type Buffer } from '../../../core/dtype.js';
import type { Spec, View } from '../../../core/tensor.js';
import { dense, isContiguous, offsetsOf, viewOf } from '../../../core/view.js';
import { viewOfStorage, type Resident } from '../../resident.js';
import type { InPlace } from './in-place.js';

/** How arguments get into a plan's memory, and results out of it. */
export interface Exchange {
  /**
   * Copies arguments in. Where some are donated it finds memory for the results, before anything of
   * worth is overwritten, and gives it.
   */
  enter(inputs: readonly unknown[], given: readonly boolean[]): Homes;
  /** Storage of the results, in the memory that was found for them. */
  leave(homes: Homes): unknown[];
}

/** Memory for each result, where there is some; a plan does not hold it between calls. */
type Homes = readonly (Buffer | undefined)[];

/**
 * Arguments and results are copied, but for state: a result that lies in an argument's place stays
 * there, and if it comes back as that argument, donated, nothing is copied at all. Other results
 * take over the memory of donated arguments that `mayReuse` allows, where it fits.
 */
export function exchange(
  inputs: readonly View[],
  outputs: readonly (readonly [View, Spec])[],
  stay: readonly InPlace[],
  mayReuse: (data: Buffer) => boolean,
): Exchange {
  const readers = outputs.map(([view, spec]) => readerOf(view, spec));
  const places = new Map(stay.map(({ output, input }) => [output, input]));
  const kept = inputs.map((): Kept | undefined => undefined);
  return {
    enter: (storages, given) => {
      const back = storages.map((storage, i) => storage === kept[i]?.storage && given[i]!);
      kept.forEach((result, i) => {
        if (back[i]) return;
        result?.storage.resident(); // out of the way of what comes
        kept[i] = undefined;
      });
      const spare = new Set<Buffer>(); // a tensor may be given twice
      const copies = storages.map((storage, i) => (back[i] ? undefined : elementsOf(viewOfStorage(storage))));
      copies.forEach((copy, i) => {
        const memory = copy ? copy.own : kept[i]!.memory();
        if (given[i] && memory && mayReuse(memory)) spare.add(memory);
      });
      const risky = given.includes(true);
      const homes = readers.map(({ fits, make }, k) => {
        for (const buffer of spare) if (fits(buffer) && spare.delete(buffer)) return buffer;
        return risky && !places.has(k) ? make() : undefined;
      });
      copies.forEach((copy, i) => {
        if (copy) inputs[i]!.data.set(copy.elements, inputs[i]!.offset);
      });
      return homes;
    },
    leave: (homes) => {
      for (const result of kept) result?.release(); // not before, for a step may have failed
      return readers.map((reader, k) => {
        const [home, place] = [homes[k], places.get(k)];
        if (place === undefined) return reader.read(home);
        kept[place] = keep(() => reader.read(home), home);
        return kept[place].storage;
      });
    },
  };
}

/**
 * The elements of an argument in row-major order, and its own memory if they are all there is in
 * it.
 */
function elementsOf(view: View): { elements: Buffer; own: Buffer | undefined } {
  const elements = dense(view);
  return { elements, own: elements === view.data ? elements : undefined };
}

/** A result that stays in the plan's memory, and memory of its own if there is any for it yet. */
interface Kept {
  readonly storage: Resident;
  memory(): Buffer | undefined;
  /** It has been overwritten. */
  release(): void;
}
function keep(copyOut: () => View, home: Buffer | undefined): Kept {
  let view: View | undefined;
  let gone = false;
  return {
    storage: {
      resident: () => {
        if (gone && !view) throw new TypeError('read: expected a tensor with values, got one that was donated');
        return (view ??= copyOut());
      },
    },
    memory: () => view?.data ?? home,
    release: () => {
      gone = true;
    },
  };
}

/** How a result is copied out. */
function readerOf(from: View, { dtype, shape }: Spec) {
  const { size, data, offset } = from;
  const at = isContiguous(from) ? undefined : offsetsOf(from.shape, from.stride, offset);
  const elements = at ? undefined : data.subarray(offset, offset + size);
  return {
    fits: (buffer: Buffer): boolean => buffer.length === size && buffer.constructor === data.constructor,
    make: (): Buffer => allocate(dtype, size),
    read: (home: Buffer | undefined): View => {
      if (elements && !home) return viewOf(copyOf(dtype, elements), shape);
      const to = home ?? allocate(dtype, size);
      if (elements) to.set(elements);
      else for (let i = 0; i < size; i++) to[i] = data[at![i]!]!;
      return viewOf(to, shape);
    },
  };
}
