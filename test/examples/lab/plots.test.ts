import assert from 'node:assert/strict';
import { BENCHES } from '../../../examples/benches.js';
import { aboutOf, type CellResult } from '../../../examples/lab/cells.js';
import { experimentOf } from '../../../examples/lab/choose.js';
import { plotsOf, type Plot } from '../../../examples/lab/report/plots.js';
import { svgOf } from '../../../examples/lab/svg.js';

const testbed = BENCHES[0]!.open({ data: null, layout: 'rptr' });
const TASKS = { strength: 'MSE', class: 'accuracy' } as const;
/** The plots of two methods with masks in so many layers. */
function plots(task: keyof typeof TASKS, layers: number): Plot[] {
  const experiment = experimentOf(BENCHES[0]!, () => testbed, { size: 'quick', task, settings: [] });
  const density = { overall: 0.5, layers: Array.from({ length: layers }, (_, i) => (i + 1) / layers) };
  const point = (epoch: number) => ({ epoch, train: 1 + epoch, test: 2 + epoch, source: 3 + epoch, density });
  const cell = (title: string): CellResult => ({
    method: { name: title, title, config: {} },
    ...{ rank: 0, split: 0, trainCount: 1, testCount: 2, metrics: { [TASKS[task]]: 1 } },
    predictions: [
      [0.5, 0.5],
      [0.9, 0.1],
    ],
    ...{ labels: [0, 1], groups: {}, curve: [point(0), point(1)] },
  });
  return plotsOf({ about: aboutOf(experiment), cells: [cell('one'), cell('two')] });
}
const named = (all: readonly Plot[], word: string): Plot | undefined =>
  all.find(({ heading }) => heading.startsWith(word));
/** The colours of an SVG that are no greys. */
const colours = (svg: string): string[] =>
  [...svg.matchAll(/#[0-9a-f]{6}/g)].map(([c]) => c).filter((c) => new Set(c.slice(1).match(/../g)).size > 1);

describe('the plots of a report', () => {
  it('have calibration for quantities alone: two probabilities are no interval', () => {
    assert.ok(named(plots('strength', 3), 'Calibration'));
    assert.equal(named(plots('class', 3), 'Calibration'), undefined);
  });

  it('tell lines apart without colour: by dashes, and by shapes of their points', async () => {
    for (const heading of ['Calibration', 'Learning curves', 'Density']) {
      const svg = await svgOf(named(plots('strength', 3), heading)!.spec);
      assert.match(svg, /stroke-dasharray="6,3"/, heading);
      assert.ok(new Set(svg.match(/ d="M[^"]{20,}?Z"/g)).size >= 2, heading);
    }
  });

  it('show many layers in rows of greys, in their order', async () => {
    const svg = await svgOf(named(plots('strength', 12), 'Density')!.spec);
    assert.deepEqual(colours(svg), []);
    assert.doesNotMatch(svg, /stroke-dasharray="6,3"/);
    const labels = [...svg.matchAll(/>convolution (\d+)</g)].map(([, n]) => Number(n));
    assert.deepEqual([...new Set(labels)], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });
});
