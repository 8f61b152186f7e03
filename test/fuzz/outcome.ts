import { GradientError, ParityError } from 'bigrad/testing';
import type { Call } from '../calls/index.js';
import { mapped } from '../calls/values.js';

/**
 * What became of a call: a right answer, a refusal as it should be (with the kind of the error), or
 * a failure, with what is wrong.
 */
export interface Outcome {
  readonly kind: 'answer' | 'refusal' | 'failure';
  readonly message?: string;
}

export const failure = (message: string): Outcome => ({ kind: 'failure', message });

/** Something to try: a call with other arguments, or a comparison of two. */
export interface Case {
  readonly id: string;
  readonly what: string;
  run(): Promise<Outcome> | Outcome;
}

/** What callbacks of the caller throw; it must come through unchanged. */
export const ownError = new Error('an error of the caller');

const MOST = 1000; // characters of a message

/**
 * Judges an error: a refusal is a TypeError or a RangeError of bounded length that names the
 * function.
 */
export function judged(error: unknown, { name, also }: Call): Outcome {
  if (error === ownError) return { kind: 'refusal' };
  if (error instanceof GradientError || error instanceof ParityError) return { kind: 'answer' }; // as asked for
  if (!(error instanceof TypeError || error instanceof RangeError)) return failure(`threw ${said(error)}`);
  const { message } = error;
  if (message.length >= MOST) return failure(`a message of ${message.length} characters: ${message.slice(0, 60)}...`);
  const names = [name, ...also];
  // Without the place of a layer: `sequential[1] conv: expected` and `sequential[1]: expected`.
  const [place = '', outer = ''] = /^(\w*)(\[\d+\])+(?=[ :])/.exec(message) ?? [];
  const known = [...names, 'sequential', 'compact'].includes(outer);
  const inside = known
    ? message.replace(place, message[place.length] === ':' ? outer : '').replace(/^ (\w+: (?=\w+: expected ))?/, '')
    : message;
  const named = names.some((n) => inside.startsWith(`${n}: expected `));
  return named ? { kind: 'refusal', message: error.name } : failure(`threw ${said(error)}`);
}

function said(error: unknown): string {
  try {
    return String(error).slice(0, 150);
  } catch {
    return `a ${typeof error} without words`;
  }
}

/** Calls, and judges what comes. */
export async function attempt(call: Call, args: readonly unknown[]): Promise<Outcome> {
  let result: unknown;
  try {
    result = await call.call(...args);
  } catch (error) {
    return judged(error, call);
  }
  const broken = unsound(result) ?? changed(call, args, result);
  return broken === undefined ? { kind: 'answer' } : failure(broken);
}

/**
 * What is wrong with a tensor in a result, whatever its values: its shape, or how many elements it
 * has.
 */
function unsound(result: unknown): string | undefined {
  let broken: string | undefined;
  mapped(result, (x) => {
    if (!x.shape.every((d) => Number.isInteger(d) && d >= 0)) broken ??= `gave a tensor of shape [${x.shape}]`;
    else if (x.readSync().length !== x.size) broken ??= `gave ${x.readSync().length} elements of shape [${x.shape}]`;
  });
  return broken;
}

/** What is wrong with the shapes of a result that must have those of an argument. */
function changed({ keeps }: Call, args: readonly unknown[], result: unknown): string | undefined {
  if (!keeps) return undefined;
  const shapes = (tree: unknown): string[] => {
    const found: string[] = [];
    mapped(tree, ({ dtype, shape }) => found.push(`${dtype}[${shape}]`));
    return found;
  };
  const [before, after] = keeps([...args], result).map((tree) => shapes(tree).join(' '));
  return before === after ? undefined : `gave ${after} for ${before}`;
}

/** The outcome of a call that must be refused. */
export const mustRefuse = async (call: Call, args: readonly unknown[]): Promise<Outcome> => {
  const outcome = await attempt(call, args);
  return outcome.kind === 'answer' ? failure('was taken') : outcome;
};
