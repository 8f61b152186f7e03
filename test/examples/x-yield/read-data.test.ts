import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  DataError,
  elementCount,
  fewShotSplit,
  parseFormula,
  readMeasurements,
  SYMBOLS,
} from '../../../examples/x-yield/index.js';
import { equimolar, measurement } from './arbitraries.js';
import { optionalData } from './optional-data.js';

const HEADER = `${SYMBOLS.join()},temperature_K,yield_strength_GPa,fold`;
const ROW = '0,0,0,0,0.333333,0.333333,0,0.333333,0,0,0,296.15,1.1,3';
const BORG = 'FORMULA,PROPERTY: Microstructure,PROPERTY: Test temperature ($^\\circ$C),PROPERTY: YS (MPa)';

let folder = '';
let path = '';
const read = (text: string) => {
  writeFileSync(path, text);
  return readMeasurements(path);
};
const assertOneLine = (action: () => unknown, where: string, rest: RegExp) => {
  assert.throws(action, (error) => {
    assert.ok(error instanceof DataError, String(error));
    assert.ok(!error.message.includes('\n'), error.message);
    assert.ok(error.message.startsWith(`${where}: expected `), error.message);
    assert.match(error.message, rest);
    return true;
  });
};

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'x-yield-'));
  path = join(folder, 'data.csv');
});
after(() => {
  rmSync(folder, { recursive: true });
});

describe('readMeasurements on a table of fractions', () => {
  it('reads back what was written, with and without folds', () => {
    fc.assert(
      fc.property(fc.array(measurement, { minLength: 1, maxLength: 5 }), fc.boolean(), (data, folded) => {
        const rows = data.map((m, i) => [...m.fractions, m.temperature, m.strength, ...(folded ? [i] : [])].join());
        const header = folded ? HEADER : HEADER.replace(',fold', '');
        const expected = data.map((m, i) => (folded ? { ...m, fold: i } : m));
        assert.deepEqual(
          read([header, ...rows].join('\n')),
          expected.map((m) => ({ ...m, fractions: [...m.fractions] })),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('takes columns in any order, blank lines, a byte-order mark, spaces and carriage returns', () => {
    const header = `\ufeff"yield_strength_GPa",temperature_K,${[...SYMBOLS].reverse().join()}`;
    const text = `${header}\r\n\r\n1.1 , 296.15,0,0,0,.5,0,0.5,0,0,0,0,0\r\n`;
    const fractions = [0, 0, 0, 0, 0, 0.5, 0, 0.5, 0, 0, 0]; // Nb and Ti
    assert.deepEqual(read(text), [{ fractions, temperature: 296.15, strength: 1.1 }]);
  });

  const edit = (column: number, cell: string) => ROW.split(',').with(column, cell).join();
  const bad: [string, string, string, RegExp][] = [
    ['an empty file', '', '', /a header line, found an empty file$/],
    ['blank lines only', '\n\n', '', /found an empty file$/],
    ['a header with no rows', `${HEADER}\n`, '', /rows after the header, found none$/],
    [
      'a missing element column',
      `${HEADER.replace('Zr,', '')}\n${ROW.slice(2)}`,
      ', line 1',
      /a column "Zr", found "Al,Cr/,
    ],
    [
      'a missing strength column',
      `${HEADER.replace(',yield_strength_GPa', '')}\n${ROW.slice(0, -4)}`,
      ', line 1',
      /a column "yield_strength_GPa"/,
    ],
    [
      'strength in another unit',
      `${HEADER.replace('GPa', 'MPa')}\n${ROW}`,
      ', line 1',
      /columns out of Al .* found "yield_strength_MPa"$/,
    ],
    ['an unknown element', `Xx,${HEADER}\n0,${ROW}`, ', line 1', /found the unknown element "Xx"$/],
    ['an element twice', `Al,${HEADER}\n0,${ROW}`, ', line 1', /distinct columns, found "Al" twice$/],
    ['a line too long for an error message', `${'x'.repeat(5000)}\n1`, ', line 1', /^.{0,400}$/],
    [
      'fractions that sum to 0.9',
      `${HEADER}\n${ROW}\n${edit(4, '0.233333')}`,
      ', line 3',
      /sum to 1 .*found a sum of 0.899999$/,
    ],
    ['a negative fraction', `${HEADER}\n${edit(4, '-0.333333')}`, ', line 2', /fraction of Mo .*found -0.333333$/],
    ['a blank fraction', `${HEADER}\n${edit(0, '')}`, ', line 2', /a number as the fraction of Al, found ""$/],
    [
      'a word as fraction',
      `${HEADER}\n${edit(10, 'none')}`,
      ', line 2',
      /a number as the fraction of Zr, found "none"$/,
    ],
    ['a negative strength', `${HEADER}\n\n${ROW}\n${edit(12, '-1.1')}`, ', line 4', /not negative, found -1.1$/],
    [
      'a strength that is no number',
      `${HEADER}\n${edit(12, '1.1 GPa')}`,
      ', line 2',
      /as yield_strength_GPa, found "1.1 GPa"$/,
    ],
    ['an infinite strength', `${HEADER}\n${edit(12, '1e999')}`, ', line 2', /as yield_strength_GPa, found "1e999"$/],
    ['a strength of two lines', `${HEADER}\n${edit(12, '"1\n2"')}\n${ROW}`, ', line 2', /found "1\\n2"$/],
    ['a bad row after one of two lines', `${HEADER}\r\n${edit(13, '"3\r\n"')}\r\n`, ', line 2', /whole number as fold/],
    ['a temperature that is no number', `${HEADER}\n${edit(11, 'RT')}`, ', line 2', /as temperature_K, found "RT"$/],
    ['a temperature below zero kelvin', `${HEADER}\n${edit(11, '-25')}`, ', line 2', /above 0 K, found -25$/],
    ['a fold that is no number', `${HEADER}\n${edit(13, 'a')}`, ', line 2', /a whole number as fold, found "a"$/],
    ['a blank fold', `${HEADER}\n${edit(13, '')}`, ', line 2', /a whole number as fold, found ""$/],
    ['a row too short', `${HEADER}\n${ROW}\n0,0`, ', line 3', /14 cells as in the header, found 2$/],
    ['an open quote', `${HEADER}\n${ROW}\n\n"0,0\n0\n0\n`, ', line 4', /well-formed CSV, found quote not closed$/],
    [
      'a quote inside a cell',
      `${HEADER}\n${ROW}\n0"0",0\n`,
      ', line 3',
      /well-formed CSV, found invalid opening quote$/,
    ],
    ['text after a quoted cell', `${HEADER}\n"0"0,0\n`, ', line 2', /well-formed CSV, found invalid closing quote$/],
  ];
  for (const [what, text, where, rest] of bad) {
    it(`says in one line that it found ${what}`, () => {
      assertOneLine(() => read(text), path + where, rest);
    });
  }

  it('says in one line that there is no such file', () => {
    const absent = join(folder, 'absent.csv');
    assertOneLine(() => readMeasurements(absent), absent, /a CSV file, found no such file$/);
  });

  it('says in one line that the path is a directory', () => {
    assertOneLine(() => readMeasurements(folder), folder, /a CSV file, found a directory$/);
  });

  it('reads the 240 measured alloys of the optional data file (skipped where it is absent)', function () {
    const { path: file, missing } = optionalData('experimental-240.csv');
    if (missing) this.skip();
    const data = readMeasurements(file);
    const strengths = data.map((m) => m.strength);
    assert.equal(data.length, 240);
    assert.deepEqual(
      [3, 4, 5, 6].map((k) => data.filter((m) => elementCount(m) === k).length),
      [17, 78, 118, 27],
    );
    assert.equal(data.filter((m) => m.fractions[SYMBOLS.indexOf('Fe')]! > 0).length, 0);
    assert.deepEqual([Math.min(...strengths), Math.max(...strengths)], [0.04, 2.035]);
    assert.equal((strengths.reduce((sum, s) => sum + s, 0) / 240).toFixed(3), '0.900');
    for (let fold = 0; fold < 10; fold++) assert.equal(data.filter((m) => m.fold === fold).length, 24);
    assert.equal(fewShotSplit(data, 0.1, 0).train.length, 23);
    assert.equal(fewShotSplit(data, 0.05, 0).train.length, 11);
  });
});

describe('readMeasurements on the Citrine MPEA data set', () => {
  it('parses a formula into amounts by symbol', () => {
    assert.deepEqual([...parseFormula('Al0.25 Co1 Fe1 Ni1')].join(' '), 'Al,0.25 Co,1 Fe,1 Ni,1');
    assert.deepEqual([...parseFormula('NbTi2Nb.5')].join(' '), 'Nb,1.5 Ti,2');
    for (const bad of ['', 'nb1', 'Nb1 ?', 'Nb-1', '1Nb', 'Nb0', 'Nb1.2.3x', 'Nbb']) {
      assert.throws(() => parseFormula(bad, 'here'), /^DataError: here: expected a formula [^\n]*, found "[^\n]*"$/);
    }
  });

  it('normalises to fractions, kelvin and GPa', () => {
    assert.deepEqual(read(`${BORG}\nMo1 Nb1 Ta1 Ti1,BCC,25,1500`), [
      { fractions: equimolar('Mo', 'Nb', 'Ta', 'Ti'), temperature: 298.15, strength: 1.5 },
    ]);
    assert.deepEqual(
      read(`${BORG}\nAl0.5 Nb1.5,BCC,25,1500`)[0]!.fractions.filter((f) => f > 0),
      [0.25, 0.75],
    );
  });

  it('averages rows of equal formula and temperature only', () => {
    const rows = ['Nb1 Ti1,BCC,25,1000', 'Nb1 Ti1,BCC,25.0,1300', 'Nb1 Ti1,BCC,600,500', 'Nb2 Ti1,BCC,25,700'];
    assert.deepEqual(
      read([BORG, ...rows].join('\n')).map((m) => m.strength),
      [1.15, 0.5, 0.7],
    );
  });

  it('keeps BCC alloys of the 11 elements at 20 degrees or above with a strength', () => {
    const dropped = [
      'Nb1 Co1,BCC,25,1',
      'Nb1 Ti1,FCC+BCC,25,1',
      'Nb1 Ti1,BCC,19.9,1',
      'Nb1 Ti1,BCC,,1',
      'Nb1 Ti1,BCC,25,',
    ];
    const unchecked = ['Nb1 Co1,BCC,warm,-1', 'Nb1 Ti1,,warm,high'];
    const data = read([BORG, ...dropped, 'Nb1 Ti1,BCC,20,900', ...unchecked].join('\n'));
    assert.deepEqual(
      data.map((m) => m.strength),
      [0.9],
    );
  });

  const bad: [string, string, string, RegExp][] = [
    [
      'a formula that is none',
      `${BORG}\nNb1 Ti1,BCC,25,1\n?1 Ti1,BCC,25,1`,
      ', line 3',
      /a formula such as .*found "\?1 Ti1"$/,
    ],
    ['a negative strength', `${BORG}\nNb1 Ti1,BCC,25,-3`, ', line 2', /not negative, found -3$/],
    [
      'a strength that is no number',
      `${BORG}\nNb1 Ti1,BCC,25,high`,
      ', line 2',
      /a number as yield strength, found "high"$/,
    ],
    [
      'a temperature that is no number',
      `${BORG}\nNb1 Ti1,BCC,RT,3`,
      ', line 2',
      /a number as test temperature, found "RT"$/,
    ],
    [
      'a missing column',
      `${BORG.replace(' (MPa)', '')}\nNb1 Ti1,BCC,25,3`,
      ', line 1',
      /a column "PROPERTY: YS \(MPa\)"/,
    ],
    ['no row that fits', `${BORG}\nNb1 Ti1,FCC,25,3`, '', /a BCC alloy of Al .* found none$/],
  ];
  for (const [what, text, where, rest] of bad) {
    it(`says in one line that it found ${what}`, () => {
      assertOneLine(() => read(text), path + where, rest);
    });
  }

  it('finds the paper’s 238 points in the optional data file (skipped where it is absent)', function () {
    const { path: file, missing } = optionalData('MPEA_dataset.csv');
    if (missing) this.skip();
    const data = readMeasurements(file);
    assert.equal(data.length, 238);
    assert.deepEqual(
      [3, 4, 5, 6].map((k) => data.filter((m) => elementCount(m) === k).length),
      [17, 78, 115, 28],
    );
  });
});
