import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BENCHES } from '../../../examples/benches.js';
import { experimentOf } from '../../../examples/lab/choose.js';
import { parseOptions } from '../../../examples/lab/options.js';
import { aboutOf, type CellResult } from '../../../examples/lab/cells.js';
import { svgOf } from '../../../examples/lab/svg.js';
import { ELEMENTS } from '../../../examples/x-yield/elements.js';
import { EXHIBITS } from '../../../examples/paper/exhibits.js';
import { byInterval, byItem, testItems } from '../../../examples/paper/items.js';
import { densityPlot, densityTable, imagePlot, layerDensities } from '../../../examples/paper/figures.js';
import { readCells } from '../../../examples/lab/store.js';
import { besidePaper } from '../../../examples/paper/main.js';
import { argumentsOf, timeOf } from '../../../examples/paper/time.js';
import { run } from '../bi-rpt/start.js';

const alloys = BENCHES[0]!.open({ data: null, layout: 'rptr' });

describe('the tables and figures of the paper', () => {
  it('name tasks, protocols and methods that there are, and numbers of methods in their rows', () => {
    for (const { methods, parts } of EXHIBITS)
      for (const { options, paper } of parts) {
        const choice = parseOptions(BENCHES, [...options, '--methods', methods.join(',')]);
        assert.ok(typeof choice === 'object');
        const bench = BENCHES.find(({ name }) => name === choice.testbed)!;
        const { methods: made } = experimentOf(bench, () => alloys, choice);
        assert.deepEqual(
          made.map(({ name }) => name),
          methods,
        );
        assert.ok(Object.keys(paper).every((name) => methods.includes(name)));
      }
  });

  it('show every measurement of three alloys beside predictions, in order of temperature', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bigrad-paper-'));
    try {
      const columns = 'Al,Cr,Fe,Hf,Mo,Nb,Ta,Ti,V,W,Zr,temperature_K,yield_strength_GPa';
      const [four, five, six] = ['.25,.25,.25,.25,0,0,0', '.2,.2,.2,.2,0,.2,0', '.2,.2,.1,.1,.2,.2,0'];
      const sixth = Array.from({ length: 6 }, () => '.166667');
      const equal = [...sixth, '0'].join();
      const row = (tail: string, kelvin: number, strength: number): string => `0,0,0,0,${tail},${kelvin},${strength}`;
      const rows = [row(four, 673, 0.685), row(five, 298, 1.399), row(equal, 296, 1.515), row(four, 293, 1.21)];
      const others = Array.from({ length: 8 }, (_, i) => row(six, 300 + i, 1 + i / 10));
      const file = join(folder, 'alloys.csv');
      writeFileSync(file, [columns, ...rows, ...others].join('\n'));
      const out = join(folder, 'out');
      const options = ['--data', file, '--protocol', 'three-alloys', '--splits', '1', '--methods', 'mean,simulation'];
      assert.equal((await run(...options, '--out', out)).code, 0);
      const table = byItem(out, testItems(file, 'three-alloys'));
      const head = ['alloy', 'T (K)', 'measured'];
      assert.deepEqual(table[0], [...head, 'Mean predictor', 'Raw simulation', 'simulation in the paper']);
      assert.deepEqual(
        table.slice(1).map(([alloy, kelvin, measured, mean]) => [alloy, kelvin, measured, mean]),
        [
          ['MoNbTaTi', '293', '1.210', '1.350'],
          ['MoNbTaTi', '673', '0.685', '1.350'],
          ['MoNbTaTiVW (HfMoNbTaTiZr in the paper)', '296', '1.515', '1.350'],
          ['MoNbTaTiW', '298', '1.399', '1.350'],
        ],
      );
      assert.deepEqual(
        table.slice(1, 3).map((row) => row.slice(4)),
        [
          ['0.475', '0.475'],
          ['0.282', '0.282'],
        ],
      );
      assert.equal(table[3]![5], 'not known here');
      assert.deepEqual(byInterval(out, testItems(file, 'three-alloys'))[0], head); // neither states an interval
      const [key, cell] = [...readCells(out)].find(([, { method }]) => method.name === 'mean')!;
      const diverged = { ...cell, predictions: cell.predictions.map(() => [null, null]) };
      writeFileSync(join(out, 'cells', `${key}.json`), JSON.stringify(diverged));
      for (const show of [byItem, byInterval])
        assert.equal(show(out, testItems(file, 'three-alloys'))[1]![3], 'diverged');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('need measurements of those alloys', () => {
    assert.throws(() => testItems(null, 'three-alloys'), /^DataError: protocol three-alloys: expected measurements of/);
  });

  it('stand beside what the paper prints', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bigrad-paper-'));
    try {
      const { code } = await run('--methods', 'mean,linear', '--splits', '3', '--out', folder);
      assert.equal(code, 0);
      const [head, mean, linear] = besidePaper(folder, { title: '', options: [], paper: { linear: '.061' } });
      assert.deepEqual(head, ['method', 'here, MSE (GPa²)', 'in the paper', 'splits']);
      assert.deepEqual([mean![2], linear![2], linear![3]], ['-', '.061', '3']);
      assert.match(linear![1]!, /^0\.062 ± 0\.014$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('say how long they take: steps that all methods share are counted once', () => {
    const exhibit = EXHIBITS.find(({ name }) => name === 'figure-2')!;
    const few = ['--size', 'quick', '--splits', '2'];
    // Pre-training 2 x 800 / 16, two rounds of 50 on the source; each split 15 epochs of 6 steps,
    // three times for Hand-Tune and once for the others.
    const steps = 2 * 50 + 2 * 50 + 2 * 15 * 6 * (3 + 1 + 1);
    assert.equal(
      timeOf(exhibit, (part) => argumentsOf(exhibit, part, few)),
      `1 experiment, ${steps} steps of training: about 3 s on 1 idle core`,
    );
    const last = EXHIBITS.find(({ shows }) => shows === 'image')!;
    assert.equal(
      timeOf(last, () => []),
      'no training',
    );
  });

  it('show the density of both masks in each layer, as the mean over the splits', async () => {
    const cell = (name: string, split: number, masks?: number[][]): CellResult => ({
      method: { name, title: name, config: {} },
      ...{ rank: 0, split, trainCount: 1, testCount: 1, metrics: { MSE: 1 }, predictions: [], labels: [] },
      ...{ groups: {}, curve: [], density: { overall: 0.5, layers: [0.5, 0.25], ...(masks && { masks }) } },
    });
    const [ms, mt] = [
      [0.5, 0.75],
      [1, 0.5],
    ];
    const about = aboutOf(experimentOf(BENCHES[0]!, () => alloys, { size: 'quick', settings: [] }));
    const results = { about, cells: [cell('two', 0, [ms, mt]), cell('two', 1, [mt, mt]), cell('one', 0)] };
    assert.deepEqual(densityTable(results).slice(1), [
      ['two', 'source mask ms', '0.750 0.625'],
      ['two', 'target mask mt', '1.000 0.500'],
      ['two', 'both', '0.500 0.250'],
    ]);
    assert.equal(layerDensities(results).length, 6);
    assert.match(await svgOf(densityPlot('title', results)), /source mask ms/);
  });

  it('show the element of each cell of a pseudo-image, twice', async () => {
    const fractions = ELEMENTS.map(({ symbol }) => (symbol === 'Hf' ? 0.25 : symbol === 'W' ? 0.75 : 0));
    const svg = await svgOf(imagePlot({ fractions, temperature: 473.15 }));
    for (const { symbol } of ELEMENTS) assert.equal(svg.split(`>${symbol}<`).length - 1, 2, symbol);
    assert.match(svg, /Hf25W75 at 473.15 K.*= 0.1000/);
  });
});
