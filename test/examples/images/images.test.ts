import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { BENCHES } from '../../../examples/benches.js';
import { aboutOf, identityOf } from '../../../examples/lab/cells.js';
import { experimentOf } from '../../../examples/lab/choose.js';
import { images, IMAGES } from '../../../examples/images/bench.js';
import { readPicture } from '../../../examples/images/picture.js';
import { readCells, Store, type Folder } from '../../../examples/lab/store.js';
import { seeded } from '../../../examples/x-yield/random.js';
import { run } from '../bi-rpt/start.js';

type Pixel = readonly [red: number, green: number, blue: number, opacity: number];
type At = (row: number, column: number) => Pixel;
interface Image {
  width: number;
  height: number;
  data: Buffer;
}

const load = createRequire(import.meta.url) as (name: string) => unknown;
const { PNG } = load('pngjs') as { PNG: { sync: { write(image: Image): Buffer } } };
const jpeg = load('jpeg-js') as { encode(image: Image, quality: number): { data: Buffer } };

const image = (height: number, width: number, at: At): Image => ({
  width,
  height,
  data: Buffer.from(Array.from({ length: height * width }, (_, i) => [...at(Math.floor(i / width), i % width)]).flat()),
});
const SIZE = 32 * 32;

/** A grey PNG with any chunks of compressed rows, fitting or not. */
function pngOf(width: number, height: number, depth: number, interlaced: boolean, rows: readonly Buffer[]): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const out = Buffer.alloc(12 + data.length);
    out.writeUInt32BE(data.length);
    out.write(type, 4, 'latin1');
    data.copy(out, 8);
    out.writeUInt32BE(crc32(out.subarray(4, -4)), 8 + data.length);
    return out;
  };
  const header = Buffer.from([0, 0, 0, width, 0, 0, 0, height, depth, 0, 0, 0, +interlaced]);
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
  return Buffer.concat([
    magic,
    chunk('IHDR', header),
    ...rows.map((r) => chunk('IDAT', r)),
    chunk('IEND', Buffer.of()),
  ]);
}

describe('the testbed of images', () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  const write = (name: string, bytes: Buffer | string): string => {
    mkdirSync(dirname(at(name)), { recursive: true });
    writeFileSync(at(name), bytes);
    return at(name);
  };
  const png = (name: string, height: number, width: number, pixel: At): string =>
    write(name, PNG.sync.write(image(height, width, pixel)));
  /** Two classes of each side: dark and bright images of one colour each, with noise. */
  const tiny = (name: string, perClass: number): string => {
    const random = seeded(4);
    for (const [of, classes] of [
      ['source', ['fish', 'fowl']],
      ['target', ['cat', 'dog']],
    ] as const)
      for (const [label, kind] of classes.entries())
        for (let i = 0; i < perClass; i++) {
          const noise = (): number => Math.floor(60 * random()) + 150 * label;
          const picture = image(6, 8, () => [noise(), noise(), noise(), 255]);
          if (i % 2 === 0) write(`${name}/${of}/${kind}/${i}.png`, PNG.sync.write(picture));
          else write(`${name}/${of}/${kind}/${i}.JPG`, jpeg.encode(picture, 90).data);
        }
    write(`${name}/target/cat/notes.txt`, 'no image');
    return at(name);
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bigrad-images-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('a PNG of 32 x 32 is read as it is, channel by channel', () => {
    const path = png('exact.png', 32, 32, (row, column) => [row, column, row ^ column, 255]);
    const read = readPicture(path);
    for (let i = 0; i < SIZE; i++) {
      const [row, column] = [Math.floor(i / 32), i % 32];
      assert.deepEqual([read[i], read[SIZE + i], read[2 * SIZE + i]], [row, column, row ^ column]);
    }
  });

  it('an image of one colour stays so in every size; what is transparent lies on white', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const side = fc.integer({ min: 1, max: 70 });
    fc.assert(
      fc.property(side, side, fc.tuple(byte, byte, byte), byte, (height, width, colour, opacity) => {
        const read = readPicture(png('one.png', height, width, () => [...colour, opacity]));
        for (const [c, x] of colour.entries()) {
          const wanted = 255 + (opacity / 255) * (x - 255);
          for (const y of read.subarray(c * SIZE, (c + 1) * SIZE))
            assert.ok(Math.abs(y - wanted) <= 0.51, `${y}, not ${wanted}`);
        }
      }),
      { numRuns: 10 },
    );
  });

  it('a large image is averaged, and a JPEG is close to the PNG', () => {
    const stripes: At = (_, column) => (column % 4 === 0 ? [0, 100, 200, 255] : [100, 200, 0, 255]);
    const read = readPicture(png('large.png', 128, 128, stripes));
    assert.deepEqual([read[0], read[SIZE], read[2 * SIZE]], [75, 175, 50]);
    assert.ok([0, 1, 2].every((c) => new Set(read.subarray(c * SIZE, (c + 1) * SIZE)).size === 1));
    const slope = image(32, 32, (row, column) => [4 * row, 4 * column, 128, 255]);
    const [a, b] = [
      readPicture(write('slope.png', PNG.sync.write(slope))),
      readPicture(write('slope.jpg', jpeg.encode(slope, 95).data)),
    ];
    assert.ok(a.every((x, i) => Math.abs(x - b[i]!) <= 12));
  });

  it('classes are folders in the order of their names; source items are drawn, target items all read', () => {
    const path = tiny('tiny', 7);
    symlinkSync('loop', join(path, 'target', 'loop'));
    const testbed = images(path, 'residual');
    assert.deepEqual(testbed.data.map(({ file, label }) => [file, label]).slice(5, 9), [
      ['target/cat/5.JPG', 0],
      ['target/cat/6.png', 0],
      ['target/dog/0.png', 1],
      ['target/dog/1.JPG', 1],
    ]);
    assert.deepEqual([testbed.sourceCount, testbed.outputs, testbed.shape], [14, 2, [3, 32, 32]]);
    const drawn = testbed.source(5, 3);
    assert.deepEqual(testbed.source(5, 3), drawn);
    assert.equal(new Set(drawn.map(({ file }) => file)).size, 5);
    const inputs = testbed.inputs(drawn);
    assert.equal(inputs.length, 5 * 3 * SIZE);
    assert.ok(drawn.every(({ label }, i) => inputs[i * 3 * SIZE]! > 0.4 === (label === 1)));
  });

  it('a folder of results refuses images that have changed behind their names, in the source and in the target', () => {
    const path = tiny('changed', 1);
    const choice = { size: 'quick', methods: ['transfer'], points: 16, protocol: 'shots-5', settings: [] } as const;
    const record = (): Folder => {
      const experiment = experimentOf(IMAGES, () => images(path, 'residual'), choice);
      return { identity: identityOf(experiment, 'cpu', '0'), about: aboutOf(experiment), machine: {} };
    };
    const first = record();
    Store.open(at('of changed'), first);
    const [name, whole] = ['changed/source/fowl/0.png', readFileSync(at('changed/source/fowl/0.png'))];
    const refused = (what: string) =>
      new RegExp(`expected results of the same ${what}, found others; choose .* --out$`);
    write(name, Buffer.concat([whole.subarray(0, -1), Buffer.of(0)]));
    assert.equal(record().identity.data, first.identity.data);
    assert.throws(() => Store.open(at('of changed'), record()), refused('files of the source'));
    write(name, whole);
    assert.deepEqual(record(), first);
    Store.open(at('of changed'), record());
    png('changed/target/dog/0.png', 6, 8, () => [200, 0, 0, 255]);
    assert.equal(record().identity.source, first.identity.source);
    assert.throws(() => Store.open(at('of changed'), record()), refused('data'));
  });

  it('only the files that are drawn count, and one that cannot be read is named', () => {
    const testbed = images(tiny('drawn', 2), 'residual');
    const [before, first] = [testbed.sourceDigest!(2, 1), testbed.source(2, 1).map(({ file }) => file)];
    for (const { file } of testbed.source(4, 1)) if (!first.includes(file)) write(`drawn/${file}`, 'changed');
    assert.equal(testbed.sourceDigest!(2, 1), before);
    rmSync(at(`drawn/${first[0]!}`));
    assert.throws(() => testbed.sourceDigest!(2, 1), /^DataError: .*drawn\/source\/\w+\/\d\.\w+: expected .* ENOENT/);
  });

  it('npm start learns to tell them apart, and says what it learned from', async () => {
    const path = tiny('learned', 8);
    const options = '--points 500 --pretrain-epochs 1 --epochs 1 --splits 1 --methods transfer --protocol shots-5';
    const { code, out, err } = await run(
      '--testbed',
      'images',
      '--images',
      path,
      ...options.split(' '),
      '--out',
      at('out'),
    );
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /2 classes as source, 2 as target.*\n.*10 to train on, 6 to test on; 1 split; 16 source items/);
    const [cell] = readCells(at('out')).values();
    assert.deepEqual([...new Set(cell!.groups['class'])], ['cat', 'dog']);
    assert.equal(cell!.metrics['accuracy'], 100);
  });

  it('says in one line what it cannot read, and exits with 1', async () => {
    const open = (name: string) => () => images(at(name), 'residual');
    assert.throws(open('nowhere'), /^DataError: .*nowhere\/source: expected a folder with .*, found no such folder$/);
    const path = tiny('bad', 3);
    const text = write('bad/target/cat/x.png', 'no image');
    assert.throws(
      () => readPicture(text),
      /^DataError: .*cat\/x\.png: expected a PNG or JPEG image, found another format$/,
    );
    assert.throws(() => readPicture(write('empty.png', '')), /expected a PNG or JPEG image, found an empty file$/);
    const whole = readFileSync(at('bad/source/fish/0.png'));
    for (const [name, bytes] of [
      ['cut.png', whole.subarray(0, whole.length / 2)],
      ['cut.jpg', readFileSync(at('bad/source/fish/1.JPG')).subarray(0, 30)],
    ] as const)
      assert.throws(
        () => readPicture(write(name, bytes)),
        /^DataError: .*cut\.\w+: expected a PNG or JPEG image, found [^\n]+$/,
      );
    const huge = Buffer.from(whole);
    huge.writeUInt32BE(20_000, 16); // its width
    huge.writeUInt32BE(20_000, 20);
    assert.throws(
      () => readPicture(write('huge.png', huge)),
      /found one that cannot be decoded \(more than 100 million pixels\)$/,
    );
    const { code, out, err } = await run('--testbed', 'images', '--images', path, '--out', at('unused'));
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /^[^\n]*x\.png: expected a PNG or JPEG image, found another format\n$/);
    rmSync(text);
    const few = (): unknown => [...IMAGES.protocols[0]!.splits(images(path, 'residual').data)];
    assert.throws(few, /^DataError: protocol shots-10: expected more than 10 target .*, found a class with 3$/);
    mkdirSync(at('bad/source/empty'));
    assert.throws(open('bad'), /^DataError: .*source\/empty: expected images that end in .*, found none$/);
    rmSync(at('bad/target/dog'), { recursive: true });
    rmSync(at('bad/source/empty'), { recursive: true });
    assert.throws(open('bad'), /^DataError: .*target: expected at least 2 folders, one for each class, found 1$/);
  });

  it('a PNG with fewer or more bytes than its pixels need is refused, in every depth and order of rows', () => {
    const encoded = (depth: number, interlaced: boolean, bytes: number, cut = 0): Buffer => {
      const data = deflateSync(Buffer.alloc(bytes));
      return pngOf(7, 5, depth, interlaced, [data.subarray(0, 9), data.subarray(9, data.length - cut)]);
    };
    // Each row has a byte more: an interlaced image of 7 x 5 has its 35 pixels in 11 rows.
    for (const [depth, interlaced, whole] of [
      [8, false, 5 * 8],
      [2, false, 5 * 3],
      [16, false, 5 * 15],
      [8, true, 46],
    ] as const) {
      const name = `rows-${depth}-${interlaced}.png`;
      assert.ok(readPicture(write(name, encoded(depth, interlaced, whole))).every((x) => x === 0));
      for (const [bytes, cut] of [
        [Math.floor(0.8 * whole), 0],
        [whole - 1, 0],
        [0, 0],
        [whole + 1, 0],
        [whole, 4],
      ] as const)
        assert.throws(
          () => readPicture(write(name, encoded(depth, interlaced, bytes, cut))),
          /^DataError: .*rows-\d+-\w+\.png: expected a PNG or JPEG image, found one that cannot be decoded \([^\n]+\)$/,
          `${name}, ${bytes} bytes, ${cut} cut`,
        );
    }
    const few = write('few.png', encoded(8, false, 24));
    assert.throws(() => readPicture(few), /few\.png: .*\(24 bytes of pixels instead of 40\)$/);
  });

  it('takes a folder for itself alone, and a network that there is', () => {
    for (const bench of BENCHES) {
      const given = { data: null, layout: 'rptr', images: bench === IMAGES ? null : 'x' };
      assert.throws(
        () => bench.open(given),
        bench === IMAGES ? /that --images names/ : /^DataError: --images: expected no/,
      );
    }
    const never = (): never => assert.fail();
    assert.throws(
      () => experimentOf(IMAGES, never, { size: 'quick', settings: [], network: 'resnet-50' }),
      /expected a network out of residual, resnet-18, found 'resnet-50'/,
    );
  });
});
