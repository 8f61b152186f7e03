import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  broadcastTo,
  cast,
  checkpoint,
  compile,
  dot,
  exp,
  grad,
  hvp,
  leaves,
  max,
  mul,
  reshape,
  scan,
  square,
  stopGradient,
  sum,
  tensor,
  Tensor,
  transpose,
  treeSize,
  valueAndGrad,
  vjp,
  vmap,
} from 'bigrad';
import {
  adagrad,
  adam,
  adamw,
  chain,
  clipByGlobalNorm,
  clipByValue,
  descend,
  lars,
  normalizeByRms,
  proximal,
  rmsprop,
  sgd,
  softThreshold,
  type Optimizer,
} from 'bigrad/optim';
import { asTensor, isNumberArgument, isTensorLeaf, kindOfLeaf } from '../../src/core/number-argument.js';
import { f64 } from '../support/numbers.js';

type Tree = unknown;

/** Trees of parameters: a tensor at least, with numbers and other leaves beside it. */
const trees = fc
  .letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 1, max: 3 })).map(([a, b]) => f64([a, b])),
      fc.integer({ min: -30, max: 30 }).map((n) => n / 8),
      fc.constantFrom<Tree>(undefined, null, 'text', true),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('tree'), { maxKeys: 3, noNullPrototype: true }),
    ),
  }))
  .tree.map((tree): Tree => ({ w: f64([1, -2]), scale: 2, more: tree }));

/** The leaves of one tree at which another has leaves of some kind. */
function leavesWhere(like: Tree, kind: (leaf: unknown) => boolean, tree: Tree): unknown[] {
  if (typeof like !== 'object' || like === null || like instanceof Tensor) return kind(like) ? [tree] : [];
  return Object.entries(like).flatMap(([key, child]) => leavesWhere(child, kind, (tree as Record<string, Tree>)[key]));
}

/** The sum of k w^2 over all tensors w and numbers k of a tree like another. */
const lossLike =
  (like: Tree) =>
  (tree: Tree): Tensor => {
    const numbers = leavesWhere(like, (leaf) => typeof leaf === 'number', tree) as number[];
    const squares = leavesWhere(like, (leaf) => leaf instanceof Tensor, tree).map((w) => sum(square(w as Tensor)));
    return squares.flatMap((s) => numbers.map((k) => mul(s, k))).reduce((a, b) => add(a, b));
  };

/** A tree with the values of its tensors. */
const shown = (tree: Tree): unknown => {
  if (tree instanceof Tensor) return `${tree.dtype} [${tree.shape.join()}] ${[...tree.readSync()].join()}`;
  if (Array.isArray(tree)) return tree.map(shown);
  if (typeof tree !== 'object' || tree === null) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, child]) => [key, shown(child)]));
};

const rate = { learningRate: 0.125 };
const optimizers: Record<string, Optimizer<unknown>> = {
  sgd: sgd({ ...rate, momentum: 0.5, nesterov: true, weightDecay: 0.25 }),
  adam: adam({ ...rate, weightDecay: 0.25 }),
  adamw: adamw({ learningRate: (t) => mul(add(t, 1), 0.125) }),
  adagrad: adagrad(rate),
  rmsprop: rmsprop({ ...rate, momentum: 0.5 }),
  clipped: chain(clipByValue(3), clipByGlobalNorm(2), sgd(rate)),
  layered: chain(normalizeByRms(), lars({ trust: 0.5, of: () => true }), sgd(rate)),
  proximal: proximal(sgd(rate), (w) => softThreshold(w, 0.5)),
};

/** What to do with a tree, by a loss on trees like it. */
const uses: Record<string, (loss: (tree: Tree) => Tensor) => (tree: Tree) => unknown> = {
  grad,
  valueAndGrad,
  vjp: (loss) => (tree) => vjp((p: Tree) => [loss(p), p], tree)[1]([f64(1)] as never),
  'grad of what checkpoint runs': (loss) => grad(checkpoint(loss)),
  hvp: (loss) => (tree) => hvp(loss, tree, tree),
  'what is compiled inside': (loss) => (tree) => [compile(grad(loss))(tree), grad(loss)(tree)],
  clipByGlobalNorm: () => clipByGlobalNorm(1),
  'a step of descent': (loss) => (tree) => descend(tree, grad(loss)(tree), 0.5),
  'the sizes and products of trees': () => (tree) => [dot(tree, tree), leaves(tree), treeSize(tree)],
  'a tree as it came': () => (tree) => [tree, stopGradient(tree), (tree as { scale: number }).scale],
  'the carry of a scan': (loss) => (tree) =>
    scan((p: object, x: Tensor) => [descend(p, grad(loss)(p), x), x], tree as object, f64([0.5, 0.25])),
  'what vmap maps and shares': (loss) => (tree) => [
    vmap(grad(loss), { in: [null], size: 2 })(tree),
    vmap((p: Tree) => p)(tree),
  ],
};

describe('a number in a tree among the arguments of a compiled function', () => {
  for (const [name, use] of Object.entries(uses))
    it(`is a number as in eager mode: ${name}`, () => {
      fc.assert(
        fc.property(trees, (tree) => {
          const f = use(lossLike(tree));
          const compiled = compile(f);
          const expected = shown(f(tree));
          for (const _ of [1, 2]) assert.deepEqual(shown(compiled(tree)), expected);
          assert.equal(compiled.traces, 1);
        }),
        { numRuns: 15 },
      );
    });

  for (const [name, optimizer] of Object.entries(optimizers))
    it(`is trained by no optimizer: ${name}`, () => {
      fc.assert(
        fc.property(trees, (tree) => {
          const loss = lossLike(tree);
          const step = (p: Tree, s: unknown) => optimizer.update(grad(loss)(p), s, p);
          const compiled = compile(step, { donate: [1] });
          let [a, b] = [compiled(tree, optimizer.init(tree)), step(tree, optimizer.init(tree))];
          for (let i = 0; i < 2; i++) [a, b] = [compiled(...a), step(...b)];
          assert.deepEqual(shown(a), shown(b));
          assert.equal(compiled.traces, 1);
        }),
        { numRuns: 8 },
      );
    });

  it('may change from call to call, and comes back as it was given', () => {
    const f = compile((p: { w: Tensor; scale: number }) => ({ ...p, w: mul(p.w, p.scale) }));
    for (const scale of [2, -0, 0.1, NaN]) assert.ok(Object.is(f({ w: tensor([1, 2]), scale }).scale, scale));
    assert.equal(f.traces, 1);
  });

  it('is a scalar for ops', () => {
    const f = compile((x: Tensor, k: number) => [exp(k as never), mul(x, k), add(k, k as never)]);
    assert.deepEqual(shown(f(tensor([1, 2]), 0)), ['float32 [] 1', 'float32 [2] 0,0', 'float32 [] 0']);
  });

  it('is a tensor where an op, though it changes nothing, gives it back', () => {
    const ops: ((k: Tensor) => Tensor)[] = [
      (k) => cast(k, 'float32'),
      (k) => reshape(k, []),
      (k) => transpose(k),
      (k) => broadcastTo(k, []),
      (k) => sum(k),
      (k) => max(k),
    ];
    for (const op of ops) {
      const f = (x: Tensor, k: number) => grad((y: { k: Tensor }) => mul(sum(x), y.k))({ k: op(k as never) });
      assert.deepEqual(shown(compile(f)(tensor([1, 2]), 4)), { k: 'float32 [] 3' });
    }
  });

  it('is told from tensors, and named in errors', () => {
    compile((x: Tensor, k: number) => {
      assert.deepEqual([x, k, 3].map(isNumberArgument), [false, true, false]);
      assert.deepEqual([x, k, 3].map(isTensorLeaf), [true, false, false]);
      assert.deepEqual([x, k, 3].map(kindOfLeaf), ['a Tensor', 'a number', 'the number 3']);
      assert.deepEqual(
        [x, k as unknown as Tensor].map((t) => isTensorLeaf(asTensor('f', t))),
        [true, true],
      );
      assert.equal(asTensor('f', x), x);
      return x;
    })(tensor(1), 3);
    assert.throws(() => compile((w: Tensor, k: number) => descend({ k }, { k: w }, 1))(tensor(1), 3), {
      message: /^descend: expected trees of one structure, got a number and a tensor at \.k/,
    });
    assert.throws(() => compile((w: Tensor, k: number) => descend({ w }, { w: k }, 1))(tensor(1), 3), {
      message: /^descend: expected trees of one structure, got a tensor and a number at \.w/,
    });
  });

  it('may be of a compiled function around it, which makes it run inline', () => {
    const outer = compile((x: Tensor, k: number) => compile((y: Tensor) => [y, k], { device: x.device })(f64([1])));
    assert.deepEqual(shown(outer(f64([2]), 3)), ['float64 [1] 1', 3]);
  });
});
