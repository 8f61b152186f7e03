import { compile } from 'bigrad';
import { findNaN, graph, profile } from 'bigrad/debug';
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
  call('graph', () => [doubled], graph as Call['call'], { use: (f: Any) => f(tree()) }),
  call('graph()', () => [tree()], graph(doubled), { trees: [0] }),
  call('profile', () => [compile(doubled), { runs: 2, now: () => 0 }], profile as Call['call'], {
    options: 1,
    endless: ['1.runs'],
    use: (f: Any) => f(tree()),
  }),
  call('profile()', () => [tree()], profile(compile(doubled), { runs: 1, now: () => 0 }), {
    trees: [0],
    also: ['compile'],
  }),
];
