import assert from 'node:assert/strict';
import {
  checkpoint,
  compile,
  cpu,
  customVjp,
  exp,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  mixedProduct,
  mul,
  randomKey,
  randomNormal,
  reference,
  relu,
  sin,
  square,
  sub,
  sum,
  tanh,
  tensor,
  to,
  valueAndGrad,
  vjp,
  type Tensor,
} from 'bigrad';
import { unroll } from 'bigrad/bilevel';
import { batchNorm2d, conv, crossEntropy, dropout, flatten, linear, sequential } from 'bigrad/nn';
import { adam } from 'bigrad/optim';
import { same } from '../support/same.js';
import { f64 } from '../support/numbers.js';

const [x, v] = [f64([0.5, -1, 2]), f64([1, 0.5, -1])];
const f = (t: Tensor): Tensor => sum(mul(tanh(t), exp(t)));
const coupled = (a: Tensor, b: Tensor): Tensor => sum(mul(square(a), sin(b)));
const louder = customVjp(tanh, (g: Tensor, t: Tensor, y: Tensor) => mul(mul(g, t), y));

/** Functions of one tensor that differentiate something. */
const transforms: Record<string, (t: Tensor) => unknown> = {
  grad: grad(f),
  valueAndGrad: valueAndGrad(f),
  'grad with aux': grad((t: Tensor) => [f(t), { t, y: tanh(t) }], { hasAux: true }),
  vjp: (t) => vjp(tanh, t)[1](t),
  jvp: (t) => jvp(tanh, t, t),
  hvp: (t) => hvp(f, t, t),
  mixedProduct: (t) => mixedProduct(coupled, t, t, t),
  jacobian: jacobian(tanh),
  hessian: hessian(f),
  'a gradient of a gradient': grad((t: Tensor) => sum(grad(f)(t))),
  'a gradient with respect to a captured tensor': (t) => grad((w: Tensor) => sum(mul(w, square(t))))(v),
  customVjp: grad((t: Tensor) => sum(louder(t))),
  'customVjp, twice': (t) => hvp((s: Tensor) => sum(louder(s)), t, t),
  checkpoint: grad(checkpoint(f)),
  'checkpoint, twice': (t) => hvp(checkpoint(f), t, t),
  'checkpoint of what it captures': (t) => grad((s: Tensor) => checkpoint((r: Tensor) => sum(mul(r, square(s))))(t))(t),
  unroll: grad((t: Tensor) => f(unroll((s: Tensor) => sub(s, mul(grad(f)(s), 0.1)), t, 3, { checkpoint: true }))),
};

describe('compiled derivatives', () => {
  for (const [name, transform] of Object.entries(transforms))
    it(`are those computed eagerly: ${name}`, () => {
      for (const t of [x, v, to(x, reference)]) {
        if (name.includes('captured') && t.device !== cpu) continue;
        const compiled = compile(transform);
        const expected = transform(t);
        same(compiled(t), expected);
        same(compiled(t), expected);
        assert.equal(compiled.traces, 1);
      }
    });

  for (const [name, transform] of Object.entries(transforms))
    it(`are the same when the function inside is compiled too: ${name}`, () => {
      const twice = compile((t: Tensor) => compile(transform)(t));
      same(twice(x), transform(x));
    });
});

describe('a compiled training step', () => {
  it('with batch norm, dropout, integer labels and Adam is the eager one, over many steps', () => {
    const net = sequential([
      conv(1, 3, 2, { bias: false }),
      batchNorm2d(3),
      relu,
      flatten,
      dropout(0.3),
      linear(27, 3),
    ]);
    const optimizer = adam({ learningRate: 0.05 });
    const images = randomNormal(randomKey(3), [4, 1, 4, 4]);
    const labels = tensor([0, 2, 1, 1], { dtype: 'int32' });
    type Params = ReturnType<typeof net.init>;
    type Statistics = ReturnType<typeof net.initState>;
    const step = (p: Params, s: ReturnType<typeof optimizer.init>, before: Statistics, key: Tensor) => {
      const [[loss, after], g] = valueAndGrad(
        (q: Params) => {
          const [y, next] = net.apply(q, images, before, { training: true, key });
          return [crossEntropy(y, labels), next];
        },
        { hasAux: true },
      )(p);
      return [...optimizer.update(g, s, p), after, loss] as const;
    };
    const compiled = compile(step, { donate: [0, 1, 2] });
    const start = (): ReturnType<typeof step> => {
      const p = net.init(randomKey(1));
      return [p, optimizer.init(p), net.initState(p), tensor(0)];
    };
    let [a, b] = [start(), start()];
    for (let i = 0; i < 20; i++) {
      a = compiled(a[0], a[1], a[2], randomKey(i));
      b = step(b[0], b[1], b[2], randomKey(i));
      same(a[3], b[3], 1e-5, `step ${i},`);
    }
    same(a[0], b[0], 1e-4);
    assert.equal(compiled.traces, 1);
  });
});
