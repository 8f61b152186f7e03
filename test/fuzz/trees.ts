import { calls, type Call } from '../calls/index.js';
import { x } from '../calls/values.js';
import { attempt, failure, mustRefuse, type Case, type Outcome } from './outcome.js';
import type { Wrong } from './wrong.js';

const cycle = (): object => {
  const o: Record<string, unknown> = { own: x() };
  o['again'] = [o];
  return o;
};
const ring = (): unknown[] => {
  const list: unknown[] = [x()];
  list.push(list);
  return list;
};
const deep = (levels: number): unknown => Array.from({ length: levels }).reduce((v) => ({ a: v }), x());

const cycles: readonly Wrong[] = [
  ['an object in a cycle', cycle],
  ['an array in a cycle', ring],
];
/** What is no tree. */
const wrongs: readonly Wrong[] = [
  ...cycles,
  ['1,001 levels deep', () => deep(1001)],
  ['50,000 levels deep', () => deep(50_000)],
];
/** What hides tensors in a leaf. */
const hiding: readonly Wrong[] = [
  ['a Map of tensors', () => new Map([['w', x()]])],
  ['a Set of tensors', () => new Set([x()])],
  [
    'a class instance around a tensor',
    () =>
      new (class Thing {
        w = x();
      })(),
  ],
  [
    'a class instance around a tree of tensors',
    () =>
      new (class Thing {
        p = { w: [x()] };
      })(),
  ],
  ['an array with a tensor under a name', () => Object.assign([x()], { more: x() })],
];

/**
 * A refusal, which for cycles is a TypeError, unless trees that differ are what is noticed first.
 */
async function refused(call: Call, args: readonly unknown[], what: string): Promise<Outcome> {
  const outcome = await mustRefuse(call, args);
  const named = call.trees.length > 1 || outcome.message === 'TypeError';
  const wrong = outcome.kind === 'refusal' && !named && cycles.some(([of]) => of === what);
  return wrong ? failure(`threw a ${outcome.message}`) : outcome;
}

/**
 * Calls with what is no tree in the place of one, or in it; each must be refused, unless it is what
 * the first tree has no place for.
 */
export const treeCases = (): Case[] =>
  calls.flatMap((call) =>
    call.trees.flatMap((at, nth) =>
      (call.handsOn ? wrongs : [...wrongs, ...hiding]).flatMap(([what, make]) => [
        {
          id: call.id,
          what: `tree ${at} is ${what}`,
          run: () => refused(call, call.args().with(at, make()), what),
        },
        {
          id: call.id,
          what: `tree ${at} holds, beside the others, ${what}`,
          run: () => {
            const args = call.args();
            const tree = args[at] as Record<string, unknown>;
            if (Array.isArray(tree)) tree.push(make());
            else tree['more'] = make();
            return nth === 0 ? refused(call, args, what) : attempt(call, args);
          },
        },
      ]),
    ),
  );
