import type { Tensor } from 'bigrad';
import type { TopLevelSpec } from 'vega-lite';

/** The penalty of every feature; the first `useful` ones matter. */
export const pictureOf = (penalties: Tensor, useful: number): TopLevelSpec => ({
  title: 'The learned penalty of every feature',
  data: {
    values: Array.from(penalties.readSync(), (penalty, i) => ({
      feature: i + 1,
      penalty: Number(penalty.toPrecision(3)),
      matters: i < useful ? 'matters' : 'does not matter',
    })),
  },
  width: 500,
  height: 200,
  mark: { type: 'point', filled: true, size: 60 },
  encoding: {
    x: { field: 'feature', type: 'quantitative' },
    y: { field: 'penalty', type: 'quantitative', scale: { type: 'log' } },
    color: { field: 'matters', type: 'nominal', title: 'the feature' },
    shape: { field: 'matters', type: 'nominal', title: 'the feature' },
  },
});
