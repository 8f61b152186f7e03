import type { Check } from './check.js';
import { reading } from './reading.js';
import type { Backend } from './tensor.js';
import { kindOf } from './words.js';

/** Checks a device. */
export function checkDevice(who: string, device: unknown): Backend {
  if (
    typeof device !== 'object' ||
    device === null ||
    typeof reading(who, 'a device', () => (device as Partial<Backend>).run) !== 'function'
  )
    throw new TypeError(`${who}: expected a device such as cpu, got ${kindOf(device)}`);
  return device as Backend;
}

/** A device, as an option. */
export const aDevice: Check<Backend> = (who, _name, value) => checkDevice(who, value);
