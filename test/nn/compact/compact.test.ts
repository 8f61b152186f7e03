import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  avgPool2d,
  cast,
  globalAvgPool2d,
  grad,
  hvp,
  mapTree,
  maxPool2d,
  randomBernoulli,
  randomKey,
  randomNormal,
  relu,
  softmax,
  softplus,
  square,
  sum,
  tanh,
  type Shape,
  type Tensor,
} from 'bigrad';
import {
  batchNorm2d,
  compact,
  conv,
  dropout,
  flatten,
  layerNorm,
  linear,
  masked,
  prelu,
  residual,
  sequential,
  smoothL0,
  type Gate,
  type Masks,
  type StatefulLayer,
} from 'bigrad/nn';
import { double, f64, wave } from '../../support/numbers.js';
import { near } from '../../support/close.js';
import { refuses } from '../../support/refuses.js';

type Tree = object;
type Net = StatefulLayer<Tree, Tree>;

const asIs: Gate = (m) => m;
const filter = (from: number, to: number, padding: number, bias: boolean, stride = 1) =>
  conv(from, to, 3, { padding, bias, stride });
const pool = (x: Tensor): Tensor => maxPool2d(x, 2, { padding: 1 });

/** Images [n,2,6,6] to two numbers. */
const chain = (padding: number, bias: boolean, act: (x: Tensor) => Tensor): Net =>
  sequential([
    filter(2, 5, padding, bias),
    batchNorm2d(5),
    act,
    sequential([pool, conv(5, 5, 3, { padding: 1, groups: 5 }), prelu(5), avgPool2d2]),
    filter(5, 4, padding, true),
    act,
    dropout(0.5),
    flatten,
    linear(padding === 1 ? 100 : 16, 4),
    act,
    linear(4, 2),
  ]);
const avgPool2d2 = (x: Tensor): Tensor => avgPool2d(x, 2, { stride: 1, padding: 1 });

const block = (from: number, to: number, stride: number) => {
  const path = sequential([
    filter(from, to, 1, false, stride),
    batchNorm2d(to),
    relu,
    filter(to, to, 1, true),
    batchNorm2d(to),
  ]);
  const shortcut = sequential([conv(from, to, 1, { stride, bias: false }), batchNorm2d(to)]);
  return residual(path, { ...(from !== to && { shortcut }), activation: relu });
};
const blocks = (): Net => sequential([block(2, 3, 1), block(3, 3, 1), block(3, 4, 2), globalAvgPool2d, linear(4, 2)]);

/** Parameters with biases and shifts of all signs, and the state of a training. */
function started(net: Net, seed: number): { params: Tree; state: Tree } {
  let at = 100 * seed;
  const noise = (x: Tensor): Tensor => randomNormal(randomKey(at++), x.shape, double);
  const params = mapTree((x) => (x.shape.length === 1 ? noise(x) : x), net.init(randomKey(seed), double));
  return { params, state: mapTree((x) => square(noise(x)), net.initState(params)) };
}

/** Masks that multiply: of whole filters, of input channels, and of single weights. */
function masksOf(params: Tree, seed: number, dead: number): Masks<Tree>[] {
  let at = 1000 + 100 * seed;
  const drawn = (p: number, shapeOf: (shape: Shape) => Shape): Masks<Tree> =>
    mapTree((w) => randomBernoulli(randomKey(at++), shapeOf(w.shape), { p: 1 - p, dtype: 'float64' }), params);
  const vector = (shape: Shape): boolean => shape.length === 1;
  return [
    drawn(dead, (shape) => shape.map((d, i) => (i === 0 ? d : 1))),
    drawn(dead / 2, (shape) => (vector(shape) ? [1] : shape.map((d, i) => (i === 1 ? d : 1)))),
    drawn(dead / 4, (shape) => shape),
  ];
}

const x = wave([2, 2, 6, 6]);

/** That a small network gives what the masked one gives, with two derivatives in x. */
function agree(net: Net, params: Tree, masks: Masks<Tree>[], state: Tree, gate = asIs, tolerance = 1e-12) {
  const small = compact(net, params, masks, { state, gate });
  const dense = (v: Tensor): Tensor =>
    masked<Tree, [Tree, object], [Tensor, Tree], Net>(net, gate).apply(params, masks, v, state, { training: false })[0];
  const narrow = (v: Tensor): Tensor => small.layer.apply(small.params, v, small.state, { training: false })[0];
  const like = cast(x, tolerance > 1e-9 ? 'float32' : 'float64');
  near(narrow(like), dense(like), tolerance);
  const loss = (f: typeof dense) => (v: Tensor) => sum(square(f(v)));
  near(grad(loss(narrow))(like), grad(loss(dense))(like), tolerance);
  near(hvp(loss(narrow), like, like), hvp(loss(dense), like, like), tolerance);
  return small;
}

describe('compact', () => {
  const cases = fc.record({
    seed: fc.nat(1e6),
    dead: fc.constantFrom(0, 0.3, 0.6, 0.9),
    padding: fc.constantFrom(0, 1),
    bias: fc.boolean(),
    act: fc.constantFrom(relu, tanh, softplus),
  });

  it('gives the outputs and derivatives of any chain under any masks', () => {
    fc.assert(
      fc.property(cases, ({ seed, dead, padding, bias, act }) => {
        const net = chain(padding, bias, act);
        const { params, state } = started(net, seed);
        agree(net, params, masksOf(params, seed, dead), state);
      }),
      { numRuns: 6 },
    );
  });

  it('gives those of residual blocks, whose channels go in all branches or in none', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.constantFrom(0.3, 0.7), (seed, dead) => {
        const net = blocks();
        const { params, state } = started(net, seed);
        agree(net, params, masksOf(params, seed, dead), state);
      }),
      { numRuns: 3 },
    );
  });

  it('agrees to 1e-6 in float32, and takes the gate of masked', () => {
    const net = chain(1, true, relu);
    const [{ params, state }, at] = [started(net, 5), <T>(tree: T): T => mapTree((t) => cast(t, 'float32'), tree)];
    const masks = masksOf(params, 5, 0.5).map(at);
    agree(net, at(params), masks, at(state), smoothL0(0.1), 1e-6);
  });
});

describe('what compact removes', () => {
  const sizes = ({ report }: { report: readonly { kept: number; removed: number }[] }) =>
    report.map(({ kept, removed }) => [kept, removed]);
  const unit = (...w: number[]): Tensor => f64(w);

  it('is nothing where nothing is dead', () => {
    for (const net of [chain(1, true, relu), blocks()]) {
      const { params, state } = started(net, 1);
      const small = agree(net, params, [], state);
      assert.ok(small.report.every(({ removed }) => removed === 0));
      near(small.params, params, 0);
    }
  });

  it('is all but one channel of each layer where all is dead', () => {
    const net = chain(1, true, tanh);
    const { params, state } = started(net, 2);
    const masks = mapTree<Tree>((w) => (w.shape.length > 1 ? f64(0) : f64(1)), params);
    const small = agree(net, params, [masks], state);
    assert.deepEqual(sizes(small), [[1, 4], [1, 3], [1, 3], [2, 0]]); // prettier-ignore
  });

  it('is what nobody reads, and what reads only such', () => {
    const net = sequential([linear(2, 3), tanh, linear(3, 3), tanh, linear(3, 1)]);
    const params = net.init(randomKey(1), double);
    const masks = [undefined, undefined, { weight: f64([[1, 1, 0], [1, 1, 0], [1, 1, 1]]) }, undefined, { weight: f64([[1, 1, 0]]) }] as const; // prettier-ignore
    const small = compact(net, params, masks as never);
    assert.deepEqual(sizes(small), [[2, 1], [2, 1], [1, 0]]); // prettier-ignore
    assert.deepEqual(
      small.report.map(({ path, name, why }) => `${path} ${name}: ${why}`),
      ['[0] linear: 1 read by none', '[2] linear: 1 read by none', '[4] linear: all stay: the network gives them'],
    );
    near(small.layer.apply(small.params, x0), masked(net, asIs).apply(params, masks, x0));
  });
  const x0 = wave([3, 2]);

  it('goes into a bias that is new where there was none', () => {
    const net = sequential([linear(1, 2), linear(2, 1, { bias: false })]);
    const params = [{ weight: f64([[1], [5]]), bias: unit(0, 3) }, { weight: f64([[1, 2]]) }] as never;
    const small = compact(net, params, [{ weight: f64([[1], [0]]) }, undefined] as never);
    near((small.params as { bias: Tensor }[])[1]!.bias, [6], 0);
    near(small.layer.apply(small.params, f64([[2]])), [8], 0);
  });

  it('is all constants but one before a convolution with padding, which gets their weights', () => {
    const net = sequential([conv(1, 4, 1), relu, conv(4, 1, 3, { padding: 1 })]);
    const params = net.init(randomKey(4), double);
    const dead = [{ weight: f64([[[[1]]], [[[0]]], [[[0]]], [[[0]]]]) }, undefined, undefined] as const;
    const own = [{ weight: params[0].weight, bias: unit(0.1, 2, 0.5, -1) }, undefined, params[2]] as typeof params;
    const small = compact(net, own, dead as never);
    assert.deepEqual(sizes(small), [[2, 2], [1, 0]]); // prettier-ignore
    const image = wave([1, 1, 4, 4]);
    near(small.layer.apply(small.params, image), masked(net, asIs).apply(own, dead, image));
  });

  it('is no constant that zeros around an image have changed: by a convolution, or by a mean', () => {
    const image = wave([1, 1, 4, 4]);
    const dead = { weight: f64([[[[1]]], [[[0]]]]) };
    const padded = (v: Tensor): Tensor => avgPool2d(v, 3, { stride: 1, padding: 1 });
    for (const between of [conv(2, 2, 3, { padding: 1, bias: false }), padded] as const) {
      const net = sequential([conv(1, 2, 1), between as never, conv(2, 1, 1)]);
      const [first, second, third] = net.init(randomKey(4), double) as { weight: Tensor }[];
      // The second channel reads the constant alone.
      const apart = [
        dead,
        second && {
          weight: f64([
            [[[1]], [[0]]],
            [[[0]], [[1]]],
          ]),
        },
        undefined,
      ] as never;
      const own = [{ ...first!, bias: unit(0.3, 2) }, second, third] as never;
      const small = compact(net as never, own, apart);
      near((small as never as Small).layer.apply(small.params, image), masked(net as never, asIs).apply(own, apart, image)); // prettier-ignore
      assert.deepEqual((small as never as Small).report.map(({ removed }) => removed).at(-1), 0);
    }
  });
  interface Small {
    readonly layer: { apply(params: unknown, x: Tensor): Tensor };
    readonly report: readonly { removed: number }[];
  }

  it('is a block of columns after flatten', () => {
    const net = sequential([conv(1, 3, 3), flatten, linear(12, 2)]);
    const params = net.init(randomKey(5), double);
    const small = compact(net, params, [{ weight: f64([[[[1]]], [[[0]]], [[[1]]]]) }, undefined, undefined] as never);
    assert.deepEqual(small.params[2].weight.shape, [2, 8]);
  });

  it('is a channel that a batch norm has silenced', () => {
    const net = sequential([conv(1, 3, 1), batchNorm2d(3), relu, conv(3, 1, 1)]);
    const params = net.init(randomKey(6), double);
    const masks = [undefined, { scale: unit(0, 1, 1) }, undefined, undefined] as never;
    assert.deepEqual(sizes(compact(net, params, masks, { state: net.initState(params) })), [[2, 1], [1, 0]]); // prettier-ignore
  });

  it('is a channel of residual blocks that is dead in all branches, but not in one alone', () => {
    const net = sequential([conv(1, 2, 1), residual(conv(2, 2, 1)), conv(2, 1, 1)]);
    const params = net.init(randomKey(7), double);
    const state = net.initState(params);
    const row = f64([[[[1]]], [[[0]]]]);
    const both = [{ weight: row }, { path: { weight: row } }, undefined] as never;
    const one = [{ weight: row }, undefined, undefined] as never;
    assert.deepEqual(sizes(compact(net, params, both, { state })), [[1, 1], [1, 1], [1, 0]]); // prettier-ignore
    assert.deepEqual(sizes(compact(net, params, one, { state })), [[2, 0], [2, 0], [1, 0]]); // prettier-ignore
  });

  it('is nothing that a layer reads which is not known, or a function that mixes channels', () => {
    const words = (between: never): string[] => {
      const net = sequential([linear(2, 3), between, linear(3, 1)]);
      const params = net.init(randomKey(8), double);
      const masks = [{ weight: f64([[1], [0], [1]]) }, undefined, undefined] as never;
      const small = compact(net as never, params as never, masks) as unknown as { report: { why: string }[] };
      return small.report.map(({ why }) => why);
    };
    const last = 'all stay: the network gives them';
    assert.deepEqual(words(layerNorm(3) as never), ['all stay: layerNorm at [1] needs them all', last]);
    assert.deepEqual(words(((v: Tensor) => softmax(v, -1)) as never), ['all stay: a function at [1] may mix them', last]); // prettier-ignore
    assert.deepEqual(words({ ...linear(3, 3) } as never), ['all stay: linear at [1] needs them all', last]); // prettier-ignore
  });
});

describe('compact refuses', () => {
  const net = sequential([linear(2, 3), relu]);
  const params = net.init(randomKey(1));
  it('masked layers, absent states, and trees of other lengths', () => {
    refuses(() => compact(masked(net, asIs) as never, params), TypeError, 'compact: expected a layer without masks', 'masked'); // prettier-ignore
    refuses(() => compact(batchNorm2d(2) as never, batchNorm2d(2).init(randomKey(1))), TypeError, 'compact: expected the state', 'undefined'); // prettier-ignore
    refuses(() => compact(net, [params[0]] as never), TypeError, 'compact: expected parameters as an array of 2', 'one of 1'); // prettier-ignore
    refuses(() => compact(net, params, { weight: f64(1) } as never), TypeError, 'compact: expected one mask tree', 'weight'); // prettier-ignore
    refuses(() => compact(net, params, undefined, { gates: asIs } as never), TypeError, 'compact', 'gates');
  });
});
