import {
  checkingNaN,
  checkpoint,
  compile,
  cpu,
  createCpu,
  customFixedPoint,
  customRoot,
  customVjp,
  fixedPoint,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  linearize,
  linearSolve,
  mixedProduct,
  mul,
  reference,
  sqrt,
  square,
  sum,
  tensor,
  valueAndGrad,
  vjp,
  vmap,
  zeros,
  type Tensor,
} from 'bigrad';
import { wrong, type Refusal } from '../../support/refusals.js';

const x = tensor([1, 2]);
const f = (t: Tensor): Tensor => sum(square(t));
const map = (t: Tensor): Tensor => square(t);
const both = (t: Tensor, s: Tensor): Tensor => sum(mul(t, s));

const donated = (): Tensor => {
  const given = tensor([1, 2]);
  compile(square, { donate: [0] })(given);
  return given;
};

class Holder {
  readonly w = tensor([1]);
}

const there = zeros([2], { device: reference });
/** A list that contains itself. */
const cycle: unknown[] = [];
cycle.push(cycle);

/** What transforms refuse. */
// prettier-ignore
export const transforms: readonly Refusal[] = [
  ...([['grad', wrong(grad)], ['valueAndGrad', wrong(valueAndGrad)]] as const).flatMap(([name, transform]): Refusal[] => [
    [name, () => transform(wrong(undefined)), /a function, got undefined/],
    [name, () => transform(wrong(x)), /a function, got a Tensor/],
    [name, () => transform(map)(x), /f to return a scalar of float32 or float64, got float32 \[2\]/],
    [name, () => transform(wrong(() => 3))(x), /f to return a scalar tensor, got the number 3/],
    [name, () => transform(wrong(() => Promise.resolve(x)))(x), /f to return a scalar tensor, got a Promise/],
    [name, () => transform(() => tensor(1, { dtype: 'int32' }))(x), /a scalar of float32 or float64, got int32 \[\]/],
    [name, () => transform(wrong(f), { hasAux: true })(x), /f to return \[loss, aux\], got a Tensor/],
    [name, () => transform(wrong(() => []), { hasAux: true })(x), /f to return a scalar tensor, got undefined/],
    [name, () => transform(wrong(f))(donated()), /a tensor with values, got one that was donated/],
    [name, () => transform(wrong(both))(x, cycle), /a tree of at most 1000 levels, got a deeper one or a cycle/],
    [name, () => transform(wrong(() => new Holder()), { hasAux: true })(x), /f to return \[loss, aux\], got a Holder/],
    [name, () => transform(wrong((t: Tensor) => [f(t), new Holder()]), { hasAux: true })(x), /got a Holder that holds one/],
  ]),
  ['grad', () => grad((m: Holder) => sum(m.w))(new Holder()), /arrays and plain objects around tensors, got a Holder that holds one/],
  ['vjp', () => vjp((m: { inner: Map<string, Tensor> }) => m.inner.get('w')!, { inner: new Map([['w', x]]) }), /got a Map that holds one/],
  ['vjp', () => vjp(wrong(1), x), /a function, got the number 1/],
  ['vjp', () => vjp(map, x)[1](zeros([3])), /a cotangent of shape \[2\], got \[3\]/],
  ['vjp', () => vjp(map, x)[1](tensor(1)), /a cotangent of shape \[2\], got \[\]/],
  ['vjp', () => vjp(map, x)[1](zeros([2], { dtype: 'float64' })), /a cotangent of dtype float32, got float64/],
  ['vjp', () => vjp(map, x)[1](wrong([1, 2])), /trees of one structure, got a tensor and an array at the root/],
  ['vjp', () => vjp(map, x)[1](there), /tensors on one device, got cpu and reference/],
  ['vjp', () => vjp(wrong(() => new Holder()), x), /got a Holder that holds one/],
  ['jvp', () => jvp(wrong(null), x, x), /a function, got null/],
  ['jvp', () => jvp(map, x, there), /tensors on one device, got cpu and reference/],
  ['jvp', () => jvp(wrong(() => new Holder()), x, x), /got a Holder that holds one/],
  ['jvp', () => jvp(map, donated(), x), /a tensor with values, got one that was donated/],
  ['hvp', () => hvp(f, x, there), /tensors on one device, got cpu and reference/],
  ['hvp', () => hvp(f, donated(), x), /a tensor with values, got one that was donated/],
  ['hvp', () => hvp(f, wrong([]), wrong([])), /a tangent like x, got an array/],
  ['mixedProduct', () => mixedProduct(both, x, donated(), x), /a tensor with values, got one that was donated/],
  ['mixedProduct', () => mixedProduct(both, donated(), x, x), /a tensor with values, got one that was donated/],
  ['jvp', () => jvp((t: { a: Tensor }) => map(t.a), { a: x }, wrong({ a: x, b: x })), /one structure, got undefined and a tensor at \.b/],
  ['hvp', () => hvp((t: { a: Tensor }) => f(t.a), { a: x }, wrong({ a: x, b: x })), /one structure, got undefined and a tensor at \.b/],
  ['mixedProduct', () => mixedProduct((t: { a: Tensor }, s: Tensor) => both(t.a, s), { a: x }, x, wrong({ a: x, b: x })), /got undefined and a tensor at \.b/],
  ['vjp', () => vjp((t: Tensor) => [t, 3], x)[1](wrong([x, x])), /one structure, got the number 3 and a tensor at \.1/],
  ['jvp', () => jvp(map, x, zeros([3])), /a tangent of shape \[2\], got \[3\]/],
  ['jvp', () => jvp(map, x, tensor(1)), /a tangent of shape \[2\], got \[\]/],
  ['jvp', () => jvp(map, x, zeros([2], { dtype: 'float64' })), /a tangent of dtype float32, got float64/],
  ['jvp', () => jvp(map, x, wrong(undefined)), /a tangent like x, got undefined/],
  ['hvp', () => hvp(wrong('f'), x, x), /a function, got the string "f"/],
  ['hvp', () => hvp(map, x, x), /f to return a scalar of float32 or float64, got float32 \[2\]/],
  ['hvp', () => hvp(f, x, zeros([1])), /a tangent of shape \[2\], got \[1\]/],
  ['hvp', () => hvp(f, x, wrong(1)), /trees of one structure, got a tensor and the number 1 at the root/],
  ['mixedProduct', () => mixedProduct(wrong({}), x, x, x), /a function, got an object/],
  ['mixedProduct', () => mixedProduct(() => x, x, x, x), /f to return a scalar of float32 or float64, got float32 \[2\]/],
  ['mixedProduct', () => mixedProduct(both, x, x, zeros([1, 2])), /a tangent of shape \[2\], got \[1,2\]/],

  ['linearize', () => linearize(wrong(null), x), /a function, got null/],
  ['linearize', () => linearize(map, x)[1](zeros([3])), /a tangent of shape \[2\], got \[3\]/],

  ['jacobian', () => jacobian(wrong(x)), /a function, got a Tensor/],
  ['jacobian', () => { jacobian(() => 3)(x); }, /f to return tensors of floats, got the number 3/],
  ['jacobian', () => jacobian(() => tensor(1, { dtype: 'int32' }))(x), /f to return tensors of floats, got int32/],
  ['jacobian', () => jacobian(map)(donated()), /a tensor with values, got one that was donated/],
  ['hessian', () => hessian(f)(donated()), /a tensor with values, got one that was donated/],
  ['jvp', () => jvp(() => 3, x, x), /f to return tensors, got the number 3/],
  ['grad', () => grad(f)(donated()), /a tensor with values, got one that was donated/],
  ['vjp', () => vjp(f, [donated()] as never), /a tensor with values, got one that was donated/],
  ['grad', () => grad(wrong(f), wrong({ aux: true })), /no options but hasAux, got aux/],
  ['valueAndGrad', () => valueAndGrad(wrong(f), wrong({ hasAux: 'yes' })), /hasAux to be true or false, got the string "yes"/],
  ['hessian', () => hessian(wrong(undefined)), /a function, got undefined/],
  ['hessian', () => hessian(map)(x), /f to return a scalar of float32 or float64, got float32 \[2\]/],
  ['vmap', () => vmap(wrong(1)), /a function, got the number 1/],
  ['vmap', () => vmap(mul)(x, zeros([3])), /one number of examples in all arguments, got 2 and 3/],
  ['vmap', () => vmap(map, { in: null })(x), /an argument with a batch axis, or the option size, got neither/],
  ['vmap', () => vmap(map, { in: 1 })(x), /an axis from -1 to 0 for rank 1, got 1/],
  ['vmap', () => vmap(map, wrong({ out: null })), /out as an axis, or a tree of these, got null/],
  ['vmap', () => vmap(map)(donated()), /a tensor with values, got one that was donated/],
  ['linearSolve', () => linearSolve(wrong(x), x), /a function, got a Tensor/],
  ['linearSolve', () => linearSolve(() => zeros([3]), x), /got float32 \[3\]/],
  ['customRoot', () => customRoot(map, wrong(1)), /got the number 1/],
  ['customFixedPoint', () => customFixedPoint(map, wrong(undefined)), /got undefined/],
  ['fixedPoint', () => fixedPoint(wrong(x), x), /a function, got a Tensor/],
  ['checkingNaN', () => checkingNaN(wrong(x)), /a device such as cpu, got a Tensor/],
  ['sqrt', () => sqrt(tensor([-1], { device: checkingNaN(reference) })), /numbers, got NaN at \[0\]/],
  ['checkpoint', () => checkpoint(wrong(1)), /a function, got the number 1/],
  ['customVjp', () => customVjp(map, wrong(undefined)), /two functions, got undefined/],
  ['customVjp', () => customVjp(wrong(x), wrong(map)), /two functions, got a Tensor/],
  ['customVjp', () => grad((t: Tensor) => sum(customVjp(map, () => zeros([3]))(t)))(x), /the pullback to give float32 \[2\], got float32 \[3\]/],
  ['customVjp', () => grad((t: Tensor) => sum(customVjp(map, () => zeros([2], { dtype: 'float64' }))(t)))(x), /to give float32 \[2\], got float64 \[2\]/],
  ['customVjp', () => grad((t: Tensor) => sum(customVjp(map, () => there)(t)))(x), /tensors on one device, got cpu and reference/],
  ['customVjp', () => grad((t: Tensor) => sum(customVjp(map, wrong(() => [x]))(t)))(x), /one structure, got a tensor and an array/],
  ['customVjp', () => customVjp(wrong(map), wrong(map))(wrong(new Holder())), /got a Holder that holds one/],
  ['customVjp', () => customVjp(wrong(() => new Holder()), wrong(map))(x), /got a Holder that holds one/],
  ['checkpoint', () => checkpoint(wrong(() => new Holder()))(x), /got a Holder that holds one/],
  ['customVjp', () => grad((t: Tensor) => sum(customVjp((u: Tensor) => mul(u, t), (g) => g)(t)))(x), /to use only its argument, got a captured tensor/],

  ['checkingNaN', () => checkingNaN(wrong('gpu')), /a device such as cpu, got the string "gpu"/],
  ['checkingNaN', () => checkingNaN(cpu, { infinities: wrong(1) }), /infinities to be true or false, got the number 1/],
  ['createCpu', () => createCpu({ leastWork: wrong('abc') }), /leastWork of at least 0, got the string "abc"/],
  ['createCpu', () => createCpu(wrong({ threads: 2 })), /no options but simd, leastWork, scratchBytes, got threads/],
  ['createCpu', () => createCpu({ simd: wrong('avx') }), /simd 'auto', 'relaxed', 'simd128' or 'none', got the string "avx"/],
  ['compile', () => compile(wrong(1)), /a function, got the number 1/],
  ['compile', () => compile(map, { static: [0.5] }), /static to be an integer from 0 to 65536, got 0.5/],
  ['compile', () => compile(map, { static: [0] })(x), /static arguments without tensors, got a Tensor in one/],
  ['compile', () => compile(map, { donate: [-1] }), /donate to be an integer from 0 to 65536, got -1/],
  ['compile', () => compile(() => x)(), /a tensor among the arguments, or the option device, got neither/],
  ['compile', () => compile((t: Tensor) => (t.readSync(), t))(x), /that does not look at values while it runs, got a read/],
];
