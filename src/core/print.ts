interface Printable {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly device: { readonly name: string };
  /** null: it was donated. */
  readonly storage?: unknown;
  readSync(): ArrayLike<number>;
}

const BUDGET = 400; // values printed, whatever the rank

/**
 * `float32[2,2] on cpu [[1, 2], [3, 4]]`, long axes shortened; only the shape where values cannot
 * be read at once. A tensor that was donated says so.
 */
export function printTensor(x: Printable): string {
  const head = `${x.dtype}[${x.shape.join(',')}] on ${x.device.name}`;
  if (x.storage === null) return `${head}, donated to a compiled function`;
  let data: ArrayLike<number>;
  try {
    data = x.readSync();
  } catch {
    return head;
  }
  // How many elements of a long axis are shown at each end.
  const edge = x.shape.length <= 2 ? 3 : x.shape.length <= 4 ? 2 : 1;
  let printed = 0;
  const walk = (axis: number, offset: number): string => {
    if (axis === x.shape.length) return printed++ < BUDGET ? number(data[offset]!, x.dtype) : '...';
    if (printed > BUDGET) return '...';
    const length = x.shape[axis]!;
    const step = x.shape.slice(axis + 1).reduce((n, d) => n * d, 1);
    const show = (i: number): string => walk(axis + 1, offset + i * step);
    const at = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => show(from + i));
    const parts =
      length > 2 * edge && (data.length > 64 || edge === 3)
        ? [...at(0, edge), '...', ...at(length - edge, length)]
        : at(0, length);
    return `[${parts.join(', ')}]`;
  };
  return `${head} ${walk(0, 0)}`;
}

/** Six digits; integers whole, but for floats that are too large to be exact ones. */
function number(v: number, dtype: string): string {
  if (Object.is(v, -0)) return '-0';
  if (dtype === 'int32' || (Number.isInteger(v) && Math.abs(v) <= 2 ** 24)) return String(v);
  return Math.abs(v) >= 1e6 && Number.isFinite(v)
    ? v.toExponential(5).replace(/\.?0+e/, 'e')
    : String(Number(v.toPrecision(6)));
}
