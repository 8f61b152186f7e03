import { inflateSync } from 'node:zlib';

const MOST = 1e8; // pixels
const BEGIN = 8; // of the first chunk, which is the header
/** Numbers of a pixel by the colour type of a PNG. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** What the chunks of pixels of a PNG hold, in order, but for one that is cut. */
function pixelChunks(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = BEGIN; at + 12 <= bytes.length;) {
    const [begin, end] = [at + 8, at + 8 + bytes.readUInt32BE(at)];
    if (bytes.toString('latin1', at + 4, begin) === 'IDAT' && end <= bytes.length)
      found.push(bytes.subarray(begin, end));
    at = end + 4; // its checksum
  }
  return found;
}

/**
 * Throws where a PNG has too many pixels by its header, or not the data of all of them: pngjs reads
 * memory that was never written there. It counts the data of an interlaced image itself.
 */
export function checkPng(bytes: Buffer): void {
  const [width, height] = [bytes.readUInt32BE(BEGIN + 8), bytes.readUInt32BE(BEGIN + 12)];
  const [depth, colours, interlaced] = [bytes[24]!, SAMPLES[bytes[25]!], bytes[28] !== 0];
  if (width * height > MOST) throw new Error(`more than ${MOST / 1e6} million pixels`);
  if (colours === undefined || interlaced) return; // pngjs refuses the first
  const wanted = height * (1 + Math.ceil((width * colours * depth) / 8));
  const { length } = inflateSync(Buffer.concat(pixelChunks(bytes)), { maxOutputLength: wanted });
  if (length < wanted) throw new Error(`${length} bytes of pixels instead of ${wanted}`);
}
