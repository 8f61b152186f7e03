import type { Tensor } from 'bigrad';
import type { TopLevelSpec } from 'vega-lite';

/** The network and the solution at some times, each as [n,1]. */
export interface Curve {
  readonly t: number;
  readonly x: Tensor;
  readonly network: Tensor;
  readonly solution: Tensor;
}

/** The network as points on the lines of the solution. */
export function pictureOf(curves: readonly Curve[]): TopLevelSpec {
  const values = curves.flatMap(({ t, x, network, solution }) =>
    Array.from(x.readSync(), (at, i) => ({
      t: `t = ${t}`,
      x: Math.round(1e3 * at) / 1e3,
      network: Math.round(1e4 * network.readSync()[i]!) / 1e4,
      solution: Math.round(1e4 * solution.readSync()[i]!) / 1e4,
    })),
  );
  const x = { field: 'x', type: 'quantitative' } as const;
  const color = { field: 't', type: 'nominal', title: null, sort: null } as const;
  return {
    title: 'The network (points) and the solution (lines)',
    data: { values },
    width: 420,
    height: 240,
    layer: [
      {
        mark: { type: 'line', aria: false },
        encoding: { x, color, y: { field: 'solution', type: 'quantitative', title: 'u' } },
      },
      {
        transform: [{ filter: 'round(datum.x * 100) % 10 === 0' }],
        mark: { type: 'point', filled: true, size: 36, aria: false },
        encoding: { x, color, y: { field: 'network', type: 'quantitative', title: 'u' } },
      },
    ],
  };
}
