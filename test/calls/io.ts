import { reference } from 'bigrad';
import { loadSafetensors, saveSafetensors } from 'bigrad/io';
import { call, type Call } from './call.js';
import { x } from './values.js';

const tree = () => ({ w: x(), b: [x([2]), 3, 'relu', true, null] });

/** Calls of `bigrad/io`. */
export const io: readonly Call[] = [
  call('saveSafetensors', () => [tree(), { by: 'test' }, { flat: false }], saveSafetensors as Call['call'], {
    trees: [0],
    options: 2,
    // Numbers, booleans, strings and null are leaves of a tree like any other; metadata are any
    // strings.
    allow: (place, v) =>
      place.startsWith('0.') ? v === null || ['boolean', 'string', 'number'].includes(typeof v) : typeof v === 'string',
  }),
  call('loadSafetensors', () => [saveSafetensors(tree()), { device: reference, only: ['w', 'b.0'], skip: ['b.0'] }], loadSafetensors, { options: 1 }), // prettier-ignore
];
