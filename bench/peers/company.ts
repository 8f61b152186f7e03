import { setMaxListeners } from 'node:events';
import { median } from 'simple-statistics';
import type { PeerCase } from './cases.js';
import { startChild, TimeLimit, type Child } from './child.js';
import { difference } from './compare.js';
import { bigrad } from './libraries/bigrad.js';
import type { Variant } from './libraries.js';
import type { Outputs, Task } from './library.js';
import type { Checked, Measured, Ready, Repeated } from './protocol.js';
import { readInputs } from './read-inputs.js';
import type { Skipped } from './report.js';
import { resultOf, type Result } from './results.js';

export interface Plan {
  readonly rounds: number;
  readonly seconds: number;
  readonly limit: number;
  readonly steps: number;
  readonly inputs: string;
}

/** All libraries in their processes. */
export interface Company {
  readonly variants: readonly Variant[];
  /** Waits for each, one after another; which did not start, and why. */
  ready(): Promise<Skipped[]>;
  settings(): (Ready & { readonly variant: string })[];
  /** Checks and samples a case with all that started. */
  run(peerCase: PeerCase): Promise<Result[]>;
  end(): void;
}

const messageOf = (e: unknown): string => (e instanceof Error ? e.message : String(e));

/** One library's part in one case. */
interface Part {
  readonly variant: Variant;
  spent: number; // seconds
  rounds: number[][];
  repeats: Repeated[];
  difference?: number;
  failure?: string;
}

/** What bigrad gives for a case in eager mode, run by run. */
async function expectedOf(task: Task, runs: number): Promise<Outputs[]> {
  const expected: Outputs[] = [];
  for (let i = 0; i < runs; i++) expected.push(await task.outputs(await task.run()));
  return expected;
}

export function startCompany(variants: readonly Variant[], plan: Plan, signal: AbortSignal): Company {
  setMaxListeners(0, signal); // each process listens
  const children = new Map<string, Child>();
  const ready = new Map<string, Ready>();
  const childOf = ({ name, command }: Variant): Child => {
    let child = children.get(name);
    if (!child) children.set(name, (child = startChild(command, signal)));
    return child;
  };
  const reference = bigrad(readInputs(plan.inputs), 'eager');

  /**
   * Asks one library; what goes wrong ends its part, and its process where that is what went wrong.
   */
  const ask = async <T>(part: Part, request: Parameters<Child['ask']>[0]): Promise<T | undefined> => {
    const begin = performance.now();
    try {
      const child = childOf(part.variant);
      await child.ready;
      const reply = await child.ask<T>(request, Math.max(1, plan.limit - part.spent));
      if (typeof reply === 'object' && reply !== null && 'error' in reply) throw new Refusal(reply.error);
      return reply;
    } catch (e) {
      if (!(e instanceof Refusal)) {
        children.get(part.variant.name)?.end();
        children.delete(part.variant.name);
      }
      const enough = e instanceof TimeLimit ? `more than ${plan.limit} s` : messageOf(e);
      if (part.rounds.length === 0) part.failure = enough;
      part.spent = Infinity;
      return undefined;
    } finally {
      part.spent += (performance.now() - begin) / 1e3;
    }
  };

  const check = async (part: Part, peerCase: PeerCase, expected: readonly Outputs[]): Promise<void> => {
    const found = await ask<Checked>(part, { do: 'check', case: peerCase });
    if (!found) return;
    if (part.variant.library !== 'padded products') {
      part.difference = difference(expected, found.outputs);
      if (!(part.difference <= peerCase.tolerance)) {
        part.failure = `its result differs from bigrad's by ${part.difference.toPrecision(2)}, more than ${peerCase.tolerance}`;
        return;
      }
    }
    if (part.spent + found.ms / 1e3 > plan.limit) part.rounds.push([found.ms]);
  };
  const sample = async (part: Part, peerCase: PeerCase): Promise<void> => {
    if (peerCase.job.kind === 'loop') {
      const times = Math.ceil(plan.steps / plan.rounds);
      const found = await ask<Repeated>(part, { do: 'repeat', times, seconds: plan.limit / plan.rounds / 2 });
      if (!found) return;
      part.repeats.push(found);
      part.rounds.push([found.ms / found.times]);
      return;
    }
    const found = await ask<Measured>(part, { do: 'measure', seconds: plan.seconds });
    if (found) part.rounds.push([...found.samples]);
  };
  /** Whether another round fits into what is left of a library's time. */
  const fits = ({ spent, rounds, failure }: Part): boolean =>
    failure === undefined && spent + (rounds.length > 0 ? median(rounds.at(-1)!) / 1e3 : 0) < plan.limit;

  return {
    variants,
    ready: async () => {
      const skipped: Skipped[] = [];
      for (const variant of variants) {
        try {
          const found = await childOf(variant).ready;
          if ('error' in found) throw new Error(found.error);
          ready.set(variant.name, found);
        } catch (e) {
          skipped.push({ variant: variant.name, reason: messageOf(e) });
          children.delete(variant.name);
        }
        if (signal.aborted) break;
      }
      return skipped;
    },
    settings: () => [...ready].map(([variant, found]) => ({ variant, ...found })),
    run: async (peerCase) => {
      if (peerCase.job.kind === 'loop') {
        // Its memory is looked at, so nothing else may be in it.
        for (const child of children.values()) child.end();
        children.clear();
      }
      const expected = await expectedOf(reference.prepare(peerCase.job), peerCase.checks);
      const parts = variants
        .filter(({ name, library }) => ready.has(name) && (!peerCase.own || library.startsWith('bigrad')))
        .filter(({ library }) => library !== 'padded products' || (peerCase.work && peerCase.job.kind !== 'loop'))
        .map((variant): Part => ({ variant, spent: 0, rounds: [], repeats: [] }));
      for (const part of parts) if (!signal.aborted) await check(part, peerCase, expected);
      for (let round = 0; round < plan.rounds; round++)
        for (let i = 0; i < parts.length; i++) {
          const part = parts[(i + round) % parts.length]!;
          if (!signal.aborted && fits(part)) await sample(part, peerCase);
        }
      return parts.map(({ variant, rounds, repeats, difference: found, failure }) =>
        resultOf(variant, peerCase.name, {
          rounds,
          ...(found !== undefined && { difference: found }),
          ...(failure !== undefined && { failure }),
          ...(repeats.length > 0 && { repeats }),
        }),
      );
    },
    end: () => {
      for (const child of children.values()) child.end();
    },
  };
}

/** A library's own answer that it cannot. */
class Refusal extends Error {}
