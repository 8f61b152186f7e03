import { linspace, reshape } from 'bigrad';
import type { TopLevelSpec } from 'vega-lite';
import { apply, type Params, type Waves } from './waves.js';

const N = 101;
const STEPS = [0, 1, 5];

/** One wave with its ten points, and what each network makes of it after some steps. */
export function pictureOf(
  ways: Readonly<Record<string, Params>>,
  adapt: (params: Params, steps: number) => Params,
  waves: Waves,
): TopLevelSpec {
  const at = linspace(-5, 5, N);
  const curves = Object.entries(ways).flatMap(([way, params]) =>
    STEPS.flatMap((n) => {
      const y = apply(adapt(params, n), reshape(at, [1, N, 1])).readSync();
      return Array.from(at.readSync(), (x, i) => ({ way, steps: `${n} steps`, x, y: Math.round(1e3 * y[i]!) / 1e3 }));
    }),
  );
  const given = Object.keys(ways).flatMap((way) =>
    Array.from(waves.x.readSync(), (x, i) => ({ way, x, y: waves.y.readSync()[i]! })),
  );
  const xy = { x: { field: 'x', type: 'quantitative' }, y: { field: 'y', type: 'quantitative' } } as const;
  return {
    title: 'A new wave, known at ten points',
    data: { values: curves.concat(given.map((point) => ({ ...point, steps: 'given' }))) },
    facet: { field: 'way', type: 'nominal', title: null },
    spec: {
      width: 300,
      height: 200,
      layer: [
        {
          transform: [{ filter: "datum.steps !== 'given'" }],
          mark: { type: 'line', aria: false },
          encoding: {
            ...xy,
            color: { field: 'steps', type: 'nominal', title: 'after' },
            strokeDash: { field: 'steps', type: 'nominal', title: 'after' },
          },
        },
        {
          transform: [{ filter: "datum.steps === 'given'" }],
          mark: { type: 'point', filled: true, color: 'black', size: 40 },
          encoding: xy,
        },
      ],
    },
  };
}
