import { failure, type Case } from './outcome.js';

const dying = (what: string, run: () => never | undefined): Case => ({
  id: 'a case',
  what,
  run: () => {
    run();
    return { kind: 'answer' };
  },
});
const kept: unknown[] = [];

/**
 * Cases on which a process dies, and some between: what the watch over the child processes must
 * survive.
 */
export const dyingCases: readonly Case[] = [
  dying('answers', () => undefined),
  dying('never ends', () => {
    for (;;);
  }),
  dying('exits', () => process.exit(3)),
  dying('fills the heap', () => {
    for (;;) kept.push(new Array<number>(1000).fill(0.5));
  }),
  { id: 'a case', what: 'fails', run: () => failure('it is wrong') },
  dying('fills memory outside the heap', () => {
    for (;;) kept.push(new Float64Array(1e7).fill(1));
  }),
  dying('answers again', () => undefined),
];
