import type { Tensor } from 'bigrad';
import type { TopLevelSpec } from 'vega-lite';

/** How much each letter looks at each other one, a square per head: weights [1,heads,n,n]. */
export function pictureOf(text: string, weights: Tensor): TopLevelSpec {
  const [, heads, n] = weights.shape as [number, number, number, number];
  const share = weights.readSync();
  const nameOf = (i: number): string => `${i + 1} ${text[i]}`;
  const values = Array.from({ length: heads * n * n }, (_, at) => ({
    head: `head ${Math.floor(at / (n * n)) + 1}`,
    from: nameOf(Math.floor(at / n) % n),
    to: nameOf(at % n),
    share: Math.round(100 * share[at]!) / 100,
  })).filter(({ share: s }) => s > 0);
  const sort = Array.from(text, (_, i) => nameOf(i));
  return {
    title: `Where each position of "${text}" looks`,
    data: { values },
    facet: { field: 'head', type: 'nominal', title: null },
    columns: 2,
    spec: {
      width: 208,
      height: 208,
      mark: { type: 'rect', aria: false },
      encoding: {
        x: { field: 'to', type: 'ordinal', sort, title: 'looks at', axis: { grid: false } },
        y: { field: 'from', type: 'ordinal', sort, title: 'position', axis: { grid: false } },
        color: { field: 'share', type: 'quantitative', scale: { scheme: 'blues', domain: [0, 1] }, title: 'share' },
      },
    },
  };
}
