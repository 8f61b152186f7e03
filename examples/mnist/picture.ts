import type { Tensor } from 'bigrad';
import type { TopLevelSpec } from 'vega-lite';

/** An image that the network reads wrongly. */
export interface Mistake {
  readonly index: number;
  readonly label: number;
  readonly said: number;
}

const SIDE = 28;
const FAINT = 0.15; // pixels below it are left out

/** The images of some mistakes, with what they show and what the network said. */
export function pictureOf(mistakes: readonly Mistake[], images: Tensor): TopLevelSpec {
  const pixels = images.readSync();
  const values = mistakes.flatMap(({ index, label, said }, i) =>
    Array.from({ length: SIDE * SIDE }, (_, at) => ({
      title: `${i + 1}: a ${label}, read as ${said}`,
      x: at % SIDE,
      y: Math.floor(at / SIDE),
      ink: Math.round(10 * pixels[index * SIDE * SIDE + at]!) / 10,
    })).filter(({ ink }) => ink > FAINT),
  );
  const pixel = (field: string) =>
    ({
      field,
      type: 'ordinal',
      axis: null,
      scale: { domain: Array.from({ length: SIDE }, (_, i) => i), padding: 0 },
    }) as const;
  return {
    title: 'Mistakes of the network',
    data: { values },
    facet: { field: 'title', type: 'nominal', title: null, sort: null },
    columns: 4,
    spec: {
      width: 112,
      height: 112,
      mark: { type: 'rect', aria: false },
      encoding: {
        x: pixel('x'),
        y: pixel('y'),
        color: {
          field: 'ink',
          type: 'quantitative',
          scale: { range: ['white', 'black'], domain: [0, 1] },
          legend: null,
        },
      },
    },
  };
}
