import assert from 'node:assert/strict';
import {
  add,
  checkpoint,
  compile,
  concat,
  customVjp,
  flattenTree,
  grad,
  hvp,
  jacobian,
  mul,
  ones,
  pad,
  reshape,
  slice,
  square,
  stack,
  sum,
  tensor,
  transpose,
  vjp,
  type Tensor,
} from 'bigrad';
import { hypergradient, unroll } from 'bigrad/bilevel';
import { near } from '../support/close.js';

interface Weights {
  w: Tensor;
}
const start = (): Weights => ({ w: tensor([1, 2], { dtype: 'float64' }) });
/**
 * A function of a tree that writes into it, as recurrent code does: the value is the sum of (2
 * w)^2.
 */
const assigning = (p: Weights): Tensor => {
  p.w = mul(p.w, 2);
  return sum(square(p.w));
};

describe('lists are taken at the call', () => {
  it('by concat: what is popped afterwards still gets its gradient', () => {
    const f = (z: Tensor): Tensor => {
      const list = [z, mul(z, 2)];
      const y = concat(list);
      list.pop();
      return sum(mul(y, tensor([1, 2, 3, 4])));
    };
    near(grad(f)(ones([2])), [7, 10]);
  });

  it('by concat and stack, while the history that they join grows', () => {
    for (const join of [concat, stack]) {
      const f = (z: Tensor): Tensor => {
        const history = [z];
        for (let i = 0; i < 3; i++) history.push(mul(sum(join(history)), z));
        return sum(join(history));
      };
      // s_0 = 2, s_k+1 = s_k + 2 s_k for z = 1, 1: each step triples the sum.
      const at = tensor([1, 1], { dtype: 'float64' });
      near(f(at), 54);
      assert.doesNotThrow(() => grad(f)(at));
      const h = 1e-6;
      const along = (d: number): number => f(tensor([1 + d, 1], { dtype: 'float64' })).readSync()[0]!;
      near(grad(f)(at).readSync()[0], (along(h) - along(-h)) / (2 * h), 1e-7);
    }
  });

  it('by ops that keep axes, shapes and pairs for their derivative', () => {
    const x = tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { dtype: 'float64' },
    );
    const overwrite = (list: unknown[]): void => {
      list.forEach((_, i) => (list[i] = 99));
      list.push(99);
    };
    const calls: ((x: Tensor) => Tensor)[] = [
      (t) => withList([3, 2], (shape) => reshape(t, shape)),
      (t) => withList([1, 0], (perm) => transpose(t, perm)),
      (t) => withList([0, 1], (from) => slice(t, from, [2, 2])),
      (t) => withList([2, 2], (size) => slice(t, [0, 1], size)),
      (t) => withList([0], (axes) => sum(t, axes)),
      (t) => withList([[0, 1] as [number, number], [1, 0] as [number, number]], (pairs) => pad(t, pairs)),
    ];
    function withList<T>(list: T[], f: (list: T[]) => Tensor): Tensor {
      const y = f(list);
      for (const inner of list) if (Array.isArray(inner)) overwrite(inner);
      overwrite(list);
      return y;
    }
    const untouched: ((x: Tensor) => Tensor)[] = [
      (t) => reshape(t, [3, 2]),
      (t) => transpose(t, [1, 0]),
      (t) => slice(t, [0, 1], [2, 2]),
      (t) => slice(t, [0, 1], [2, 2]),
      (t) => sum(t, [0]),
      (t) =>
        pad(t, [
          [0, 1],
          [1, 0],
        ]),
    ];
    calls.forEach((f, i) => {
      near(grad((t: Tensor) => sum(square(f(t))))(x), grad((t: Tensor) => sum(square(untouched[i]!(t))))(x), 0);
    });
  });
});

describe('a function that writes into its arguments', () => {
  it('gets the gradient in what it was given', () => {
    near(grad(assigning)(start()).w, [8, 16]);
    const [y, pull] = vjp(assigning, start());
    near([y, pull(tensor(1, { dtype: 'float64' })).w], [20, 8, 16]);
    near(jacobian(assigning)(start()).w, [8, 16]);
    near(grad(compile(assigning))(start()).w, [8, 16]);
    near(compile(grad(assigning))(start()).w, [8, 16]);
  });

  it('is run inline by compile on a copy, where a transform watches', () => {
    const f = compile((p: Weights) => ((p.w = mul(p.w, 2)), sum(p.w)));
    const program = (w: Tensor): Tensor => {
      const p = { w };
      const y = f(p);
      return add(y, sum(p.w));
    };
    near([program(start().w), grad(program)(start().w)], [9, 3, 3]);
  });

  it('may write into its other arguments and into tangents', () => {
    const both = (p: Weights, rest: Weights): Tensor => sum(mul(p.w, (rest.w = mul(rest.w, 2))));
    const rest = start();
    for (let i = 0; i < 2; i++) near(grad(both)(start(), rest).w, [2, 4]);
    const v = start();
    const writes = (p: Weights): Tensor => ((v.w = mul(v.w, 5)), sum(square(p.w)));
    near(hvp(writes, start(), v).w, [2, 4]);
  });

  it('leaves the caller’s tree as it was', () => {
    const p = start();
    for (const f of [grad(assigning), checkpoint(assigning), compile(assigning)]) f(p);
    near(p.w, [1, 2]);
  });

  it('may be checkpointed', () => {
    near(grad(checkpoint(assigning))(start()).w, [8, 16]);
    near(grad((p: Weights) => sum(grad(checkpoint(assigning))(p).w))(start()).w, [8, 8]);
  });

  it('may be the step of an unrolled loop, checkpointed or not', () => {
    for (const sparing of [false, true]) {
      const loop = (p: Weights): Tensor =>
        sum(unroll((s: Weights) => ((s.w = mul(s.w, 2)), s), p, 4, { checkpoint: sparing }).w);
      near(grad(loop)(start()).w, [16, 16]);
    }
  });

  it('may be a level of a two-level problem', () => {
    interface Batch {
      x: Tensor;
    }
    const level = (writes: boolean) => (w: Tensor, m: Weights, batch: Batch) => {
      const [mask, x] = [mul(m.w, 2), mul(batch.x, 3)];
      if (writes) [m.w, batch.x] = [mask, x];
      return [sum(square(add(mul(w, mask), x))), null] as const;
    };
    const [a, b] = [false, true].map((writes) =>
      hypergradient({
        lower: level(writes),
        upper: (w: Tensor, { ms }: { ms: Weights; mt: Weights }, batch: Batch) => level(writes)(w, ms, batch),
        learningRate: 0.01,
      })(
        tensor([1, -1], { dtype: 'float64' }),
        { ms: start(), mt: start() },
        { lower: [{ x: start().w }, { x: start().w }], upper: { x: start().w } },
      ),
    );
    near([b!.value, b!.theta, b!.dTheta, b!.dMs.w], [a!.value, a!.theta, a!.dTheta, a!.dMs.w]);
  });
});

describe('trees are taken at the call', () => {
  it('by flattenTree, whose rebuild gives the tree that was', () => {
    const tree: Record<string, unknown> = { a: tensor(1), list: [tensor(2), 'x'] };
    const { leaves, rebuild } = flattenTree(tree);
    (tree.list as unknown[]).pop();
    delete tree.a;
    assert.deepEqual(rebuild(leaves), { a: leaves[0], list: [leaves[1], 'x'] });
  });

  it('by checkpoint and customVjp, whose pullbacks come later', () => {
    const custom = customVjp(
      (p: Weights) => sum(square(p.w)),
      (g: Tensor, p) => ({ w: mul(g, mul(p.w, 2)) }),
    );
    for (const f of [checkpoint((p: Weights) => sum(square(p.w))), custom]) {
      const later = (w: Tensor): Tensor => {
        const p = { w };
        const y = f(p);
        p.w = mul(w, 100);
        return y;
      };
      near(grad(later)(start().w), [2, 4]);
    }
  });

  it('by vjp: a result that is written over afterwards does not change the pullback', () => {
    const kept: { y?: Tensor[] } = {};
    const [, pull] = vjp((x: Tensor) => (kept.y = [x, mul(x, 3)]), start().w);
    kept.y!.pop();
    const one = tensor([1, 1], { dtype: 'float64' });
    near(pull([one, one]), [4, 4]);
  });
});
