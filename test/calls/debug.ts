import { findNaN } from 'bigrad/debug';
import { call, type Any, type Call } from './call.js';
import { doubled, x } from './values.js';

const tree = () => ({ w: x([2]), b: [x([1, 2])] });

/** Calls of `bigrad/debug`. */
export const debug: readonly Call[] = [
  call('findNaN', () => [doubled, { infinities: true }], findNaN as Call['call'], {
    options: 1,
    use: (f: Any) => f(tree()),
  }),
  call('findNaN()', () => [tree()], findNaN(doubled), { trees: [0] }),
];
