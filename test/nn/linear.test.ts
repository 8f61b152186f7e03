import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cast, leaves, mul, randomKey, treeSize, type Shape, type Tensor } from 'bigrad';
import { constantInit, conv, flatten, linear, maxPool2d, relu, sequential, type Layer } from 'bigrad/nn';
import { checkGrads } from 'bigrad/testing';
import { f64, near, tensors, values, wave } from './numbers.js';

const key = randomKey(1);
const double = { dtype: 'float64' } as const;

describe('linear', () => {
  const sizes = fc.record({
    n: fc.integer({ min: 1, max: 4 }),
    i: fc.integer({ min: 1, max: 4 }),
    o: fc.integer({ min: 1, max: 4 }),
  });

  it("is x W' + b, row by row", () => {
    const cases = sizes.chain(({ n, i, o }) => fc.tuple(tensors([n, i]), tensors([o, i]), tensors([o])));
    fc.assert(
      fc.property(cases, fc.boolean(), ([x, weight, bias], biased) => {
        const [n, i] = x.shape as [number, number];
        const [o] = weight.shape as [number];
        const [X, W, b] = [values(x), values(weight), values(bias)];
        const expected = Array.from({ length: n }, (_, row) =>
          Array.from({ length: o }, (_, k) =>
            Array.from({ length: i }).reduce<number>(
              (s, _, j) => s + X[row * i + j]! * W[k * i + j]!,
              biased ? b[k]! : 0,
            ),
          ),
        );
        const y = linear(i, o, { bias: biased }).apply(biased ? { weight, bias } : { weight }, x);
        near(y, expected);
        assert.deepEqual(y.shape, [n, o]);
      }),
    );
  });

  it('takes any number of leading axes, none included', () => {
    const layer = linear(3, 2);
    const params = layer.init(key, double);
    const x = wave([2, 4, 3]);
    assert.deepEqual(layer.apply(params, x).shape, [2, 4, 2]);
    assert.deepEqual(layer.apply(params, wave([3])).shape, [2]);
    near(values(layer.apply(params, x)).slice(0, 2), layer.apply(params, wave([3])));
  });

  it('has parameters of the shapes, dtype and initialiser asked for', () => {
    const params = linear(3, 2, { weight: constantInit(0.5) }).init(key, double);
    assert.deepEqual([params.weight.shape, params.bias!.shape, params.bias!.dtype], [[2, 3], [2], 'float64']);
    near(params.weight, new Array(6).fill(0.5));
    assert.deepEqual(Object.keys(linear(3, 2, { bias: false }).init(key)), ['weight']);
    assert.equal(linear(3, 2).init(key).weight.dtype, 'float32');
  });

  it('starts within +-1 / sqrt(in), as PyTorch, from its key alone', () => {
    const { weight, bias } = linear(16, 400).init(key, double);
    for (const x of [...values(weight), ...values(bias!)]) assert.ok(Math.abs(x) <= 0.25);
    assert.ok(Math.max(...values(weight)) > 0.249 && Math.max(...values(bias!)) > 0.24);
    near(linear(16, 400).init(key, double), { weight, bias }, 0);
    assert.notDeepEqual(values(linear(16, 400).init(randomKey(2), double).weight), values(weight));
  });
});

/** The definition of convolution, in plain loops. */
function convolve(x: Tensor, w: Tensor, stride: number, padding: number, dilation: number, groups: number): number[] {
  const [n, c, h, width] = x.shape as [number, number, number, number];
  const [o, cg, r, s] = w.shape as [number, number, number, number];
  const [X, W, y] = [values(x), values(w), [] as number[]];
  const span = (length: number, k: number): number =>
    Math.floor((length + 2 * padding - dilation * (k - 1) - 1) / stride) + 1;
  for (let b = 0; b < n; b++)
    for (let k = 0; k < o; k++)
      for (let p = 0; p < span(h, r); p++)
        for (let q = 0; q < span(width, s); q++) {
          let total = 0;
          for (let d = 0; d < cg; d++)
            for (let i = 0; i < r; i++)
              for (let j = 0; j < s; j++) {
                const [row, column] = [p * stride + i * dilation - padding, q * stride + j * dilation - padding];
                const channel = Math.floor(k / (o / groups)) * cg + d;
                if (row >= 0 && row < h && column >= 0 && column < width)
                  total += X[((b * c + channel) * h + row) * width + column]! * W[((k * cg + d) * r + i) * s + j]!;
              }
          y.push(total);
        }
  return y;
}

describe('conv', () => {
  it('is the sum over channels and window of x w, plus a bias per channel', () => {
    const options = fc.record({
      stride: fc.integer({ min: 1, max: 2 }),
      padding: fc.integer({ min: 0, max: 2 }),
      dilation: fc.integer({ min: 1, max: 2 }),
      groups: fc.constantFrom(1, 2),
      bias: fc.boolean(),
    });
    fc.assert(
      fc.property(options, tensors([2, 4, 5, 6]), tensors([2]), fc.nat(50), (o, x, bias, start) => {
        const weight = wave([2, 4 / o.groups, 2, 3], start);
        const y = conv(4, 2, [2, 3], o).apply(o.bias ? { weight, bias } : { weight }, x);
        const plain = convolve(x, weight, o.stride, o.padding, o.dilation, o.groups);
        const plane = y.size / 4;
        near(
          y,
          plain.map((v, i) => v + (o.bias ? values(bias)[Math.floor(i / plane) % 2]! : 0)),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('has parameters [out, in / groups, r, s] and [out], within +-1 / sqrt(in / groups r s)', () => {
    const { weight, bias } = conv(8, 6, [2, 4], { groups: 2 }).init(key, double);
    assert.deepEqual([weight.shape, bias!.shape], [[6, 4, 2, 4], [6]]);
    const limit = 1 / Math.sqrt(32);
    for (const x of [...values(weight), ...values(bias!)]) assert.ok(Math.abs(x) <= limit);
    assert.ok(Math.max(...values(weight)) > 0.95 * limit);
    assert.deepEqual(conv(1, 1, 3).init(key).weight.shape, [1, 1, 3, 3]);
    assert.deepEqual(Object.keys(conv(1, 1, 3, { bias: false }).init(key)), ['weight']);
  });

  it('can be differentiated twice in weights, bias and images', () => {
    const layer = conv(2, 2, 2, { stride: 2, padding: 1 });
    checkGrads(layer.apply, [layer.init(key, double), wave([1, 2, 3, 3])], { order: 2 });
  });
});

describe('flatten', () => {
  it('keeps the first axis and the order of elements', () => {
    const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(shapes, (shape) => {
        const x = wave(shape);
        const y = flatten(x);
        assert.deepEqual(y.shape, [shape[0], shape.slice(1).reduce((n, d) => n * d, 1)]);
        assert.deepEqual(values(y), values(x));
      }),
    );
    assert.deepEqual(flatten(f64(3)).shape, [1, 1]);
  });
});

describe('sequential', () => {
  const pool = (x: Tensor): Tensor => maxPool2d(x, 2);

  it('applies layers and functions one after another', () => {
    const [c, l] = [conv(1, 2, 3), linear(8, 1)];
    const net = sequential([c, relu, pool, flatten, l]);
    const params = net.init(key, double);
    assert.deepEqual(
      params.map((p) => p && leaves(p).map((x) => x.shape)),
      [[[2, 1, 3, 3], [2]], undefined, undefined, undefined, [[1, 8], [1]]],
    );
    const x = wave([3, 1, 6, 6]);
    near(net.apply(params, x), l.apply(params[4], flatten(pool(relu(c.apply(params[0], x))))), 0);
    assert.equal(treeSize(params), 18 + 2 + 8 + 1);
    assert.equal('initState' in net, false);
  });

  it('gives every layer a key of its own, and passes the dtype on', () => {
    const [first, second] = sequential([linear(3, 3), linear(3, 3)]).init(key, double);
    assert.notDeepEqual(values(first.weight), values(second.weight));
    assert.equal(second.weight.dtype, 'float64');
  });

  it('nests, and an empty one is the identity', () => {
    const net = sequential([sequential([linear(2, 3), relu]), sequential([linear(3, 1)])]);
    const params = net.init(key, double);
    const x = wave([4, 2]);
    const [[a], [b]] = params;
    near(net.apply(params, x), linear(3, 1).apply(b, relu(linear(2, 3).apply(a, x))), 0);
    assert.equal(sequential([]).apply([], x), x);
  });

  it("takes a user's own layer, with parameters of an interface", () => {
    interface Scale {
      by: Tensor;
    }
    const scale: Layer<Scale> = {
      init: (k, options) => ({ by: cast(wave([1]), options?.dtype ?? k.dtype) }),
      apply: ({ by }, x) => mul(x, by),
    };
    const net = sequential([scale, linear(1, 1)]);
    const params: [Scale, { weight: Tensor; bias?: Tensor }] = net.init(key, double);
    near(net.apply(params, f64([[1]])), linear(1, 1).apply(params[1], params[0].by).readSync()[0]!, 1e-12);
  });

  it('can be differentiated twice', () => {
    const smooth = sequential([linear(2, 2), (x: Tensor): Tensor => mul(x, mul(x, x)), linear(2, 1)]);
    const shape: Shape = [2, 2];
    checkGrads(
      (p: ReturnType<typeof smooth.init>, x: Tensor) => smooth.apply(p, x),
      [smooth.init(key, double), wave(shape)],
    );
  });
});
