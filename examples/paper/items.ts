import { rowsOf } from '../lab/report/summary.js';
import type { Cells } from '../lab/report/table.js';
import { readCells, readFolder } from '../lab/store.js';
import { formulaOf, type Measurement } from '../x-yield/alloy.js';
import { PROTOCOLS } from '../x-yield/protocols.js';
import { alloys } from '../x-yield/testbed.js';

/** A predicted strength, with its standard deviation where there is one. */
const said = ([mean, deviation]: readonly number[]): string =>
  deviation === undefined ? mean!.toFixed(3) : `${mean!.toFixed(3)} ± ${deviation.toFixed(3)}`;

/** The first test items of a protocol on a file of measurements. */
export function testItems(data: string | null, protocol: string): readonly Measurement[] {
  const [split] = PROTOCOLS.find(({ name }) => name === protocol)!.splits(alloys(data, 'rptr').data);
  return split!.test;
}

/**
 * Every test item of the first split, by alloy and temperature: what was measured, and what each
 * method predicts, in GPa.
 */
export function byItem(folder: string, items: readonly Measurement[]): Cells {
  const rows = rowsOf({ about: readFolder(folder).about, cells: [...readCells(folder).values()] });
  const order = items
    .map((item, i) => ({ item, i, formula: formulaOf(item) }))
    .sort((a, b) => a.formula.localeCompare(b.formula) || a.item.temperature - b.item.temperature);
  return [
    ['alloy', 'T (K)', 'measured', ...rows.map(({ title }) => title)],
    ...order.map(({ item, i, formula }) => [
      formula,
      `${Math.round(item.temperature)}`,
      item.strength.toFixed(3),
      ...rows.map(({ cells }) => said(cells[0]!.predictions[i]!)),
    ]),
  ];
}
