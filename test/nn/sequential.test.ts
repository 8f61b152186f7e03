import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  cast,
  compile,
  leaves,
  matmul,
  mul,
  randomKey,
  reshape,
  treeSize,
  zeros,
  type Shape,
  type Tensor,
} from 'bigrad';
import { batchNorm2d, conv, flatten, linear, maxPool2d, relu, sequential, type Layer } from 'bigrad/nn';
import { checkGrads } from 'bigrad/testing';
import { double, f64, wave } from '../support/numbers.js';
import { near, values } from '../support/close.js';

const key = randomKey(1);
const channels = 3;

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

  it('names the place of the layer where an error comes from', () => {
    const net = sequential([flatten, sequential([relu, linear(4, 2), batchNorm2d(2)]), (x) => reshape(x, [7])]);
    const params = net.init(key);
    const at = (x: Tensor) => net.apply(params, x, net.initState(params));
    const says = (f: () => unknown, kind: string, message: string | RegExp) => {
      assert.throws(f, { name: kind, message });
    };
    says(() => at(zeros([2, 3])), 'RangeError', 'sequential[1][1] linear: expected x [..., 4], got [2,3]');
    says(
      () => at(zeros([2, 4])),
      'RangeError',
      'sequential[1][2] batchNorm2d: expected x [n,2,h,w] with at least one element, got [2,2]',
    );
    says(
      () => sequential([relu, flatten, (x) => reshape(x, [7])]).apply([undefined, undefined, undefined], zeros([2])),
      'RangeError',
      /^sequential\[2\] reshape: expected/,
    );
    const named = { ...linear(1, 1), name: 'attention', apply: (_: unknown, x: Tensor) => matmul(x, x) };
    says(
      () => sequential([named]).apply([linear(1, 1).init(key)], zeros([2, 3])),
      'RangeError',
      /^sequential\[0\] attention: matmul: expected/,
    );
    says(
      () => sequential([sequential([])]).apply([[3] as never], zeros([1])),
      'TypeError',
      'sequential[0]: expected parameters as an array of 0, got one of 1',
    );
    says(
      () => sequential([(_) => 3 as never]).apply([undefined], zeros([1])),
      'TypeError',
      'sequential[0]: expected a tensor, got the number 3',
    );
  });

  it('names it in init and initState too, and passes on what is no error', () => {
    const thrown: unknown[] = [new SyntaxError('lost'), 'text'];
    const fails = {
      ...batchNorm2d(1),
      init: (): never => {
        throw thrown[0];
      },
      initState: (): never => {
        throw thrown[1];
      },
    };
    const net = sequential([relu, { ...fails, name: 'mine' }]);
    assert.throws(
      () => net.init(key),
      (e) => e === thrown[0] && (e as Error).message === 'sequential[1] mine: lost',
    );
    assert.throws(
      () => net.initState([undefined, undefined] as never),
      (e) => e === 'text',
    );
  });

  it('may still be run inline by a compiled function inside of another', () => {
    const inner = compile((x: Tensor) => sequential([(v) => mul(v, x)]).apply([undefined], x));
    const outer = compile((x: Tensor) => inner(mul(x, 2)));
    assert.deepEqual(values(outer(f64([3]))), [36]);
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

describe('sequential with a layer that has state', () => {
  const net = sequential([conv(1, channels, 2), batchNorm2d(channels), flatten, linear(12, 1)]);
  const params = net.init(key, double);
  const x = wave([4, 1, 3, 3]);

  it('takes states in and gives states out, an entry per item', () => {
    const before = net.initState(params);
    assert.deepEqual(
      before.map((s) => s && leaves(s).length),
      [undefined, 2, undefined, undefined],
    );
    const [y, after] = net.apply(params, x, before);
    const [inner, expected] = batchNorm2d(channels).apply(
      params[1],
      conv(1, channels, 2).apply(params[0], x),
      before[1],
    );
    near(after[1], expected, 0);
    assert.deepEqual([after.length, after[0], after[3]], [4, undefined, undefined]);
    near(y, linear(12, 1).apply(params[3], flatten(inner)), 0);
    near(before, [0, 0, 0, 1, 1, 1], 0);
  });

  it('tells its layers whether they train', () => {
    const [, state] = net.apply(params, x, net.initState(params));
    const [y, same] = net.apply(params, x, state, { training: false });
    near(same, state, 0);
    const inner = conv(1, channels, 2).apply(params[0], x);
    const [normal] = batchNorm2d(channels).apply(params[1], inner, state[1], { training: false });
    near(y, linear(12, 1).apply(params[3], flatten(normal)), 0);
  });

  it('hands each layer with state a key of its own', () => {
    const seen: Tensor[] = [];
    const spy = {
      init: (): { none?: Tensor } => ({}),
      initState: (): null => null,
      apply: (_: { none?: Tensor }, v: Tensor, s: null, context?: { key?: Tensor }): [Tensor, null] => {
        seen.push(context!.key!);
        return [v, s];
      },
    };
    const spies = sequential([spy, spy]);
    spies.apply([{}, {}], x, [null, null], { key });
    assert.notDeepEqual(values(seen[0]!), values(seen[1]!));
    assert.notDeepEqual(values(seen[0]!), values(key));
  });

  it('nests: the state of the inner one is a state of the outer', () => {
    const outer = sequential([net, (y: Tensor): Tensor => mul(y, 2)]);
    const [y, state] = outer.apply([params, undefined], x, [net.initState(params), undefined]);
    const [half, inner] = net.apply(params, x, net.initState(params));
    near(y, mul(half, 2), 0);
    near(state, inner, 0);
  });
});
