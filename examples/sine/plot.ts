import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { svgOf } from '../lab/svg.js';
import { train } from './train.js';

// npx tsx examples/sine/plot.ts [FILE]: the picture of README.md.
const [file = 'docs/sine.svg'] = parseArgs({ allowPositionals: true }).positionals;
const { points, curves } = train([0, 50, 500]);

const x = { field: 'x', type: 'quantitative', title: 'x' } as const;
const y = { field: 'y', type: 'quantitative', title: 'sin(3x)' } as const;
const svg = await svgOf({
  width: 560,
  height: 220,
  layer: [
    { data: { values: points }, mark: { type: 'point', size: 24, color: 'black' }, encoding: { x, y } },
    {
      data: { values: curves },
      mark: { type: 'line', strokeWidth: 2 },
      encoding: {
        x,
        y,
        color: { field: 'steps', type: 'nominal', title: 'steps', scale: { range: ['#bbbbbb', '#e08214', '#1f4e79'] } },
        strokeDash: {
          field: 'steps',
          type: 'nominal',
          scale: {
            range: [
              [2, 2],
              [6, 3],
              [1, 0],
            ],
          },
        },
      },
    },
  ],
});
writeFileSync(file, `${svg}\n`);
console.log(`${file}: the curve of the network after 0, 50 and 500 steps`);
