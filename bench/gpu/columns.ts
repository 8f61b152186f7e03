import type { Columns } from '../table.js';
import { flopsOf, perSecond } from '../work.js';
import type { Row } from './bench.js';

/** GFLOP/s or GB/s of a row; undefined where it was not timed. */
export function rateOf({ work, timing }: Row): { readonly value: number; readonly unit: string } | undefined {
  if (!timing || !work) return undefined;
  return 'products' in work
    ? { value: perSecond(flopsOf(work.products), timing.each), unit: 'GFLOP/s' }
    : { value: perSecond(work.bytes, timing.each), unit: 'GB/s' };
}

const digits = (v: number): string => String(Number(v.toPrecision(3)));

/** The rows as a table, but for those that only say what a library has no function for. */
export const columns = (rows: readonly Row[]): Columns => ({
  head: ['job', 'library', 'rate', 'ms each', '± %', 'ms alone', 'ms first', 'difference'],
  rows: rows
    .filter(({ job }) => !job.endsWith(' more'))
    .map((row) => {
      const [rate, timing] = [rateOf(row), row.timing];
      return timing && rate
        ? [
            row.job,
            row.library,
            `${digits(rate.value)} ${rate.unit}`,
            digits(timing.each),
            timing.marginOfError.toFixed(1),
            digits(timing.alone),
            digits(timing.first),
            row.difference!.toExponential(0),
          ]
        : [row.job, row.library, 'not measured', '', '', '', '', ''];
    }),
});

/** Why rows were not measured. */
export const reasons = (rows: readonly Row[]): string[] =>
  rows.flatMap(({ job, library, error }) => (error ? [`${library}, ${job}: ${error.split('\n')[0]!}`] : []));

/** What the columns mean. */
export const definitions: readonly string[] = [
  'rate: 2 m k n flops of the products that a job is, or bytes of its operands and results, over ms each',
  'ms each: of runs that were dispatched at once, up to 64, and waited for together; ms alone: one run, waited for',
  'ms first: the first run of a kind and shape, which compiles; waiting reads one element back, with GPU.js the results, with jax-js nothing',
  'difference: the largest from the cpu device, in units of the largest element; a library that differs by more than 1e-3 is not timed',
  'bigrad runs eagerly, one op after another; jax-js by jit; tfjs eagerly, in its own layout of images; "kernels": without shaders of our own; "gpu-cpu": GPU.js in plain JavaScript; "bigrad cpu": the default device',
  'GPU.js: the matrix product of its README, whose operands and result cross to the device at each run',
];

/** Which adapter each library ran on. */
export const adapters = (rows: readonly Row[]): string[] => [
  ...new Set(rows.filter(({ adapter }) => adapter !== '').map(({ library, adapter }) => `${library}: ${adapter}`)),
];
