import assert from 'node:assert/strict';
import { add, fromTypedArray, tensor, type Tensor } from 'bigrad';
import { checkGrads } from 'bigrad/testing';
import { narrowed } from './halves.js';
import { BFLOAT16, call, first, FLOAT16, graph, info, node, outputs, plain } from './models.js';
import { NotExpressible, numbersOf, tensorOf } from './node.js';

const ints = (data: number[] | number[][]): Tensor => tensor(data, { dtype: 'int32' });
const near = (got: Tensor, expected: readonly number[], by = 1e-5): void => {
  const list = numbersOf(got);
  assert.equal(list.length, expected.length);
  list.forEach((v, i) => {
    assert.ok(Math.abs(v - expected[i]!) <= by, `element ${i}: expected ${expected[i]}, got ${v}`);
  });
};

/** Floats of 16 bits from their bits. */
const halves = (bits: number[], type = FLOAT16): Tensor =>
  tensorOf({ dims: [bits.length], data_type: type, int32_data: bits, raw_data: new Uint8Array() } as never);
const finite = Array.from({ length: 0x7c00 }, (_, i) => i);

describe('floats of 16 bits as float32', () => {
  it('have their own numbers: those stay as they are, of either sign', () => {
    for (const [type, name, infinity] of [
      [FLOAT16, 'float16', 0x7c00],
      [BFLOAT16, 'bfloat16', 0x7f80],
    ] as const) {
      const bits = Array.from({ length: infinity + 1 }, (_, i) => i);
      const x = halves([...bits, ...bits.map((v) => v | 0x8000)], type);
      assert.deepEqual(x.dtype, 'float32');
      assert.deepEqual(numbersOf(add(narrowed(x, name), 0)), numbersOf(add(x, 0))); // zeros lose their sign
    }
    assert.deepEqual(numbersOf(narrowed(halves([0x7e00, 0x7c00]), 'float16')), [NaN, Infinity]);
  });

  it('round halves to even, and overflow', () => {
    const [from, to] = [finite.slice(0, -1), finite.slice(1)].map((bits) => numbersOf(halves(bits)));
    const between = (t: number): number[] =>
      numbersOf(
        narrowed(
          tensor(
            from!.map((v, i) => v + t * (to![i]! - v)),
            { dtype: 'float64' },
          ),
          'float16',
        ),
      );
    const expected = (up: (i: number) => boolean): number[] => from!.map((v, i) => (up(i) ? to![i]! : v));
    assert.deepEqual(
      between(0.5),
      expected((i) => i % 2 === 1),
    );
    assert.deepEqual(between(0.5 - 2 ** -20), from);
    assert.deepEqual(between(0.5 + 2 ** -20), to);
    near(narrowed(tensor([65519, -65519]), 'float16'), [65504, -65504]);
    assert.deepEqual(numbersOf(narrowed(tensor([65520, -1e6]), 'float16')), [Infinity, -Infinity]);
  });

  it('are cut off to bfloat16, as ONNX 1.12 does it', () => {
    const bits = Array.from({ length: 0x7f7f }, (_, i) => i);
    const [from, to] = [bits, bits.map((v) => v + 1)].map((list) => numbersOf(halves(list, BFLOAT16)));
    const x = Float32Array.from(from!, (v, i) => v + 0.99 * (to![i]! - v));
    assert.deepEqual(numbersOf(narrowed(fromTypedArray(x, [x.length]), 'bfloat16')), from);
  });

  it('are made by casts, and by the outputs that are declared so', () => {
    const x = tensor([1 + 2 ** -12, 2049]);
    assert.deepEqual(numbersOf(first('Cast', [x], { to: FLOAT16 })), [1, 2048]);
    const summed = { g: { ...graph('x', 'y', node('Add', 'x x', 'y')).g, output: [info('y', FLOAT16)] } };
    assert.deepEqual(numbersOf(outputs(summed, [x])[0] as Tensor), [2, 4096]);
    const kept = outputs(summed, [tensor([1], { dtype: 'float64' })])[0] as Tensor;
    assert.equal(kept.dtype, 'float64'); // a mistake of an operator stays to be seen
    const like = graph('x z', 'y', node('CastLike', 'x z', 'y')).g;
    const declared = { g: { ...like, input: [info('x'), info('z', BFLOAT16)] } };
    assert.deepEqual(numbersOf(outputs(declared, [tensor([255.9]), x])[0] as Tensor), [255]);
  });
});

describe('ONNX operators on regions and boxes', () => {
  /** 2 x + 3 y at the pixels of an image of 6 rows. */
  const ramp = (dtype: 'float32' | 'float64' = 'float32'): Tensor =>
    tensor(
      Array.from({ length: 6 }, (_, y) => Array.from({ length: 8 }, (_, x) => 2 * x + 3 * y)),
      { dtype },
    );
  const image = (x: Tensor): Tensor => fromTypedArray(Float32Array.from(numbersOf(x)), [1, 1, 6, 8]);
  const shape = { output_height: 2, output_width: 3, spatial_scale: 0.5 };

  it('give the means of parts of regions', () => {
    const region = tensor([[2, 2, 8, 6]]); // x from 1 to 4, y from 1 to 3
    const centres = (shift: number): number[] =>
      [1.5, 2.5].flatMap((y) => [1.5, 2.5, 3.5].map((x) => 2 * (x - shift) + 3 * (y - shift)));
    for (const sampling_ratio of [0, 1, 3]) {
      const run = (attributes: object, opset = 17): Tensor =>
        first('RoiAlign', [image(ramp()), region, ints([0])], { ...shape, sampling_ratio, ...attributes }, opset);
      assert.deepEqual(run({}).shape, [1, 1, 2, 3]);
      near(run({}), centres(0.5));
      near(run({ coordinate_transformation_mode: 'output_half_pixel' }), centres(0));
      near(run({}, 15), centres(0));
    }
  });

  it('take as many points as a large region has pixels, edges of the image, and 0 outside', () => {
    const x = fromTypedArray(Float32Array.of(0, 0, 8, 0, 1, 1, 1, 1), [2, 1, 1, 4]);
    const run = (region: number[], at: number, more: object = {}): Tensor =>
      first('RoiAlign', [x, tensor([region]), ints([at])], { output_height: 1, output_width: 1, ...more });
    near(run([0, 0, 4, 1], 0), [2]);
    near(run([0, 0, 4, 1], 0, { sampling_ratio: 1 }), [4]); // between pixels 1 and 2
    // Points at -2.25, -0.75, 0.75 and 2.25 pixels.
    near(run([-2.5, 0, 3.5, 1], 1, { sampling_ratio: 4 }), [0.75]);
    // Where pixels have their centres at whole numbers, a region is a pixel wide at least.
    near(run([1, 0, 1, 0], 0, { coordinate_transformation_mode: 'output_half_pixel' }), [4]);
    assert.throws(() => run([0, 0, 4, 1], 0, { mode: 'max' }), NotExpressible);
  });

  it('have derivatives in the image and in the regions', () => {
    const x = tensor(
      [
        [
          [
            [0.3, 0.7, -0.2],
            [0.5, 0.1, 0.9],
            [-0.4, 0.6, 0.8],
          ],
        ],
      ],
      { dtype: 'float64' },
    );
    const region = tensor([[0.6, 0.7, 2.3, 2.6]], { dtype: 'float64' });
    const attributes = { output_height: 2, output_width: 1, sampling_ratio: 2 };
    checkGrads((v: Tensor, r: Tensor) => first('RoiAlign', [v, r, ints([0])], attributes), [x, region], { fast: true });
  });

  it('choose boxes by their scores, unless they overlap a better one', () => {
    const corners = [
      [0, 0, 2, 2],
      [0, 3, 2, 1],
      [5, 5, 6, 6],
      [0, 0, 2, 2.2],
    ];
    const centred = corners.map(([p, q, r, s]) => [(p! + r!) / 2, (q! + s!) / 2, r! - p!, Math.abs(s! - q!)]);
    const scores = tensor([
      [
        [0.5, 0.4, 0.2, 0.6],
        [0.1, 0.9, 0.3, 0.1],
      ],
    ]);
    const run = (most: number | undefined, overlap: number | undefined, least?: number, center = 0): unknown => {
      const scalar = (v: number | undefined): Tensor | undefined => (v === undefined ? undefined : tensor([v]));
      const ins = [tensor([center ? centred : corners]), scores, most === undefined ? undefined : ints([most])];
      return plain(first('NonMaxSuppression', [...ins, scalar(overlap), scalar(least)], { center_point_box: center }));
    };
    for (const center of [0, 1]) {
      assert.deepEqual(run(9, 0.5, undefined, center), [0, 0, 3, 0, 0, 1, 0, 0, 2, 0, 1, 1, 0, 1, 2, 0, 1, 0]);
      assert.deepEqual(run(9, undefined, 0.25, center), [0, 0, 3, 0, 1, 1, 0, 1, 2]);
      assert.deepEqual(run(1, 0.5, 0.7, center), [0, 1, 1]);
    }
    assert.deepEqual([run(0, 0.5), run(undefined, 0.5)], [[], []]);
  });
});

describe('ONNX operators on lists', () => {
  it('count groups of words, with words skipped between them', () => {
    const x = ints([
      [1, 2, 1, 2, 3],
      [2, 2, 2, 1, 1],
    ]);
    const base = { min_gram_length: 1, max_gram_length: 2, ngram_counts: [0, 2], ngram_indexes: [3, 0, 1, 2] };
    const run = (attributes: object): Tensor =>
      first('TfIdfVectorizer', [x], { ...base, pool_int64s: [1, 9, 1, 2, 2, 1], mode: 'TF', ...attributes });
    assert.deepEqual(plain(run({})), [0, 2, 1, 2, 0, 0, 1, 2]);
    assert.deepEqual(plain(run({ max_skip_count: 1 })), [0, 2, 1, 2, 0, 0, 3, 2]);
    assert.deepEqual(plain(run({ min_gram_length: 2 })), [0, 2, 1, 0, 0, 0, 1, 0]);
    const weights = { floats: [0.5, 7, 10, 100] };
    assert.deepEqual(plain(run({ mode: 'TFIDF', weights })), [0, 20, 100, 1, 0, 0, 100, 1]);
    assert.deepEqual(plain(run({ weights })), plain(run({})));
    assert.deepEqual(plain(run({ mode: 'IDF', weights })), [0, 10, 100, 0.5, 0, 0, 100, 0.5]);
    const short = { ...base, pool_int64s: [1, 9, 1, 2, 2, 1], max_skip_count: 2 };
    assert.deepEqual(plain(first('TfIdfVectorizer', [ints([1])], short)), [0, 0, 0, 1]);
    assert.deepEqual(first('TfIdfVectorizer', [ints([1])], short).shape, [4]);
  });

  it('give the distinct slices along an axis, in order or as they come', () => {
    const x = tensor([
      [2, 1],
      [1, 5],
      [2, 1],
      [1, -3],
      [1, 5],
    ]);
    const run = (attributes: object): unknown[] => call('Unique', [x], attributes, 4).map(plain);
    assert.deepEqual(run({ axis: 0 }), [
      [1, -3, 1, 5, 2, 1],
      [3, 1, 0],
      [2, 1, 2, 0, 1],
      [1, 2, 2],
    ]);
    assert.deepEqual(run({ axis: -2, sorted: 0 }), [
      [2, 1, 1, 5, 1, -3],
      [0, 1, 3],
      [0, 1, 0, 2, 1],
      [2, 2, 1],
    ]);
    assert.deepEqual(run({ axis: 1 })[1], [1, 0]);
    assert.deepEqual(plain(call('Unique', [ints([2, 3, 1, 3])], { sorted: 0 }, 3)[2]), [0, 1, 2, 1]);
    assert.deepEqual(run({ sorted: 0 })[0], [2, 1, 5, -3]);
  });

  it('make bands of sound', () => {
    const scalar = (v: number): Tensor => tensor(v, { dtype: 'int32' });
    const run = (count: number, n: number, rate: number, low: number, high: number): Tensor =>
      first('MelWeightMatrix', [scalar(count), scalar(n), scalar(rate), tensor(low), tensor(high)]);
    // From the formula of ONNX, in NumPy: bands between the frequencies 0, 1, 3, 6 and 9.
    const wide = run(3, 32, 8000, 100, 3500);
    assert.deepEqual(wide.shape, [17, 3]);
    const bands = [
      [1, 0, 0],
      [0.5, 0.5, 0],
      [0, 1, 0],
      [0, 2 / 3, 1 / 3],
      [0, 1 / 3, 2 / 3],
      [0, 0, 1],
      [0, 0, 2 / 3],
    ];
    near(wide, [[0, 0, 0], ...bands, [0, 0, 1 / 3], ...Array.from({ length: 8 }, () => [0, 0, 0])].flat());
    // Between 0, 0, 1 and 3.
    near(run(2, 12, 16000, 0, 8000), [1, 0, 0, 1, 0, 0.5, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('resize a part of an image, and take a given number outside of it', () => {
    const x = fromTypedArray(
      Float32Array.from({ length: 16 }, (_, i) => i + 1),
      [1, 1, 4, 4],
    );
    const run = (region: number[], ins: (Tensor | undefined)[]): Tensor => {
      const mode = { mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize', extrapolation_value: 10.5 };
      return first('Resize', [x, tensor(region), ...ins], mode);
    };
    const sized = (rows: number, columns: number) => [undefined, ints([1, 1, rows, columns])];
    // At row y and column x there is 1 + 4 y + x: here y is 1 and 3, and x goes from 0.6 to 2.4.
    near(run([0, 0, 1 / 3, 0.2, 1, 1, 1, 0.8], sized(2, 4)), [5.6, 6.2, 6.8, 7.4, 13.6, 14.2, 14.8, 15.4]);
    // y is 1.5, 3 and 4.5, and x is 0.75, 2.25 and 3.75: the last of each is outside.
    const outside = [7.75, 9.25, 10.5, 13.75, 15.25, 10.5, 10.5, 10.5, 10.5];
    near(run([0, 0, 0.5, 0.25, 1, 1, 1.5, 1.25], sized(3, 3)), outside);
    near(run([0, 0, 0, 0.5, 1, 1, 1, 1], sized(4, 1)), [3.25, 7.25, 11.25, 15.25]);
    const same = [0, 1, 2, 3].flatMap((y) => [0, 1, 2, 3].map((column) => 1 + 4 * y + column / 2));
    near(run([0, 0, 0, 0, 1, 1, 1, 0.5], sized(4, 4)), same);
    const half = run([0, 0, 0, 0, 1, 1, 0.5, 1], [tensor([1, 1, 2, 1])]);
    near(half, [1, 2, 3, 4, 3, 4, 5, 6, 5, 6, 7, 8, 7, 8, 9, 10]);
  });
});
