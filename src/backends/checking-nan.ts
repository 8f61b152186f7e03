import { flag } from '../core/check.js';
import { checkDevice } from '../core/device.js';
import { isFloat, type Buffer } from '../core/dtype.js';
import { checkOptions } from '../core/options.js';
import { indexAt } from '../core/shape.js';
import { lent } from '../core/storage.js';
import type { Backend, Spec, Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';

/** What `checkingNaN` stops at. */
export interface CheckingOptions {
  /** Whether infinities are errors too; false by default, for some programs mean them. */
  readonly infinities?: boolean;
}

/**
 * A device that computes on `device` and looks at the result of every op: the first NaN is an error
 * that names the op, its inputs and the element, such as `log: expected numbers, got NaN at [1] of
 * its result [2] from float32 [2]`. Compiled functions run op by op on it, and so name the op too.
 * It is slow, and is for the search. The device must be one that can be read at once. Ops throw a
 * RangeError where NaN appears.
 * @param device where the ops run
 * @example
 * const x = tensor([4, 1], { device: checkingNaN(cpu) });
 * log(x); // float32[2] on cpu, checking NaN [1.38629, 0]
 */
export function checkingNaN(device: Backend, options: CheckingOptions = {}): Backend {
  const inner = checkDevice('checkingNaN', device);
  const { infinities = false } = checkOptions('checkingNaN', options, { infinities: flag });
  const bad = (v: number): boolean => (infinities ? !Number.isFinite(v) : Number.isNaN(v));
  const there = (x: Tensor): Tensor => lent(x, inner, x.storage);
  const read = (spec: Spec, storage: unknown): Buffer => inner.readSync(lent(spec, inner, storage));

  const badIn = (spec: Spec, storage: unknown): { at: number; value: number } | undefined => {
    if (!isFloat(spec.dtype)) return undefined;
    const data = read(spec, storage);
    const at = data.findIndex(bad);
    return at < 0 ? undefined : { at, value: data[at]! };
  };
  const inputsOf = (ins: readonly Tensor[]): string =>
    ins
      .map((x) => {
        const found = badIn(x, x.storage);
        return `${x.dtype} ${show(x.shape)}${found ? ` with ${found.value} at ${show(indexAt(found.at, x.shape))}` : ''}`;
      })
      .join(', ');

  return {
    name: `${inner.name}, checking ${infinities ? 'NaN and infinities' : 'NaN'}`,
    run: (op, ins, outs, attrs) => {
      const storages = inner.run(op, ins.map(there), outs, attrs);
      outs.forEach((spec, i) => {
        const found = badIn(spec, storages[i]);
        if (!found) return;
        const where = `${show(indexAt(found.at, spec.shape))} of its result ${show(spec.shape)}`;
        throw new RangeError(
          `${op.name}: expected numbers, got ${found.value} at ${where} from ${ins.length > 0 ? inputsOf(ins) : 'no inputs'}`,
        );
      });
      return storages;
    },
    upload: (data, shape) => inner.upload(data, shape),
    read: (x) => inner.read(there(x)),
    readSync: (x) => inner.readSync(there(x)),
    dispose: (x) => inner.dispose?.(there(x)),
    share: (x) => inner.share?.(there(x)),
    threads: inner.threads === true,
  };
}
