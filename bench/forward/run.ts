import {
  compile,
  flattenTree,
  grad,
  hvp,
  jvp,
  leaves,
  linearize,
  mapTree,
  mixedProduct,
  mul,
  sub,
  type Tensor,
} from 'bigrad';
import { hypergradient } from 'bigrad/bilevel';
import { graph, profile } from 'bigrad/debug';
import { batch, loss, start, type TrunkMasks, type Weights } from '../network.js';
import { forward } from './forward.js';

// npx tsx bench/forward/run.ts: what forward mode would save, on the X-Yield network at batch 16.
// Each product is computed by two reverse passes, and by the prototype of forward mode over one.

const RATE = 1e-3;
const RUNS = 40;
const { weights, masks, statistics } = start();
const data = batch(16);
const f = (w: Weights, m: TrunkMasks): Tensor => loss(w, 'simulated', [m], data, statistics)[0];
const v = mapTree((x: Tensor) => mul(x, 0.5), weights);

/** The derivative along v of a function of a tree. */
const along = <X>(g: (x: X) => unknown, x: X, direction: unknown): Tensor[] => {
  const { leaves: at, rebuild } = flattenTree(x);
  return forward((xs) => leaves(g(rebuild(xs))), at, leaves(direction)).map(([, tangent]) => tangent);
};

/** The hypergradient in the masks through p lower steps. */
const reverseHyper = (p: number) => (w: Weights, m: TrunkMasks) =>
  hypergradient({
    lower: (t: Weights, ms: TrunkMasks) => [f(t, ms), null],
    upper: (t: Weights, ms: { ms: TrunkMasks }) => [f(t, ms.ms), null],
    mode: 'exact',
    learningRate: RATE,
  })(w, { ms: m, mt: [] }, { lower: Array.from({ length: p }, () => null), upper: null }).dMs;

/** The same: both second derivatives of a step are one derivative along a of its gradients. */
const forwardHyper = (p: number) => (w: Weights, m: TrunkMasks) => {
  const slopes = grad((both: { w: Weights; m: TrunkMasks }) => f(both.w, both.m));
  const down = (x: unknown, g: unknown): unknown => mapTree((a: Tensor, b: Tensor) => sub(a, mul(b, RATE)), x, g);
  const path = [w];
  for (let k = 0; k < p; k++) {
    const at = path[k]!;
    path.push(down(at, slopes({ w: at, m }).w) as Weights);
  }
  const top = slopes({ w: path[p]!, m });
  let [a, h]: unknown[] = [top.w, top.m];
  for (let k = p - 1; k >= 0; k--) {
    const both = along((at: Weights) => slopes({ w: at, m }), path[k]!, a);
    const { rebuild } = flattenTree({ w: weights, m: masks });
    const curved = rebuild(both);
    [a, h] = [down(a, curved.w), down(h, curved.m)];
  }
  return h;
};

/** Ten directions. */
const many = Array.from({ length: 10 }, (_, i) => mapTree((x: Tensor) => mul(x, 1 / (i + 1)), weights));
const slopesBy = (push: (d: Weights) => unknown) => many.map(push);

const cases: readonly (readonly [name: string, how: string, run: (w: Weights, m: TrunkMasks) => unknown])[] = [
  ['gradient', '', (w, m) => grad((x: Weights) => f(x, m))(w)],
  ['hvp', 'reverse', (w, m) => hvp((x: Weights) => f(x, m), w, v)],
  ['hvp', 'forward', (w, m) => along((x: Weights) => grad((y: Weights) => f(y, m))(x), w, v)],
  ['mixedProduct', 'reverse', (w, m) => mixedProduct(f, w, m, v)],
  ['mixedProduct', 'forward', (w, m) => along((x: Weights) => grad((y: TrunkMasks) => f(x, y))(m), w, v)],
  ['10 slopes', 'jvp', (w, m) => slopesBy((d) => jvp((x: Weights) => f(x, m), w, d)[1])],
  ['10 slopes', 'linearize', (w, m) => slopesBy(linearize((x: Weights) => f(x, m), w)[1])],
  ['10 slopes', 'forward', (w, m) => slopesBy((d) => along((x: Weights) => f(x, m), w, d)[0])],
  ...[1, 3].flatMap(
    (p) =>
      [
        [`hypergradient, ${p} step${p > 1 ? 's' : ''}`, 'reverse', reverseHyper(p)],
        [`hypergradient, ${p} step${p > 1 ? 's' : ''}`, 'forward', forwardHyper(p)],
      ] as const,
  ),
];

/** Throws where two ways differ, relative to the largest element. */
function same(name: string, a: unknown, b: unknown): void {
  const [xs, ys] = [a, b].map((tree) => leaves(tree).map((x) => x.readSync()));
  const scale = Math.max(...xs!.flatMap((x) => [...x].map(Math.abs)));
  xs!.forEach((x, i) => {
    x.forEach((e, k) => {
      if (!(Math.abs(e - ys![i]![k]!) <= 1e-4 * scale)) throw new Error(`${name}: expected ${e}, got ${ys![i]![k]}`);
    });
  });
}

console.log('| product | passes | compiled ms | MFLOP | plan MB | eager ops |');
console.log('| --- | --- | ---: | ---: | ---: | ---: |');
const results = new Map<string, unknown>();
for (const [name, how, run] of cases) {
  const compiled = compile(run);
  const result = compiled(weights, masks);
  if (results.has(name)) same(name, results.get(name), result);
  else results.set(name, result);
  const { total } = profile(compiled, { runs: RUNS })(weights, masks);
  const ops = graph(run)(weights, masks).ops.length;
  const cells = [total.milliseconds, total.work / 1e6, compiled.stats!.bytes / 1e6];
  console.log(`| ${name} | ${how} | ${cells.map((c) => c.toPrecision(3)).join(' | ')} | ${ops} |`);
}
