import * as bigrad from 'bigrad';
import { call, type Any, type Call } from './call.js';
import { doubled, floats, linear, mapped, total, x } from './values.js';

// The functions that are differentiated take any arguments without failing, so that an error is one
// of the transform's.

const { add, compile, cpu, exp, mul, reference } = bigrad;

const tree = () => ({ w: x([2]), b: [x([1, 2]), x([])] });
const rest = () => ({ x: x([3]) });
const loss = (...v: unknown[]) => exp(mul(total(...v), 0.1));
const both = (...v: unknown[]): [bigrad.Tensor, unknown] => [loss(...v), doubled(v)];
const product = (v: unknown, w: unknown) => mul(add(total(v), 1), add(total(w), 1));
const half = (s: unknown) => mapped(s, (t) => (t.dtype === 'int32' ? t : mul(t, 0.5)));
const stepped = (c: unknown, v: unknown) => [half(c), half(floats(v))];
const scan = bigrad.scan as Call['call'];
const pullback = (g: unknown, v: unknown) => {
  const weight = linear(g);
  return mapped(v, (t) => (t.dtype === 'int32' ? undefined : mul(t, bigrad.cast(weight, t.dtype))));
};

/** Calls of transforms, and of the functions that they return. */
export const transforms: readonly Call[] = [
  call('vjp', () => [doubled, tree()], bigrad.vjp, { trees: [1], use: ([y, pull]: Any) => [y, pull(tree())] }),
  call('vjp()[1]', () => [tree()], bigrad.vjp(doubled, tree())[1] as Call['call'], { trees: [0] }),
  ...Object.entries({ grad: bigrad.grad as Any, valueAndGrad: bigrad.valueAndGrad as Any }).flatMap(([name, f]) => [
    call(name, () => [both, { hasAux: true }], f, {
      options: 1,
      use: (g: Any) => g(tree(), rest()),
    }),
    call(`${name}()`, () => [tree(), rest()], f(loss), { trees: [0] }),
    call(`${name}()`, () => [tree(), rest()], f(both, { hasAux: true }), { trees: [0] }),
  ]),
  call('jvp', () => [doubled, tree(), tree()], bigrad.jvp as Call['call'], { trees: [1, 2] }),
  call('linearize', () => [doubled, tree()], bigrad.linearize as Call['call'], {
    trees: [1],
    use: ([y, push]: Any) => [y, push(tree())],
  }),
  call('linearize()[1]', () => [tree()], bigrad.linearize(doubled, tree())[1] as Call['call'], { trees: [0] }),
  call('hvp', () => [loss, tree(), tree()], bigrad.hvp as Call['call'], { trees: [1, 2] }),
  call('mixedProduct', () => [product, tree(), rest(), tree()], bigrad.mixedProduct as Call['call'], {
    trees: [1, 2, 3],
  }),
  call('jacobian', () => [doubled], bigrad.jacobian, { use: (j: Any) => j(tree()) }),
  call('jacobian()', () => [tree()], bigrad.jacobian(doubled), { trees: [0] }),
  call('jacobian()', () => [tree(), rest()], bigrad.jacobian(loss) as Call['call'], { trees: [0] }),
  call('hessian', () => [loss], bigrad.hessian, { use: (h: Any) => h(tree()) }),
  call('hessian()', () => [tree(), rest()], bigrad.hessian(loss) as Call['call'], { trees: [0] }),
  call('vmap', () => [doubled, { in: 0, out: 0, size: 2, strict: false }], bigrad.vmap as Call['call'], {
    options: 1,
    use: (f: Any) => f(x([2, 3])),
    // null says that all examples share; a tree of axes fits a tree.
    allow: (place, value) => place === '1.in' && (value === null || typeof value === 'object'),
  }),
  call('vmap()', () => [{ w: x([2]), b: [x([2, 1])] }], bigrad.vmap(doubled) as Call['call'], { trees: [0] }),
  call('scan', () => [stepped, tree(), { x: x([2, 3]) }, { checkpoint: true, reverse: true, length: 2 }], scan, {
    options: 3,
    trees: [1, 2],
    allow: (place, v) => place === '3.checkpoint' && Number.isInteger(v),
  }),
  call('scan', () => [stepped, tree(), null, { checkpoint: 2, length: 3 }], scan, {
    options: 3,
    trees: [1],
    endless: ['3.length'],
    allow: (place, v) => place === '2' || (place === '3.checkpoint' && typeof v === 'boolean'),
  }),
  call('whileLoop', () => [() => x([]), half, tree(), { maxSteps: 3 }], bigrad.whileLoop as Call['call'], {
    options: 3,
    trees: [2],
    endless: ['3.maxSteps'],
  }),
  call('cond', () => [x([]), half, (v: unknown) => mapped(v, (t) => t), tree()], bigrad.cond as Call['call'], {
    trees: [3],
    handsOn: true,
    allow: (place, v) => place === '0' && ['boolean', 'number'].includes(typeof v),
  }),
  call('checkpoint', () => [doubled], bigrad.checkpoint, { use: (f: Any) => f(tree()) }),
  call(
    'checkpoint()',
    () => [tree(), rest()],
    bigrad.checkpoint((...v: unknown[]) => doubled(v)),
    { trees: [0, 1] },
  ),
  call('customVjp', () => [doubled, pullback], bigrad.customVjp as Call['call'], { use: (f: Any) => f(tree()) }),
  call('customVjp()', () => [tree()], bigrad.customVjp(doubled, pullback as never), { trees: [0] }),
  call(
    'compile',
    () => [(...v: unknown[]) => doubled(v), { device: cpu, donate: [0], static: [2], maxPlans: 4, threads: 1 }],
    compile,
    {
      options: 1,
      use: (f: Any) => [f(tree(), rest()), f(tree(), rest())],
    },
  ),
  call(
    'compile()',
    () => [tree(), { ...rest(), rate: 0.5, act: 'relu', on: true }],
    compile((...v: unknown[]) => doubled(v)),
    {
      trees: [0, 1],
      allow: (_, v) => v === null || ['boolean', 'string', 'number'].includes(typeof v),
    },
  ),
  call(
    'compile()',
    () => [tree(), rest()],
    compile((...v: unknown[]) => half(v), { donate: [0] }),
    { trees: [0, 1] },
  ),
  call('compile()', () => [tree()], compile(doubled, { device: reference }), { trees: [0] }),
];

/** Calls of functions of `bigrad/testing` and `bigrad/bilevel` take these too. */
export const parts = { floats, half, loss, product, rest, tree };
