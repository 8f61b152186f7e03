import assert from 'node:assert/strict';
import { compile, grad, greater, sum, tensor, type Tensor } from 'bigrad';
import { checkGrads } from 'bigrad/testing';
import { call, first, graph, node, outputs, plain } from './models.js';
import { NotExpressible, numbersOf, type Value } from './node.js';

const int = (value: number): Tensor => tensor(value, { dtype: 'int32' });
const f64 = (data: number | number[] | number[][]): Tensor => tensor(data, { dtype: 'float64' });
const all = (values: readonly Value[]): unknown[] => values.map(plain);

/** The square root of x, or -x. */
const choice = graph(
  'c x',
  'y',
  node('If', 'c', 'y', {
    then_branch: graph('', 'p', node('Sqrt', 'x', 'p')),
    else_branch: graph('', 'q', node('Neg', 'x', 'q')),
  }),
);
/** s is doubled while it is below a limit; with rows, all s are given too. */
const doubling = (rows: string) =>
  graph(
    'trips c s limit',
    `y ${rows}`.trim(),
    node('Loop', 'trips c s', `y ${rows}`.trim(), {
      body: graph(
        'i before s1',
        `again t ${rows}`.trim(),
        ...[
          node('Add', 's1 s1', 't'),
          node('Less', 't limit', 'again'),
          ...(rows === '' ? [] : [node('Mul', 't t', rows)]),
        ],
      ),
    }),
  );
/** Products along rows, and all of them. */
const products = (attributes: object): { g: object } =>
  graph(
    's x',
    'last rows',
    node('Scan', 's x', 'last rows', {
      body: graph('s1 x1', 't u', node('Mul', 's1 x1', 't'), node('Identity', 't', 'u')),
      num_scan_inputs: 1,
      ...attributes,
    }),
  );

describe('graphs inside of ONNX nodes', () => {
  it('are chosen by cond, with derivatives, in plans too', () => {
    const f = (x: Tensor): Tensor => sum(outputs(choice, [greater(sum(x), 0), x])[0] as Tensor);
    for (const run of [(g: typeof f) => g, (g: typeof f) => compile(g)]) {
      assert.deepEqual(numbersOf(run(f)(f64([4, 9]))), [5]);
      assert.deepEqual(numbersOf(run(grad(f))(f64([4, 16]))), [0.25, 0.125]);
      // The other graph is singular at these: its derivative must not run.
      assert.deepEqual(numbersOf(run(grad(f))(f64([0, -4]))), [-1, -1]);
    }
  });

  it('repeat by whileLoop up to a count and a condition, with derivatives, in plans too', () => {
    const f = (s: Tensor, trips?: Tensor, c?: Tensor): Tensor =>
      outputs(doubling(''), [trips, c, s, f64(100)])[0] as Tensor;
    assert.deepEqual(numbersOf(f(f64(3), undefined, int(1))), [192]);
    assert.deepEqual(numbersOf(f(f64(3), int(2), int(1))), [12]);
    assert.deepEqual(numbersOf(f(f64(3), int(0), int(1))), [3]);
    assert.deepEqual(numbersOf(f(f64(3), int(9), int(0))), [3]);
    // Without a condition only the count ends a loop.
    assert.deepEqual(numbersOf(f(f64(3), int(7))), [384]);
    assert.throws(() => f(f64(3)), NotExpressible);
    const slope = grad((s: Tensor) => f(s, int(20), int(1)));
    assert.deepEqual(
      [slope, compile(slope)].flatMap((g) => numbersOf(g(f64(3)))),
      [64, 64],
    );
  });

  it('give rows of as many steps as were made', () => {
    const run = (trips: number, s = f64(3)) => outputs(doubling('r'), [int(trips), int(1), s, f64(20)]);
    assert.deepEqual(all(run(9)), [[24], [36, 144, 576]]);
    assert.deepEqual(all(run(2)), [[12], [36, 144]]);
    assert.throws(() => run(0), NotExpressible);
    assert.deepEqual(numbersOf(grad((s: Tensor) => sum(run(2, s)[1] as Tensor))(f64(3))), [2 * 3 * (4 + 16)]);
  });

  it('go along rows by scan, from either side and along any axis, with derivatives', () => {
    const x = f64([
      [1, 2, 3],
      [10, 20, 30],
    ]);
    const s = f64([1, 1]);
    const turned = {
      scan_input_axes: [1],
      scan_input_directions: [1],
      scan_output_axes: [-1],
      scan_output_directions: [1],
    };
    const [last, rows] = outputs(products(turned), [s, x]) as [Tensor, Tensor];
    assert.deepEqual(all([last, rows]), [
      [6, 6000],
      [6, 6, 3, 6000, 600, 30],
    ]);
    assert.deepEqual(rows.shape, [2, 3]);
    const down = outputs(products({}), [f64([1, 1, 1]), x]);
    assert.deepEqual(all(down), [
      [10, 40, 90],
      [1, 2, 3, 10, 40, 90],
    ]);
    const total = (v: Tensor, w: Tensor): Tensor => sum(outputs(products(turned), [v, w])[1] as Tensor);
    checkGrads(total, [s, x]);
    assert.deepEqual(numbersOf(compile(grad(total))(s, x)), numbersOf(grad(total)(s, x)));
  });

  it('have an axis of examples in front before version 9', () => {
    const early = (lengths: Value) =>
      outputs(
        graph(
          'n s x',
          'last rows',
          node('Scan', 'n s x', 'last rows', {
            body: graph('s1 x1', 't u', node('Mul', 's1 x1', 't'), node('Add', 't s1', 'u')),
            num_scan_inputs: 1,
            directions: [1],
          }),
        ),
        [
          lengths,
          f64([1, 10]),
          f64([
            [2, 3],
            [4, 5],
          ]),
        ],
        8,
      );
    assert.deepEqual(all(early(undefined)), [
      [6, 200],
      [4, 9, 60, 250],
    ]);
    assert.deepEqual(all(early(tensor([2, 2], { dtype: 'int32' }))), all(early(undefined)));
    assert.throws(() => early(tensor([1, 2], { dtype: 'int32' })), NotExpressible);
  });

  it('run on each tensor of a sequence', () => {
    const body = graph('a b', 'p q', node('Add', 'a b', 'p'), node('Mul', 'a b', 'q'));
    const [x, y] = [{ items: [f64([1, 2]), f64([3])] }, { items: [f64([5, 6]), f64([7])] }];
    assert.deepEqual(all(call('SequenceMap', [x, y], { body }, 2)), [
      [[6, 8], [10]],
      [[5, 12], [21]],
    ]);
    assert.deepEqual(all(call('SequenceMap', [x, f64(2)], { body }, 2)), [
      [[3, 4], [5]],
      [[2, 4], [6]],
    ]);
  });

  it('read what is around them, and are refused for an operator without an expression', () => {
    const inner = graph('', 'z', node('Neg', 'u', 'z'));
    const outer = graph(
      '',
      'y',
      node('Mul', 'x x', 'u'),
      node('If', 'c', 'y', { then_branch: inner, else_branch: inner }),
    );
    const g = graph('c x', 'w', node('If', 'c', 'w', { then_branch: outer, else_branch: inner }));
    assert.deepEqual(all(outputs(g, [int(1), f64([3])])), [[-9]]);
    const strange = graph('', 'y', node('Frobnicate', 'x', 'y'));
    const bad = graph('c x', 'y', node('If', 'c', 'y', { then_branch: strange, else_branch: strange }));
    assert.throws(() => outputs(bad, [int(1), f64(1)]), /^Error: Frobnicate: unknown/);
    for (const name of ['constructor', 'toString'])
      assert.throws(() => first(name, [f64(1)]), new NotExpressible(`${name}: unknown`));
    const foreign = graph('x', 'y', { ...node('Neg', 'x', 'y'), domain: 'org.other' });
    assert.throws(() => outputs(foreign, [f64(1)]), new NotExpressible("Neg: unknown in 'org.other'"));
  });

  it('name the operator that fails, and the graphs around it', () => {
    const bad = graph('', 'y', node('Add', 'x z', 'y'));
    const g = graph('c x', 'y', node('If', 'c', 'y', { then_branch: bad, else_branch: bad }));
    assert.throws(() => outputs(g, [int(1), f64(1)]), /^Error: If: Add: expected a value for 'z', got none$/);
    const half = graph('c x', 'y', node('If', 'c', 'y', { then_branch: graph('', 'x', node('Neg', 'x', 'x')) }));
    assert.throws(() => outputs(half, [int(0), f64(1)]), /^Error: If: expected a graph as its else_branch, got none$/);
    assert.throws(
      () => first('MaxPool', [f64(1)]),
      /^Error: MaxPool: expected integers as its kernel_shape, got none$/,
    );
  });
});

describe('the ONNX node of derivatives', () => {
  const names = (...list: string[]): object => ({ strings: list.map((name) => new TextEncoder().encode(name)) });
  const square = [node('Add', 'a b', 'c'), node('Mul', 'a c', 'd')];

  it('gives those of what the nodes before it compute', () => {
    const slopes = node('Gradient', 'a b', 'p q', { xs: names('a', 'b'), y: 'd' });
    const g = graph('a b', 'd p q', ...square, slopes);
    assert.deepEqual(all(outputs(g, [f64([1, 2]), f64([5, 7])])), [
      [6, 18],
      [7, 11],
      [1, 2],
    ]);
  });

  it('puts its inputs in the place of what xs and zs name, results of nodes too', () => {
    const slope = node('Gradient', 'u v', 'p', { xs: names('c'), zs: names('a'), y: 'e' });
    const g = graph('a b u v', 'p', ...square, node('Mul', 'c d', 'e'), slope); // e is a c^2
    assert.deepEqual(all(outputs(g, [f64(1), f64(5), f64(3), f64(4)])), [[24]]);
    const fewer = graph('a b', 'p', ...square, node('Gradient', 'a', 'p', { xs: names('a', 'b'), y: 'd' }));
    assert.throws(() => outputs(fewer, [f64(1), f64(5)]), /^Error: Gradient: expected 2 inputs, got 1$/);
  });

  it('has a derivative, by another such node or by grad', () => {
    const [one, two] = ['d', 'p'].map((y, i) => node('Gradient', 'a', i ? 'q' : 'p', { xs: names('a'), y }));
    const cube = [node('Mul', 'a a', 'c'), node('Mul', 'a c', 'd')];
    assert.deepEqual(all(outputs(graph('a', 'p q', ...cube, one!, two!), [f64([2, 3])])), [
      [12, 27],
      [12, 18],
    ]);
    const slope = (x: Tensor): Tensor => outputs(graph('a', 'p', ...cube, one!), [x])[0] as Tensor;
    checkGrads(slope, [f64([2, 3])]);
  });
});

describe('sequences and optional values of ONNX', () => {
  const [a, b, c] = [f64([1]), f64([2, 3]), f64([4])];
  const three = { items: [a, b, c] };

  it('are made, counted, read, and changed at a place from either end', () => {
    const made = call('SequenceConstruct', [a, b, c])[0];
    assert.deepEqual(plain(made), [[1], [2, 3], [4]]);
    assert.deepEqual(plain(call('SequenceEmpty', [])[0]), []);
    assert.deepEqual(plain(first('SequenceLength', [three])), [3]);
    assert.deepEqual(plain(first('SequenceAt', [three, int(1)])), [2, 3]);
    assert.deepEqual(plain(first('SequenceAt', [three, int(-1)])), [4]);
    assert.deepEqual(plain(first('SequenceErase', [three])), [[1], [2, 3]]);
    assert.deepEqual(plain(first('SequenceErase', [three, int(-3)])), [[2, 3], [4]]);
    assert.deepEqual(plain(first('SequenceInsert', [three, f64([9])])), [[1], [2, 3], [4], [9]]);
    assert.deepEqual(plain(first('SequenceInsert', [three, f64([9]), int(1)])), [[1], [9], [2, 3], [4]]);
    assert.deepEqual(plain(first('SequenceInsert', [three, f64([9]), int(-1)])), [[1], [2, 3], [9], [4]]);
    const beyond = /^Error: SequenceInsert: expected a place from -3 to 3, got 4$/;
    assert.throws(() => first('SequenceInsert', [three, f64([9]), int(4)]), beyond);
    assert.deepEqual(plain(first('SequenceInsert', [three, f64([9]), int(3)])), [[1], [2, 3], [4], [9]]);
    assert.throws(() => first('SequenceAt', [three, int(3)]), /SequenceAt: expected a place from -3 to 2, got 3/);
    assert.throws(() => first('SequenceErase', [three, int(-4)]), /SequenceErase: .*, got -4/);
    assert.throws(() => first('Neg', [three]), /^Error: Neg: expected tensors, got a sequence/);
  });

  it('come from parts of a tensor, and become one tensor', () => {
    const x = f64([[1, 2, 3, 4, 5]]);
    const parts = (ins: Value[], attributes: object): Value =>
      call('SplitToSequence', [x, ...ins], { axis: 1, ...attributes })[0];
    const two = tensor([4, 1], { dtype: 'int32' });
    assert.deepEqual(plain(parts([int(2)], {})), [[1, 2], [3, 4], [5]]);
    assert.deepEqual(plain(parts([two], {})), [[1, 2, 3, 4], [5]]);
    const shapes = (value: Value): unknown => (value as typeof three).items.map(({ shape }) => shape);
    assert.deepEqual(
      shapes(parts([], {})),
      Array.from({ length: 5 }, () => [1, 1]),
    );
    assert.deepEqual(
      shapes(parts([], { keepdims: 0 })),
      Array.from({ length: 5 }, () => [1]),
    );
    const joined = (attributes: object): Tensor => first('ConcatFromSequence', [{ items: [a, c] }], attributes);
    assert.deepEqual([joined({ axis: 0 }).shape, plain(joined({ axis: 0 }))], [[2], [1, 4]]);
    assert.deepEqual(
      [joined({ axis: 1, new_axis: 1 }).shape, joined({ axis: 0, new_axis: 1 }).shape],
      [
        [1, 2],
        [2, 1],
      ],
    );
  });

  it('may be absent', () => {
    const has = (x: Value): unknown => plain(first('OptionalHasElement', [x]));
    assert.deepEqual([has(a), has(three), has(undefined)], [[1], [1], [0]]);
    assert.deepEqual(plain(first('OptionalGetElement', [three])), [[1], [2, 3], [4]]);
    assert.throws(() => first('OptionalGetElement', [undefined]), /OptionalGetElement: expected a value, got none/);
    const back = [three, undefined, a].map((x) => plain(first('Identity', [call('Optional', [x])[0]])));
    assert.deepEqual(back, [[[1], [2, 3], [4]], undefined, [1]]);
  });
});
