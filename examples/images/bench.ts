import { createHash } from 'node:crypto';
import { join, relative } from 'node:path';
import { METHODS } from '../digits/methods.js';
import { NETWORKS, networkNamed } from '../digits/network.js';
import { shots } from '../digits/shots.js';
import { hashOf } from '../lab/cells.js';
import type { Bench, Sizes, Testbed } from '../lab/records.js';
import { classification } from '../lab/tasks.js';
import { DataError } from '../x-yield/data-error.js';
import { seeded, shuffle } from '../x-yield/random.js';
import { readClasses, type ImageFile } from './folder.js';
import { bytesOf, CHANNELS, readPicture, SIDE } from './picture.js';

/** An image of 3 x 32 x 32 bytes, as text in base64 so that many of them are quickly compared. */
export interface Picture {
  readonly file: string;
  readonly label: number;
  readonly pixels: string;
}

const SHAPE = [CHANNELS, SIDE, SIDE] as const;
const GROUPED = 10; // classes, whose errors a report shows one by one

const training = (points: number, epochs: number, batch: number): Sizes => ({
  points,
  pretrain: { epochs, batch, rate: 3e-3 },
  fineTune: { epochs: 25 * epochs, batch: 25, rate: 0.5, schedule: 'cosine' },
  sourceBatch: 25,
  splits: 5,
});

/** Pixels as numbers from 0 to 1, image by image. */
function inputs(pictures: readonly Picture[]): Float32Array {
  const size = CHANNELS * SIDE * SIDE;
  const all = new Float32Array(pictures.length * size);
  pictures.forEach(({ pixels }, i) => {
    all.set(
      Array.from(Buffer.from(pixels, 'base64'), (x) => x / 255),
      i * size,
    );
  });
  return all;
}

/** SHA-256 of the bytes of files in their order, each after their number. */
function digestOf(files: readonly ImageFile[]): string {
  const hash = createHash('sha256');
  for (const { path } of files) {
    const bytes = bytesOf(path);
    hash.update(`${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

/**
 * Images of a folder: `source` and `target` in it hold a folder of PNG or JPEG files for each
 * class. Those of the target are read at once, those of the source as they are drawn.
 */
export function images(folder: string, network: string): Testbed<Picture> {
  const [source, target] = [readClasses(join(folder, 'source')), readClasses(join(folder, 'target'))];
  const read = ({ path, label }: ImageFile): Picture => ({
    file: relative(folder, path),
    label,
    pixels: Buffer.from(readPicture(path)).toString('base64'),
  });
  const drawn = (count: number, seed: number): ImageFile[] => shuffle(source.files, seeded(seed)).slice(0, count);
  const names = source.files.map(({ path }) => relative(folder, path));
  return {
    name: `images-${network}-${hashOf(names).slice(0, 12)}`,
    title: `Images of ${folder}: ${source.classes.length} classes as source, ${target.classes.length} as target`,
    caution: null,
    data: target.files.map(read),
    source: (count, seed) => drawn(count, seed).map(read),
    sourceDigest: (count, seed) => digestOf(drawn(count, seed)),
    sourceCount: source.files.length,
    outputs: Math.max(source.classes.length, target.classes.length),
    inputs,
    shape: SHAPE,
    network: networkNamed(network, SHAPE),
    groups: ({ label }): Record<string, string> =>
      target.classes.length > GROUPED ? {} : { class: target.classes[label]! },
  };
}

/** Folders of images that a user names. */
export const IMAGES: Bench<Picture> = {
  name: 'images',
  title: 'images in a folder that --images names: its folder source, and a few of its folder target',
  open: ({ data, images: folder, network }) => {
    if (data !== null) throw new DataError('--data', 'no file with the testbed images', data);
    if (!folder) throw new DataError('the testbed images', 'a folder that --images names', 'none');
    return images(folder, network ?? NETWORKS[0]!.name);
  },
  // As many classes as the folder has.
  tasks: [classification<Picture>({ name: 'class', title: 'the class of an image', label: ({ label }) => label }, 2)],
  protocols: [shots(10), shots(5), shots(20)],
  networks: NETWORKS.map((network, i) => (i === 0 ? { ...network, stepSeconds: 0.25 } : network)),
  methods: METHODS,
  first: ['no-pretraining', 'transfer', 'bi-rpt-normalised', 'transfer-lars'],
  sizes: {
    quick: { ...training(320, 1, 32), fineTune: { epochs: 3, batch: 25, rate: 0.5, schedule: 'cosine' }, splits: 1 },
    default: training(5000, 4, 64),
    full: { ...training(100_000, 10, 64), splits: 10 },
  },
};
