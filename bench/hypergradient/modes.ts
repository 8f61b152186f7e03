import type { Mode } from 'bigrad/bilevel';

/** A mode of a table, as it is called there and in torch_hypergradient.py. */
export interface Named {
  readonly name: string;
  readonly mode: Mode;
  /** False where PyTorch draws other columns, so that only times can be compared. */
  readonly comparable: boolean;
}

const INNER = 10; // cg steps, columns, and steps of the penalty

/** The modes for p lower steps; a truncation that follows all of them is 'exact'. */
export const modesFor = (ridge: number, rate: number, p: number): readonly Named[] =>
  [
    { name: 'exact', mode: 'exact' as const },
    ...(p > INNER ? [{ name: 'truncated, 10', mode: { truncated: INNER } }] : []),
    { name: 'summed', mode: 'summed' as const },
    { name: 'paper', mode: 'paper' as const },
    { name: 'firstOrder', mode: 'firstOrder' as const },
    {
      name: 'implicit, cg 10',
      mode: { implicit: { method: 'cg' as const, maxSteps: INNER, ridge, failure: 'report' as const } },
    },
    { name: 'nystrom, 10', mode: { nystrom: { rank: INNER, ridge: Math.max(ridge, 0.1) } } },
    { name: 'penalty, 10', mode: { penalty: { weight: 100, steps: INNER, learningRate: rate } } },
  ].map((entry): Named => ({ ...entry, comparable: !entry.name.startsWith('nystrom') }));
