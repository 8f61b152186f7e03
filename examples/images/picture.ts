import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { avgPool2d, fromTypedArray, reshape, resize, transpose, type Tensor } from 'bigrad';
import { DataError } from '../x-yield/data-error.js';
import { checkPng } from './png.js';

/** Of an image in each direction, after it is read. */
export const SIDE = 32;
/** Red, green and blue. */
export const CHANNELS = 3;

/** Pixels row by row, four bytes each: red, green, blue and opacity. */
interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}
type Decoder = (bytes: Buffer) => Decoded;

/** A package that is loaded only where images are read. */
function loaded<T>(name: string): T {
  try {
    return createRequire(import.meta.url)(name) as T;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw cause;
    throw new DataError('the testbed images', `the package ${name}: npm install --save-dev ${name}`, 'none');
  }
}

/** jpeg-js has such checks itself. */
const png: Decoder = (bytes) => {
  checkPng(bytes);
  return loaded<{ PNG: { sync: { read: Decoder } } }>('pngjs').PNG.sync.read(bytes);
};
const jpeg: Decoder = (bytes) =>
  loaded<{ decode(bytes: Buffer, options: object): Decoded }>('jpeg-js').decode(bytes, { useTArray: true });

/** The formats by the bytes that their files begin with, whatever the files are called. */
const FORMATS: readonly (readonly [magic: readonly number[], Decoder])[] = [
  [[0x89, 0x50, 0x4e, 0x47], png],
  [[0xff, 0xd8, 0xff], jpeg],
];

const bad = (path: string, found: string): DataError => new DataError(path, 'a PNG or JPEG image', found);

/** The bytes of a file of an image; throws a `DataError` with its path where it cannot be read. */
export function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw bad(path, (error as Error).message);
  }
}

/** The image in a file; throws a `DataError` with its path where there is none. */
function decoded(path: string): Decoded {
  const bytes = bytesOf(path);
  const decode = FORMATS.find(([magic]) => magic.every((byte, i) => bytes[i] === byte))?.[1];
  if (!decode) throw bad(path, bytes.length === 0 ? 'an empty file' : 'another format');
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw bad(path, `one that cannot be decoded (${(error as Error).message.split('\n')[0]!})`);
  }
}

/** Colours [1, 3, height, width] from 0 to 255, on white where the image is transparent. */
function colours({ width, height, data }: Decoded): Tensor {
  const flat = new Float32Array(width * height * CHANNELS);
  for (let i = 0; i < width * height; i++) {
    const opacity = data[4 * i + 3]! / 255;
    for (let c = 0; c < CHANNELS; c++) flat[CHANNELS * i + c] = 255 + opacity * (data[4 * i + c]! - 255);
  }
  return reshape(transpose(fromTypedArray(flat, [height * width, CHANNELS])), [1, CHANNELS, height, width]);
}

/** An image, halved as often as it stays large enough, so that few pixels are left out. */
function halved(x: Tensor): Tensor {
  const [, , height, width] = x.shape;
  return Math.min(height!, width!) >= 2 * SIDE ? halved(avgPool2d(x, 2)) : x;
}

/**
 * The image in a PNG or JPEG file as 3 x 32 x 32 bytes, channel by channel; its sides are scaled
 * each by itself. Throws a `DataError` that names the file where it is no image.
 */
export function readPicture(path: string): Uint8Array {
  const small = resize(halved(colours(decoded(path))), [SIDE, SIDE], { method: 'linear' });
  return Uint8Array.from(small.readSync() as Float32Array, Math.round);
}
