import { count, aFunction } from '../core/check.js';
import { stepwise, type Stepwise } from '../compile/compile.js';
import { watching } from '../core/history.js';
import { checkOptions } from '../core/options.js';
import { owning } from '../core/storage.js';
import { checkReadable, type PlanStep, type Tensor } from '../core/tensor.js';
import { mapFor } from '../core/tree.js';
import { kindOf } from '../core/words.js';
import { chromeTrace, type Span } from './chrome-trace.js';
import { milliseconds } from './clock.js';
import type { Profile, ProfiledStep } from './profiled.js';
import { profileTable } from './profile-table.js';
import { known, workOf } from './work.js';

/** How `profile` measures. */
export interface ProfileOptions {
  /** How often the plan runs; 20 by default. A first run is not measured. */
  readonly runs?: number;
  /** A clock in milliseconds; `performance.now` by default. */
  readonly now?: () => number;
}

/**
 * Runs a compiled function, and measures each step of its plan: time, work and bytes. Donated
 * arguments are copied for each run, so that they stay. The function is not slower without it.
 * Times on GPU devices are those of launches.
 * @param compiled what `compile` returned; it gets the arguments of the returned function
 * @example
 * const f = compile((x) => sum(tanh(matmul(x, x))));
 * const { steps, total } = profile(f)(ones([8, 8]));
 * total.bytes; // 1540
 * steps.length === f.stats?.steps; // true
 */
export function profile<A extends unknown[]>(
  compiled: (...args: A) => unknown,
  options: ProfileOptions = {},
): (...args: A) => Profile {
  const call: unknown =
    typeof compiled === 'function' ? (compiled as { readonly [stepwise]?: unknown })[stepwise] : undefined;
  if (typeof call !== 'function')
    throw new TypeError(`profile: expected a function that compile returned, got ${kindOf(compiled)}`);
  const { runs = 20, now = milliseconds } = checkOptions('profile', options, { runs: count, now: aFunction });
  return (...args) => measure(call as Stepwise, args, runs, now);
}

function measure(call: Stepwise, args: readonly unknown[], runs: number, now: () => number): Profile {
  const { plan } = call(copied(args));
  if (!plan?.steps)
    throw new TypeError('profile: expected a call with a plan of its own, got one that runs inside a transform');
  const steps = plan.steps();
  const spans: Span[] = [];
  const calls: Span[] = [];
  for (let run = 0; run < runs; run++) {
    const own = copied(args);
    const start = now();
    call(own, (step, act) => {
      const from = now();
      act();
      spans.push({ step, from, to: now() });
    });
    calls.push({ from: start, to: now() });
  }
  return profileOf(steps, spans, calls);
}

function profileOf(steps: readonly PlanStep[], spans: readonly Span[], calls: readonly Span[]): Profile {
  const times = steps.map((): number[] => []);
  for (const { step, from, to } of spans) times[step!]!.push(to - from);
  // Other programs only make it longer.
  const least = times.map((of) => Math.min(...of));
  const time = least.reduce((a, b) => a + b, 0);
  const measured = steps.map(({ calls: made, ins, outs, bytes }, id): ProfiledStep => {
    const [ms, work] = [least[id]!, known(made.map(workOf))];
    const share = time > 0 ? ms / time : 0;
    const ops = made.map(({ op }) => op.name);
    const gigaflops = work === undefined ? undefined : perSecond(work, ms);
    return { id, ops, ins, outs, milliseconds: ms, share, work, bytes, gigaflops, gigabytes: perSecond(bytes, ms) };
  });
  const total = {
    milliseconds: time,
    call: Math.min(...calls.map(({ from, to }) => to - from)),
    work: measured.reduce((n, { work }) => n + (work ?? 0), 0),
    bytes: measured.reduce((n, { bytes }) => n + bytes, 0),
  };
  const sorted = measured.toSorted((a, b) => b.milliseconds - a.milliseconds);
  const found = { runs: calls.length, steps: sorted, total };
  const table = (most = Infinity): string =>
    profileTable(found, most === Infinity ? most : count('profile', 'the number of rows', most));
  // Not among what JSON and loops over keys see.
  return Object.defineProperties(found, {
    table: { value: table },
    chromeTrace: { value: () => chromeTrace(measured, spans, calls) },
    toString: { value: () => table() },
  }) as typeof found & Pick<Profile, 'table' | 'chromeTrace'>;
}

/** Copies of arguments that a call may take over. */
const copied = (args: readonly unknown[]): readonly unknown[] =>
  mapFor('profile')((x: Tensor) => {
    checkReadable('profile', x);
    if (x.device.adopt || watching([x]).length > 0)
      throw new TypeError(`profile: expected tensors of no transform, got one on ${x.device.name} inside of one`);
    return owning(x, x.device, x.device.upload(elementsOf(x), x.shape));
  }, args);

function elementsOf(x: Tensor) {
  try {
    return x.device.readSync(x);
  } catch (cause) {
    throw new TypeError(`profile: expected a device that can be read at once, got ${x.device.name}`, { cause });
  }
}

/** In 10^9 a second. */
const perSecond = (amount: number, ms: number): number => (ms > 0 ? amount / ms / 1e6 : 0);
