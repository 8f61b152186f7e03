/** True for plain objects, and those without a prototype; arrays, class instances and all else are not. */
export function isPlain(x: unknown): x is object {
  if (typeof x !== 'object' || x === null || Array.isArray(x)) return false;
  const proto: unknown = Object.getPrototypeOf(x);
  return proto === null || proto === Object.prototype;
}
