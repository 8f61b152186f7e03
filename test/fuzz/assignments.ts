import { isDeepStrictEqual } from 'node:util';
import * as bigrad from 'bigrad';
import { hypergradient, unroll } from 'bigrad/bilevel';
import { difference, frozen } from './containers.js';
import { failure, type Case } from './outcome.js';
import type { Any } from '../calls/index.js';

const { compile, checkpoint, customVjp, grad, mul, square, sum, tensor } = bigrad;

interface Params {
  w: bigrad.Tensor;
  rest: { b: bigrad.Tensor }[];
}
const params = (): Params => ({ w: tensor([1, 2]), rest: [{ b: tensor([3]) }] });

/** Twice the weights, in a new tree, or in the tree that came. */
type Doubling = (p: Params) => Params;
const pure: Doubling = (p) => ({ w: mul(p.w, 2), rest: [...p.rest.map(({ b }) => ({ b: mul(b, 2) })), { b: p.w }] });
const assigning: Doubling = (p) => {
  const { w } = p;
  p.w = mul(p.w, 2);
  for (const part of p.rest) part.b = mul(part.b, 2);
  p.rest.push({ b: w });
  return p;
};

const loss = (double: Doubling) => (p: Params) =>
  bigrad
    .leaves(double(p))
    .map((t) => sum(square(t)))
    .reduce((a, b) => bigrad.add(a, b));
const likeParams = (p: Params): Params => ({ w: p.w, rest: p.rest.slice(0, 1) });
const halving = (double: Doubling) => (p: Params) => {
  const q = likeParams(double(p));
  return { w: mul(q.w, 0.4), rest: q.rest.map(({ b }) => ({ b: mul(b, 0.3) })) };
};
const gradientThrough = (f: (p: Params) => unknown, p: Params) =>
  grad((q: Params) =>
    bigrad
      .leaves(f(q))
      .map((t) => sum(square(t)))
      .reduce((a, b) => bigrad.add(a, b)),
  )(p);
const back = (g: Any, double: Doubling): Any => {
  const copy = { w: g.w, rest: [...g.rest] };
  return likeParams(double(copy));
};
const level = (double: Doubling) => (theta: Params, ms: Params, batch: Params) =>
  [mul(mul(loss(double)(theta), loss(double)(ms)), mul(loss(double)(batch), 1e-4)), 0] as const;

/**
 * What each function makes of a function that assigns to the containers it gets; `double` is that,
 * or one without assignments.
 */
const uses: Record<string, (double: Doubling, p: Params) => unknown> = {
  'grad()': (double, p) => grad(loss(double))(p),
  'valueAndGrad()': (double, p) => bigrad.valueAndGrad(loss(double))(p),
  'valueAndGrad() with aux': (double, p) =>
    bigrad.valueAndGrad(
      (q: Params) => {
        const aux = double(q);
        return [loss(pure)(aux), aux] as const;
      },
      { hasAux: true },
    )(p),
  vjp: (double, p) => {
    const [y, pull] = bigrad.vjp(double, p) as [Params, Any];
    return [y, pull({ ...y }), pull({ ...y })];
  },
  jvp: (double, p) => bigrad.jvp(loss(double), p, params()),
  hvp: (double, p) => bigrad.hvp(loss(double), p, params()),
  mixedProduct: (double, p) =>
    bigrad.mixedProduct((a: Params, b: Params) => mul(loss(double)(a), loss(double)(b)), p, params(), params()),
  'jacobian()': (double, p) => bigrad.jacobian(halving(double))(p),
  'hessian()': (double, p) => bigrad.hessian(loss(double))(p),
  'checkpoint()': (double, p) => checkpoint(double)(p),
  'checkpoint() in grad': (double, p) => gradientThrough(checkpoint(double), p),
  'customVjp()': (double, p) => customVjp(halving(double), (g) => g as Any)(p),
  'customVjp() in grad': (double, p) =>
    gradientThrough(
      customVjp(halving(double), (g) => back(g, double)),
      p,
    ),
  'compile()': (double, p) => compile(double)(p),
  'compile(), twice': (double, p) => {
    const f = compile(double);
    return [f(p), f(params())];
  },
  'compile() in grad': (double, p) => gradientThrough(compile(double), p),
  unroll: (double, p) => unroll(halving(double), p, 4),
  'unroll, checkpointed, in grad': (double, p) =>
    gradientThrough((q) => unroll(halving(double), q, 4, { checkpoint: true }), p),
  'unroll in grad': (double, p) => gradientThrough((q) => unroll(halving(double), q, 4), p),
  'hypergradient()': (double, p) =>
    hypergradient({
      lower: level(double),
      upper: (theta: Params, { ms, mt }: { ms: Params; mt: Params }, batch: Params) =>
        [mul(level(double)(theta, ms, batch)[0], loss(double)(mt)), 0] as const,
      learningRate: 1e-6,
      lowerMask: true,
    })(p, { ms: params(), mt: params() }, { lower: [params(), params()], upper: params() }),
};

/**
 * Functions that assign to the containers they get: the results are those of functions that do not,
 * and the caller's own stay.
 */
export const assignmentCases = (): Case[] =>
  Object.entries(uses).map(([what, use]) => ({
    id: /^\w+(\(\))?/.exec(what)![0],
    what,
    run: () => {
      const own = params();
      const got = attempted(() => use(assigning, own));
      const expected = attempted(() => use(pure, params()));
      if (typeof expected === 'string') return failure(`without assignments: ${expected}`);
      if (!isDeepStrictEqual(got, expected))
        return failure(`assignments make a difference: ${difference(expected, got)}`);
      if (!isDeepStrictEqual(frozen(own), frozen(params()))) return failure("assignments change the caller's own tree");
      return { kind: 'answer' };
    },
  }));

const attempted = (f: () => unknown): unknown => {
  try {
    return frozen(f());
  } catch (error) {
    return `threw ${String(error).slice(0, 150)}`;
  }
};
