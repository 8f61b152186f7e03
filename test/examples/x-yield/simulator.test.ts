import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formulaOf } from '../../../examples/x-yield/alloy.js';
import { simulate, strengthAt, SYMBOLS, yieldStrength } from '../../../examples/x-yield/index.js';
import { alloy, equimolar, fractions, temperature } from './arbitraries.js';

describe('the formula of an alloy', () => {
  it('names its elements, with atomic percent unless they are equally many', () => {
    assert.equal(formulaOf({ fractions: equimolar('Ti', 'Mo', 'Ta', 'Nb') }), 'MoNbTaTi');
    const fractions = SYMBOLS.map((s) => (s === 'W' ? 0.1 : s === 'Al' ? 0.55 : s === 'Zr' ? 0.35 : 0));
    assert.equal(formulaOf({ fractions }), 'Al55W10Zr35');
  });
});

describe('simulator', () => {
  // The simulated column of Table 4 of the X-Yield paper, GPa.
  const table: [string, number, number][] = [
    ['Mo Nb Ta Ti', 293.15, 0.475],
    ['Mo Nb Ta Ti', 473.15, 0.381],
    ['Mo Nb Ta Ti', 673.15, 0.282],
    ['Mo Nb Ta Ti W', 873.15, 0.372],
  ];
  for (const [name, kelvin, strength] of table) {
    it(`gives the published ${strength} GPa for ${name} at ${kelvin} K`, () => {
      const simulated = yieldStrength(equimolar(...name.split(' ')), kelvin);
      assert.ok(Math.abs(simulated - strength) <= 0.0005, `${simulated}`);
    });
  }

  it('stays between zero and its value at zero kelvin', () => {
    fc.assert(
      fc.property(alloy, ({ fractions: f, temperature: T }) => {
        const strength = yieldStrength(f, T);
        return strength >= 0 && strength <= 3.067 * simulate(f).tau0;
      }),
    );
  });

  it('falls with temperature, but for the 5 % step where its two laws meet', () => {
    fc.assert(
      fc.property(fractions, temperature, temperature, (f, S, T) => {
        const [cold, hot] = [yieldStrength(f, Math.min(S, T)), yieldStrength(f, Math.max(S, T))];
        assert.ok(hot <= cold * 1.053, `${cold} ${hot}`);
      }),
    );
  });

  it('changes law where half of the zero-kelvin strength is left', () => {
    const simulation = { tau0: 1, dE: 1 };
    const join = 0.5 ** 1.5 / (8.617333e-5 * Math.log(1e7));
    assert.ok(Math.abs(strengthAt(simulation, join * 0.999999) - 3.067 * 0.5) < 1e-5);
    assert.ok(Math.abs(strengthAt(simulation, join * 1.000001) - 3.067 * Math.exp(-(0.5 ** 1.5) / 0.55)) < 1e-5);
  });

  it('gives a pure element no strength', () => {
    for (const symbol of SYMBOLS) {
      assert.deepEqual(simulate(equimolar(symbol)), { tau0: 0, dE: 0 });
      assert.equal(yieldStrength(equimolar(symbol), 300), 0);
    }
  });

  it('depends on temperature only through strengthAt', () => {
    fc.assert(
      fc.property(
        alloy,
        (a) => strengthAt(simulate(a.fractions), a.temperature) === yieldStrength(a.fractions, a.temperature),
      ),
    );
  });
});
