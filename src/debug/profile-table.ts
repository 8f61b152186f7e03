import { markdownTable } from '../core/table.js';
import type { Profile, ProfiledStep } from './profiled.js';

const NAMED = 3; // ops of a chain

/** A row for each of the slowest steps, one for the others, and one for the total. */
export function profileTable({ steps, total }: Pick<Profile, 'steps' | 'total'>, most: number): string {
  const rows = steps
    .slice(0, most)
    .map((step) => [
      `${step.id} ${namesOf(step)}`,
      step.outs.map(({ shape }) => `[${shape.join(', ')}]`).join(' '),
      micro(step.milliseconds),
      percent(step.share),
      step.gigaflops === undefined ? '' : digits(step.gigaflops),
      digits(step.gigabytes),
    ]);
  const others = steps.slice(most);
  const rest = others.reduce((n, { milliseconds }) => n + milliseconds, 0);
  const share = total.milliseconds > 0 ? rest / total.milliseconds : 0;
  const known = steps.some(({ gigaflops }) => gigaflops !== undefined);
  const rate = (amount: number): string => digits(total.milliseconds > 0 ? amount / total.milliseconds / 1e6 : 0);
  return markdownTable(
    [
      ['step', 'result', 'µs', 'share', 'GFLOP/s', 'GB/s'],
      ...rows,
      ...(others.length > 0 ? [[`${others.length} others`, '', micro(rest), percent(share), '', '']] : []),
      [
        `all ${steps.length}`,
        '',
        micro(total.milliseconds),
        percent(1),
        known ? rate(total.work) : '',
        rate(total.bytes),
      ],
      ['a whole call', '', micro(total.call), '', '', ''],
    ],
    [false, false, true, true, true, true],
  );
}

/** The first ops of a chain, and how many more there are. */
const namesOf = ({ ops }: ProfiledStep): string =>
  ops.length === 0
    ? 'copy'
    : [...ops.slice(0, NAMED), ...(ops.length > NAMED ? [`and ${ops.length - NAMED} more`] : [])].join(' ');

const micro = (ms: number): string => digits(ms * 1000);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
/** Three digits. */
const digits = (v: number): string => String(Number(v.toPrecision(3)));
