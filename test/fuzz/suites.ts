import { assignmentCases } from './assignments.js';
import { containerCases } from './containers.js';
import { dyingCases } from './dying.js';
import { fileCase } from './files.js';
import { kindCases } from './kinds.js';
import { listCases } from './lists.js';
import type { Case } from './outcome.js';
import { randomCase } from './random.js';
import { proxyCases, tensorCases } from './tensors.js';
import { treeCases } from './trees.js';

/** The lists of cases, by what they are about. */
export const lists = {
  kinds: kindCases,
  lists: listCases,
  containers: containerCases,
  assignments: assignmentCases,
  tensors: tensorCases,
  trees: treeCases,
  proxies: proxyCases,
} as const satisfies Record<string, () => Case[]>;

/** Which cases there are: a list of them, or random ones without end. */
export type SuiteName = keyof typeof lists | 'calls' | 'files' | 'dying';

/** The cases of a suite, by number. */
export function suite(name: SuiteName, seed: number): (n: number) => Case {
  if (name === 'calls') return (n) => randomCase(seed, n);
  if (name === 'files') return (n) => fileCase(seed, n);
  const all = name === 'dying' ? dyingCases : lists[name]();
  return (n) => all[n]!;
}
