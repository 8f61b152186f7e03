/** True for arrays; a proxy that has been revoked is nothing. */
export function isList(x: unknown): x is readonly unknown[] {
  try {
    return Array.isArray(x);
  } catch {
    return false;
  }
}

/**
 * True for plain objects, and those without a prototype; arrays, class instances and all else are
 * not.
 */
export function isPlain(x: unknown): x is object {
  if (typeof x !== 'object') return false;
  try {
    const proto: unknown = Object.getPrototypeOf(x); // which throws for null
    return proto === null || proto === Object.prototype;
  } catch {
    return false;
  }
}
