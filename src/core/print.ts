interface Printable {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly device: { readonly name: string };
  readSync(): ArrayLike<number>;
}

const MANY = 6; // longer axes show three elements at each end

/** `float32[2,2] on cpu [[1, 2], [3, 4]]`, long axes shortened; only the shape where values cannot be read at once. */
export function printTensor(x: Printable): string {
  const head = `${x.dtype}[${x.shape.join(',')}] on ${x.device.name}`;
  let data: ArrayLike<number>;
  try {
    data = x.readSync();
  } catch {
    return head;
  }
  const walk = (axis: number, offset: number): string => {
    if (axis === x.shape.length) return number(data[offset]!);
    const length = x.shape[axis]!;
    const step = x.shape.slice(axis + 1).reduce((n, d) => n * d, 1);
    const show = (i: number): string => walk(axis + 1, offset + i * step);
    const at = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => show(from + i));
    const parts = length > MANY ? [...at(0, 3), '...', ...at(length - 3, length)] : at(0, length);
    return `[${parts.join(', ')}]`;
  };
  return `${head} ${walk(0, 0)}`;
}

const number = (v: number): string =>
  Object.is(v, -0) ? '-0' : Number.isInteger(v) ? String(v) : String(Number(v.toPrecision(6)));
