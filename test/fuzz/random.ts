import { Tensor } from 'bigrad';
import { calls } from '../calls/index.js';
import { chooser, pick, type Choose } from './choose.js';
import { attempt, type Case } from './outcome.js';
import { isContainer, places, put, type Place } from './places.js';
import { kinds, numbers, tensors, type Wrong } from './wrong.js';

const names = [
  'sum',
  'none',
  'float64',
  'int32',
  'auto',
  'in',
  'l0',
  'exact',
  '',
  'constructor',
  '__proto__',
  'toString',
];
const words: readonly Wrong[] = names.map((v) => [`'${v}'`, () => v]);
const odd: readonly Wrong[] = numbers.map((v) => [Object.is(v, -0) ? '-0' : String(v), () => v]);

/** Something else of the same kind, or nearly. */
const near = (choose: Choose, value: unknown): Wrong => {
  if (typeof value === 'number') return pick(choose, odd);
  if (typeof value === 'string') return pick(choose, words);
  return pick(choose, value instanceof Tensor ? tensors : kinds);
};

/** A change to a container: what it does, in words. */
const damages: readonly (readonly [what: string, change: (c: Record<string, unknown>, choose: Choose) => void])[] = [
  ['lacks a member', (c, choose) => Reflect.deleteProperty(c, pick(choose, Object.keys(c)))],
  ['has undefined for a member', (c, choose) => (c[pick(choose, Object.keys(c))] = undefined)],
  ['has one member more', (c) => (Array.isArray(c) ? c.push(c[0]) : (c['more'] = 1))],
  ['holds itself', (c) => (c[Array.isArray(c) ? c.length : 'self'] = c)],
  ['has 2^31 members', (c) => Array.isArray(c) && (c.length = 2 ** 31)],
  [
    'has a member named __proto__',
    (c) => Object.defineProperty(c, '__proto__', { value: 1, enumerable: true, configurable: true, writable: true }),
  ],
  ['has a member of a symbol', (c) => (c[Symbol.iterator as never] = 1 as never)],
];

/** Changes one place, and says how. */
function edit(choose: Choose, place: Place, endless: readonly string[]): string {
  const { path, value } = place;
  if (isContainer(value) && Object.keys(value).length > 0 && choose(2) === 0) {
    const [what, change] = pick(choose, damages);
    change(value, choose);
    return `${path} ${what}`;
  }
  const [of, make] = choose(2) === 0 ? near(choose, value) : pick(choose, kinds);
  let what = of;
  let wrong = make();
  // More work than anybody waits for, and yet a right call.
  if (endless.includes(path) && typeof wrong === 'number' && wrong > 100 && wrong < Infinity)
    [what, wrong] = ['-1', -1];
  if (typeof value === 'object' && value !== null && choose(12) === 0)
    [what, wrong] = ['a proxy of what it was', new Proxy(value, {})];
  put(place, wrong);
  return `${path} is ${what}`;
}

const functions = calls.filter(({ method }) => !method);

/** Call `n` of a seed: a valid one with one place changed, or several. */
export function randomCase(seed: number, n: number): Case {
  const choose = chooser(seed, n);
  const call = pick(choose, functions);
  const args = call.args();
  const all = places(args);
  const edits = choose(2) === 0 ? 1 : 1 + choose(4);
  const what = Array.from({ length: all.length > 0 ? edits : 0 }, () =>
    edit(choose, pick(choose, all), call.endless ?? []),
  );
  if (choose(8) === 0) what.push(`only ${(args.length = choose(args.length + 1))} arguments`);
  const also = [...call.also, ...layerNames(all)];
  return { id: call.id, what: what.join(', '), run: () => attempt({ ...call, also }, args) };
}

/** What the layers among arguments are called now, which their refusals begin with. */
const layerNames = (all: readonly Place[]): string[] =>
  all.flatMap(({ path, parent, key }) => {
    const name = path.endsWith('.name') && parent[key];
    return typeof name === 'string' ? [name] : [];
  });
