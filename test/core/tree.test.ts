import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  dot,
  flattenTree,
  grad,
  leaves,
  mapTree,
  mul,
  stopGradient,
  sum,
  tensor,
  treeSize,
  type Gradient,
  type Tensor,
} from 'bigrad';
import { checkWithin, leafPaths } from '../../src/core/tree.js';
import { close, values } from '../support/close.js';

const t = (...data: number[]): Tensor => tensor(data);

interface Layer {
  w: Tensor;
  b?: Tensor;
  readonly name: string;
}
interface Model {
  layers: Layer[];
  scale: Tensor | null;
  steps: number;
}
const model = (): Model => ({
  layers: [
    { w: t(1, 2), b: t(3), name: 'first' },
    { w: t(4), name: 'second' },
  ],
  scale: null,
  steps: 3,
});

/** Trees of tensors with other things among their leaves. */
const trees = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    fc.integer().map((n) => t(n)),
    fc.constantFrom<unknown>(undefined, null, 'text', 7, true),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('tree'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).tree;

describe('trees', () => {
  it('come back from their leaves as they were: rebuild inverts flattenTree', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const { leaves: list, rebuild } = flattenTree(tree);
        assert.deepEqual(rebuild(list), tree);
        assert.deepEqual(leaves(rebuild(list)), list);
      }),
    );
  });

  it('are mapped leaf by leaf: the identity gives an equal tree, compositions go one after the other', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        assert.deepEqual(
          mapTree((x) => x, tree),
          tree,
        );
        const twice = mapTree((x) => add(mul(x, 2), 1), tree);
        const steps = mapTree(
          (x) => add(x, 1),
          mapTree((x) => mul(x, 2), tree),
        );
        assert.deepEqual(leaves(twice).map(values), leaves(steps).map(values));
      }),
    );
  });

  it('are not changed by mapTree', () => {
    const before = model();
    const after = mapTree((x) => mul(x, 2), before);
    assert.notEqual(after.layers[0], before.layers[0]);
    assert.deepEqual(values(before.layers[0]!.w), [1, 2]);
  });

  it('have a path for each leaf, in one order everywhere', () => {
    assert.deepEqual(leafPaths('test', model()), ['.layers.0.w', '.layers.0.b', '.layers.1.w']);
    assert.deepEqual(leafPaths('test', t(1)), ['']);
    assert.deepEqual(leaves(model()).map(values), [[1, 2], [3], [4]]);
    assert.equal(treeSize(model()), 4);
    assert.equal(treeSize({}), 0);
  });

  it('hand over what is no tensor: strings, numbers, null, functions, class instances, dates', () => {
    class Box {
      readonly inside = 1;
    }
    const rest = { f: Math.sin, box: new Box(), at: new Date(0), map: new Map([['x', 1]]), none: undefined };
    const mapped = mapTree((x) => add(x, 1), { ...rest, x: t(1) });
    for (const key of ['f', 'box', 'at', 'map'] as const) assert.equal(mapped[key], rest[key]);
    assert.ok('none' in mapped);
    assert.deepEqual(leaves(rest), []);
  });

  it('may not hide a tensor in a leaf, where it would be passed over without a word', () => {
    class Box {
      readonly inside = t(1);
    }
    const functions: Record<string, (tree: unknown) => unknown> = {
      leaves,
      treeSize,
      flattenTree,
      stopGradient,
      mapTree: (tree) => mapTree((x) => x, tree),
    };
    for (const hidden of [new Box(), new Map([['x', t(1)]]), new Set([t(1)])])
      for (const [name, f] of Object.entries(functions))
        assert.throws(() => f({ hidden }), new RegExp(`^TypeError: ${name}: expected arrays and plain objects`));
  });

  it('are searched for hidden tensors four values deep, and through a thousand values', () => {
    class Box {
      constructor(readonly inside: unknown) {}
    }
    const hides = (inside: unknown): void => {
      assert.throws(() => leaves(new Box(inside)), /^TypeError: leaves: expected arrays and plain objects/);
    };
    const nest = (depth: number): unknown => (depth === 0 ? t(1) : { inside: nest(depth - 1) });
    hides(nest(0));
    hides(nest(3));
    assert.deepEqual(leaves(new Box(nest(4))), []);
    // The box and its list are two of the thousand.
    const behind = (n: number): unknown => [...Array.from({ length: n }, () => ({})), { x: t(1) }];
    hides(behind(997));
    assert.deepEqual(leaves(new Box(behind(998))), []);
  });

  it('may not contain themselves', () => {
    const list: unknown[] = [t(1)];
    list.push({ list });
    const functions = { leaves, treeSize, flattenTree, stopGradient, mapTree: () => mapTree((x) => x, list) };
    for (const [name, f] of Object.entries(functions))
      assert.throws(() => f(list), new RegExp(`^TypeError: ${name}: expected a tree of at most 1000 levels`));
  });

  it('may have any names: those of Object.prototype are names like others', () => {
    const names = ['constructor', 'toString', 'hasOwnProperty', '__proto__', 'valueOf'];
    const tree = Object.fromEntries(names.map((name, i) => [name, t(i)]));
    assert.deepEqual(leaves(tree).map(values), [[0], [1], [2], [3], [4]]);
    assert.deepEqual(Object.keys(mapTree((x) => x, tree)), names);
    const partial = { toString: t(7) };
    const others: (number | undefined)[] = [];
    mapTree((x, y?: Tensor) => (others.push(y && values(y)[0]), x), tree, partial);
    assert.deepEqual(others, [undefined, 7, undefined, undefined, undefined]);
  });

  it('may be objects without a prototype', () => {
    const bare = Object.assign(Object.create(null) as { x?: Tensor }, { x: t(2) });
    assert.deepEqual(leaves(bare).map(values), [[2]]);
  });
});

describe('trees of one structure', () => {
  it('are walked together, and an absent leaf or branch of the others is undefined', () => {
    const sums = mapTree((x, y?: Tensor, z?: Tensor) => add(x, add(y ?? 10, z ?? t(100))), model(), model(), {});
    assert.deepEqual(leaves(sums).map(values), [[102, 104], [106], [108]]);
    const partly = mapTree((x, y?: Tensor) => (y ? add(x, y) : x), model(), { layers: [{ w: t(1, 1) }] });
    assert.deepEqual(leaves(partly).map(values), [[2, 3], [3], [4]]);
  });

  it('must have branches where the first has branches, and tensors where it has tensors', () => {
    const cases: [unknown, unknown, RegExp][] = [
      [t(1), 3, /a tensor and the number 3 at the root/],
      [{ a: { b: t(1) } }, { a: { b: null } }, /a tensor and null at \.a\.b/],
      [{ a: [t(1)] }, { a: { 0: t(1) } }, /an array and an object at \.a/],
      [[t(1), [t(2)]], [t(1), t(2)], /an array and a Tensor at \.1/],
    ];
    for (const [a, b, message] of cases) {
      assert.throws(() => mapTree((x) => x, a, b), { name: 'TypeError', message });
      assert.throws(() => dot(a, b), /^TypeError: dot: expected trees of one structure/);
    }
  });

  it('may be arrays, without holes in any of them', () => {
    assert.throws(
      () => mapTree((x) => x, [t(1)], new Array(1)),
      /^TypeError: mapTree: expected arrays in a tree without holes/,
    );
  });

  it('have no float tensor where the first has none: a misspelled name would be passed over', () => {
    const first = { a: { b: t(1), n: 3 } };
    checkWithin('f', first, { a: { b: t(2) } });
    checkWithin('f', first, { a: { c: tensor([1], { dtype: 'int32' }) } });
    checkWithin('f', first, { other: 'text' });
    for (const [other, words] of [
      [{ a: { c: t(1) } }, 'undefined and a tensor at .a.c'],
      [{ a: { n: t(1) } }, 'the number 3 and a tensor at .a.n'],
      [t(1), 'an object and a tensor at the root'],
    ] as const)
      assert.throws(
        () => {
          checkWithin('f', first, other);
        },
        {
          name: 'TypeError',
          message: `f: expected trees of one structure, got ${words}`,
        },
      );
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    assert.throws(() => {
      checkWithin('f', first, cycle);
    }, /^TypeError: f: expected a tree of at most 1000 levels/);
    assert.throws(() => {
      checkWithin('f', first, { x: new Map([['t', t(1)]]) });
    }, /^TypeError: f: .* a Map that holds one/);
  });

  it('have an inner product over what both have', () => {
    close(dot(model(), model()), 1 + 4 + 9 + 16);
    close(dot(model(), { layers: [{ b: t(2) }] }), 6);
    assert.throws(() => dot(model(), {}), /dot: expected trees with tensors in common/);
  });

  it('are rebuilt from as many leaves as they have', () => {
    const { rebuild } = flattenTree(model());
    assert.throws(() => rebuild([t(1)]), /^RangeError: flattenTree: expected 3 leaves to rebuild the tree, got 1/);
    assert.throws(() => rebuild([1, 2, 3] as never), /^TypeError: flattenTree: expected tensors as leaves, got/);
    assert.throws(() => rebuild(3 as never), /^TypeError: flattenTree: expected leaves as a list, got/);
  });
});

describe('gradients of trees', () => {
  const loss = (m: Model): Tensor => {
    const [a, b] = m.layers as [Layer, Layer];
    return mul(sum(mul(mul(a.w, a.w), b.w)), m.steps);
  };

  it('have their structure: tensors where tensors were, undefined at other leaves, absent where absent', () => {
    const g: Gradient<Model> = grad(loss)(model());
    assert.deepEqual(values(g.layers[0]!.w), [24, 48]);
    assert.deepEqual(values(g.layers[0]!.b!), [0]);
    assert.deepEqual(values(g.layers[1]!.w), [15]);
    assert.equal(g.layers[0]!.name, undefined);
    assert.equal(g.scale, undefined);
    assert.equal(g.steps, undefined);
    assert.ok(!('b' in g.layers[1]!));
    assert.deepEqual(Object.keys(g), ['layers', 'scale', 'steps']);
  });

  it('fit mapTree beside the parameters, for one step of descent', () => {
    const step = mapTree((p, d?: Tensor) => (d ? add(p, mul(d, -0.1)) : p), model(), grad(loss)(model()));
    close(step.layers[0]!.w, [1 - 2.4, 2 - 4.8], 1e-6);
    assert.equal(step.layers[0]!.name, 'first');
    assert.equal(step.steps, 3);
  });

  it('are zero through stopGradient of a whole tree', () => {
    const g = grad((m: Model) => add(loss(stopGradient(m)), sum(m.layers[0]!.b!)))(model());
    assert.deepEqual(leaves(g).map(values), [[0, 0], [1], [0]]);
  });

  it('of a tree without tensors are undefined leaves', () => {
    assert.deepEqual(grad((_: { n: number }) => tensor(1))({ n: 1 }), { n: undefined });
  });
});
