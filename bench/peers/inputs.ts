import { writeFileSync } from 'node:fs';
import { randomKey, randomPermutation } from 'bigrad';
import { saveSafetensors } from 'bigrad/io';
import { draw } from '../draw.js';
import { start } from '../network.js';
import { BATCH, cases, layers } from './cases.js';
import { namedMasks, namedWeights } from './names.js';

const ROWS = 4096;

/** Writes the operands of all cases into a safetensors file: every library reads the same. */
export function writeInputs(file: string): void {
  const { weights, masks } = start();
  const sizes = cases.flatMap(({ job }) => (job.kind === 'matmul' ? [job.size] : []));
  const tensors = [
    ...sizes.flatMap((n) => Object.entries({ a: draw([n, n]), b: draw([n, n], 1) }).map(at(`matmul${n}`))),
    ...layers.flatMap(({ c, h, w, o }, i) =>
      Object.entries({
        x: draw([BATCH, c, h, w]),
        f: draw([o, c, 3, 3], 1),
        g: draw([BATCH, o, h, w], 2),
      }).map(at(`layer${i}`)),
    ),
    ...Object.entries(namedWeights(weights)),
    ...Object.entries(namedMasks(masks)),
    ...Object.entries({
      images: draw([ROWS, 2, 9, 18]),
      strengths: draw([ROWS], 1),
      order: randomPermutation(randomKey(3), ROWS),
    }).map(at('rows')),
  ];
  writeFileSync(file, saveSafetensors(Object.fromEntries(tensors)));
}

const at =
  (folder: string) =>
  <T>([name, x]: [string, T]): [string, T] => [`${folder}/${name}`, x];
