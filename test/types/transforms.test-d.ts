import { expectTypeOf } from 'expect-type';
import {
  argmax,
  checkpoint,
  compile,
  customVjp,
  dot,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  linearize,
  mapTree,
  mixedProduct,
  mul,
  sum,
  tensor,
  valueAndGrad,
  vjp,
  type Gradient,
  type Tensor,
} from 'bigrad';
import { unroll } from 'bigrad/bilevel';

// Compiled by `npm run types`, never run: what the transforms infer of a user's own trees, and
// which calls they refuse.

interface Layer {
  weight: Tensor;
  bias?: Tensor;
}
interface Params {
  readonly first: Layer;
  readonly rest: readonly Layer[];
  name: string;
  width: number;
  act: (x: Tensor) => Tensor;
}
declare const params: Params;
declare const x: Tensor;
const loss = (p: Params, scale: number): Tensor => mul(sum(p.first.weight), scale);

// Interfaces need no index signature; tensors have tensors, everything else undefined; optional
// leaves stay optional.
const g = grad(loss)(params, 2);
expectTypeOf(g.first.weight).toEqualTypeOf<Tensor>();
expectTypeOf(g.first.bias).toEqualTypeOf<Tensor | undefined>();
expectTypeOf(g.rest).toEqualTypeOf<readonly { weight: Tensor; bias?: Tensor }[]>();
expectTypeOf(g.name).toEqualTypeOf<undefined>();
expectTypeOf(g.width).toEqualTypeOf<undefined>();
expectTypeOf(g.act).toEqualTypeOf<undefined>();
expectTypeOf<Gradient<{ a?: Tensor }>>().toEqualTypeOf<{ a?: Tensor }>();
expectTypeOf<Gradient<Tensor | null>>().toEqualTypeOf<Tensor | undefined>();
expectTypeOf<Gradient<string | boolean>>().toEqualTypeOf<undefined>();
expectTypeOf(grad((v: Tensor) => sum(v))(x)).toEqualTypeOf<Tensor>();

// Labels among the parameters: what is known to be int32 has no gradient.
const labelled = { w: x, labels: argmax(x) };
expectTypeOf(grad((p: typeof labelled) => sum(p.w))(labelled)).toEqualTypeOf<{ w: Tensor; labels: undefined }>();

// A parameter without a type is a tensor, in every transform, and so are the arguments after it.
expectTypeOf(grad((v) => sum(v))(x)).toEqualTypeOf<Tensor>();
expectTypeOf(grad((v, u) => sum(mul(v, u)))).toEqualTypeOf<(x: Tensor, u: Tensor) => Tensor>();
expectTypeOf(grad((v, n: number) => sum(mul(v, n)))).toEqualTypeOf<(x: Tensor, n: number) => Tensor>();
expectTypeOf(grad((v) => [sum(v), { seen: v }], { hasAux: true })(x)).toEqualTypeOf<[Tensor, { seen: Tensor }]>();
expectTypeOf(valueAndGrad((v) => sum(v))(x)).toEqualTypeOf<[Tensor, Tensor]>();
expectTypeOf(valueAndGrad((v) => [sum(v), 3], { hasAux: true })(x)).toEqualTypeOf<[[Tensor, number], Tensor]>();
expectTypeOf(grad((v) => grad((u) => sum(mul(u, u)))(v))).parameters.toEqualTypeOf<[x: Tensor]>();
expectTypeOf(vjp((v) => mul(v, 2), x)[0]).toEqualTypeOf<Tensor>();
expectTypeOf(jvp((v) => mul(v, 2), x, x)).toEqualTypeOf<[y: Tensor, dy: Tensor]>();
expectTypeOf(linearize((v) => mul(v, 2), x)).toEqualTypeOf<[y: Tensor, pushforward: (v: Tensor) => Tensor]>();
expectTypeOf(hvp((v) => sum(v), x, x)).toEqualTypeOf<Tensor>();
expectTypeOf(mixedProduct((v, u) => dot(v, u), x, x, x)).toEqualTypeOf<Tensor>();
expectTypeOf(jacobian((v) => mul(v, 2))(x)).toEqualTypeOf<Tensor>();
expectTypeOf(hessian((v) => sum(v))(x)).toEqualTypeOf<Tensor>();
expectTypeOf(jacobian((v, u) => mul(v, u))).toEqualTypeOf<(x: Tensor, u: Tensor) => Tensor>();
expectTypeOf(hessian((v, n: number) => sum(mul(v, n)))).toEqualTypeOf<(x: Tensor, n: number) => Tensor>();
expectTypeOf(checkpoint((v, u) => mul(v, u))).toEqualTypeOf<(v: Tensor, u: Tensor) => Tensor>();
expectTypeOf(
  customVjp(
    (v) => mul(v, 2),
    (d, v, y) => mul(d, mul(v, y)),
  ),
).toEqualTypeOf<(x: Tensor) => Tensor>();
expectTypeOf(compile((v, u) => ({ s: mul(v, u) }))(x, x)).toEqualTypeOf<{ s: Tensor }>();
expectTypeOf(compile((v) => sum(v))).parameters.toEqualTypeOf<[v: Tensor]>();
expectTypeOf(compile((v, rate: number) => mul(v, rate))).parameters.toEqualTypeOf<[v: Tensor, rate: number]>();
expectTypeOf(compile(grad((v) => sum(v)))(x)).toEqualTypeOf<Tensor>();
expectTypeOf(unroll((s) => mul(s, 0.5), x, 3)).toEqualTypeOf<Tensor>();
// Where the tree is an argument too, it says what the parameter is.
expectTypeOf(vjp((p) => p.first.weight, params)[0]).toEqualTypeOf<Tensor>();
expectTypeOf(hvp((p) => sum(p.first.weight), params, params)).toEqualTypeOf<Gradient<Params>>();
expectTypeOf(unroll((s) => ({ w: mul(s.w, 2) }), { w: x }, 3)).toEqualTypeOf<{ w: Tensor }>();

// Tuples stay tuples, of their length.
const pair = grad(([a, b]: [Tensor, { w: Tensor }]) => dot(a, b.w))([x, { w: x }]);
expectTypeOf(pair).toEqualTypeOf<[Tensor, { w: Tensor }]>();
expectTypeOf<Gradient<readonly [Tensor, number]>>().toEqualTypeOf<readonly [Tensor, undefined]>();

// Gradients of gradients, and updates, keep the types.
const second = grad((p: Params) => sum(grad(loss)(p, 1).first.weight))(params);
expectTypeOf(second.first).toEqualTypeOf<{ weight: Tensor; bias?: Tensor }>();
expectTypeOf(mapTree((p, d?: Tensor) => (d ? mul(p, d) : p), params, g)).toEqualTypeOf<Params>();

// valueAndGrad and hasAux.
expectTypeOf(valueAndGrad(loss)(params, 2)).toEqualTypeOf<[Tensor, Gradient<Params>]>();
const withAux = (p: Params) => [sum(p.first.weight), { seen: 3, last: p.first.weight }] as const;
expectTypeOf(grad(withAux, { hasAux: true })(params)).toEqualTypeOf<
  [Gradient<Params>, { readonly seen: 3; readonly last: Tensor }]
>();
const [[value, aux], gradient] = valueAndGrad(withAux, { hasAux: true })(params);
expectTypeOf(value).toEqualTypeOf<Tensor>();
expectTypeOf(aux.seen).toEqualTypeOf<3>();
expectTypeOf(gradient).toEqualTypeOf<Gradient<Params>>();

// vjp, jvp, and the products.
const f = (p: Params) => ({ y: p.first.weight, z: [p.first.weight, p.first.weight] as [Tensor, Tensor], size: 3 });
const [y, pull] = vjp(f, params);
expectTypeOf(y).toEqualTypeOf<{ y: Tensor; z: [Tensor, Tensor]; size: number }>();
expectTypeOf(pull).toEqualTypeOf<(g: { y: Tensor; z: [Tensor, Tensor]; size: undefined }) => Gradient<Params>>();
expectTypeOf(jvp(f, params, g)).toEqualTypeOf<
  [y: { y: Tensor; z: [Tensor, Tensor]; size: number }, dy: { y: Tensor; z: [Tensor, Tensor]; size: undefined }]
>();
expectTypeOf(hvp((p: Params) => loss(p, 1), params, params)).toEqualTypeOf<Gradient<Params>>();
expectTypeOf(
  mixedProduct((p: Params, m: { mask: Tensor }) => dot(p.first.weight, m.mask), params, { mask: x }, g),
).toEqualTypeOf<{ mask: Tensor }>();

// Jacobians: a tree like x at each tensor of y.
interface Two {
  a: Tensor;
  b: Tensor;
}
declare const two: Two;
expectTypeOf(jacobian((v: Tensor) => v)(x)).toEqualTypeOf<Tensor>();
expectTypeOf(jacobian((t: Two) => ({ s: t.a }))(two)).toEqualTypeOf<{ s: { a: Tensor; b: Tensor } }>();
expectTypeOf(jacobian((t: Two) => ({ s: t.a, n: 3 }))(two)).toEqualTypeOf<{
  s: { a: Tensor; b: Tensor };
  n: undefined;
}>();
const h = hessian((t: Two) => dot(t.a, t.b))(two);
expectTypeOf(h.a.b).toEqualTypeOf<Tensor>();
expectTypeOf(hessian((v: Tensor) => sum(v))(x)).toEqualTypeOf<Tensor>();

expectTypeOf(
  hessian((t: Two, by: { n: number }) => mul(dot(t.a, t.b), by.n))(two, { n: 2 }).a.b,
).toEqualTypeOf<Tensor>();
// @ts-expect-error the further argument is missing
hessian((v, n: number) => sum(mul(v, n)))(x);

// Functions that wrap a function keep its type.
expectTypeOf(checkpoint(loss)).toEqualTypeOf<(p: Params, scale: number) => Tensor>();
expectTypeOf(
  customVjp(
    (p: Two) => p.a,
    (d, p, out) => ({ a: mul(d, p.b), b: out }),
  ),
).toEqualTypeOf<(x: Two) => Tensor>();

// What does not compile.

// @ts-expect-error a loss is a tensor, not a number
grad((p: Params) => p.width);
// @ts-expect-error a loss is a tensor, not a tree
grad((p: Params) => p.first);
// @ts-expect-error a pair needs hasAux
grad(withAux);
// @ts-expect-error hasAux needs a pair
grad(loss, { hasAux: true });
// @ts-expect-error there is no such option
grad(withAux, { hasAux: true, argument: 1 });
// @ts-expect-error the rest of the arguments are those of f
grad(loss)(params, 'two');
// @ts-expect-error the first argument is that of f
grad(loss)(two, 2);
// @ts-expect-error the cotangent of a tree has its keys
pull({ y: x });
// @ts-expect-error and its structure
pull(x);
// @ts-expect-error the cotangent of a tensor is a tensor
vjp((v: Tensor) => v, x)[1]([x]);
// @ts-expect-error a tangent has the structure of x
jvp(f, params, { first: x });
// @ts-expect-error a tangent has the structure of x
hvp((t: Two) => dot(t.a, t.b), two, { a: x });
// @ts-expect-error hvp is of a scalar function
hvp((t: Two) => t, two, two);
// @ts-expect-error v lies along x, the first
mixedProduct((a: Two, m: { mask: Tensor }) => dot(a.a, m.mask), two, { mask: x }, { mask: x });
const first = (p: Two): Tensor => p.a;
// @ts-expect-error the pullback gives the cotangent of x
customVjp(first, (d) => d);
// @ts-expect-error a hessian is of a scalar function
hessian((t: Two) => t);
// @ts-expect-error a gradient of a string is no string
expectTypeOf(g.name).toBeString();
// @ts-expect-error mapTree's function gives tensors
mapTree((p) => p.size, params);
// @ts-expect-error data is numbers
tensor('1');
