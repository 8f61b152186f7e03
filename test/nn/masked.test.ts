import assert from 'node:assert/strict';
import fc from 'fast-check';
import { add, gate, grad, leaves, mul, randomKey, relu, sum, square, tensor, type Gradient, type Tensor } from 'bigrad';
import {
  applyMasks,
  batchNorm2d,
  conv,
  density,
  flatten,
  initMasks,
  layerDensity,
  linear,
  masked,
  sequential,
  smoothL0,
  type Layer,
} from 'bigrad/nn';
import { double, f64, list, number, tensors, value, wave } from '../support/numbers.js';
import { near, values } from '../support/close.js';
import { refuses } from '../support/refuses.js';

const eps = 0.2;
const g = smoothL0(eps);
const key = randomKey(1);

describe('masked', () => {
  const layer = masked(linear(3, 2), g);
  const [weight, bias, x] = [wave([2, 3]), wave([2], 1), wave([4, 3], 2)];

  it('multiplies each parameter by its gated masks', () => {
    fc.assert(
      fc.property(tensors([2, 3]), tensors([2, 3]), tensors([2]), (a, b, c) => {
        const plain = (w: Tensor, v: Tensor): Tensor => linear(3, 2).apply({ weight: w, bias: v }, x);
        const gated = mul(weight, gate(a, eps));
        near(layer.apply({ weight, bias }, { weight: a }, x), plain(gated, bias));
        near(layer.apply({ weight, bias }, { weight: a, bias: c }, x), plain(gated, mul(bias, gate(c, eps))));
        near(
          layer.apply({ weight, bias }, [{ weight: a }, { weight: b, bias: c }], x),
          plain(mul(gated, gate(b, eps)), mul(bias, gate(c, eps))),
        );
      }),
    );
  });

  it('leaves everything as it is where masks are absent', () => {
    const plain = linear(3, 2).apply({ weight, bias }, x);
    for (const none of [{}, { weight: undefined }, undefined, [], [{}, { bias: undefined }], [undefined]])
      near(layer.apply({ weight, bias }, none, x), plain, 0);
  });

  it('spreads a smaller mask over its parameter: one per filter, or one for all', () => {
    const perFilter = f64([[0.5], [0]]);
    const expected = values(weight).map((w, i) => (i < 3 ? (w * 0.25) / 0.45 : 0));
    near(applyMasks({ weight }, { weight: perFilter }, g).weight, expected);
    near(applyMasks({ weight }, { weight: f64(0.5) }, g).weight, mul(weight, 0.25 / 0.45));
  });

  it('takes gates that give a number', () => {
    near(applyMasks({ weight }, { weight }, (() => 2) as never).weight, mul(weight, 2), 0);
  });

  it('takes absent masks where there are no parameters, and none for none', () => {
    near(applyMasks({ weight }, { other: undefined } as never, g).weight, weight, 0);
    assert.deepEqual(applyMasks([], [], g), []);
  });

  it('makes weights exactly 0 by a zero mask, which gets a gradient of exactly 0', () => {
    fc.assert(
      fc.property(list(6, fc.oneof(fc.constant(0), number())), tensors([2, 3]), (m, other) => {
        const mask = f64([m.slice(0, 3), m.slice(3)]);
        const w = applyMasks({ weight }, [{ weight: mask }, { weight: other }], g).weight;
        const loss = (a: Tensor): Tensor =>
          sum(square(layer.apply({ weight, bias }, [{ weight: a }, { weight: other }], x)));
        const slope = values(grad(loss)(mask));
        m.forEach((v, i) => {
          if (v !== 0) return;
          assert.ok(values(w)[i] === 0);
          assert.ok(slope[i] === 0);
        });
      }),
    );
  });

  it('lets one grad reach weights and all masks, by the product rule', () => {
    fc.assert(
      fc.property(number(0.1, 2), number(0.1, 2), number(0.1, 2), (w, s, t) => {
        const one = masked(linear(1, 1, { bias: false }), g);
        const all = { params: { weight: f64([[w]]) }, masks: [{ weight: f64([[s]]) }, { weight: f64([[t]]) }] };
        const d: Gradient<typeof all> = grad((p: typeof all) => sum(one.apply(p.params, p.masks, f64([[1]]))))(all);
        const [gs, gt] = [s, t].map((m) => (m * m) / (m * m + eps)) as [number, number];
        const slope = (m: number): number => (2 * m * eps) / (m * m + eps) ** 2;
        near(d, [gs * gt, w * slope(s) * gt, w * gs * slope(t)]);
      }),
    );
  });

  it('keeps init and initState of its layer, and passes state and context on', () => {
    const net = masked(sequential([conv(1, 2, 2), batchNorm2d(2), relu, flatten, linear(8, 1)]), g);
    const params = net.init(key, double);
    const images = wave([3, 1, 3, 3]);
    const masks = [{ weight: wave([2, 1, 2, 2]) }, { scale: f64([0.3, 0]) }] as const;
    const [y, state] = net.apply(params, masks, images, net.initState(params));
    const plain = sequential([conv(1, 2, 2), batchNorm2d(2), relu, flatten, linear(8, 1)]);
    const by = applyMasks(params, masks, g);
    const expected = plain.apply(by, images, plain.initState(params));
    near([y, state], expected, 0);
    const still = net.apply(params, masks, images, state, { training: false });
    near(still[0], plain.apply(by, images, state, { training: false })[0], 0);
    near(still[1], state, 0);
  });
});

describe('masks of array-shaped parameters', () => {
  const params = [{ weight: wave([2, 2]) }, undefined, { weight: wave([1, 2], 1) }] as const;
  const [a, b] = [
    {
      weight: f64([
        [0.3, 0.1],
        [1, 2],
      ]),
    },
    { weight: f64([[0.5, 0]]) },
  ] as const;
  const once = (mask: Tensor, w: Tensor): Tensor => mul(w, gate(mask, eps));

  it('are read as one tree, however much of it is absent', () => {
    for (const masks of [[a, undefined, b], [a], [undefined, undefined, b], [{}, undefined, b]]) {
      const [first, , last] = applyMasks(params, masks as never, g);
      near(first.weight, masks[0] === a ? once(a.weight, params[0].weight) : params[0].weight, 0);
      near(last.weight, masks[2] === b ? once(b.weight, params[2].weight) : params[2].weight, 0);
    }
  });

  it('are read as a list of trees', () => {
    const [first, , last] = applyMasks(params, [[a, undefined, b], [a], undefined] as never, g);
    near(first.weight, once(a.weight, once(a.weight, params[0].weight)));
    near(last.weight, once(b.weight, params[2].weight));
  });

  it('of parameters that are an array of tensors, too', () => {
    const weights = [params[0].weight, params[2].weight];
    near(
      applyMasks(weights, [a.weight, b.weight], g),
      [once(a.weight, weights[0]!), once(b.weight, weights[1]!)].flatMap(values),
    );
    near(applyMasks(weights, [[a.weight], [a.weight]], g)[0]!, once(a.weight, once(a.weight, weights[0]!)));
  });

  it('are refused when they read both as a tree and as a list', () => {
    const nested = [[undefined, { weight: f64([1]) }], { weight: f64([1]) }];
    const half = [undefined, { weight: f64([0.5]) }];
    refuses(() => applyMasks(nested, [half] as never, g), TypeError, 'applyMasks', 'both', '.0.1.weight');
    const listed = applyMasks<typeof nested>(nested, [[half, undefined]] as never, g);
    near(listed, [0.25 / 0.45, 1]);
  });
});

describe('masked refuses', () => {
  interface Params {
    weight: Tensor;
    bias?: Tensor;
  }
  const layer: Layer<Params> = linear(3, 2);
  const params: Params = { weight: wave([2, 3]) };
  const [x, m] = [wave([1, 3]), wave([2, 3])];
  const apply = (masks: unknown) => () => masked(layer, g).apply(params, masks as never, x);

  it('masks where there are no parameters', () => {
    refuses(apply({ scale: m }), TypeError, 'masked', '.weight', '.scale');
    refuses(apply({ bias: m }), TypeError, 'masked', '.weight', '.bias');
    refuses(apply([{ weight: m }, { bias: m }]), TypeError, 'masked', '.1.bias');
    refuses(apply(m), TypeError, 'masked', '.weight', 'Tensor');
    refuses(apply({ weight: { deep: m } }), TypeError, 'masked', '.weight.deep');
  });

  it('masks that are no trees of tensors', () => {
    refuses(apply(3), TypeError, 'masked', 'number 3');
    refuses(apply(null), TypeError, 'masked', 'null');
    refuses(apply({ weight: 1 }), TypeError, 'masked', 'mask tree');
  });

  it('masks that do not broadcast to their parameter', () => {
    refuses(apply({ weight: wave([3, 3]) }), RangeError, 'masked', '[2,3]', '[3,3]');
    refuses(apply({ weight: wave([1, 2, 3]) }), RangeError, 'masked', '[2,3]', '[1,2,3]');
  });

  it('layers and gates that are none', () => {
    refuses(() => masked(3 as never, g), TypeError, 'masked', 'layer', 'number 3');
    refuses(() => masked(layer, 0.1 as never), TypeError, 'masked', 'gate', 'number 0.1');
  });
});

describe('initMasks', () => {
  const params = [{ weight: wave([2, 3]), bias: wave([2]) }, undefined, { weight: wave([1, 2]) }] as const;

  it('makes a mask of ones for every parameter, or for those picked', () => {
    const all = initMasks(params);
    near(all, new Array<number>(10).fill(1), 0);
    assert.deepEqual([all[0]!.weight!.shape, all[0]!.weight!.dtype, all[1]], [[2, 3], 'float64', undefined]);
    const matrices = initMasks(params, (w) => w.shape.length === 2);
    assert.deepEqual([matrices[0]!.bias, leaves(matrices).length], [undefined, 2]);
    near(density(matrices), 1, 0);
  });

  it('fits its parameters, as a tree and in lists', () => {
    const by = (1 / (1 + eps)) ** 2;
    near(
      applyMasks(params, [initMasks(params), initMasks(params)], g),
      leaves(params)
        .flatMap(values)
        .map((w) => w * by),
    );
  });
});

describe('density', () => {
  it('is the share of masks that are not 0, over all and per leaf', () => {
    fc.assert(
      fc.property(list(6, fc.constantFrom(0, 0, 1e-300, -2)), list(3, fc.constantFrom(0, 1)), (a, b) => {
        const masks = { first: [f64(a)], last: f64(b) };
        const count = (m: number[]): number => m.filter((v) => v !== 0).length;
        near(density(masks), (count(a) + count(b)) / 9);
        near(layerDensity(masks), [count(a) / 6, count(b) / 3]);
      }),
    );
  });

  it('is exactly 1 for full masks, and exactly 0 for empty ones, in float32', () => {
    for (const n of [1, 3, 41, 47, 49, 1000]) {
      const masks = [tensor(new Array<number>(n).fill(0.1)), tensor([5])];
      assert.equal(value(density(masks)), 1);
      assert.equal(value(layerDensity(masks)[0]!), 1);
      assert.equal(value(density(masks.map((m) => mul(m, 0)))), 0);
    }
  });

  it('counts 0/1 masks of whole numbers', () => {
    const masks = [tensor([0, 1, 1, 1], { dtype: 'int32' })];
    near([density(masks), layerDensity(masks)[0]!], [0.75, 0.75]);
  });

  it('is NaN where a mask is, and over all', () => {
    const masks = [f64([1, NaN]), f64([1, 0])];
    assert.ok(Number.isNaN(value(density(masks))));
    assert.deepEqual(layerDensity(masks).map(value), [NaN, 0.5]);
  });

  it('passes absent leaves by, and refuses a tree without any mask', () => {
    near(density({ a: undefined, b: f64([1, 0]) }), 0.5);
    assert.deepEqual(Object.keys(layerDensity({ a: undefined, b: f64([1, 0]) })), ['a', 'b']);
    assert.equal(leaves(layerDensity({ a: undefined })).length, 0);
    refuses(() => density({ a: undefined }), TypeError, 'density', 'at least one mask');
    near(add(density(f64(2)), 0), 1);
  });
});
