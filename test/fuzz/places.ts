import { Tensor } from 'bigrad';

/** A value among the arguments of a call, and where it stands. */
export interface Place {
  readonly parent: Record<string, unknown>;
  readonly key: string;
  /** Keys with dots between them: `2.eps`. */
  readonly path: string;
  readonly value: unknown;
}

/** Arrays and plain objects; devices are plain objects too, but nobody's container. */
export const isContainer = (v: unknown): v is Record<string, unknown> =>
  Array.isArray(v) ||
  (typeof v === 'object' && v !== null && Object.getPrototypeOf(v) === Object.prototype && !('run' in v));

/** All values of a call's arguments, from the outside in. */
export function places(args: unknown): Place[] {
  const found: Place[] = [];
  const walk = (parent: Record<string, unknown>, path: string): void => {
    for (const [key, value] of Object.entries(parent)) {
      found.push({ parent, key, path: `${path}${key}`, value });
      if (isContainer(value)) walk(value, `${path}${key}.`);
    }
  };
  walk(args as Record<string, unknown>, '');
  return found;
}

/** The place at a path. */
export const placeAt = (args: unknown[], path: string): Place => places(args).find((p) => p.path === path)!;

/** Puts another value there. */
export const put = ({ parent, key }: Place, value: unknown): void => {
  parent[key] = value;
};

export const isTensor = (v: unknown): v is Tensor => v instanceof Tensor;
