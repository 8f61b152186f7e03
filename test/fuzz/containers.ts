import { isDeepStrictEqual } from 'node:util';
import { mul, onesLike, tensor, Tensor, vjp, type Buffer } from 'bigrad';
import { calls, type Call } from '../calls/index.js';
import { floats } from '../calls/values.js';
import { failure, type Case, type Outcome } from './outcome.js';
import { isContainer, isTensor, places, put } from './places.js';

type Container = Record<string, unknown> | unknown[] | Buffer | Uint8Array;

/** All containers among a call's arguments. */
const containers = (args: unknown[]): Container[] =>
  places(args)
    .map(({ value }) => value)
    .filter((v): v is Container => isContainer(v) || (ArrayBuffer.isView(v) && !(v instanceof DataView)));

/** Another value of the same kind, so that nobody notices by its kind that it changed. */
const other = (v: unknown): unknown => {
  if (v instanceof Tensor) return v.dtype === 'int32' || v.storage === null ? v : mul(v, 3);
  if (typeof v === 'number') return v + 1;
  if (typeof v === 'boolean') return !v;
  return typeof v === 'string' ? 'nonsense' : v;
};

const each = (args: unknown[], list: (l: unknown[]) => void, object: (o: Record<string, unknown>) => void): void => {
  for (const c of containers(args))
    if (Array.isArray(c)) list(c);
    else if (ArrayBuffer.isView(c)) c.fill(7);
    else object(c);
};
const shorten = (o: Record<string, unknown>): void => {
  Reflect.deleteProperty(o, Object.keys(o)[0]!);
};

/** What a caller may do to the containers of a call once it has returned. */
const changes: Record<string, (args: unknown[]) => void> = {
  'lists grow and objects get properties': (args) => {
    each(
      args,
      (l) => l.push(l.at(-1) ?? 1),
      (o) => (o['more'] = tensor(7)),
    );
  },
  'lists and objects lose members': (args) => {
    each(args, (l) => l.pop(), shorten);
  },
  'members become others of their kind': (args) => {
    for (const place of places(args)) if (place.parent !== (args as unknown)) put(place, other(place.value));
    each(
      args,
      () => 0,
      () => 0,
    );
  },
  'members become null': (args) => {
    each(
      args,
      (l) => l.fill(null),
      (o) => {
        for (const key of Object.keys(o)) o[key] = null;
      },
    );
  },
};

/** A result as plain data, which nobody can change later. */
export function frozen(v: unknown): unknown {
  if (v instanceof Tensor) return { dtype: v.dtype, shape: [...v.shape], values: v.readSync() };
  if (Array.isArray(v)) return v.map(frozen);
  if (ArrayBuffer.isView(v)) return structuredClone(v);
  if (typeof v === 'function') return 'a function';
  return isContainer(v) ? Object.entries(v).map(([key, child]) => [key, frozen(child)]) : v;
}

const attempted = async (f: () => unknown): Promise<unknown> => {
  try {
    return await f();
  } catch (error) {
    return `threw ${String(error)}`;
  }
};

/**
 * What the call gives, and what it gives is good for, when its containers change right after it.
 */
const values = ({ args, call, use }: Call, change: (args: unknown[]) => void): Promise<unknown> =>
  attempted(async () => {
    const given = args();
    const result = await call(...given);
    change(given);
    return frozen(use ? [await use(result), await use(result)] : result);
  });

/** The gradient of all that in the tensors of the arguments. */
const gradients = ({ args, call, use }: Call, change: (args: unknown[]) => void): Promise<unknown> =>
  attempted(() => {
    const [y, pull] = vjp((variables: Tensor[]) => {
      const given = args();
      const at = places(given).filter(({ value }) => isTensor(value) && value.dtype !== 'int32');
      at.forEach((place, i) => {
        put(place, variables[i]!);
      });
      const result = call(...given);
      change(given);
      return floats(use ? use(result) : result);
    }, floats(args()));
    return frozen([y, pull(y.map(onesLike))]);
  });

/** Calls whose containers change afterwards, which must change nothing of what they gave. */
export const containerCases = (): Case[] =>
  calls
    .filter(({ args }) => containers(args()).length > 0)
    .flatMap((call) =>
      Object.entries(changes).flatMap(([what, change]) =>
        Object.entries({ values, gradients }).map(([of, look]) => ({
          id: call.id,
          what: `${what}, and its ${of} stay`,
          run: async (): Promise<Outcome> => {
            const [before, after] = [await look(call, () => undefined), await look(call, change)];
            if (isDeepStrictEqual(before, after)) return { kind: 'answer' };
            return failure(difference(before, after));
          },
        })),
      ),
    );

const text = (v: unknown): string =>
  typeof v === 'string' ? v : JSON.stringify(v, (_, x) => (ArrayBuffer.isView(x) ? `<${String(x)}>` : x) as unknown);

/** Where two results begin to differ, in words. */
export function difference(before: unknown, after: unknown): string {
  const [a, b] = [text(before), text(after)];
  const at = Math.max(0, a.split('').findIndex((c, i) => c !== b[i]) - 40);
  return `...${a.slice(at, at + 100)}... became ...${b.slice(at, at + 100)}...`;
}
