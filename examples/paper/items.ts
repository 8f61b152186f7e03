import { rowsOf, type Row } from '../lab/report/summary.js';
import type { Cells } from '../lab/report/table.js';
import { readCells, readFolder } from '../lab/store.js';
import { formulaOf, type Measurement } from '../x-yield/alloy.js';
import { PROTOCOLS } from '../x-yield/protocols.js';
import { alloys } from '../x-yield/testbed.js';

const NORMAL = 1.96; // half of a 95 % interval, in standard deviations

/**
 * Simulated strengths in GPa that table 4 of the paper prints, as far as they are known here. The
 * last one of MoNbTaTi is a slip of the paper: it is the value at room temperature.
 */
const PAPER: readonly (readonly [formula: string, temperature: number, strength: string])[] = [
  ['MoNbTaTi', 293, '0.475'],
  ['MoNbTaTi', 473, '0.381'],
  ['MoNbTaTi', 673, '0.282'],
  ['MoNbTaTi', 873, '0.472'],
  ['MoNbTaTiW', 873, '0.372'],
];

/** What the paper calls an alloy whose measurements are those of another. */
const NAMED: Readonly<Record<string, string>> = { MoNbTaTiVW: 'MoNbTaTiVW (HfMoNbTaTiZr in the paper)' };

/** A predicted strength, with its standard deviation where there is one. */
const said = ([mean, deviation]: readonly (number | null)[]): string =>
  mean === null || deviation === null
    ? 'diverged'
    : deviation === undefined
      ? mean!.toFixed(3)
      : `${mean!.toFixed(3)} ± ${deviation.toFixed(3)}`;

/** The first test items of a protocol on a file of measurements. */
export function testItems(data: string | null, protocol: string): readonly Measurement[] {
  const [split] = PROTOCOLS.find(({ name }) => name === protocol)!.splits(alloys(data, 'rptr').data);
  return split!.test;
}

/** A table with a row for each item, by alloy and temperature, after what was measured in GPa. */
function table(
  items: readonly Measurement[],
  head: readonly string[],
  cells: (i: number, formula: string, kelvin: number) => readonly string[],
): Cells {
  const order = items
    .map((item, i) => ({ item, i, formula: formulaOf(item) }))
    .sort((a, b) => a.formula.localeCompare(b.formula) || a.item.temperature - b.item.temperature);
  return [
    ['alloy', 'T (K)', 'measured', ...head],
    ...order.map(({ item, i, formula }) => {
      const kelvin = Math.round(item.temperature);
      return [NAMED[formula] ?? formula, `${kelvin}`, item.strength.toFixed(3), ...cells(i, formula, kelvin)];
    }),
  ];
}

const rowsIn = (folder: string): Row[] =>
  rowsOf({ about: readFolder(folder).about, cells: [...readCells(folder).values()] });

/**
 * Every test item of the first split: what was measured, what each method predicts, and what the
 * paper simulated, in GPa.
 */
export function byItem(folder: string, items: readonly Measurement[]): Cells {
  const rows = rowsIn(folder);
  const inPaper = (formula: string, kelvin: number): string =>
    PAPER.find(([f, t]) => f === formula && Math.abs(t - kelvin) <= 1)?.[2] ?? 'not known here';
  return table(items, [...rows.map(({ title }) => title), 'simulation in the paper'], (i, formula, kelvin) => [
    ...rows.map(({ cells }) => said(cells[0]!.predictions[i]!)),
    inPaper(formula, kelvin),
  ]);
}

/**
 * Every test item of the first split, with the 95 % interval of each method that states one, and
 * whether it holds what was measured.
 */
export function byInterval(folder: string, items: readonly Measurement[]): Cells {
  const rows = rowsIn(folder).filter(({ cells }) => cells[0]!.predictions.every((p) => p.length === 2));
  const interval = ([mean = null, deviation = null]: readonly (number | null)[], measured: number): string => {
    if (mean === null || deviation === null) return 'diverged'; // JSON has no NaN
    const half = NORMAL * deviation;
    const where = Math.abs(measured - mean) <= half ? 'holds it' : measured < mean ? 'too high' : 'too low';
    return `${(mean - half).toFixed(3)} to ${(mean + half).toFixed(3)}, ${where}`;
  };
  return table(
    items,
    rows.map(({ title }) => title),
    (i) => rows.map(({ cells }) => interval(cells[0]!.predictions[i]!, items[i]!.strength)),
  );
}
