import { flopsOf, padded } from '../work.js';
import { BATCH, cases, type PeerCase } from './cases.js';
import { TORCH } from './libraries.js';
import { ratioOf, typical, type Ratio, type Result } from './results.js';

/** A number that a target is about, in one runtime. */
export interface Verdict {
  readonly target: number;
  /** The case, or what else is looked at. */
  readonly of: string;
  readonly what: string;
  readonly value: Ratio;
  readonly goal?: { readonly least?: number; readonly most?: number };
}

/** Steps of the paper's pre-training: 10 epochs over 100,000 points at batch 16. */
export const PAPER_STEPS = 62_500;

const RELAXED = 22; // the first major version of Node whose SIMD has fused multiply-adds
const FLAT = 10; // MB that a process may grow by over the second half of its steps

const WASM = ['jax-js', 'jax-js, threads', 'tfjs wasm'];
const JS = [...WASM, 'tfjs cpu'];
const [EAGER, COMPILED] = ['bigrad eager', 'bigrad compiled'];

/** Whether a number is what its target asks for; undefined where it asks for nothing. */
export const isMet = ({ value: { value }, goal }: Verdict): boolean | undefined =>
  goal && value >= (goal.least ?? -Infinity) && value <= (goal.most ?? Infinity);

const exactly = (value: number): Ratio => ({ value, low: value, high: value });
const scaled = ({ value, low, high }: Ratio, by: number): Ratio => ({
  value: value * by,
  low: low * by,
  high: high * by,
});
const named = (kind: PeerCase['job']['kind']): PeerCase[] => cases.filter(({ job }) => job.kind === kind);
const nameOf = (kind: PeerCase['job']['kind']): string => named(kind)[0]!.name;

/** The result of a library in a case, of all that one runtime had. */
type Find = (library: string, name: string) => Result | undefined;
type Add = (of: string, what: string, value: Ratio | undefined, goal?: Verdict['goal']) => void;

/** Matrix products and convolutions. */
function products(find: Find, add: Add, modern: boolean): void {
  for (const { name, work } of [...named('matmul'), ...named('conv')]) {
    const [best] = [find(EAGER, name), find(COMPILED, name)]
      .filter((r) => r !== undefined && typical(r) !== undefined)
      .sort((a, b) => typical(a!)! - typical(b!)!);
    const needed = work && 'products' in work ? work.products : [];
    const waste = flopsOf(needed) / flopsOf(needed.map(padded));
    const share = ratioOf(find('padded products', name), best);
    add(name, "share of the padded product's rate", share && scaled(share, waste), { least: 0.75 });
    for (const peer of WASM)
      add(name, `times as fast as ${peer}`, ratioOf(find(peer, name), best), { least: modern ? 1.8 : 1.3 });
  }
}

/** The compiled training step. */
function steps(find: Find, add: Add, modern: boolean): void {
  const most: Readonly<Record<number, number>> = { 4: 0.6, [BATCH]: modern ? 0.7 : 1, 256: 1.3 };
  for (const { name, job } of named('step')) {
    const goal = job.kind === 'step' ? most[job.batch] : undefined;
    const ours = find(COMPILED, name);
    add(name, "compiled, of PyTorch's time", ratioOf(ours, find(TORCH, name)), goal ? { most: goal } : undefined);
    for (const peer of JS)
      add(name, `compiled, times as fast as ${peer}`, ratioOf(find(peer, name), ours), { least: 100 });
  }
}

/** Second derivatives. */
function second(find: Find, add: Add): void {
  const step = `training step, batch ${BATCH}`;
  for (const library of [EAGER, COMPILED, TORCH, 'jax-js']) {
    const value = ratioOf(find(library, nameOf('mixed')), find(library, nameOf('gradient')));
    add(
      'mixed product',
      `of its gradient's time, ${library}`,
      value,
      library.startsWith('bigrad') ? { most: 3 } : undefined,
    );
  }
  for (const library of [EAGER, COMPILED])
    add(
      'Bi-RPT upper iteration',
      `of a step's time, ${library}`,
      ratioOf(find(library, nameOf('bi-rpt')), find(library, step)),
      { most: 5 },
    );
}

/** Eager mode. */
function eager(find: Find, add: Add): void {
  const step = `training step, batch ${BATCH}`;
  add(step, 'eager, of the compiled time', ratioOf(find(EAGER, step), find(COMPILED, step)), { most: 2 });
  const tiny = find(EAGER, nameOf('add'));
  const ms = tiny && typical(tiny);
  if (ms !== undefined) add(nameOf('add'), 'eager, µs', exactly(1e3 * ms), { most: 2 });
}

/** Memory over the second half of the loop's rounds. */
function memory(find: Find, add: Add): void {
  for (const library of [EAGER, COMPILED, TORCH]) {
    const rounds = find(library, nameOf('loop'))?.repeats ?? [];
    if (rounds.length < 2) continue;
    const middle = Math.ceil(rounds.length / 2) - 1;
    const later = rounds.slice(middle + 1).reduce((sum, { times }) => sum + times, 0);
    const grown = (rounds.at(-1)!.resident - rounds[middle]!.resident) / 1e6;
    const goal = library === TORCH ? undefined : { most: FLAT };
    add('memory', `MB grown by over the last ${later} steps of the loop, ${library}`, exactly(grown), goal);
  }
}

/** The whole of pre-training. */
function loop(find: Find, add: Add): void {
  const name = nameOf('loop');
  for (const library of [COMPILED, EAGER, ...JS, TORCH]) {
    const result = find(library, name);
    const each = result && typical(result);
    if (each !== undefined)
      add('pre-training', `min for the paper's ${PAPER_STEPS} steps, ${library}`, exactly((PAPER_STEPS * each) / 60e3));
  }
  add('pre-training', "compiled, of PyTorch's time (about 1)", ratioOf(find(COMPILED, name), find(TORCH, name)));
}

/** The numbers of the targets that these results hold for one runtime. */
export function verdicts(results: readonly Result[], runtime: string): Verdict[] {
  const modern = Number.parseInt(runtime) >= RELAXED;
  const find: Find = (library, name) =>
    results.find((r) => r.library === library && r.case === name && (r.runtime ?? runtime) === runtime);
  return [products, steps, second, eager, memory, loop].flatMap((collect, i) => {
    const found: Verdict[] = [];
    const add: Add = (of, what, value, goal) => {
      if (value) found.push({ target: i + 1, of, what, value, ...(goal && { goal }) });
    };
    collect(find, add, modern);
    return found;
  });
}
