import type { Check } from './check.js';
import { reading } from './reading.js';
import type { Backend } from './tensor.js';
import { kindOf } from './words.js';

/** Checks a device. */
export function checkDevice(who: string, device: unknown): Backend {
  const has = (name: 'run' | 'upload'): boolean =>
    typeof reading(who, 'a device', () => (device as Partial<Backend> | null | undefined)?.[name]) === 'function';
  if (typeof device !== 'object' || !has('run') || !has('upload'))
    throw new TypeError(`${who}: expected a device such as cpu, got ${kindOf(device)}`);
  return device as Backend;
}

/** True for a device of a transform that gives nobody the values of its tensors. */
export const hidesValues = ({ adopt, watcher }: Backend): boolean => adopt !== undefined && watcher === undefined;

/** A device, as an option. */
export const aDevice: Check<Backend> = (who, _name, value) => checkDevice(who, value);
